import type { TestInfo } from '@playwright/test';

/** What was measured, by what it is called: `{ p50: 9.8, p95: 16.9 }`. */
export type Values = Record<string, number>;

export type Row = {
  /** Its name in the list of goals, where it has one there. */
  id?: string;
  name: string;
  unit: string;
  values: Values;
  /** The most that some of the values may be. */
  goals?: Values;
  /** How often it was measured. */
  count: number;
};

/** What an attachment with rows is called; `table.ts` makes the table of them. */
export const FIGURES = 'figures';

/** Hands rows to the table. */
export async function report(testInfo: TestInfo, rows: Row[]): Promise<void> {
  await testInfo.attach(FIGURES, { body: JSON.stringify(rows), contentType: 'application/json' });
}

/** The value below which this share of the values lies. */
export function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(Math.max(Math.ceil(sorted.length * share), 1), sorted.length) - 1];
  if (value === undefined) throw new Error('nothing was measured');
  return value;
}

/** Some quantiles: `quantiles(times, 50, 95)` gives `p50` and `p95`. */
export function quantiles(values: number[], ...percents: number[]): Values {
  return Object.fromEntries(percents.map((percent) => [`p${percent}`, quantile(values, percent / 100)]));
}
