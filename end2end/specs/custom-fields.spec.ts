import type { Locator } from '@playwright/test';
import { Board, createProduct } from '../support/board';
import { type Page, axe, expect, hydrated, test } from '../support/test';

// Fields that people make for a product: on the page of fields, in the panel, offline, retired, required, and from a file.

const PLAN = { Now: ['Alpha', 'Bravo'], Next: [] };

async function openFields(page: Page, key: string): Promise<void> {
  await page.goto(`/p/${key}/fields`);
  await hydrated(page);
}

/** Makes a field on the page of fields. */
async function make(page: Page, name: string, kind: string, more: { choices?: string; unit?: string } = {}): Promise<void> {
  await page.getByText('New field', { exact: true }).click();
  const form = page.locator('.fields__new form');
  await form.getByLabel('Name', { exact: true }).fill(name);
  await form.getByLabel('Kind').selectOption({ label: kind });
  if (more.choices) await form.getByLabel('Choices, one on each line').fill(more.choices);
  if (more.unit) await form.getByLabel('Unit').fill(more.unit);
  await form.getByRole('button', { name: 'Add field' }).click();
  await expect(row(page, name)).toBeVisible();
}

function row(page: Page, name: string): Locator {
  return page.locator('.fields__field').filter({ has: page.getByText(name, { exact: true }) });
}

function field(panel: Locator, name: string): Locator {
  return panel.locator('label').filter({ has: panel.page().getByText(name, { exact: true }) }).locator('input, select, textarea');
}

async function add(panel: Locator, name: string): Promise<Locator> {
  await panel.getByRole('combobox', { name: 'Add field' }).selectOption({ label: name });
  return field(panel, name);
}

test('a field that one makes is there for another at once, and is filled in its own way', async ({ open }) => {
  test.setTimeout(120_000);
  const [editor, owner] = [await open('editor'), await open('owner')];
  const key = await createProduct(editor, PLAN);
  const theirs = await Board.open(owner, key, `/i/${key}-1`);
  await openFields(editor, key);
  await axe(editor);
  await make(editor, 'Service level', 'One choice', { choices: 'Gold\nSilver\nSilver\n' });
  await make(editor, 'Waiting customers', 'Number', { unit: 'tenants' });
  await make(editor, 'Go-live', 'Date');
  await make(editor, 'Sponsor', 'Person');
  await make(editor, 'Regions', 'Several choices', { choices: 'North\nSouth' });
  await make(editor, 'Needs training', 'Check box');
  await axe(editor);
  await expect(row(editor, 'Service level')).toContainText('One of 2 choices');

  const mine = await Board.open(editor, key, `/i/${key}-1`);
  await (await add(theirs.panel, 'Service level')).selectOption('Gold');
  const number = await add(theirs.panel, 'Waiting customers');
  await number.fill('12');
  await number.press('Enter');
  const day = await add(theirs.panel, 'Go-live');
  await day.fill('2027-03-01');
  await day.press('Enter');
  await (await add(theirs.panel, 'Sponsor')).selectOption({ label: 'Mei Tanaka' });
  await theirs.panel.getByRole('combobox', { name: 'Add field' }).selectOption({ label: 'Regions' });
  await theirs.panel.getByRole('combobox', { name: 'Add to Regions' }).selectOption('North');
  await theirs.panel.getByRole('combobox', { name: 'Add to Regions' }).selectOption('South');
  await (await add(theirs.panel, 'Needs training')).check();
  await theirs.saved();
  await expect(field(mine.panel, 'Service level')).toHaveValue('k1');
  await expect(field(mine.panel, 'Waiting customers')).toHaveValue('12');
  await expect(field(mine.panel, 'Go-live')).toHaveValue('2027-03-01');
  await expect(field(mine.panel, 'Sponsor').locator('option:checked')).toHaveText('Mei Tanaka');
  await expect(mine.panel.locator('.item-panel__value .tag')).toHaveText(['North', 'South']);
  await expect(field(mine.panel, 'Needs training')).toBeChecked();
  await axe(editor);

  await mine.panel.getByRole('button', { name: 'History' }).click();
  const told = mine.panel.locator('.history__what');
  await expect(told.filter({ hasText: 'Sponsor' })).toHaveText('set the “Sponsor” of “Alpha” to Mei Tanaka');
  await expect(told.filter({ hasText: 'Service level' })).toHaveText('set the “Service level” of “Alpha” to Gold');
});

test('a field is filled offline while it is renamed, and merges', async ({ open, expectTrouble }) => {
  expectTrouble(/WebSocket|ERR_INTERNET_DISCONNECTED|Failed to load resource|Failed to fetch/);
  const [editor, owner] = [await open('editor'), await open('owner')];
  const key = await createProduct(editor, PLAN);
  await openFields(editor, key);
  await make(editor, 'Tier', 'One choice', { choices: 'Gold\nSilver' });
  const theirs = await Board.open(owner, key, `/i/${key}-1`);
  await owner.context().setOffline(true);
  await expect(theirs.state).toHaveAttribute('data-state', 'offline');
  await (await add(theirs.panel, 'Tier')).selectOption('Silver');

  await row(editor, 'Tier').locator('summary').click();
  const form = row(editor, 'Tier').locator('.fields__form');
  await form.getByLabel('Name', { exact: true }).fill('Level');
  await form.getByLabel('Name of Silver').fill('Argent');
  await form.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(row(editor, 'Level')).toBeVisible();

  await owner.context().setOffline(false);
  await theirs.saved();
  await expect(field(theirs.panel, 'Level').locator('option:checked')).toHaveText('Argent');
});

test('a retired field keeps what it holds, and what was typed into it offline is not lost', async ({ open, expectTrouble }) => {
  expectTrouble(/WebSocket|ERR_INTERNET_DISCONNECTED|Failed to load resource|Failed to fetch/);
  const [editor, owner] = [await open('editor'), await open('owner')];
  const key = await createProduct(editor, PLAN);
  await openFields(editor, key);
  await make(editor, 'Budget code', 'Text');
  const theirs = await Board.open(owner, key, `/i/${key}-1`);
  const code = await add(theirs.panel, 'Budget code');
  await code.fill('4711');
  await code.press('Control+Enter');
  await theirs.saved();
  await owner.context().setOffline(true);
  await expect(theirs.state).toHaveAttribute('data-state', 'offline');
  await code.fill('0815');
  await code.blur();

  await row(editor, 'Budget code').getByRole('button', { name: 'Hide Budget code' }).click();
  await expect(editor.getByRole('heading', { name: 'Hidden' })).toBeVisible();
  await expect(row(editor, 'Budget code')).toContainText('filled in 1 item');
  await owner.context().setOffline(false);
  await expect(owner.locator('.toast').filter({ hasText: 'to review' })).toBeVisible();
  await expect(field(theirs.panel, 'Budget code')).toHaveValue('4711');
  await expect(theirs.panel.getByRole('combobox', { name: 'Add field' }).getByRole('option', { name: 'Budget code' })).toHaveCount(0);
});

test('a required field is asked for when an item gets there', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  await openFields(page, key);
  await row(page, 'Cost').locator('summary').click();
  const form = row(page, 'Cost').locator('.fields__form');
  await form.getByLabel('Required').selectOption({ label: 'From Planned on' });
  await form.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(row(page, 'Cost')).toContainText('required from Planned on');

  const board = await Board.open(page, key, `/i/${key}-1`);
  await field(board.panel, 'Status').selectOption('planned');
  await expect(board.toast).toContainText('Fill “Cost” first. Items need it from Planned on.');
  await expect(field(board.panel, 'Status')).toHaveValue('proposed');
  const cost = await add(board.panel, 'Cost');
  await cost.fill('100');
  await cost.press('Enter');
  await field(board.panel, 'Status').selectOption('planned');
  await board.saved();
  await cost.fill('');
  await cost.press('Enter');
  await expect(board.panel.getByRole('alert')).toContainText('Fill “Cost” first.');
});

test('fields are put in order, by keyboard too, and the panel follows', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  await openFields(page, key);
  await page.getByRole('button', { name: 'Move Outcome up' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('.fields__name').first()).toHaveText('Outcome');
  const board = await Board.open(page, key, `/i/${key}-1`);
  await expect(board.panel.getByRole('combobox', { name: 'Add field' }).locator('option').nth(1)).toHaveText('Outcome');
});

test('columns that nobody knows become fields', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page);
  const file = 'Title,Size,Tickets\nAlpha,Large,3\nBravo,Small,12\nCharlie,Large,1\n';
  await page.goto(`/p/${key}/import`);
  await hydrated(page);
  await page.locator('#import-file').setInputFiles({ name: 'x.csv', mimeType: 'text/csv', buffer: Buffer.from(file) });
  for (const column of ['Size', 'Tickets']) {
    await page.getByRole('combobox', { name: `Import ${column} as`, exact: true }).selectOption({ label: 'Create field' });
  }
  await expect(page.getByText('New fields: Size, Tickets')).toBeVisible();
  await page.getByRole('button', { name: 'Import 3 items' }).click();
  await expect(page.getByRole('heading', { name: '3 items added' })).toBeVisible();
  const board = await Board.open(page, key, `/i/${key}-1`);
  await expect(field(board.panel, 'Size').locator('option:checked')).toHaveText('Large');
  await expect(field(board.panel, 'Tickets')).toHaveValue('3');

  // The same file again finds them.
  await page.goto(`/p/${key}/import`);
  await hydrated(page);
  await page.locator('#import-file').setInputFiles({ name: 'y.csv', mimeType: 'text/csv', buffer: Buffer.from(file.replace('Large', 'Huge')) });
  await expect(page.getByRole('combobox', { name: 'Import Size as', exact: true }).locator('option:checked')).toHaveText('Size');
  await page.getByRole('button', { name: 'Import 1 item' }).click();
  await expect(page.getByRole('heading', { name: '1 item changed' })).toBeVisible();
  const again = await Board.open(page, key, `/i/${key}-1`);
  await expect(field(again.panel, 'Size').locator('option:checked')).toHaveText('Huge');
});
