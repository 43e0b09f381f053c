import { Board, createProduct } from '../support/board';
import { axe, expect, hydrated, test } from '../support/test';

// Nothing on any page stands in the way of assistive technology, in light and in dark.

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing on any page, ${colorScheme}`, async ({ open, serve, server, visit, expectTrouble }) => {
    test.setTimeout(150_000);
    expectTrouble(/status of 404 .*\/nothing-here/);
    const page = await open('owner', { colorScheme });
    const look = async (path: string, what: string) => {
      await test.step(what, async () => {
        await page.goto(path);
        await hydrated(page);
        await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
        await axe(page);
      });
    };
    await look('/', 'products');
    await page.getByText('New product').click();
    await axe(page);
    await look('/people', 'people');
    await page.getByRole('button', { name: 'Make a link' }).click();
    await expect(page.getByLabel('Link to pass on')).toHaveValue(/\/invite\//);
    await axe(page);
    await look('/p/ERP', 'board');
    await look('/p/ERP/history', 'history');
    await look('/p/ERP/import', 'import');
    await look('/p/ERP/settings', 'settings');
    await look('/p/ERP/bin', 'empty bin');
    await look('/nothing-here', 'not found');

    const board = await Board.open(page, 'ERP');
    await page.locator('.board .card:has([title=Comments]) .card__link').first().click();
    await expect(board.panel.locator('.comment').first()).toBeVisible();
    await board.panel.getByRole('button', { name: 'History' }).click();
    await expect(board.panel.locator('.history__line').first()).toBeVisible();
    await axe(page);
    await board.panel.getByRole('link', { name: 'Close' }).click();
    await expect(board.panel).toHaveCount(0);
    await page.locator('.board .card__link').first().focus();
    await page.keyboard.press('m');
    await expect(page.getByRole('menu')).toBeVisible();
    await axe(page);
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog')).toBeVisible();
    await axe(page);

    const key = await createProduct(page, { Now: ['Alpha', 'Bravo'] });
    const own = await Board.open(page, key);
    await own.link('Alpha').focus();
    await page.keyboard.press('Delete');
    await expect(own.toast).toBeVisible();
    await axe(page);
    await own.saved();
    await look(`/p/${key}/bin`, 'bin');

    const empty = await serve();
    const first = await visit(empty, { colorScheme });
    await first.goto('/');
    await expect(first).toHaveURL(/\/setup$/);
    await hydrated(first);
    await axe(first);
    const stranger = await visit(server, { colorScheme });
    await stranger.goto('/sign-in');
    await hydrated(stranger);
    await axe(stranger);
    await stranger.goto('/invite/nothing');
    await hydrated(stranger);
    await expect(stranger.getByRole('heading', { name: 'This invitation cannot be used' })).toBeVisible();
    await axe(stranger);
  });
}
