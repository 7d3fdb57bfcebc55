import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { webrtcPatchPlugin } from './src/adapters/network-libp2p/webrtc-patch-plugin.ts';

/** A slow or busy machine is no failure; a hang still is. */
const PATIENCE = {
  environment: 'node',
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 30_000 } },
} as const;

const APART = [
  '{src/adapters,relay-node}/**/*.test.ts',
  'tests/{sim,rules,setup}/**/*.test.ts',
  'tests/charter/laws.test.ts',
];

export default defineConfig({
  test: {
    // Every core: what is usual leaves one to an editor, and of two that is half.
    maxWorkers: '100%',
    projects: [
      {
        // What touches the machine, or takes longest: a process for each file, and before the many short ones (projects
        // follow each other by name), so that no worker is left alone with a long file at the end.
        // As the app has it: unmended, a call hangs on a busy machine (src/adapters/network-libp2p).
        plugins: [webrtcPatchPlugin('server')],
        test: {
          name: 'apart',
          ...PATIENCE,
          include: APART,
          server: { deps: { inline: [/@libp2p\/webrtc\//] } },
        },
      },
      {
        // Many short files of pure code, in one process per worker: a new one for each costs more than its tests.
        test: {
          name: 'core',
          ...PATIENCE,
          isolate: false,
          include: ['src/{core,app}/**/*.test.ts', 'tests/{vectors,charter}/**/*.test.ts'],
          exclude: ['**/*.svelte.test.ts', ...APART],
        },
      },
      {
        test: {
          name: 'fuzz',
          environment: 'node',
          include: ['tests/fuzz/**/*.test.ts'],
          testTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'relay',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          environment: 'node',
          include: ['tests/relay/**/*.test.ts'],
        },
      },
      {
        plugins: [svelte()],
        resolve: { conditions: ['browser'] },
        test: {
          name: 'ui',
          globalSetup: 'tests/setup/generate-texts.ts',
          environment: 'happy-dom',
          include: ['src/ui/**/*.svelte.test.ts'],
        },
      },
    ],
  },
});
