import { readFile } from 'node:fs/promises';
import type { Locator } from '@playwright/test';
import { Board, createProduct } from '../support/board';
import { snapshot } from '../support/live';
import { type Page, axe, expect, hydrated, test } from '../support/test';

// The fields that are declared once: added, filled, seen by others, told in the history, in files and out again.

const PLAN = { Now: ['Alpha', 'Bravo'], Next: [] };

/** The control of a field of the open item. */
function field(panel: Locator, name: string): Locator {
  return panel.locator('label').filter({ has: panel.page().getByText(name, { exact: true }) }).locator('input, select, textarea');
}

/** Adds a field to the open item; its control has the focus then. */
async function add(panel: Locator, name: string): Promise<Locator> {
  await panel.getByRole('combobox', { name: 'Add field' }).selectOption({ label: name });
  const control = field(panel, name);
  await expect(control).toBeFocused();
  return control;
}

async function fill(panel: Locator, name: string, text: string): Promise<void> {
  const control = await add(panel, name);
  await control.fill(text);
  await control.press('Control+Enter');
  // What others set is shown where nobody is typing.
  await control.blur();
}

async function values(page: Page, key: string, title: string): Promise<unknown> {
  const { snapshot: { document } } = await snapshot(page, key);
  return document.items.find(({ fields }) => fields.title === title)!.fields.values;
}

test('a field is added, filled, refused in words, seen by others and undone', async ({ open }) => {
  const [editor, reader] = [await open('editor'), await open('stakeholder')];
  const key = await createProduct(editor, PLAN);
  const [mine, theirs] = await Promise.all([Board.open(editor, key, `/i/${key}-1`), Board.open(reader, key, `/i/${key}-1`)]);
  const panel = mine.panel;
  await expect(field(panel, 'Confidence')).toHaveCount(0);
  await expect(theirs.panel.getByRole('combobox', { name: 'Add field' })).toHaveCount(0);

  const confidence = await add(panel, 'Confidence');
  await editor.keyboard.type('150');
  await editor.keyboard.press('Enter');
  await expect(panel.getByRole('alert')).toHaveText("“150” isn't valid for Confidence. Use a whole number from 0 to 100.");
  await confidence.fill('80 %');
  await confidence.press('Enter');
  await expect(panel.getByRole('alert')).toHaveCount(0);
  await expect(confidence).toHaveValue('80');
  await expect(theirs.panel.locator('#field-confidence')).toContainText('80%');
  await expect(panel.getByRole('combobox', { name: 'Add field' }).getByRole('option', { name: 'Confidence' })).toHaveCount(0);

  await (await add(panel, 'MoSCoW')).selectOption('Must have');
  await expect(theirs.panel.locator('#field-moscow')).toContainText('Must have');
  await fill(panel, 'Problem', 'Too many passwords.\nNobody knows them.');
  await expect(theirs.panel.locator('#field-problem')).toContainText('Nobody knows them.');
  await fill(panel, 'Cost', '12 500,50');
  await expect(theirs.panel.locator('#field-cost')).toContainText('12500.50');
  await panel.getByRole('combobox', { name: 'Add field' }).selectOption({ label: 'Links' });
  const more = panel.getByLabel('Add link');
  await expect(more).toBeFocused();
  await more.fill('Design draft https://example.org/draft');
  await more.press('Enter');
  for (const board of [mine, theirs]) {
    const link = board.panel.getByRole('link', { name: 'Design draft' });
    await expect(link).toHaveAttribute('href', 'https://example.org/draft');
    await expect(link).toHaveAttribute('rel', /noopener/);
  }
  await more.fill('javascript:alert(1)');
  await more.press('Enter');
  await expect(panel.getByRole('alert')).toContainText('addresses that begin with https://');
  await more.press('Escape');
  await more.fill('https://example.org/other');
  await more.press('Enter');
  await expect(theirs.panel.getByRole('link', { name: 'https://example.org/other' })).toBeVisible();
  await panel.getByRole('button', { name: 'Remove link https://example.org/other' }).click();
  await expect(theirs.panel.getByRole('link', { name: 'https://example.org/other' })).toHaveCount(0);
  await axe(editor);

  await mine.saved();
  expect(await values(editor, key, 'Alpha')).toEqual({
    confidence: 80,
    moscow: 'must',
    problem: 'Too many passwords.\nNobody knows them.',
    cost: 1250050,
    links: [{ name: 'Design draft', url: 'https://example.org/draft' }],
  });

  // What stands is emptied, and comes back.
  await confidence.fill('');
  await confidence.press('Enter');
  await expect(theirs.panel.locator('#field-confidence')).toHaveCount(0);
  await confidence.blur();
  await editor.keyboard.press('Control+z');
  await expect(theirs.panel.locator('#field-confidence')).toContainText('80%');

  await panel.getByRole('button', { name: 'History' }).click();
  const told = panel.locator('.history__what');
  await expect(told.filter({ hasText: 'confidence' }).last()).toHaveText('set the confidence of “Alpha” to 80%');
  await expect(told.filter({ hasText: 'problem' })).toHaveText('wrote the problem of “Alpha”');
  await expect(told.filter({ hasText: 'MoSCoW' })).toHaveText('set the MoSCoW of “Alpha” to Must have');
});

test('the quarter that was promised first stays in view', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const board = await Board.open(page, key, `/i/${key}-1`);
  await fill(board.panel, 'Promised quarter', 'Q1 2027');
  const control = field(board.panel, 'Promised quarter');
  await expect(control).toHaveValue('2027-Q1');
  const shown = board.panel.locator('#field-promised');
  // Within the hour it is a correction.
  await control.fill('2027-Q3');
  await control.press('Enter');
  await expect(control).toHaveValue('2027-Q3');
  await expect(shown).not.toContainText('First promised quarter');
  await board.saved();
  const { snapshot: { document } } = await snapshot(page, key);
  const item = document.items.find(({ fields }) => fields.title === 'Alpha')! as unknown as { firsts: Record<string, { value: string }> };
  expect(item.firsts.promised!.value).toBe('2027-Q3');
});

test('fields that were filled offline merge, and who overwrites a value unseen is told', async ({ open, expectTrouble }) => {
  expectTrouble(/WebSocket|ERR_INTERNET_DISCONNECTED|Failed to load resource|Failed to fetch/);
  const [editor, owner] = [await open('editor'), await open('owner')];
  const key = await createProduct(editor, PLAN);
  const [mine, theirs] = await Promise.all([Board.open(editor, key, `/i/${key}-1`), Board.open(owner, key, `/i/${key}-1`)]);
  await editor.context().setOffline(true);
  await expect(mine.state).toHaveAttribute('data-state', 'offline');
  await fill(mine.panel, 'Team', 'Payments');
  await fill(mine.panel, 'Impact', '4');
  await fill(theirs.panel, 'Outcome', 'Fewer calls.');
  await fill(theirs.panel, 'Impact', '2');
  await theirs.saved();
  await editor.context().setOffline(false);
  await mine.saved();
  for (const board of [mine, theirs]) {
    await expect(field(board.panel, 'Team')).toHaveValue('Payments');
    await expect(field(board.panel, 'Outcome')).toHaveValue('Fewer calls.');
    await expect(field(board.panel, 'Impact')).toHaveValue('4');
  }
  const notice = editor.locator('.toast').filter({ hasText: 'the impact of “Alpha”' });
  await expect(notice).toContainText('Astrid Lunde had set the impact of “Alpha” to 2 before your change arrived. Yours was kept.');
});

test('fields go out as columns and come in again', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const board = await Board.open(page, key, `/i/${key}-1`);
  await fill(board.panel, 'Bookings', '99.50');
  await (await add(board.panel, 'Kano')).selectOption('Basic');
  await board.saved();
  await page.goto(`/p/${key}/import`);
  await hydrated(page);
  const download = page.waitForEvent('download');
  await page.getByRole('combobox', { name: 'Format' }).selectOption('csv');
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const exported = await readFile(await (await download).path(), 'utf8');
  expect(exported.split('\n')[0]).toContain('Bookings');
  expect(exported).toContain('99.50');

  const copy = await createProduct(page, {}, 'Copy');
  await page.goto(`/p/${copy}/import`);
  await hydrated(page);
  await page.locator('#import-file').setInputFiles({ name: 'export.csv', mimeType: 'text/csv', buffer: Buffer.from(exported) });
  await expect(page.getByRole('combobox', { name: 'Import Bookings as', exact: true })).toHaveValue('field:bookings');
  await expect(page.locator('[data-count=problems]')).toHaveText('0');
  await page.getByRole('button', { name: 'Import 2 items' }).click();
  await expect(page.getByRole('heading', { name: '2 items added' })).toBeVisible();
  expect(await values(page, copy, 'Alpha')).toEqual(await values(page, key, 'Alpha'));
});
