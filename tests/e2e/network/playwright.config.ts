// Stories of the network adapter: real Chromium, real namespaces. One at a time; each starts several browsers.
import { defineConfig } from 'playwright/test';

export default defineConfig({
  testDir: '.',
  testMatch: '*.e2e.ts',
  workers: 1,
  retries: 1,
  timeout: 90_000,
  outputDir: '../../../test-results/network',
  reporter: [['list'], ['json']],
});
