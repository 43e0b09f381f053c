import { Board, createProduct, freshKey } from '../support/board';
import { STILL, expect, hydrated, inBoth, test } from '../support/test';

// Templates: what a new product and a new item begin with.

test('a product begins with a template, and its set-up becomes one', async ({ open }) => {
  const page = await open('owner', STILL);
  const key = freshKey();
  await page.goto('/');
  await hydrated(page);
  await page.getByText('New product').click();
  await page.getByLabel('Name', { exact: true }).fill('Help desk');
  await page.getByLabel('Key', { exact: true }).fill(key);
  await page.getByLabel('Template').selectOption({ label: 'Service roadmap' });
  await page.getByRole('button', { name: 'Create product' }).click();
  await expect(page).toHaveURL(new RegExp(`/p/${key}$`));
  await hydrated(page);
  const board = new Board(page, key);
  await expect(board.laneNames).toHaveText(['Requests', 'Committed', 'In delivery', 'In service']);
  await board.shows({ Committed: ['Publish the maintenance calendar'] });
  await page.getByRole('button', { name: 'Views', exact: true }).click();
  await expect(page.getByRole('link', { name: /By quarter/ })).toBeVisible();

  const name = `Desk ${key}`;
  await page.goto(`/p/${key}/settings`);
  await hydrated(page);
  await page.getByLabel('Template name').fill(name);
  await page.getByLabel('With the items’ titles').check();
  await inBoth(page);
  await page.getByRole('button', { name: 'Save as template' }).click();
  await expect(page).toHaveURL(/\/templates$/);
  await hydrated(page);
  await expect(page.getByText(name).first()).toBeVisible();
  await inBoth(page);

  const other = freshKey();
  await page.goto('/');
  await hydrated(page);
  await page.getByText('New product').click();
  await page.getByLabel('Name', { exact: true }).fill('Second desk');
  await page.getByLabel('Key', { exact: true }).fill(other);
  await page.getByLabel('Template').selectOption({ label: name });
  await page.getByRole('button', { name: 'Create product' }).click();
  await expect(page).toHaveURL(new RegExp(`/p/${other}$`));
  await new Board(page, other).shows({ Requests: ['Describe the service and who uses it', 'Agree on service levels'] });
});

test('an item becomes a template, and another item is made of it', async ({ open }) => {
  const page = await open('editor', STILL);
  const key = await createProduct(page, { Now: ['Release {year}'], Next: ['Bravo'] });
  const board = await Board.open(page, key);
  await board.choose('Release {year}', 'Save as template');
  await expect(board.toast).toContainText('Saved “Release {year}” as a template.');

  // By key, and with the keyboard alone.
  await board.link('Bravo').focus();
  await page.keyboard.press('t');
  const menu = page.getByRole('menu');
  await expect(menu.getByRole('menuitem').first()).toBeFocused();
  await inBoth(page);
  await page.keyboard.press('Enter');
  await board.shows({ Next: ['Bravo', `Release ${new Date().getUTCFullYear()}`] });
  await board.saved();
  await page.keyboard.press('Control+z');
  await board.shows({ Next: ['Bravo'] });

  // Removed, and there is nothing to offer any more.
  await page.keyboard.press('Control+k');
  await page.keyboard.type('new from templ');
  await page.keyboard.press('Enter');
  await menu.getByRole('group', { name: 'Remove template' }).getByRole('menuitem').click();
  await expect(board.toast.last()).toContainText('Removed the template');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('new from templ');
  await page.keyboard.press('Enter');
  await expect(board.toast.last()).toContainText('No item templates yet');
});
