import { Board, createProduct } from '../support/board';
import { type Page, axe, expect, hydrated, signIn, test } from '../support/test';

// Every page: found in order by axe, light and dark, and forms that keep what was typed.

const PASSWORD = 'correct horse battery';

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing on any page, ${colorScheme}`, async ({ open, serve, visit }) => {
    test.setTimeout(90_000);
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

    const board = await Board.open(page, 'ERP', '/i/ERP-1');
    await expect(board.panel.locator('.comment').first()).toBeVisible();
    await board.panel.getByRole('button', { name: 'History' }).click();
    await expect(board.panel.locator('.history__line').first()).toBeVisible();
    await axe(page);
    await board.panel.getByRole('link', { name: 'Close' }).click();
    await board.page.locator('.board .card__link').first().focus();
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
    const stranger = await open('owner', { colorScheme, storageState: undefined });
    await stranger.context().clearCookies();
    await stranger.goto('/sign-in');
    await hydrated(stranger);
    await axe(stranger);
    await stranger.goto('/invite/nothing');
    await hydrated(stranger);
    await expect(stranger.getByRole('heading', { name: 'This invitation cannot be used' })).toBeVisible();
    await axe(stranger);
  });
}

test('the first visitor founds the workspace and invites an editor, who joins by the link', async ({ serve, visit, expectTrouble }) => {
  expectTrouble(/status of 4(00|01|04|09|22)/);
  const server = await serve();
  const owner = await visit(server);
  await owner.goto('/');
  await expect(owner).toHaveURL(/\/setup$/);
  await hydrated(owner);
  await expect(owner.getByText('This is a demonstration')).toHaveCount(0);
  await owner.getByLabel('Organisation').fill('Test works');
  await owner.getByLabel('Your name').fill('Olga Owner');
  await owner.getByLabel('E-mail').fill('olga@works.example');
  await owner.getByLabel('Password').fill('short');
  await owner.getByRole('button', { name: 'Create the workspace' }).click();
  await expect(owner.getByRole('alert').filter({ hasText: /\S/ })).toHaveText(/10 characters/);
  await expect(owner.getByLabel('Organisation')).toHaveValue('Test works');
  await expect(owner.getByLabel('E-mail')).toHaveValue('olga@works.example');
  await owner.getByLabel('Password').fill(PASSWORD);
  await owner.getByRole('button', { name: 'Create the workspace' }).click();
  await expect(owner.getByRole('heading', { name: 'Begin with one product' })).toBeVisible();
  await hydrated(owner);

  // A refused form says which field, and keeps the others.
  await owner.getByLabel('Name').fill('Desktop support');
  await owner.getByLabel('Key').fill('no key!');
  await owner.getByLabel('Purpose').fill('Keeps people at work.');
  await owner.getByRole('button', { name: 'Create the product' }).click();
  await expect(owner.locator('#field-key')).toHaveAttribute('aria-invalid', 'true');
  await expect(owner.getByLabel('Name')).toHaveValue('Desktop support');
  await expect(owner.getByLabel('Purpose')).toHaveValue('Keeps people at work.');
  await owner.getByLabel('Key').fill('DESK');
  await owner.getByRole('button', { name: 'Create the product' }).click();
  await expect(owner).toHaveURL(/\/p\/DESK$/);
  await expect(owner.locator('.lane__name')).toHaveText(['Now', 'Next', 'Later', 'Done']);

  await owner.goto('/people');
  await hydrated(owner);
  await owner.getByLabel('As', { exact: true }).selectOption('editor');
  await owner.getByRole('button', { name: 'Make a link' }).click();
  const link = await owner.getByLabel('Link to pass on').inputValue();
  expect(link.startsWith(`${server.url}/invite/`)).toBe(true);

  const editor = await visit(server);
  await editor.goto(link);
  await hydrated(editor);
  await expect(editor.getByRole('heading', { name: 'Join Test works' })).toBeVisible();
  await expect(editor.getByText('Olga Owner invites you as Editor.')).toBeVisible();
  await axe(editor);
  await editor.getByLabel('Your name').fill('Edda Editor');
  await editor.getByLabel('E-mail').fill('edda@works.example');
  await editor.getByLabel('Password').fill('another good one');
  await editor.getByRole('button', { name: 'Join' }).click();
  await expect(editor.getByRole('link', { name: 'Desktop support' }).first()).toBeVisible();
  const board = await Board.open(editor, 'DESK');
  await editor.keyboard.press('c');
  await editor.keyboard.type('Done by who was invited');
  await editor.keyboard.press('Enter');
  await board.saved();
  await owner.goto('/p/DESK');
  await expect(owner.locator('.card__link')).toHaveText(['Done by who was invited']);

  // The link works once; a revoked or mistyped one never.
  const late = await visit(server);
  await late.goto(link);
  await expect(late.getByRole('heading', { name: 'This invitation cannot be used' })).toBeVisible();
  await expect(late.getByRole('alert')).toHaveText(/^[A-Z].+\.$/);
  await late.goto('/invite/mistyped');
  await expect(late.getByRole('alert')).toHaveText('There is no such invitation. Check that the whole link was copied.');
  await owner.goto('/people');
  await hydrated(owner);
  await owner.getByRole('button', { name: 'Make a link' }).click();
  const revoked = await owner.getByLabel('Link to pass on').inputValue();
  await owner.getByRole('button', { name: /^Revoke the invitation as/ }).click();
  await expect(owner.locator('.toast')).toContainText('The invitation was revoked');
  await late.goto(revoked);
  await expect(late.getByRole('heading', { name: 'This invitation cannot be used' })).toBeVisible();

  // Out, and in again with the password.
  await editor.goto('/');
  await hydrated(editor);
  await editor.getByRole('button', { name: 'Sign out' }).click();
  await expect(editor).toHaveURL(/\/sign-in/);
  await editor.goto('/p/DESK/i/DESK-1');
  await expect(editor).toHaveURL(/\/sign-in\?next=/);
  await hydrated(editor);
  await editor.getByLabel('E-mail').fill('edda@works.example');
  await editor.getByLabel('Password').fill('not this one');
  await editor.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(editor.getByRole('alert').filter({ hasText: /\S/ })).toHaveText(/^[A-Z].+\.$/);
  await expect(editor.getByLabel('E-mail')).toHaveValue('edda@works.example');
  await editor.getByLabel('Password').fill('another good one');
  await editor.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(editor, 'back to where they were going').toHaveURL(/\/p\/DESK\/i\/DESK-1$/);
});

test('signing in works without a script, and a refusal keeps what was typed', async ({ serve, visit, expectTrouble }) => {
  // Chromium does not even fetch what it will not run.
  expectTrouble(/cairn\.js csp$/);
  const server = await serve();
  const page = await visit(server, { javaScriptEnabled: false });
  await page.goto('/');
  await expect(page).toHaveURL(/\/setup$/);
  await page.getByLabel('Organisation').fill('Test works');
  await page.getByLabel('Your name').fill('Olga Owner');
  await page.getByLabel('E-mail').fill('olga@works.example');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create the workspace' }).click();
  await expect(page.getByRole('heading', { name: 'Begin with one product' })).toBeVisible();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await page.getByLabel('E-mail').fill('olga@works.example');
  await page.getByLabel('Password').fill('wrong password');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toHaveText(/^[A-Z].+\.$/);
  await expect(page.getByLabel('E-mail')).toHaveValue('olga@works.example');
  await expect(page.getByLabel('Password'), 'a password does not travel back').toHaveValue('');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Begin with one product' })).toBeVisible();
});

test('a product is renamed, archived and brought back', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, { Now: ['Alpha'] }, 'Shelf system');
  await page.goto(`/p/${key}/settings`);
  await hydrated(page);
  await page.getByLabel('Name').fill('Shelf and store');
  await page.getByLabel('Life-cycle stage').selectOption({ label: 'Retirement' });
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Shelf and store' })).toBeVisible();
  await expect(page.locator('.product-bar__stage')).toHaveText('Retirement');
  await hydrated(page);
  await page.getByRole('button', { name: 'Archive the product' }).click();
  await expect(page.getByRole('heading', { name: 'Products' })).toBeVisible();
  await expect(page.locator('table.products').getByText(key)).toHaveCount(0);
  await page.goto(`/p/${key}`);
  await expect(page.getByText('Archived')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Add item' })).toHaveCount(0);
  await expect(page.locator('.card__link')).toHaveText(['Alpha']);
  await page.goto(`/p/${key}/settings`);
  await hydrated(page);
  await page.getByRole('button', { name: 'Restore the product' }).click();
  await expect(page.getByRole('button', { name: 'Add item' })).toHaveCount(4);
});

test('addresses that lead nowhere say so with the right status', async ({ open, expectTrouble }) => {
  expectTrouble(/status of 404/);
  const page = await open('viewer');
  const visitTo = async (path: string, heading: string) => {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(404);
    await expect(page.getByRole('heading', { name: heading })).toBeVisible();
  };
  await visitTo('/nothing-here', 'There is nothing at this address');
  await visitTo('/p/NOSUCH', 'This page cannot be shown');
  await visitTo('/p/NOSUCH/history', 'This page cannot be shown');
  await page.goto('/p/ERP/i/ERP-9999');
  await expect(page.locator('aside.item-panel')).toContainText('There is no item ERP-9999 on this roadmap.');
});

test('every demo role signs in by its button', async ({ server, visit }) => {
  for (const role of ['owner', 'editor', 'stakeholder', 'viewer'] as const) {
    const page: Page = await visit(server);
    await signIn(page, role);
    await expect(page.locator('.rail__role')).toHaveText(role);
  }
});
