import { Board, createProduct } from '../support/board';
import { STILL, expect, hydrated, inBoth, look, test } from '../support/test';

// Nothing on any page stands in the way of assistive technology, in light and in dark.

test('axe finds nothing on the pages for strangers', async ({ serve, server, visit, expectTrouble }) => {
  test.setTimeout(120_000);
  expectTrouble(/status of 40\d .*\/invite\/nothing/);
  const empty = await serve();
  const first = await visit(empty, STILL);
  await first.goto('/');
  await expect(first).toHaveURL(/\/setup$/);
  await hydrated(first);
  await inBoth(first);
  const stranger = await visit(server, STILL);
  await look(stranger, '/sign-in');
  await look(stranger, '/invite/nothing');
  await expect(stranger.getByRole('heading', { name: 'This invitation cannot be used' })).toBeVisible();
});

test('axe finds nothing on the pages around the board', async ({ open, expectTrouble }) => {
  test.setTimeout(180_000);
  expectTrouble(/status of 404 .*\/nothing-here/);
  const page = await open('owner', STILL);
  await look(page, '/');
  await page.getByText('New product').click();
  await inBoth(page);
  await page.goto('/people');
  await hydrated(page);
  await page.getByText('Invite people').click();
  await page.getByRole('button', { name: 'Create link' }).click();
  await expect(page.getByLabel('Link to pass on')).toHaveValue(/\/invite\//);
  await inBoth(page);
  await look(page, '/p/ERP/history');
  await look(page, '/p/ERP/past');
  await look(page, '/p/ERP/import');
  await look(page, '/p/ERP/settings');
  await look(page, '/p/ERP/fields');
  await look(page, '/p/SHOP/figures');
  await look(page, '/p/SHOP/overview');
  await look(page, '/p/SHOP/outcomes');
  await look(page, '/reports');
  await look(page, '/p/FARM/retirement');
  await look(page, '/solutions');
  await look(page, '/teams');
  await look(page, '/nothing-here');
});

test('axe finds nothing on the board and what opens over it', async ({ open }) => {
  test.setTimeout(120_000);
  const page = await open('owner', STILL);
  const board = await Board.open(page, 'ERP');
  await page.locator('.board .card:has([title=Comments]) .card__link').first().click();
  await expect(board.panel.locator('.comment').first()).toBeVisible();
  await board.panel.getByRole('button', { name: 'History' }).click();
  await expect(board.panel.locator('.history__line').first()).toBeVisible();
  await inBoth(page);
  await board.panel.getByRole('link', { name: 'Close' }).click();
  await expect(board.panel).toHaveCount(0);
  await inBoth(page);

  const key = await createProduct(page, { Now: ['Alpha', 'Bravo'] });
  await look(page, `/p/${key}/bin`);
  const own = await Board.open(page, key);
  await own.link('Alpha').focus();
  await page.keyboard.press('m');
  await expect(page.getByRole('menu')).toBeVisible();
  await inBoth(page);
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toBeVisible();
  await inBoth(page);
  await page.keyboard.press('Escape');
  await own.link('Alpha').focus();
  await page.keyboard.press('Delete');
  await expect(own.toast).toBeVisible();
  await inBoth(page);
  await own.saved();
  await look(page, `/p/${key}/bin`);
});
