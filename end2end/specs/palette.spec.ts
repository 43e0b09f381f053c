import { Board, createProduct } from '../support/board';
import { STILL, expect, hydrated, inBoth, test } from '../support/test';

// The palette: everything that can be gone to and done, from the keyboard.

const PLAN = { Now: ['Single sign-on', 'Invoice archive'], Next: ['Warehouse scanner'] };

test('a few letters and Enter go anywhere, and the focus comes back', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN, 'Palette bench');
  const board = await Board.open(page, key);
  await board.link('Invoice archive').focus();
  const palette = page.getByRole('dialog', { name: 'Search and commands' });
  const field = palette.getByRole('combobox');
  await page.keyboard.press('Control+k');
  await expect(field).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(palette).toHaveCount(0);
  await expect(board.link('Invoice archive')).toBeFocused();

  await page.keyboard.press('Control+k');
  await page.keyboard.type('sso');
  await expect(palette.getByRole('option').first()).toContainText('Single sign-on');
  await expect(palette.getByRole('option').first()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(board.panel.getByRole('textbox', { name: 'Title' })).toHaveValue('Single sign-on');

  await page.keyboard.press('Control+k');
  await page.keyboard.type('timeline');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/p/${key}/timeline$`));

  await page.keyboard.press('Control+k');
  await page.keyboard.type('teams');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/teams$/);
  await hydrated(page);
  await page.getByRole('button', { name: 'Search' }).click();
  await page.keyboard.type('palette bench');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/p/${key}$`));
});

test('actions run with their keys beside them', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  await Board.open(page, key);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('new it');
  await expect(page.locator('.palette').getByRole('option').first()).toContainText('New item');
  await expect(page.locator('.palette').getByRole('option').first().locator('kbd')).toHaveText('C');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: 'Title of the new item' })).toBeFocused();
});

test('what is not on this page is found by its words, with the place', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const board = await Board.open(page, key);
  const panel = await board.openItem('Warehouse scanner');
  const comment = panel.getByRole('textbox', { name: 'New comment in Markdown' });
  await comment.fill('The hangar needs a zirconium antenna.');
  await panel.getByRole('button', { name: 'Comment', exact: true }).click();
  await board.saved();
  await page.goto('/');
  await hydrated(page);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('zircon');
  const hit = page.locator('.palette').getByRole('option').filter({ hasText: 'zirconium' });
  await expect(hit).toContainText(`Warehouse scanner`);
  await expect(hit).toContainText(`Comment on ${key}-3`);
  await hit.click();
  await expect(page).toHaveURL(new RegExp(`/p/${key}/i/${key}-3$`));
  await page.keyboard.press('Control+k');
  await page.keyboard.type('qqqqzz');
  await expect(page.getByText('Nothing found.')).toBeVisible();
});

test('axe finds nothing on the palette', async ({ open }) => {
  const page = await open('editor', STILL);
  await Board.open(page, 'ERP');
  await page.keyboard.press('Control+k');
  await expect(page.locator('.palette').getByRole('option').first()).toBeVisible();
  await inBoth(page);
});
