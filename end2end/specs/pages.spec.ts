import { get } from 'node:http';
import { Board, boxOf, createProduct } from '../support/board';
import { type Page, axe, expect, hydrated, signIn, test } from '../support/test';

// The pages beside the board: their forms keep what was typed, work without a script, and say what went wrong.

const PASSWORD = 'correct horse battery';

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
  await owner.getByLabel('Name', { exact: true }).fill('Desktop support');
  await owner.getByLabel('Key').fill('no key!');
  await owner.getByLabel('Purpose').fill('Keeps people at work.');
  await owner.getByRole('button', { name: 'Create product' }).click();
  await expect(owner.locator('#field-key')).toHaveAttribute('aria-invalid', 'true');
  await expect(owner.getByLabel('Name', { exact: true })).toHaveValue('Desktop support');
  await expect(owner.getByLabel('Purpose')).toHaveValue('Keeps people at work.');
  await owner.getByLabel('Key').fill('DESK');
  await owner.getByRole('button', { name: 'Create product' }).click();
  await expect(owner).toHaveURL(/\/p\/DESK$/);
  await expect(owner.locator('.lane__name')).toHaveText(['Now', 'Next', 'Later', 'Done']);

  await owner.goto('/people');
  await hydrated(owner);
  await owner.getByLabel('Role', { exact: true }).selectOption('editor');
  await owner.getByRole('button', { name: 'Create link' }).click();
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
  await owner.getByText('Invite people').click();
  await owner.getByRole('button', { name: 'Create link' }).click();
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
  expectTrouble(/\.js csp$/);
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
  await page.getByLabel('Name', { exact: true }).fill('Shelf and store');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.locator('.product-bar__name')).toHaveText('Shelf and store');
  await hydrated(page);
  await page.getByRole('button', { name: 'Archive the product' }).click();
  await expect(page.getByRole('heading', { name: 'Home' })).toBeVisible();
  await expect(page.locator('.states').getByText(key)).toHaveCount(0);
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
  await visitTo('/nothing-here', 'Page not found');
  await visitTo('/p/NOSUCH', 'Page not found');
  await visitTo('/p/NOSUCH/history', 'Page not found');
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

test('pages that nobody waits for any more break nothing', async ({ server, open }) => {
  const page = await open('editor');
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  const paths = ['/', '/p/ERP/i/ERP-1', '/p/ERP/history', '/p/ERP/past', '/people', '/p/ERP/settings'];
  /** Goes away in the middle. */
  const leave = (index: number) =>
    new Promise<void>((gone) => {
      const asked = get(`${server.url}${paths[index % paths.length]}`, { headers: { cookie }, agent: false }, (answer) => answer.resume());
      asked.on('error', () => {}).on('close', gone);
      setTimeout(() => asked.destroy(), (index * 7) % 60);
    });
  for (let round = 0; round < 100; round += 1) await Promise.all(Array.from({ length: 6 }, (_, index) => leave(round * 6 + index)));
  // That no task has panicked is asked after every test.
  await page.goto('/p/ERP/i/ERP-1');
  await expect(page.locator('aside.item-panel')).toBeVisible();
});

test('a shared result can be read on a phone', async ({ open }) => {
  const page = await open('editor', { viewport: { width: 390, height: 844 } });
  await page.goto('/voting');
  await page.getByRole('link', { name: 'What helps our stores first?', exact: true }).click();
  await expect(page).toHaveURL(/\/voting\/[0-9a-f-]{36}$/);
  await page.goto(`${page.url()}/present`);
  await hydrated(page);
  const lines = page.locator('.present__lines--result .present__line');
  await expect(lines.first()).toBeVisible();
  for (const line of await lines.all()) {
    const [row, title, bar, points] = await Promise.all([line, line.locator('span').nth(1), line.locator('.present__bar'), line.locator('.present__points')].map(boxOf));
    expect(title!.width, 'words are beside each other').toBeGreaterThan(200);
    expect(bar!.y, 'the bar is below its title').toBeGreaterThanOrEqual(title!.y + title!.height);
    expect(bar!.width).toBeGreaterThan(250);
    for (const box of [title, bar, points]) expect(box!.x + box!.width).toBeLessThanOrEqual(row!.x + row!.width + 1);
    expect(row!.x + row!.width).toBeLessThanOrEqual(390);
  }
});

test('many who open a board at once all get it whole', async ({ open }) => {
  const page = await open('viewer');
  const answers = await Promise.all(Array.from({ length: 60 }, () => page.request.get('/p/ERP/i/ERP-1')));
  for (const answer of answers) {
    expect(answer.status()).toBe(200);
    const html = await answer.text();
    expect(html).toContain('<title>ERP platform · Roadmap · Cairn</title>');
    expect(html).toContain('aria-labelledby="item-title"');
    expect(html).toContain('</html>');
  }
});
