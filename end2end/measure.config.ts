import { defineConfig } from '@playwright/test';
import tests from './playwright.config';

// Started by `cargo xtask bench --browser`, which builds what is measured.
export default defineConfig(tests, {
  testMatch: '**/*.measure.ts',
  // Nothing beside what is measured: one browser's work at a time, and no recording.
  workers: 1,
  retries: 0,
  timeout: 300_000,
  reporter: [['line'], ['./measure/table.ts']],
  use: { trace: 'off', screenshot: 'off' },
});
