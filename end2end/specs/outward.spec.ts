import type { Page } from '@playwright/test';
import { Board, boxOf, createProduct, runImport } from '../support/board';
import { expect, test } from '../support/test';

// What leaves a roadmap, and everyday actions.

const MAPPING = { Title: 'title', Lane: 'lane', Start: 'start', End: 'end' };

/** A roadmap of items with days. */
async function plan(page: Page, rows: [title: string, start: string, end: string][]): Promise<string> {
  const key = await createProduct(page);
  const lines = rows.map(([title, start, end]) => `${title},Now,${start},${end}`);
  await runImport(page, key, [Object.keys(MAPPING).join(','), ...lines].join('\n'), MAPPING);
  return key;
}

test('a baseline lies below the bars, and its choice is in the address', async ({ open }) => {
  const page = await open('editor');
  const key = await plan(page, [['Alpha', '2027-04-01', '2027-06-30'], ['Bravo', '2027-07-01', '2027-09-30']]);
  await page.goto(`/p/${key}/past`);
  await page.getByLabel('Name this moment').fill('Plan of spring');
  await page.getByRole('button', { name: 'Save baseline' }).click();
  await expect(page.getByRole('link', { name: 'Plan of spring' })).toBeVisible();

  const timeline = await Board.open(page, key, '/timeline');
  const bar = (title: string) => page.getByRole('link', { name: new RegExp(`^${title}, `) });
  await bar('Alpha').focus();
  await page.keyboard.press('Alt+ArrowRight');
  await expect(bar('Alpha')).toHaveAccessibleName('Alpha, Proposed, 8 Apr – 7 Jul 2027');
  await expect(page.locator('.bar__ghost')).toHaveCount(0);
  await page.getByRole('combobox', { name: 'Baseline' }).selectOption('Plan of spring');
  await expect(page).toHaveURL(/baseline=[0-9a-f-]{36}/);
  await expect(page.locator('.bar__ghost')).toHaveCount(2);
  await expect(bar('Alpha')).toHaveAccessibleName(/Baseline: 1 Apr – 30 Jun 2027, now 7 days later$/);
  const [ghost, fill] = [await boxOf(page.locator('.bar__ghost').first()), await boxOf(bar('Alpha').locator('.bar__fill'))];
  expect(ghost.y).toBeGreaterThanOrEqual(fill.y + fill.height);
  expect(Math.round(ghost.height)).toBe(4);
  expect(ghost.x).toBeLessThan(fill.x);
  await timeline.saved();

  // A reload, and the address given to somebody who only reads, show the same.
  const reader = await open('viewer');
  await reader.goto(page.url());
  await expect(reader.locator('.bar__ghost')).toHaveCount(2);
  await expect(reader.getByRole('combobox', { name: 'Baseline' })).toHaveValue(/[0-9a-f-]{36}/);
  await reader.getByRole('combobox', { name: 'Baseline' }).selectOption('None');
  await expect(reader.locator('.bar__ghost')).toHaveCount(0);
});
