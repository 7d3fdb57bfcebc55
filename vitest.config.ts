import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { TEXTS } from './texts.config.ts';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'core',
          // A slow or busy machine is no failure; a hang still is.
          testTimeout: 30_000,
          hookTimeout: 60_000,
          environment: 'node',
          include: [
            '{src/core,src/adapters,src/app,relay-node}/**/*.test.ts',
            'tests/{sim,vectors,rules,charter}/**/*.test.ts',
          ],
          exclude: ['**/*.svelte.test.ts', '**/node_modules/**'],
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
        // The catalogue, made as for the app (vite.config.ts).
        plugins: [paraglideVitePlugin(TEXTS), svelte()],
        resolve: { conditions: ['browser'] },
        test: {
          name: 'ui',
          environment: 'happy-dom',
          include: ['src/ui/**/*.svelte.test.ts'],
        },
      },
    ],
  },
});
