import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Board, createProduct } from '../support/board';
import { snapshot } from '../support/live';
import { type Page, axe, expect, hydrated, signIn, test } from '../support/test';

// The 190 goals of a real project, in by the browser and out again.

const GOALS = new URL('../fixtures/rust-project-goals.csv', import.meta.url);
const HOW_MANY = 190;

async function choose(page: Page, name: string, text: string): Promise<void> {
  await page.locator('#import-file').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
}

async function openImport(page: Page, key: string): Promise<void> {
  await page.goto(`/p/${key}/import`);
  await hydrated(page);
}

function figure(page: Page, of: 'created' | 'updated' | 'unchanged' | 'problems') {
  return page.locator(`[data-count=${of}]`);
}

function takenFor(page: Page, column: string) {
  return page.getByRole('combobox', { name: `Import ${column} as`, exact: true });
}

/** What an item is, without what differs between products. */
async function contents(page: Page, key: string) {
  const { snapshot: plain } = await snapshot(page, key);
  const lanes = new Map(plain.document.lanes.map((lane) => [lane.id, lane.name]));
  return plain.document.items
    .map(({ lane, fields: { source_key: _, ...fields } }) => ({ lane: lanes.get(lane), ...fields }))
    .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
}

test('190 goals come in by the browser, once, and go out to another product', async ({ open }) => {
  test.setTimeout(90_000);
  const page = await open('editor');
  const goals = await readFile(GOALS, 'utf8');
  const key = await createProduct(page);
  await openImport(page, key);
  await axe(page);
  await choose(page, 'goals.csv', goals);
  await expect(page.getByRole('heading', { name: 'Check the columns' })).toBeVisible();
  await expect(takenFor(page, 'Key')).toHaveValue('key');
  await expect(takenFor(page, 'Title')).toHaveValue('title');
  await expect(takenFor(page, 'Start')).toHaveValue('start');
  await expect(takenFor(page, 'End')).toHaveValue('end');
  await expect(takenFor(page, 'Teams')).toHaveValue('tags');
  await expect(figure(page, 'created')).toHaveText(String(HOW_MANY));

  const outlook = page.locator('section[aria-labelledby=step-outlook]');

  // A correction that cannot be is refused in words; the next one is taken.
  await takenFor(page, 'Period').selectOption('title');
  await expect(outlook.getByRole('alert')).toContainText('“Period” and “Title” are both imported as Title.');
  await expect(page.getByRole('button', { name: 'Nothing to import' })).toBeDisabled();
  await takenFor(page, 'Period').selectOption('lane');
  await expect(figure(page, 'created')).toHaveText(String(HOW_MANY));
  await expect(figure(page, 'problems')).toHaveText('0');
  await expect(outlook).toContainText('New lanes: 2024h2, 2025h1, 2025h2, 2026');
  await axe(page);
  await page.getByRole('button', { name: `Import ${HOW_MANY} items` }).click();
  await expect(page.getByRole('heading', { name: `${HOW_MANY} items added` })).toBeFocused();
  await axe(page);
  await page.getByRole('link', { name: 'Open the board' }).click();
  const board = new Board(page, key);
  await expect(page.locator('.board .card')).toHaveCount(HOW_MANY);
  await expect(board.link('Associated type position impl trait')).toBeVisible();
  await board.saved();

  // The server's HTML has them all, without a script.
  const served = await page.request.get(`/p/${key}`);
  const html = await served.text();
  const links = html.matchAll(/<a[^>]*href="(\/p\/\w+\/i\/\w+-\d+)"/g);
  const ours = [...links].flatMap(([, path]) => (path!.startsWith(`/p/${key}/`) ? [path] : []));
  expect(new Set(ours).size).toBe(HOW_MANY);
  expect(html).toContain('Associated type position impl trait');

  // Once more changes nothing.
  await openImport(page, key);
  await choose(page, 'goals.csv', goals);
  await takenFor(page, 'Period').selectOption('lane');
  await expect(figure(page, 'unchanged')).toHaveText(String(HOW_MANY));
  await expect(figure(page, 'created')).toHaveText('0');
  await expect(page.getByRole('button', { name: 'Nothing to import' })).toBeDisabled();

  // A changed row changes its item and makes no other.
  await choose(page, 'goals.csv', goals.replace('Associated type position impl trait', 'ATPIT, "renamed" – Ünïcode'.replaceAll('"', "'").replace(',', ';')));
  await takenFor(page, 'Period').selectOption('lane');
  await expect(figure(page, 'updated')).toHaveText('1');
  await page.getByRole('button', { name: 'Import 1 item' }).click();
  await expect(page.getByRole('heading', { name: '1 item changed' })).toBeVisible();
  expect(await contents(page, key)).toHaveLength(HOW_MANY);

  // Out, and into an empty product.
  const download = page.waitForEvent('download');
  await page.getByRole('combobox', { name: 'Format' }).selectOption('csv');
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const file = await (await download).path();
  const exported = await readFile(file, 'utf8');
  const copy = await createProduct(page, {}, 'Copy');
  await openImport(page, copy);
  await choose(page, 'export.csv', exported);
  await expect(figure(page, 'created')).toHaveText(String(HOW_MANY));
  await expect(figure(page, 'problems')).toHaveText('0');
  await page.getByRole('button', { name: `Import ${HOW_MANY} items` }).click();
  await expect(page.getByRole('heading', { name: `${HOW_MANY} items added` })).toBeVisible();
  expect(await contents(page, copy)).toEqual(await contents(page, key));
});

test('the board of 190 items can be read without a script', async ({ open, expectTrouble }) => {
  // Chromium does not even fetch what it will not run.
  expectTrouble(/\.js csp$/);
  const editor = await open('editor');
  const key = await createProduct(editor);
  const text = await readFile(GOALS, 'utf8');
  const done = await editor.request.post('/api/run_import', { data: { key, text, mapping: { Key: 'key', Title: 'title', Period: 'lane' } } });
  expect(done.status()).toBe(200);
  await open('viewer');
  const page = await open('viewer', { javaScriptEnabled: false });
  await page.goto(`/p/${key}`);
  await expect(page.locator('.board .lane__cards a')).toHaveCount(HOW_MANY);
  await page.getByRole('link', { name: 'Associated type position impl trait', exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`/p/${key}/i/${key}-1$`));
  await expect(page.locator('aside.item-panel h2').first()).toContainText('Associated type position impl trait');
});

test('odd values are left out by cause, and every row with a title comes in', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page);
  await openImport(page, key);
  const broken = [
    '\ufeffKey,Title,Start,End,Effort',
    'a,"Quoted ""title"", with a comma",2026-01-01,2026-02-01,3',
    'b,,2026-01-01,2026-02-01,3',
    'c,Ends before it starts,2026-03-01,2026-02-01,3',
    'd,Naïve Ünïcode ✓,,,12.5',
    'e,Not a date,yesterday,,1',
    `f,${'long '.repeat(60)},,,1`,
    'a,The same key again,,,1',
  ].join('\n');
  await choose(page, 'broken.csv', broken);
  await expect(figure(page, 'created')).toHaveText('6');
  await expect(figure(page, 'problems')).toHaveText('1');
  const causes = (loss: string) => page.locator(`.import__problems[data-loss=${loss}] tbody tr`);
  await expect(causes('row')).toHaveText([/Title.*The row has no title\..*3/]);
  await expect(causes('cell')).toHaveCount(3);
  await expect(causes('change')).toHaveText([/Title.*Shortened.*7/]);
  await axe(page);
  await page.getByRole('button', { name: 'Import 6 items' }).click();
  await expect(page.getByRole('heading', { name: '6 items added, 1 row left out' })).toBeVisible();
  await expect(causes('row'), 'still listed after the import').toHaveCount(1);
  await page.getByRole('link', { name: 'Open the board' }).click();
  const board = new Board(page, key);
  await expect(board.page.locator('.board .card__link')).toHaveCount(6);

  await openImport(page, key);
  await choose(page, 'nothing.csv', '');
  await expect(page.locator('[role=alert] .notice--error')).toHaveText(/\.$/);
  await choose(page, 'settings.json', '{\n  "name": 1\n}\n');
  await expect(page.locator('[role=alert] .notice--error')).toHaveText(/^This JSON file is neither a Trello board/);
});

test('a Jira export in another encoding is recognised, and what its values mean can be chosen', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page);
  await openImport(page, key);
  const jira = [
    'Summary,Issue key,Issue Type,Status,Assignee,Labels,Labels',
    'Größe wählen,J-1,Story,Blocked,Somebody Else,a,b',
    'Farbe wählen,J-2,Story,Blocked,Somebody Else,,',
  ].join('\n');
  const latin = Buffer.from(jira, 'latin1');
  await page.locator('#import-file').setInputFiles({ name: 'jira.csv', mimeType: 'text/csv', buffer: latin });
  await expect(page.getByText('Looks like a Jira export · windows-1252')).toBeVisible();
  await expect(takenFor(page, 'Labels')).toHaveValue('tags');
  const blocked = page.getByRole('combobox', { name: 'Unknown statuses: Blocked' });
  await expect(blocked).toHaveValue('tag');
  await blocked.selectOption({ label: 'Planned' });
  await expect(page.getByRole('combobox', { name: 'People who are not members: Somebody Else' })).toHaveValue('text');
  await axe(page);
  await page.getByRole('button', { name: 'Import 2 items' }).click();
  await expect(page.getByRole('heading', { name: '2 items added' })).toBeVisible();
  const items = await contents(page, key);
  expect(items.map((item) => [item.title, item.status])).toEqual([
    ['Farbe wählen', 'planned'],
    ['Größe wählen', 'planned'],
  ]);
});

test('tags and priorities can be mapped to tags of the product and of the file', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page);
  const before = await page.request.post('/api/run_import', {
    data: { key, text: 'Title,Tags\nOld,security\n', mapping: { Title: 'title', Tags: 'tags' } },
  });
  expect(before.status()).toBe(200);
  await openImport(page, key);
  await choose(page, 'tags.csv', 'Title,Tags,Priority\nNew,"sec,ux",P1\nNewer,uix,High\n');
  await expect(figure(page, 'created')).toHaveText('2');
  await page.getByText('New tags (3)', { exact: true }).click();
  const sec = page.getByRole('combobox', { name: 'New tags: sec', exact: true });
  await expect(sec).toHaveValue('create');
  await sec.selectOption('=security');
  await expect(sec).toHaveValue('=security');
  await expect(page.locator('.import__choices optgroup[label="Map to"]').first()).toBeAttached();
  await axe(page);
  // The list is still open.
  await page.getByRole('combobox', { name: 'New tags: uix', exact: true }).selectOption('=ux');
  const urgent = page.getByRole('combobox', { name: 'Priorities: P1', exact: true });
  await urgent.selectOption({ label: 'priority: high' });
  await expect(urgent).toHaveValue('=priority: high');
  await page.getByRole('button', { name: 'Import 2 items' }).click();
  await expect(page.getByRole('heading', { name: '2 items added' })).toBeVisible();
  const items = await contents(page, key);
  expect(Object.fromEntries(items.map((item) => [item.title, item.tags]))).toEqual({
    Old: ['security'],
    New: ['priority: high', 'security', 'ux'],
    Newer: ['priority: high', 'ux'],
  });
});

test('inviting people midway through an import loses nothing', async ({ serve, visit }) => {
  test.setTimeout(90_000);
  const server = await serve({ demo: true });
  const page = await visit(server);
  await signIn(page, 'owner');
  const key = await createProduct(page);
  await openImport(page, key);
  const plan = 'Title,Stage,State,Owner\nFirst thing,Now,Blocked,Grace Hopper\nSecond thing,Now,Blocked,Kay McNulty\n';
  await choose(page, 'plan.csv', plan);
  const stage = takenFor(page, 'Stage');
  await stage.selectOption('tags');
  const blocked = page.getByRole('combobox', { name: 'Unknown statuses: Blocked' });
  await blocked.selectOption({ label: 'Planned' });
  await expect(blocked).toHaveValue('=planned');
  const person = (name: string) => page.getByRole('combobox', { name: `People who are not members: ${name}` });
  await person('Kay McNulty').selectOption('empty');
  await expect(person('Kay McNulty')).toHaveValue('empty');
  const nothingIsLost = async () => {
    await expect(page.locator('.import__file')).toHaveText('Chosen: plan.csv');
    await expect(stage).toHaveValue('tags');
    await expect(blocked).toHaveValue('=planned');
    await expect(person('Kay McNulty')).toHaveValue('empty');
    await expect(figure(page, 'created')).toHaveText('2');
  };

  // In another tab, as the page offers.
  const opened = page.waitForEvent('popup');
  await page.getByRole('link', { name: 'invite people' }).click();
  const people = await opened;
  await hydrated(people);
  await people.getByText('Invite people').click();
  await people.getByLabel('Names').fill('Grace Hopper\n');
  await people.getByLabel('Role', { exact: true }).selectOption('editor');
  await people.getByRole('button', { name: 'Create link' }).click();
  const link = await people.getByLabel('Link for Grace Hopper').inputValue();
  await people.close();
  await nothingIsLost();

  // And in the same one.
  await page.getByRole('link', { name: 'People', exact: true }).click();
  await expect(page.getByText('Invite people', { exact: true })).toBeVisible();
  await page.goBack();
  await nothingIsLost();
  await expect(person('Grace Hopper')).toHaveValue('text');

  const grace = await visit(server);
  await grace.goto(link);
  await hydrated(grace);
  await grace.getByLabel('E-mail').fill('grace@example.org');
  await grace.getByLabel('Password').fill('tulip ferry anvil');
  await grace.getByRole('button', { name: 'Join' }).click();
  await expect(grace).not.toHaveURL(/\/invite\//);

  // Who has joined is found, and what was chosen for the others stays.
  await page.getByRole('button', { name: 'Check again' }).click();
  await expect(person('Grace Hopper')).toHaveCount(0);
  await nothingIsLost();
  await page.getByRole('button', { name: 'Import 2 items' }).click();
  await expect(page.getByRole('heading', { name: '2 items added' })).toBeVisible();
  const items = await contents(page, key);
  expect(items.map((item) => [item.title, item.status, item.tags, Boolean(item.owner)])).toEqual([
    ['First thing', 'planned', ['now'], true],
    ['Second thing', 'planned', ['now'], false],
  ]);
});

test('a workbook offers its sheets', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page);
  await openImport(page, key);
  const workbook = new URL('../../backend/tests/import/roadmap.xlsx', import.meta.url);
  await page.locator('#import-file').setInputFiles(fileURLToPath(workbook));
  await expect(figure(page, 'created')).toHaveText('2');
  await page.getByRole('combobox', { name: 'Sheet' }).selectOption('Ideas');
  await expect(page.getByText('Sheet “Ideas”')).toBeVisible();
  await expect(takenFor(page, 'Title')).toHaveValue('title');
  await expect(figure(page, 'created')).toHaveText('2');
});

/** A file that takes the server a moment. */
function long(rows: number): string {
  return ['Key,Title,Lane', ...Array.from({ length: rows }, (_, n) => `K${n},Item ${n},Now`)].join('\n');
}

test('a long import shows how far it is, and leaves nothing when it is cancelled', async ({ open, expectTrouble }) => {
  test.setTimeout(90_000);
  // The cancelled import is answered with a refusal.
  expectTrouble(/409/);
  const page = await open('editor');
  const key = await createProduct(page);
  await openImport(page, key);
  await choose(page, 'long.csv', long(15_000));
  const button = page.getByRole('button', { name: 'Import 15000 items' });
  await button.click();
  await expect(page.getByRole('heading', { name: 'Importing long.csv' })).toBeFocused();
  const bar = page.getByRole('progressbar', { name: 'Importing long.csv' });
  await expect(bar).toBeVisible();
  await expect(page.locator('#running-rows')).toHaveText(/^(Checking|Saving): [\d,]+ of 15,000 rows$/);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByText('The import was cancelled. Nothing was imported.').first()).toBeVisible();
  await expect(bar).toHaveCount(0);
  await expect(button).toBeFocused();
  expect(await contents(page, key)).toHaveLength(0);

  // What was chosen is still there, and the import can be done after all.
  await expect(takenFor(page, 'Lane')).toHaveValue('lane');
  await button.click();
  await axe(page);
  await expect(page.getByRole('heading', { name: '15000 items added' })).toBeFocused({ timeout: 60_000 });
  expect(await contents(page, key)).toHaveLength(15_000);
});

test('an import whose page is left is cancelled', async ({ open }) => {
  test.setTimeout(90_000);
  const page = await open('editor');
  const key = await createProduct(page);
  await openImport(page, key);
  await choose(page, 'long.csv', long(15_000));
  await page.getByRole('button', { name: 'Import 15000 items' }).click();
  await expect(page.locator('#running-rows')).toHaveText(/of 15,000 rows$/);
  await page.locator(`a[href="/p/${key}"]`).first().click();
  await new Board(page, key).saved();
  // Longer than the import would have taken.
  await page.waitForTimeout(5_000);
  expect(await contents(page, key)).toHaveLength(0);
});

test('reading a file can be cancelled', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page);
  await openImport(page, key);
  const held: (() => void)[] = [];
  await page.route('**/api/preview_import*', async (route) => {
    await new Promise<void>((resolve) => held.push(resolve));
    await route.abort().catch(() => undefined);
  });
  await choose(page, 'goals.csv', long(3));
  await expect(page.getByRole('progressbar', { name: 'Reading the file…' })).toBeVisible();
  await axe(page);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('progressbar')).toHaveCount(0);
  held.forEach((resolve) => resolve());
  await page.unroute('**/api/preview_import*');
  await choose(page, 'goals.csv', long(3));
  await expect(page.getByRole('button', { name: 'Import 3 items' })).toBeEnabled();
  await expect(page.locator('[role=alert] .notice--error')).toHaveCount(0);
});
