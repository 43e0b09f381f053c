import { Board, createProduct } from '../support/board';
import { STILL, expect, hydrated, inBoth, test } from '../support/test';

// The first page: what needs somebody, their favourites, how it stands with each product, and making one.

test('the first page has what is one’s own and how it stands with each product', async ({ open }) => {
  const page = await open('editor', STILL);
  const key = await createProduct(page, { Now: ['Alpha', 'Bravo'] });
  const board = await Board.open(page, key);
  const panel = await board.openItem('Alpha');
  await panel.getByRole('combobox', { name: 'Owner' }).selectOption({ label: 'Mei Tanaka' });
  await panel.getByRole('combobox', { name: 'Investment' }).selectOption({ label: 'Innovation' });
  await panel.getByRole('combobox', { name: 'Status' }).selectOption({ label: 'In progress' });
  await board.saved();

  await page.goto('/');
  await hydrated(page);
  const row = page.getByRole('region', { name: /^Products/ }).getByRole('listitem').filter({ hasText: key });
  await expect(row).toContainText('2 items');
  await expect(row).toContainText('Mei Tanaka changed the status of “Alpha” from Proposed to In progress');
  await expect(row.locator('time')).toHaveText(/just now|min ago/);
  await expect(row.getByRole('img', { name: /^Items by investment: Innovation 100 %/ })).toBeVisible();
  const needs = page.getByRole('region', { name: 'My work' });
  await expect(needs.getByRole('region', { name: /^My items/ }).getByRole('listitem')).not.toHaveCount(0);
  await expect(needs.getByRole('link', { name: 'Show all' })).toBeVisible();
  await inBoth(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await inBoth(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth), 'nothing is wider than the phone').toBeLessThanOrEqual(390);
  await row.getByRole('link', { name: 'Test bench' }).click();
  await expect(page).toHaveURL(new RegExp(`/p/${key}$`));
});

test('a key follows the name until one is typed, and what is cancelled is kept nowhere', async ({ open }) => {
  const page = await open('editor', STILL);
  await page.goto('/');
  await hydrated(page);
  await page.getByText('New product').click();
  const [name, key] = [page.getByLabel('Name', { exact: true }), page.getByLabel('Key', { exact: true })];
  await name.fill('Mail and calendar');
  await expect(key).toHaveValue('MAIL');
  await name.fill('HR');
  await expect(key).toHaveValue('HR');
  await key.fill('MINE');
  await name.fill('Another name');
  await expect(key).toHaveValue('MINE');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(name).toBeHidden();
  await expect(page.getByText('New product')).toBeFocused();
  await page.reload();
  await hydrated(page);
  await expect(name).toBeHidden();
  await expect(name).toHaveValue('');
});
