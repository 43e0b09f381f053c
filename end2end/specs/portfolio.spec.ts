import type { Locator, Page } from '@playwright/test';
import { Board, boxOf, centre, createProduct, freshKey, runImport } from '../support/board';
import { snapshot } from '../support/live';
import { STILL, expect, hydrated, inBoth, test } from '../support/test';

// The roadmaps of several products on one page.

const MAPPING = { Title: 'title', Lane: 'lane', Start: 'start', End: 'end', Effort: 'effort' };

/** Three products with an item each in the first quarter of 2027, and one more in the first of them. */
async function three(page: Page): Promise<string[]> {
  const keys: string[] = [];
  for (const [index, name] of ['Planning', 'Customers', 'Desktop'].entries()) {
    const key = await createProduct(page, {}, name, freshKey());
    const rows = [`${name} one,Now,2027-01-10,2027-02-20,${index + 1}`];
    if (index === 0) rows.push(`${name} two,Next,2027-04-10,2027-05-20,4`);
    await runImport(page, key, [Object.keys(MAPPING).join(','), ...rows].join('\n'), MAPPING);
    keys.push(key);
  }
  return keys;
}

/** The portfolio in one browser. */
class Portfolio extends Board {
  static async visit(page: Page, keys: string[], face = '', query = ''): Promise<Portfolio> {
    await page.goto(`/portfolio${face}?product=${keys.join(',')}${query}`);
    await hydrated(page);
    const board = new Portfolio(page, '');
    await board.saved();
    return board;
  }

  cell(name: string): Locator {
    return this.page.getByRole('group', { name, exact: true }).locator('.card__link');
  }

  effort(column: string): Locator {
    return this.page.locator('.column__header', { hasText: column }).locator('.lane__effort');
  }

  async carry(title: string, to: string): Promise<void> {
    const there = await boxOf(this.page.getByRole('group', { name: to, exact: true }));
    await this.drag(title, { x: there.x + there.width / 2, y: there.y + 30 });
  }

  bar(title: string): Locator {
    return this.page.getByRole('link', { name: new RegExp(`^${title}, `) });
  }
}

async function dates(page: Page, key: string, title: string) {
  const { snapshot: { document } } = await snapshot(page, key);
  const { start, end } = document.items.find(({ fields }) => fields.title === title)!.fields;
  return { start, end };
}

test('a card put into another quarter moves on every page, across products, and one undo takes it back', async ({ open }) => {
  const [mine, theirs, third] = [await open('editor'), await open('owner'), await open('owner')];
  const keys = await three(mine);
  const board = await Portfolio.visit(mine, keys);
  const other = await Portfolio.visit(theirs, keys);
  const single = await Board.open(third, keys[1]!, '?columns=quarter');
  await expect(board.cell('Q1 2027')).toHaveText(['Customers one', 'Desktop one', 'Planning one']);
  await expect(board.cell('Q2 2027')).toHaveText(['Planning two']);
  await expect(other.effort('Q1 2027')).toHaveText('6 d');
  await board.carry('Customers one', 'Q2 2027');
  await expect(board.cell('Q2 2027')).toHaveText(['Customers one', 'Planning two']);
  await expect(other.cell('Q2 2027')).toHaveText(['Customers one', 'Planning two']);
  await expect(other.effort('Q2 2027')).toHaveText('6 d');
  await expect(single.page.getByRole('group', { name: 'Q2 2027', exact: true }).locator('.card__link')).toHaveText(['Customers one']);
  await board.saved();
  expect(await dates(mine, keys[1]!, 'Customers one')).toEqual({ start: '2027-04-10', end: '2027-05-20' });
  await other.carry('Desktop one', 'Q2 2027');
  await expect(board.cell('Q2 2027')).toHaveText(['Customers one', 'Desktop one', 'Planning two']);
  await mine.keyboard.press('Control+z');
  await expect(board.cell('Q1 2027')).toHaveText(['Customers one', 'Planning one']);
  await expect(other.cell('Q1 2027')).toHaveText(['Customers one', 'Planning one']);
});

test('bars of several products are moved on one timeline, grouped by product', async ({ open }) => {
  const [mine, theirs] = [await open('editor'), await open('owner')];
  const keys = await three(mine);
  const timeline = await Portfolio.visit(mine, keys, '/timeline', '&group=product');
  const other = await Portfolio.visit(theirs, keys);
  await expect(timeline.bar('Planning one')).toBeVisible();
  for (const name of ['Planning', 'Customers', 'Desktop']) await expect(mine.getByText(name, { exact: true }).first()).toBeVisible();
  await timeline.bar('Planning one').focus();
  for (let quarter = 0; quarter < 13; quarter += 1) await mine.keyboard.press('Alt+ArrowRight');
  await expect(other.cell('Q2 2027')).toHaveText(['Planning one', 'Planning two']);
  await timeline.saved();
});

test('cells of several products are edited in one table, each in its own roadmap', async ({ open }) => {
  const [mine, theirs] = [await open('editor'), await open('owner')];
  const keys = await three(mine);
  const table = await Portfolio.visit(mine, keys, '/table', '&group=product');
  const other = await Board.open(theirs, keys[2]!);
  await expect(mine.getByRole('link', { name: `${keys[2]}-1` })).toBeVisible();
  const row = mine.getByRole('row', { name: /Desktop one/ });
  await row.getByRole('gridcell', { name: 'Desktop one' }).click();
  await mine.keyboard.type('Renamed here');
  await mine.keyboard.press('Enter');
  await expect(other.card('Renamed here')).toBeVisible();
  await table.saved();
  await mine.keyboard.press('Control+z');
  await expect(other.card('Desktop one')).toBeVisible();
});

test('an item opens beside the portfolio, with its own fields and comments', async ({ open }) => {
  const [mine, theirs] = [await open('editor'), await open('owner')];
  const keys = await three(mine);
  const board = await Portfolio.visit(mine, keys);
  const panel = await board.openItem('Desktop one');
  await expect(mine).toHaveURL(new RegExp(`/portfolio/i/${keys[2]}-1\\?`));
  await expect(panel.getByText('Lane', { exact: true })).toBeVisible();
  const other = await Board.open(theirs, keys[2]!);
  await panel.getByLabel('End', { exact: true }).fill('2027-08-31');
  await panel.getByLabel('End', { exact: true }).press('Enter');
  await expect(board.cell('Q3 2027')).toHaveText(['Desktop one']);
  await expect(other.card('Desktop one')).toContainText('Aug 27');
  await panel.getByRole('link', { name: 'Close' }).click();
  await expect(panel).toBeHidden();
  await mine.keyboard.press('Control+z');
  await expect(board.cell('Q1 2027')).toHaveText(['Customers one', 'Desktop one', 'Planning one']);
});

test('the address says which products, and what is chosen', async ({ open }) => {
  const mine = await open('editor');
  const keys = await three(mine);
  const board = await Portfolio.visit(mine, keys);
  await mine.getByRole('button', { name: /^Products/ }).click();
  await mine.locator(`#filter-products input[value=${keys[1]}]`).uncheck();
  await expect(board.cell('Q1 2027')).toHaveText(['Desktop one', 'Planning one']);
  await expect(mine).toHaveURL(`/portfolio?product=${keys[0]},${keys[2]}`);
});

test('what is chosen stays chosen where there are more products than a page has', async ({ serve, visit }) => {
  const server = await serve({ demo: true });
  const page = await visit(server);
  await page.request.post(`${server.url}/api/demo_sign_in`, { form: { role: 'owner' } });
  const keys = await three(page);
  for (let more = 0; more < 60; more++) await createProduct(page, {}, `Zone ${more}`);
  const board = await Portfolio.visit(page, keys);
  await page.getByRole('button', { name: /^Products/ }).click();
  const choice = (value: string) => page.locator(`#filter-products input[value="${value}"]`);
  await choice(keys[1]!).uncheck();
  await expect(board.cell('Q1 2027')).toHaveText(['Desktop one', 'Planning one']);
  // The menu is still open.
  await choice(keys[2]!).uncheck();
  await expect(board.cell('Q1 2027')).toHaveText(['Planning one']);
  await expect(page).toHaveURL(`${server.url}/portfolio?product=${keys[0]}`);
  // Of kinds and stages the server knows which products have them: the portfolio is loaded again, and the choice stays.
  await choice(keys[0]!).uncheck();
  await expect(page.getByText('7 more products are not shown.')).toBeVisible();
  await hydrated(page);
  await page.getByRole('button', { name: /^Products/ }).click();
  await choice('growth').check();
  await expect(page).toHaveURL(`${server.url}/portfolio?stage=growth`);
  await board.saved();
  await expect(page).toHaveURL(`${server.url}/portfolio?stage=growth`);
  await page.reload();
  await hydrated(page);
  await expect(page).toHaveURL(`${server.url}/portfolio?stage=growth`);
});

test('who may only read moves nothing', async ({ open }) => {
  const [mine, theirs] = [await open('editor'), await open('viewer')];
  const keys = await three(mine);
  const board = await Portfolio.visit(theirs, keys);
  await expect(board.cell('Q1 2027')).toHaveText(['Customers one', 'Desktop one', 'Planning one']);
  await expect(theirs.getByRole('button', { name: 'Actions' })).toHaveCount(0);
});

test('the portfolio can be used by everybody, in light and dark', async ({ open }) => {
  const mine = await open('editor', STILL);
  const keys = await three(mine);
  for (const face of ['', '/timeline', '/table']) {
    await Portfolio.visit(mine, keys, face);
    await inBoth(mine);
  }
});

test('an item moves to another product and back; old links lead on, and votes and comments go along', async ({ open }) => {
  const [mine, theirs] = [await open('editor'), await open('owner')];
  const keys = await three(mine);
  const board = await Board.open(mine, keys[0]!);
  const panel = await board.openItem('Planning one');
  await panel.getByLabel('New comment in Markdown').fill('Who does it?');
  await panel.getByRole('button', { name: 'Comment', exact: true }).click();
  await expect(panel.getByText('Who does it?')).toBeVisible();
  await board.saved();
  const other = await Portfolio.visit(theirs, keys, '', '&columns=product');
  await expect(other.cell('Customers')).toHaveText(['Customers one']);
  await board.choose('Planning one', 'Move to product');
  await mine.getByRole('menuitem', { name: `(${keys[1]})` }).click();
  await expect(board.toast).toContainText(`Moved “Planning one” to ${keys[1]}-2.`);
  await expect(panel).toContainText(`This item is now ${keys[1]}-2.`);
  await expect(other.cell('Customers')).toHaveText(['Planning one', 'Customers one']);
  await expect(other.cell('Planning')).toHaveText(['Planning two']);
  // The link that people have leads there.
  await theirs.goto(`/p/${keys[0]}/i/${keys[0]}-1`);
  await expect(theirs).toHaveURL(`/p/${keys[1]}/i/${keys[1]}-2`);
  await hydrated(theirs);
  const there = theirs.locator('aside.item-panel');
  await expect(there.getByText('Who does it?')).toBeVisible();
  await there.getByRole('button', { name: 'History' }).click();
  await expect(there.getByRole('link', { name: `History as ${keys[0]}-1` })).toBeVisible();
  const second = new Board(theirs, keys[1]!);
  await second.choose('Planning one', 'Move to product');
  await theirs.getByRole('menuitem', { name: `(${keys[0]})` }).click();
  await expect(board.card('Planning one')).toBeVisible();
  await expect(there).toContainText(`This item is now ${keys[0]}-1.`);
  await theirs.goto(`/p/${keys[1]}/i/${keys[1]}-2`);
  await expect(theirs).toHaveURL(`/p/${keys[0]}/i/${keys[0]}-1`);
});

test('a card put into the column of another product moves there', async ({ open }) => {
  const mine = await open('editor');
  const keys = await three(mine);
  const board = await Portfolio.visit(mine, keys, '', '&columns=product');
  await board.carry('Desktop one', 'Customers');
  await expect(board.toast).toContainText(`Moved “Desktop one” to ${keys[1]}-2.`);
  await expect(board.cell('Customers')).toHaveText(['Desktop one', 'Customers one']);
  await board.toast.getByRole('button', { name: 'Undo' }).click();
  await expect(board.cell('Customers')).toHaveText(['Customers one']);
  await expect(board.cell('Desktop')).toHaveText(['Desktop one']);
});

test('a view of the portfolio is saved, shared and the default, and undo outlives a reload', async ({ open }) => {
  const [mine, theirs] = [await open('editor'), await open('viewer')];
  const keys = await three(mine);
  const board = await Portfolio.visit(mine, keys, '', '&columns=status');
  const name = `Status of ${keys[0]}`;
  await mine.locator('.filter').getByRole('button', { name: 'Views' }).click();
  const views = mine.getByRole('group', { name: 'Views', exact: true });
  await views.getByRole('button', { name: 'Save as new view…' }).click();
  await views.getByLabel('Name', { exact: true }).fill(name);
  await views.getByLabel('Share with everyone here').check();
  await views.getByRole('button', { name: 'Save view' }).click();
  await expect(mine).toHaveURL(/\/portfolio\/v\/[^/?]+$/);
  await expect(board.cell('Proposed')).toHaveCount(4);
  // Everybody finds it, with its products.
  await theirs.goto(new URL(mine.url()).pathname);
  await hydrated(theirs);
  const other = new Portfolio(theirs, '');
  await expect(other.cell('Proposed')).toHaveCount(4);
  await expect(theirs.locator('.filter').getByRole('button', { name: `Views: ${name}` })).toBeVisible();

  await board.carry('Desktop one', 'Done');
  await expect(board.cell('Done')).toHaveText(['Desktop one']);
  await board.saved();
  // What can be taken back is written down a moment later.
  await mine.waitForTimeout(300);
  await mine.reload();
  await hydrated(mine);
  await board.saved();
  await expect(board.cell('Done')).toHaveText(['Desktop one']);
  await mine.keyboard.press('Control+z');
  await expect(other.cell('Proposed')).toHaveCount(4);
  await mine.locator('.filter').getByRole('button', { name: 'Views' }).click();
  await views.getByRole('button', { name: 'Remove view' }).click();
  await expect(mine).toHaveURL(/\/portfolio$/);
});

test('dependencies between products are drawn, counted and shifted on one timeline', async ({ open }) => {
  const [mine, theirs] = [await open('editor'), await open('owner')];
  const keys = await three(mine);
  const board = await Portfolio.visit(mine, keys, '/timeline', '&group=product');
  const other = await Portfolio.visit(theirs, keys, '/timeline', '&group=product');
  await expect(board.bar('Planning one')).toBeVisible();
  const links = mine.locator('.timeline__links > .link');
  const conflicts = mine.locator('.timeline__conflicts');
  const dependencies = mine.locator('.item-panel .dependencies');

  // Drawn from the end of a bar onto one of another product.
  await board.bar('Planning one').locator('.bar__fill').hover();
  const from = centre(await boxOf(board.bar('Planning one').locator('.bar__link')));
  const to = centre(await boxOf(board.bar('Planning two').locator('.bar__fill')));
  await mine.mouse.move(from.x, from.y);
  await mine.mouse.down();
  await mine.mouse.move(from.x + 20, from.y + 10, { steps: 4 });
  await mine.mouse.move(to.x, to.y, { steps: 4 });
  await mine.mouse.up();
  await expect(board.toast).toContainText(`${keys[0]}-1 blocks ${keys[0]}-2.`);
  await expect(links).toHaveCount(1);
  await expect(theirs.locator('.timeline__links > .link')).toHaveCount(1);
  await expect(conflicts).toBeHidden();

  // By a key, in the panel of its item.
  await board.bar('Planning two').focus();
  await mine.keyboard.press('b');
  const field = dependencies.getByRole('combobox', { name: 'Item it depends on' });
  await expect(field).toBeFocused();
  await dependencies.getByLabel('How it depends').selectOption('Blocks');
  await field.fill(`${keys[2]}-1`);
  await field.press('Enter');
  await expect(dependencies.getByRole('link', { name: `${keys[2]}-1 Desktop one` })).toBeVisible();
  await expect(links).toHaveCount(2);
  await expect(conflicts).toHaveText('1 conflict');
  await dependencies.getByRole('button', { name: `Edit the dependency on ${keys[2]}-1` }).click();
  await dependencies.getByLabel('Days between').fill('5');
  await dependencies.getByLabel('Note', { exact: true }).fill('by contract');
  await dependencies.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(dependencies).toContainText('5 days between');
  await expect(dependencies).toContainText('by contract');
  await expect(mine.locator('.timeline__links .link--said title')).toContainText('by contract');
  await mine.locator('.item-panel').getByRole('button', { name: 'History' }).click();
  await expect(mine.locator('.item-panel')).toContainText(`added the dependency “${keys[0]}-2 blocks ${keys[2]}-1”`);
  await mine.keyboard.press('Escape');
  await mine.keyboard.press('Escape');

  // The first ends later: both that wait for it are shifted, each in its product, as one step.
  await board.bar('Planning one').focus();
  for (let week = 0; week < 10; week += 1) await mine.keyboard.press('Alt+ArrowRight');
  await expect(mine.getByRole('button', { name: 'Shift 2 dependants' })).toBeVisible();
  await expect(conflicts).toHaveText('2 conflicts');
  await mine.keyboard.press('r');
  await expect(board.toast).toContainText('Shifted 2 dependants.');
  await expect(conflicts).toBeHidden();
  await expect(theirs.locator('.timeline__conflicts')).toBeHidden();
  await board.saved();
  const shifted = await dates(mine, keys[2]!, 'Desktop one');
  expect(shifted.start! > '2027-05-20').toBe(true);
  await mine.locator('body').press('Control+z');
  await expect(conflicts).toHaveText('2 conflicts');
  await board.saved();
  expect(await dates(mine, keys[2]!, 'Desktop one')).toEqual({ start: '2027-01-10', end: '2027-02-20' });
  await other.saved();

  // Cards say it, and it can be asked for.
  const cards = await Portfolio.visit(theirs, keys, '', '&show=blocked,blocks');
  await expect(cards.page.locator('.card', { hasText: 'Desktop one' }).locator('.badge--early')).toHaveText('Blocked by 1. Starts before what it waits for ends');
  await expect(cards.page.locator('.card', { hasText: 'Planning one' })).toContainText('Blocks 1');
});
