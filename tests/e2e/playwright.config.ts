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

/** The screens over a device in memory: what they do is all computing, and nobody is waited for. */
const SCREENS = ['accessibility.e2e.ts', 'tasks.e2e.ts'];

export default defineConfig({
  testDir: '.',
  globalTeardown: './forget-screens.ts',
  fullyParallel: true,
  // For two cores. People of stories wait for each other most of the time: two stories at once fill one core, and the
  // screens, one after the other, the second; once these are done, a third story takes their place.
  workers: 3,
  projects: [
    { name: 'screens', testMatch: SCREENS, workers: 1 },
    // Those of the network have a configuration of their own: one at a time.
    { name: 'people', testMatch: '*.e2e.ts', testIgnore: [...SCREENS, 'network/**'] },
  ],
  // A second try tells a slow moment of the machine from a fault; what needed it is named at the end of `npm test`.
  retries: 1,
  // What comes is not waited for any longer; what does not is a fault on a busy machine as well.
  timeout: 240_000,
  expect: { timeout: 60_000 },
  outputDir: '../../test-results/stories',
  reporter: [['list'], ['json']],
  use: {
    locale: 'en-GB',
    launchOptions: { executablePath: '/usr/bin/chromium', args: ['--no-sandbox', ...QUIET] },
  },
});
