import { readFile } from 'node:fs/promises';
import { Board, createProduct, runImport } from '../support/board';
import { snapshot } from '../support/live';
import { type Locator, type Page, STILL, expect, inBoth, test } from '../support/test';
import { PHONE, tabTo } from '../support/voting';

// A roadmap as a table: read, edited, pasted into and sorted like a spreadsheet.

const PLAN = { Now: ['Alpha', 'Bravo', 'Charlie'], Next: ['Delta'] };
const SIX = '?show=key,title,status,effort,start,end,tags';

class Table {
  private constructor(
    readonly page: Page,
    readonly board: Board,
  ) {}

  static async open(page: Page, key: string, query = ''): Promise<Table> {
    return new Table(page, await Board.open(page, key, `/table${query}`));
  }

  get grid(): Locator {
    return this.page.getByRole('grid', { name: 'Items' });
  }

  get titles(): Locator {
    return this.page.locator('.grid__row:not(.grid__head, .grid__row--new) .grid__cell--title');
  }

  get active(): Locator {
    return this.page.locator('#grid-active');
  }

  get editor(): Locator {
    return this.page.locator('.grid__editor').locator('input, select, textarea');
  }

  row(title: string): Locator {
    return this.page.locator('.grid__row').filter({ has: this.page.getByRole('gridcell', { name: title, exact: true }) });
  }

  cell(title: string, column: string): Locator {
    return this.row(title).locator(`[data-column="${this.at.get(column) ?? column}"]`);
  }

  private readonly at = new Map<string, number>();

  /** Learns where the columns stand. */
  async learn(): Promise<this> {
    const heads = await this.page.locator('.grid__head .grid__heading').allTextContents();
    this.at.clear();
    heads.forEach((head, at) => this.at.set(head.replace(/ \(.*\)$/, ''), at));
    return this;
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Pastes as a spreadsheet has put it on the clipboard. */
  async paste(text: string): Promise<void> {
    await this.page.evaluate((text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', text);
      const paste = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
      document.activeElement!.dispatchEvent(paste);
    }, text);
  }

  /** What is put on the clipboard. */
  async copied(): Promise<string> {
    return this.page.evaluate(() => {
      const clipboardData = new DataTransfer();
      document.activeElement!.dispatchEvent(new ClipboardEvent('copy', { clipboardData, bubbles: true, cancelable: true }));
      return clipboardData.getData('text/plain');
    });
  }
}

async function fields(page: Page, key: string, title: string): Promise<Record<string, unknown>> {
  const { snapshot: { document } } = await snapshot(page, key);
  return document.items.find((item) => item.fields.title === title)!.fields;
}

async function titlesStored(page: Page, key: string): Promise<string[]> {
  const { snapshot: { document } } = await snapshot(page, key);
  return document.items.map((item) => String(item.fields.title));
}

test('cells are edited by keyboard alone', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const table = await (await Table.open(page, key)).learn();
  await expect(table.titles).toHaveText(['Alpha', 'Bravo', 'Charlie', 'Delta']);
  await tabTo(page, table.grid);
  await expect(table.active).toHaveText('Alpha');

  await test.step('a title is typed over, kept by Enter, put back by Esc', async () => {
    await page.keyboard.type('Amber');
    await table.press('Enter');
    await expect(table.titles.first()).toHaveText('Amber');
    await expect(table.active).toHaveText('Bravo');
    await table.press('F2', 'End');
    await page.keyboard.type(' two');
    await table.press('Escape');
    await expect(table.titles.nth(1)).toHaveText('Bravo');
    await expect(table.grid).toBeFocused();
  });

  await test.step('status, owner, effort and dates', async () => {
    await table.press('ArrowUp', 'ArrowRight', 'ArrowRight', 'Enter');
    await expect(table.editor).toBeFocused();
    await table.editor.selectOption('Planned');
    await expect(table.cell('Amber', 'Status')).toContainText('Planned');
    await table.press('Tab', 'F2');
    await table.press('M', 'Tab');
    await expect(table.cell('Amber', 'Owner')).toContainText('Mei Tanaka');
    await page.keyboard.type('2,5');
    await table.press('Tab');
    await expect(table.cell('Amber', 'Effort')).toHaveText('2.5');
    await page.keyboard.type('21.11.2026');
    await table.press('Tab');
    await expect(table.cell('Amber', 'Start')).toHaveText('21 Nov 26');
  });

  await test.step('what cannot be is refused, and can be put right', async () => {
    await page.keyboard.type('2026-11-01');
    await table.press('Enter');
    await expect(page.getByRole('alert').filter({ hasText: 'The end is before the start.' })).toBeVisible();
    await expect(table.editor).toHaveValue('2026-11-01');
    await table.press('Control+A');
    await page.keyboard.type('2026-12-01');
    await table.press('Enter');
    await expect(table.cell('Amber', 'End')).toHaveText('1 Dec 26');
  });

  await table.board.saved();
  const stored = await fields(page, key, 'Amber');
  expect(stored).toMatchObject({ status: 'planned', start: '2026-11-21', end: '2026-12-01' });

  await test.step('Delete empties a range in one step', async () => {
    await table.press('ArrowUp', 'Shift+ArrowLeft', 'Delete');
    await expect(table.cell('Amber', 'Start')).toHaveText('');
    await expect(table.cell('Amber', 'End')).toHaveText('');
    await table.press('Control+z');
    await expect(table.cell('Amber', 'Start')).toHaveText('21 Nov 26');
    await expect(table.cell('Amber', 'End')).toHaveText('1 Dec 26');
  });

  await test.step('the key opens the panel', async () => {
    await table.press('Control+ArrowLeft', 'Enter');
    await expect(table.board.panel).toBeVisible();
    await expect(page).toHaveURL(new RegExp(`/p/${key}/table/i/${key}-1`));
    await table.press('Escape');
    await expect(table.board.panel).toHaveCount(0);
  });
});

test('rows are added at the end and between, and moved', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const table = await Table.open(page, key);
  await table.titles.first().click();
  await table.press('Control+ArrowDown');
  await page.keyboard.type('Echo');
  await table.press('Enter');
  await expect(table.titles).toHaveText(['Alpha', 'Bravo', 'Charlie', 'Delta', 'Echo']);
  await page.keyboard.type('Foxtrot');
  await table.press('Enter', 'Escape');
  await expect(table.titles).toHaveText(['Alpha', 'Bravo', 'Charlie', 'Delta', 'Echo', 'Foxtrot']);

  await table.titles.first().click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Insert below' }).click();
  await page.keyboard.type('Between');
  await table.press('Enter');
  await expect(table.titles).toHaveText(['Alpha', 'Between', 'Bravo', 'Charlie', 'Delta', 'Echo', 'Foxtrot']);

  await table.titles.nth(1).click();
  await table.press('Alt+ArrowDown');
  await expect(table.titles).toHaveText(['Alpha', 'Bravo', 'Between', 'Charlie', 'Delta', 'Echo', 'Foxtrot']);
  await table.press('Alt+ArrowDown', 'Alt+ArrowDown');
  await expect(table.board.said).toContainText('Moved “Between” to Next, position 1 of 4.');
  await expect(table.active).toHaveText('Between');

  await table.row('Delta').hover();
  const handle = table.row('Delta').locator('[data-handle]');
  const from = (await handle.boundingBox())!;
  const to = (await table.titles.first().boundingBox())!;
  await page.mouse.move(from.x + 8, from.y + 8);
  await page.mouse.down();
  await page.mouse.move(from.x + 20, from.y - 20, { steps: 3 });
  await page.mouse.move(to.x + 20, to.y + to.height + 2, { steps: 6 });
  await expect(page.locator('#drop-line')).toBeVisible();
  await page.mouse.up();
  await expect(table.titles).toHaveText(['Alpha', 'Delta', 'Bravo', 'Charlie', 'Between', 'Echo', 'Foxtrot']);
  await table.board.saved();
});

test('a range of a spreadsheet is pasted in one step, and one undo takes it back', async ({ open }) => {
  test.setTimeout(90_000);
  const page = await open('editor');
  const before = Array.from({ length: 200 }, (_, at) => `Item ${at + 1}`);
  const key = await createProduct(page, { Now: before });
  const table = await (await Table.open(page, key, SIX)).learn();
  const text = await readFile(new URL('../fixtures/table-libreoffice.tsv', import.meta.url), 'utf8');
  await table.titles.first().click();
  await table.paste(text);
  await expect(table.board.toast.filter({ hasText: 'Pasted' })).toContainText('3 cells were not changed.');
  await table.board.saved();

  expect(await fields(page, key, 'Idea 01')).toMatchObject({ status: 'planned', effort: 11, start: '2026-02-02', end: '2027-02-02', tags: ['mobile', 'web'] });
  expect(await fields(page, key, 'The "big" idea 3')).toMatchObject({ status: 'done', tags: ['"api"', 'web'] });
  const titles = await titlesStored(page, key);
  expect(titles).toContain('Idea 5 in two lines');
  expect(titles).toContain('Tab in it');
  expect(titles.filter((title) => title.startsWith('Item '))).toEqual([]);

  await test.step('cells that could not take it are marked, with the reason', async () => {
    await expect(table.page.locator('.grid__cell--refused')).toHaveCount(3);
    await expect(table.cell('Idea 07', 'Start')).toHaveAttribute('title', /“31.02.2026” isn't valid for Start/);
    await expect(table.cell('Idea 09', 'Status')).toHaveAttribute('aria-description', /“Someday” isn't valid for Status/);
    await expect(table.cell('Idea 09', 'Status')).toContainText('Proposed');
    await expect(table.cell('Idea 11', 'Effort')).toHaveAttribute('title', /“1.234”/);
  });

  await test.step('what is copied can be pasted again', async () => {
    await table.press('Control+Home', 'ArrowRight', 'Control+Shift+ArrowRight');
    expect(await table.copied()).toBe('Idea 01\tPlanned\t1.1\t2026-02-02\t2027-02-02\tmobile, web');
    await table.press('Control+a');
    const all = await table.copied();
    expect(all.split('\n')).toHaveLength(200);
    await table.paste(all);
    await expect(table.board.toast.filter({ hasText: 'Pasted 0 cells.' })).toBeVisible();
    await expect(table.page.locator('.grid__cell--refused')).toHaveCount(0);
  });

  await table.press('Control+z');
  await expect(table.titles.first()).toHaveText('Item 1');
  await table.board.saved();
  expect((await titlesStored(page, key)).sort()).toEqual([...before].sort());
  expect(await fields(page, key, 'Item 1')).not.toHaveProperty('effort');

  await test.step('what is undone leaves no marks behind', async () => {
    await table.titles.first().click();
    await table.paste(text);
    await expect(table.page.locator('.grid__cell--refused')).toHaveCount(3);
    await table.press('Control+z');
    await expect(table.titles.first()).toHaveText('Item 1');
    await expect(table.page.locator('.grid__cell--refused')).toHaveCount(0);
  });
});

test('one cell fills a selection, days of two readings are refused, and new rows add items', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const table = await (await Table.open(page, key, SIX)).learn();
  await table.cell('Alpha', 'Effort').click();
  await table.press('Shift+ArrowDown', 'Shift+ArrowDown');
  await table.paste('3');
  for (const title of ['Alpha', 'Bravo', 'Charlie']) await expect(table.cell(title, 'Effort')).toHaveText('3');

  await table.cell('Alpha', 'Start').click();
  await table.paste('03/04/2026\n05/06/2026');
  await expect(table.cell('Alpha', 'Start')).toHaveAttribute('title', '“03/04/2026” is ambiguous. Write it like 2026-11-21.');
  await table.paste('03/04/2026\n25/06/2026');
  await expect(table.cell('Alpha', 'Start')).toHaveText('3 Apr 26');
  await expect(table.cell('Alpha', 'Start')).not.toHaveAttribute('title', /.*/);

  await table.cell('Alpha', 'Effort').click();
  await table.press('Shift+ArrowDown', 'Shift+ArrowDown', 'Shift+ArrowDown', 'Control+d');
  await expect(table.cell('Delta', 'Effort')).toHaveText('3');
  await table.press('F2', 'Control+A');
  await page.keyboard.type('8');
  await table.press('Control+Enter');
  for (const title of ['Alpha', 'Bravo', 'Charlie', 'Delta']) await expect(table.cell(title, 'Effort')).toHaveText('8');

  await test.step('the handle at the corner fills down, a drag selects', async () => {
    await table.cell('Alpha', 'Tags').click();
    await table.paste('web');
    const corner = (await table.cell('Alpha', 'Tags').boundingBox())!;
    const end = (await table.cell('Charlie', 'Tags').boundingBox())!;
    await page.mouse.move(corner.x + corner.width - 3, corner.y + corner.height - 3);
    await page.mouse.down();
    await page.mouse.move(end.x + 40, end.y + 16, { steps: 4 });
    await page.mouse.up();
    await expect(table.cell('Charlie', 'Tags')).toHaveText('web');
    await expect(table.cell('Delta', 'Tags')).toHaveText('');
    const [first, last] = [(await table.cell('Alpha', 'Status').boundingBox())!, (await table.cell('Bravo', 'Effort').boundingBox())!];
    await page.mouse.move(first.x + 20, first.y + 16);
    await page.mouse.down();
    await page.mouse.move(last.x + 20, last.y + 16, { steps: 4 });
    await page.mouse.up();
    expect(await table.copied()).toBe('Proposed\t8\nProposed\t8');
  });

  await test.step('what is cut is marked until something changes', async () => {
    await table.page.evaluate(() => {
      const clipboardData = new DataTransfer();
      document.activeElement!.dispatchEvent(new ClipboardEvent('cut', { clipboardData, bubbles: true, cancelable: true }));
    });
    await expect(page.locator('.grid__cell--cut')).toHaveCount(4);
    await table.press('Escape', 'Escape');
    await expect(page.locator('.grid__cell--cut')).toHaveCount(0);
  });

  await table.titles.last().click();
  await table.press('ArrowDown');
  await table.paste('Echo\tDone\t1\nFoxtrot\tPlanned\t2');
  await expect(table.titles).toHaveText(['Alpha', 'Bravo', 'Charlie', 'Delta', 'Echo', 'Foxtrot']);
  await expect(table.cell('Foxtrot', 'Effort')).toHaveText('2');
  await table.press('Control+z');
  await expect(table.titles).toHaveText(['Alpha', 'Bravo', 'Charlie', 'Delta']);
});

test('columns are chosen, sorted and grouped, and the address says so', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const table = await (await Table.open(page, key)).learn();
  await table.cell('Bravo', 'Effort').click();
  await table.paste('5');
  await table.cell('Delta', 'Effort').click();
  await table.paste('9');

  await page.getByRole('columnheader', { name: 'Effort' }).click();
  await page.getByRole('menuitemradio', { name: 'Sort descending' }).click();
  await expect(table.titles).toHaveText(['Delta', 'Bravo', 'Alpha', 'Charlie']);
  await expect(page).toHaveURL(/sort=-effort/);
  await expect(page.getByRole('columnheader', { name: 'Effort' })).toHaveAttribute('aria-sort', 'descending');
  await expect(table.row('Delta').locator('.grid__differs')).toHaveText('+3');

  await page.getByRole('columnheader', { name: 'Lane' }).click();
  await page.getByRole('menuitemradio', { name: 'Group by this' }).click();
  await expect(page).toHaveURL(/group=lane/);
  const groups = page.locator('.grid__group');
  await expect(groups).toContainText(['Now', 'Next']);
  await expect(groups.first()).toContainText('3 items');
  await expect(groups.first().locator('.grid__cell--right')).toHaveText('5');
  await groups.first().locator('[data-toggle]').click();
  await expect(table.titles).toHaveText(['Delta']);
  await expect(groups.first().locator('[data-toggle]')).toHaveAttribute('aria-expanded', 'false');

  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('menuitemradio', { name: 'Tags' }).click();
  await expect(page).toHaveURL(/show=key,title,lane,status,owner,effort,start,end(&|$)/);
  await expect(page.getByRole('columnheader', { name: 'Tags' })).toHaveCount(0);
  const width = async () => (await page.getByRole('columnheader', { name: 'Lane' }).boundingBox())!.width;
  const former = await width();
  await page.getByRole('columnheader', { name: 'Lane' }).click();
  await page.getByRole('menuitem', { name: 'Wider' }).click();
  await expect.poll(width).toBe(former + 32);
  await page.reload();
  await table.board.saved();
  await expect.poll(width).toBe(former + 32);
  await expect(page.getByRole('columnheader', { name: 'Tags' })).toHaveCount(0);
});

test('what others change shows at once, and does not touch what is typed', async ({ open }) => {
  const mine = await open('editor');
  const key = await createProduct(mine, PLAN);
  const table = await (await Table.open(mine, key)).learn();
  const theirs = await (await Table.open(await open('owner'), key)).learn();
  await table.cell('Bravo', 'Effort').click();
  await mine.keyboard.type('7');
  await theirs.titles.first().click();
  await theirs.press('F2', 'Control+A');
  await theirs.page.keyboard.type('Amber');
  await theirs.press('Enter');
  await theirs.titles.first().click({ button: 'right' });
  await theirs.page.getByRole('menuitem', { name: 'Insert below' }).click();
  await theirs.page.keyboard.type('Above');
  await theirs.press('Enter');
  await expect(table.titles).toHaveText(['Amber', 'Above', 'Bravo', 'Charlie', 'Delta']);
  await expect(table.editor).toHaveValue('7');
  await table.press('Enter');
  await expect(table.cell('Bravo', 'Effort')).toHaveText('7');
  await expect(theirs.cell('Bravo', 'Effort')).toHaveText('7');
});

test('an edit without a network is kept', async ({ open, expectTrouble }) => {
  expectTrouble(/WebSocket|ERR_INTERNET_DISCONNECTED|Failed to load resource/);
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const table = await (await Table.open(page, key)).learn();
  await page.context().setOffline(true);
  await expect(table.board.state).toHaveAttribute('data-state', 'offline');
  await table.cell('Alpha', 'Effort').click();
  await table.paste('4');
  await expect(table.cell('Alpha', 'Effort')).toHaveText('4');
  await page.context().setOffline(false);
  await table.board.saved();
  expect(await fields(page, key, 'Alpha')).toMatchObject({ effort: 40 });
});

test('who may not edit reads and copies', async ({ open }) => {
  const key = await createProduct(await open('owner'), PLAN);
  const page = await open('viewer');
  const table = await (await Table.open(page, key)).learn();
  await expect(table.grid).toHaveAttribute('aria-readonly', 'true');
  await expect(page.locator('.grid__row--new')).toHaveCount(0);
  await table.titles.first().click();
  await page.keyboard.type('x');
  await table.press('F2');
  await expect(table.editor).toHaveCount(0);
  await table.press('Shift+ArrowDown');
  expect(await table.copied()).toBe('Alpha\nBravo');
  await table.paste('Smuggled');
  await table.press('Delete', 'Control+d');
  await expect(table.titles).toHaveText(['Alpha', 'Bravo', 'Charlie', 'Delta']);
});

test('of thousands of rows those near what is in sight are drawn', async ({ open }) => {
  test.setTimeout(120_000);
  const page = await open('editor');
  const key = await createProduct(page);
  const rows = Array.from({ length: 5_000 }, (_, at) => `Item ${at + 1},Now,${(at % 9) + 1}`);
  await runImport(page, key, ['Title,Lane,Effort', ...rows].join('\n'), { Title: 'title', Lane: 'lane', Effort: 'effort' });
  const table = await Table.open(page, key);
  await expect(table.grid).toHaveAttribute('aria-rowcount', '5002');
  await table.titles.first().click();
  await table.press('Control+End');
  await expect(table.active).toBeVisible();
  await table.press('ArrowUp', 'Home', 'ArrowRight');
  await expect(table.active).toHaveText('Item 5000');
  expect(await table.titles.count()).toBeLessThan(100);
  for (const share of [0.7, 0.35, 0]) {
    await table.grid.evaluate((grid, share) => grid.scrollTo({ top: grid.scrollHeight * share }), share);
    await expect
      .poll(() =>
        table.grid.evaluate((grid) => {
          const { left, top, bottom } = grid.getBoundingClientRect();
          return [top + 40, (top + bottom) / 2, bottom - 40].every((y) => document.elementFromPoint(left + 200, y)?.closest('.grid__row'));
        }),
      )
      .toBe(true);
  }
  await table.press('Control+Home');
  await expect(table.active).toBeVisible();

  await test.step('more than a step can hold is refused before anything is changed', async () => {
    await (await table.learn()).cell('Item 1', 'Effort').click();
    await table.press('Control+Shift+ArrowDown');
    await table.paste('77');
    await expect(table.board.toast.filter({ hasText: 'too many for one step' })).toBeVisible();
    await table.press('Control+Home');
    await expect(table.cell('Item 1', 'Effort')).toHaveText('1');
  });
});

test('axe finds nothing on the table', async ({ open }) => {
  test.setTimeout(120_000);
  const page = await open('editor', STILL);
  const table = await Table.open(page, 'ERP');
  await table.titles.first().click();
  await table.press('Shift+ArrowDown');
  await inBoth(page);
  await table.press('F2');
  await inBoth(page);
  await page.goto('/p/ERP/table?group=status&sort=-effort');
  await table.board.saved();
  await inBoth(page);
  await test.step('empty', async () => {
    await Table.open(page, await createProduct(page));
    await expect(page.getByRole('heading', { name: 'Nothing on this roadmap yet' })).toBeVisible();
    await inBoth(page);
  });
  const phone = await open('editor', PHONE);
  await Table.open(phone, 'ERP');
  await inBoth(phone);
});
