import { createProduct, freshKey } from '../support/board';
import { type Page, expect, hydrated, signIn, test } from '../support/test';
import { openSession } from '../support/voting';

// Half-filled forms are kept on the device until they are accepted.

const PLAN = { Next: ['Alpha', 'Bravo'] };

async function visitPage(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await hydrated(page);
}

async function reload(page: Page): Promise<void> {
  await page.reload();
  await hydrated(page);
}

/** What the browser keeps of forms and ballots that were not sent. */
async function drafts(page: Page): Promise<string[]> {
  const kept = await page.evaluate(() => Object.entries(localStorage).map(([name, text]) => `${name}: ${text}`));
  return kept.filter((entry) => /^cairn-(draft|ballot)-/.test(entry));
}

/** What was typed early is put back for a second after a page came alive. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1_500)));
}

test('a new product is kept until it is made', async ({ open }) => {
  const page = await open('editor');
  const key = freshKey();
  const name = page.getByLabel('Name', { exact: true });
  await visitPage(page, '/');
  await page.getByText('New product').click();
  await name.fill('Half a product');
  await page.getByLabel('Life-cycle stage').selectOption({ index: 1 });
  const stage = await page.getByLabel('Life-cycle stage').inputValue();
  await reload(page);
  await expect(name, 'the form is open with what was typed').toBeVisible();
  await expect(name).toHaveValue('Half a product');
  await expect(page.getByLabel('Life-cycle stage')).toHaveValue(stage);
  await page.getByLabel('Key', { exact: true }).fill(key);
  await page.getByRole('button', { name: 'Create product' }).click();
  await expect(page).toHaveURL(new RegExp(`/p/${key}$`));
  await visitPage(page, '/');
  await expect(name).toBeHidden();
  await expect(name).toHaveValue('');
  expect(await drafts(page)).toEqual([]);
});

test('an invitation is kept until its links are made', async ({ serve, visit }) => {
  const server = await serve({ demo: true });
  const page = await visit(server);
  await signIn(page, 'owner');
  await visitPage(page, '/people');
  const names = page.getByLabel('Names');
  const role = page.getByLabel('Role', { exact: true });
  await page.getByText('Invite people').click();
  await names.fill('Grace Hopper\nKay McNulty\n');
  await role.selectOption('editor');
  await reload(page);
  await expect(names).toHaveValue('Grace Hopper\nKay McNulty\n');
  await expect(role).toHaveValue('editor');
  await page.goto('/voting');
  await page.goBack();
  await hydrated(page);
  await expect(names).toHaveValue('Grace Hopper\nKay McNulty\n');
  await page.getByRole('button', { name: 'Create link' }).click();
  await expect(page.getByLabel('Link for Kay McNulty')).toHaveValue(/\/invite\//);
  await settle(page);
  await expect(names).toHaveValue('');
  expect(await drafts(page)).toEqual([]);
  await reload(page);
  await expect(names).toHaveValue('');
});

test('settings are kept until they are saved, and do not replace what others changed', async ({ open }) => {
  const [page, other] = [await open('editor'), await open('owner')];
  const key = await createProduct(page, {}, 'Old name');
  await visitPage(page, `/p/${key}/settings`);
  const [name, purpose] = [page.getByLabel('Name', { exact: true }), page.getByLabel('Purpose')];
  await name.fill('My name');
  await purpose.fill('My purpose');
  await reload(page);
  await expect(name).toHaveValue('My name');
  await expect(purpose).toHaveValue('My purpose');

  const edited = await other.request.post('/api/edit_product', {
    form: { key, name: 'Their name', kind: 'service', purpose: 'What tests work on.' },
  });
  expect(edited.status(), await edited.text()).toBe(200);
  await reload(page);
  await expect(name).toHaveValue('Their name');
  await expect(purpose).toHaveValue('My purpose');

  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.locator('.toast')).toContainText('Saved.');
  expect(await drafts(page)).toEqual([]);
  await reload(page);
  await expect(name).toHaveValue('Their name');
  await expect(purpose).toHaveValue('My purpose');

  // An unchanged form leaves no draft.
  await purpose.fill('Something else');
  expect(await drafts(page)).toHaveLength(1);
  await purpose.fill('My purpose');
  expect(await drafts(page)).toEqual([]);
});

test('a form that could not be sent is kept', async ({ open, expectTrouble }) => {
  expectTrouble(/ERR_INTERNET_DISCONNECTED/);
  const page = await open('editor');
  const key = await createProduct(page);
  await visitPage(page, `/p/${key}/settings`);
  const purpose = page.getByLabel('Purpose');
  await purpose.fill('Written on a train');
  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.locator('.notice--error')).toBeVisible();
  await page.context().setOffline(false);
  await reload(page);
  await expect(purpose).toHaveValue('Written on a train');
});

test('the account is kept until it is saved, and another person does not see it', async ({ serve, visit }) => {
  const server = await serve({ demo: true });
  const page = await visit(server);
  await signIn(page, 'editor');
  await visitPage(page, '/account');
  const name = page.getByLabel('Name', { exact: true });
  const before = await name.inputValue();
  const purple = page.getByRole('radio', { name: 'Purple' });
  await name.fill('Mei Tanaka-Berg');
  await purple.check();
  await reload(page);
  await expect(name).toHaveValue('Mei Tanaka-Berg');
  await expect(purple).toBeChecked();

  const kept = await drafts(page);
  expect(kept).toHaveLength(1);
  await signIn(page, 'owner');
  await visitPage(page, '/account');
  await expect(name).not.toHaveValue('Mei Tanaka-Berg');
  expect(await name.inputValue()).not.toBe(before);
  await signIn(page, 'editor');
  await visitPage(page, '/account');
  await expect(name).toHaveValue('Mei Tanaka-Berg');

  // Refused, it is there after a reload, too.
  await name.fill('x'.repeat(120));
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'characters' })).toBeVisible();
  await reload(page);
  await expect(name).toHaveValue('x'.repeat(120));
  await name.fill('Mei Tanaka-Berg');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Saved.' })).toBeVisible();
  await hydrated(page);
  expect(await drafts(page)).toEqual([]);
  await visitPage(page, '/account');
  await expect(name).toHaveValue('Mei Tanaka-Berg');
  await expect(purple).toBeChecked();
});

test('founding a workspace is kept but for the password', async ({ serve, visit }) => {
  const page = await visit(await serve());
  await visitPage(page, '/setup');
  await page.getByLabel('Organisation').fill('Test works');
  await page.getByLabel('E-mail').fill('olga@works.example');
  await page.getByLabel('Password').fill('tulip ferry anvil');
  await reload(page);
  await expect(page.getByLabel('Organisation')).toHaveValue('Test works');
  await expect(page.getByLabel('E-mail')).toHaveValue('olga@works.example');
  await expect(page.getByLabel('Password')).toHaveValue('');
  expect((await drafts(page)).join()).not.toContain('tulip');
  await page.getByLabel('Your name').fill('Olga Owner');
  await page.getByLabel('Password').fill('tulip ferry anvil');
  await page.getByRole('button', { name: 'Create the workspace' }).click();
  await expect(page.getByRole('heading', { name: 'Begin with one product' })).toBeVisible();
  expect(await drafts(page)).toEqual([]);
});

test('segments and who belongs to them are kept until they are saved', async ({ serve, visit }) => {
  const server = await serve({ demo: true });
  const page = await visit(server);
  await signIn(page, 'editor');
  await visitPage(page, '/segments');
  await page.getByText('New department').click();
  const fresh = page.locator('details[open].segments__new');
  await fresh.getByLabel('Name', { exact: true }).fill('Stores of drafts');
  await fresh.getByLabel('Weight').fill('many');
  await reload(page);
  await expect(fresh.getByLabel('Name', { exact: true })).toHaveValue('Stores of drafts');
  await fresh.getByRole('button', { name: 'Add' }).click();
  await expect(page.getByRole('alert')).toContainText('“many” is not a weight.');
  await expect(fresh.getByLabel('Name', { exact: true }), 'a refusal leaves what was typed').toHaveValue('Stores of drafts');
  await fresh.getByLabel('Weight').fill('2');
  await fresh.getByRole('button', { name: 'Add' }).click();
  const known = page.locator('.segments__segment').filter({ hasText: 'Stores of drafts' });
  await expect(known).toBeVisible();
  await hydrated(page);
  await expect(fresh).toHaveCount(0);
  expect(await drafts(page)).toEqual([]);

  await known.locator('summary').click();
  await known.getByLabel('Weight').fill('3');
  const member = page.getByRole('combobox', { name: /^Department of/ }).first();
  await member.selectOption({ label: 'Stores of drafts' });
  await reload(page);
  await expect(known.getByLabel('Weight')).toHaveValue('3');
  await expect(member.locator('option:checked')).toHaveText('Stores of drafts');
  await known.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(known).toContainText('0 members · weight 3');
  await hydrated(page);
  await expect(member.locator('option:checked'), 'the other form keeps its own').toHaveText('Stores of drafts');
  await page.locator('.segments__people').getByRole('button', { name: 'Save', exact: true }).click();
  await expect(known).toContainText('1 member');
  await hydrated(page);
  expect(await drafts(page)).toEqual([]);
});

test('the name of a moment is kept until it is given', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const name = page.getByRole('textbox', { name: 'Name this moment' });
  await visitPage(page, `/p/${key}/past?at=1`);
  await name.fill('Plan of aut');
  await reload(page);
  await expect(name).toHaveValue('Plan of aut');
  // Another moment does not cost what was typed.
  await page.getByRole('button', { name: 'One change back' }).click();
  await expect(page).toHaveURL(/at=0/);
  await expect(name).toHaveValue('Plan of aut');
  await page.getByRole('button', { name: 'Save baseline' }).click();
  await expect(page.getByRole('link', { name: 'Plan of aut' })).toBeVisible();
  await hydrated(page);
  await expect(name).toHaveValue('');
  expect(await drafts(page)).toEqual([]);
});

test('a vote for a customer is kept until it is cast', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const path = await openSession(page, key, [1, 2]);
  const [customer, source] = [page.getByLabel('Customer'), page.getByLabel('Source')];
  const number = page.getByRole('spinbutton', { name: 'For Alpha' });
  await visitPage(page, `${path}/customer`);
  const before = await number.inputValue();
  await customer.fill('Hansen Freight');
  await source.fill('call of 12 Mar');
  await page.getByRole('button', { name: 'More for Alpha' }).click();
  await page.getByRole('button', { name: 'More for Alpha' }).click();
  await reload(page);
  await expect(customer).toHaveValue('Hansen Freight');
  await expect(source).toHaveValue('call of 12 Mar');
  await expect(number).toHaveValue('2');
  await page.getByRole('button', { name: 'Cast ballot' }).click();
  await expect(page).toHaveURL(new RegExp(`${path}$`));
  await visitPage(page, `${path}/customer`);
  await expect(customer).toHaveValue('');
  await expect(number).toHaveValue(before);
  expect(await drafts(page)).toEqual([]);
});

test('the name on a code is kept until the code is made', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const path = await openSession(page, key, [1, 2]);
  const name = page.getByLabel('Name (optional)');
  await visitPage(page, path);
  await page.getByText('Guest codes').click();
  await name.fill('Ada Lov');
  await reload(page);
  await expect(name).toHaveValue('Ada Lov');
  await page.getByRole('button', { name: 'Create code' }).click();
  await expect(page.locator('.codes__shown')).toBeVisible();
  await settle(page);
  await expect(name).toHaveValue('');
  expect(await drafts(page)).toEqual([]);
});

test('text pasted for an import is kept until it is imported', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const text = page.getByLabel('Comma-separated text');
  await visitPage(page, `/p/${key}/import`);
  await page.getByText('Paste text instead').click();
  await text.fill('Title\nCharlie\n');
  await reload(page);
  await expect(text).toHaveValue('Title\nCharlie\n');
  await page.getByRole('button', { name: 'Use this text' }).click();
  await expect(page.getByRole('button', { name: 'Import 1 item' })).toBeVisible();
  await reload(page);
  await expect(text, 'nothing was imported yet').toHaveValue('Title\nCharlie\n');
  await page.getByRole('button', { name: 'Use this text' }).click();
  await page.getByRole('button', { name: 'Import 1 item' }).click();
  await expect(page.getByRole('button', { name: 'Import another file' })).toBeVisible();
  expect(await drafts(page)).toEqual([]);
});
