import { Board, createProduct } from '../support/board';
import { STILL, expect, hydrated, inBoth, test, type Page } from '../support/test';

// What somebody has starred: from the board, in the rail and on the first page.

const rail = (page: Page) => page.locator('.rail__favourites');
const names = (page: Page) => page.getByRole('region', { name: 'Favourites' }).locator('.favourites__name');

test('products, views and items are starred, put in order and removed', async ({ open }) => {
  const page = await open('editor', STILL);
  const key = await createProduct(page, { Now: ['Alpha', 'Bravo'] }, 'Starred bench');
  const board = await Board.open(page, key);

  // The product by its button, an item by key and by the palette.
  const star = page.locator('#product-star').getByRole('button');
  await star.click();
  await expect(page.locator('#product-star').getByRole('button', { name: 'Remove from favourites' })).toBeVisible();
  await expect(rail(page).getByRole('link')).toHaveText([new RegExp(`Starred bench.*${key}`)]);
  await board.link('Alpha').focus();
  await page.keyboard.press('s');
  await expect(rail(page).getByRole('link')).toHaveCount(2);
  await expect(rail(page).getByRole('link', { name: /Alpha/ })).toHaveAttribute('href', `/p/${key}/i/${key}-1`);
  await board.link('Bravo').focus();
  await page.keyboard.press('m');
  await page.getByRole('menuitem', { name: 'Add to favourites' }).click();
  await expect(rail(page).getByRole('link')).toHaveCount(3);

  // A view.
  await page.getByRole('button', { name: 'Views', exact: true }).click();
  await page.getByRole('button', { name: 'Save as new view…' }).click();
  await page.getByLabel('Name', { exact: true }).fill('My bench');
  await page.getByRole('button', { name: 'Save view' }).click();
  await expect(page).toHaveURL(/\/v\//);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('this view to fav');
  await page.keyboard.press('Enter');
  await expect(rail(page).getByRole('link', { name: /My bench/ })).toBeVisible();

  // In order by keys and by buttons.
  await page.goto('/');
  await hydrated(page);
  await expect(names(page)).toHaveText(['Starred bench', 'Alpha', 'Bravo', 'My bench']);
  await inBoth(page);
  await names(page).nth(2).focus();
  await page.keyboard.press('Alt+ArrowUp');
  await expect(names(page)).toHaveText(['Starred bench', 'Bravo', 'Alpha', 'My bench']);
  await expect(names(page).nth(1)).toBeFocused();
  await page.keyboard.press('Alt+ArrowUp');
  await expect(names(page)).toHaveText(['Bravo', 'Starred bench', 'Alpha', 'My bench']);
  await page.getByRole('button', { name: 'Move “My bench” up' }).click();
  await expect(names(page)).toHaveText(['Bravo', 'Starred bench', 'My bench', 'Alpha']);
  await expect(page.getByRole('button', { name: 'Move “My bench” up' })).toBeFocused();
  await expect(rail(page).getByRole('link')).toHaveText([/Bravo/, /Starred bench/, /My bench/, /Alpha/]);
  await page.getByRole('button', { name: 'Remove “My bench” from favourites' }).click();
  await expect(names(page)).toHaveText(['Bravo', 'Starred bench', 'Alpha']);

  // What is in the bin is not listed, and what is renamed has its new name.
  const again = await Board.open(page, key);
  const panel = await again.openItem('Bravo');
  await panel.getByRole('button', { name: 'Remove from favourites' }).click();
  await expect(rail(page).getByRole('link')).toHaveCount(2);
  const removed = again.toast.filter({ hasText: 'Removed “Bravo” from favourites.' });
  await removed.getByRole('button', { name: 'Undo' }).click();
  await expect(rail(page).getByRole('link'), 'undone').toHaveCount(3);
});

test('favourites are put in order without a script', async ({ open, expectTrouble }) => {
  expectTrouble(/\.js csp$/);
  const page = await open('owner', STILL);
  const keys = [await createProduct(page, {}, 'First bench'), await createProduct(page, {}, 'Second bench')];
  for (const key of keys) {
    const loaded = await page.request.post('/api/load_board', { data: { key, item: null } });
    const { product } = (await loaded.json()) as { product: { id: string } };
    const starred = await page.request.post('/api/set_favourite', { form: { kind: 'product', id: product.id, starred: 'true' } });
    expect(starred.status(), await starred.text()).toBe(200);
  }
  const plain = await open('owner', { javaScriptEnabled: false });
  await plain.goto('/');
  await expect(names(plain)).toHaveText(['First bench', 'Second bench']);
  await plain.getByRole('button', { name: 'Move “Second bench” up' }).click();
  await expect(plain).toHaveURL(/\/$/);
  await expect(names(plain)).toHaveText(['Second bench', 'First bench']);
});
