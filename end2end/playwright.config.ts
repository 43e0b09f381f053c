import { defineConfig, devices } from '@playwright/test';

// Started by `cargo xtask test browser`, which builds what is tested and names it in CAIRN_BIN, CAIRN_SITE and CHROMIUM.
export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: '.output',
  // One server per worker; what shares a server runs in order.
  workers: 2,
  forbidOnly: Boolean(process.env.CI),
  // A busy machine gets a second chance, and the report says so.
  retries: process.env.CI ? 1 : 0,
  timeout: 45_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: {
    ...devices['Desktop Chrome'],
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    screenshot: 'only-on-failure',
    // To record one costs about as much as the test: it is done when a test is tried again, or on request (`--trace on`).
    trace: 'on-first-retry',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        // Chromium asks nobody but the server under test.
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
