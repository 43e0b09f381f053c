import { Board, createProduct } from '../support/board';
import { STILL, expect, hydrated, inBoth, test } from '../support/test';

// The first page: what is new, what is one's own, and making a product.

test('the first page has what changed last and what is one’s own', async ({ open }) => {
  const page = await open('editor', STILL);
  const key = await createProduct(page, { Now: ['Alpha', 'Bravo'] });
  const board = await Board.open(page, key);
  const panel = await board.openItem('Alpha');
  await panel.getByRole('combobox', { name: 'Owner' }).selectOption({ label: 'Mei Tanaka' });
  await panel.getByRole('combobox', { name: 'Status' }).selectOption({ label: 'In progress' });
  await board.saved();

  await page.goto('/');
  await hydrated(page);
  const changes = page.getByRole('region', { name: 'Recently changed' });
  const line = changes.getByRole('listitem').filter({ hasText: key }).first();
  await expect(line, 'of an item the latest change').toContainText('Mei Tanaka changed the status of “Alpha” from Proposed to In progress');
  await expect(changes.getByRole('listitem').filter({ hasText: key }).filter({ hasText: 'Alpha' })).toHaveCount(1);
  await expect(page.getByRole('region', { name: 'My items' }).getByRole('listitem')).not.toHaveCount(0);
  await expect(page.getByRole('row', { name: /Test bench/ }).locator('time').first()).toHaveText(/just now|min ago/);
  await inBoth(page);
  await line.getByRole('link', { name: '“Alpha”' }).click();
  await expect(page).toHaveURL(new RegExp(`/p/${key}/i/${key}-1$`));
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
