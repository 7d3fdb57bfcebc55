// Stories in real Chromium over the real relay node and the built app.
import { defineConfig } from 'playwright/test';

/** The machine's own Chromium; without these flags it looks up its maker's hosts at every start. */
const QUIET = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
  '--disable-gpu',
];

export default defineConfig({
  testDir: '.',
  testMatch: '*.e2e.ts',
  // They have a configuration of their own: one at a time.
  testIgnore: 'network/**',
  globalTeardown: './forget-screens.ts',
  fullyParallel: true,
  workers: 2,
  // A second try tells a slow moment of the machine from a fault; what needed it is named at the end of `npm test`.
  retries: 1,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  outputDir: '../../test-results/stories',
  reporter: [['list'], ['json']],
  use: {
    locale: 'en-GB',
    launchOptions: { executablePath: '/usr/bin/chromium', args: ['--no-sandbox', ...QUIET] },
  },
});
