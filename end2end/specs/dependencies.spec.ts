import type { Locator, Page } from '@playwright/test';
import { Board, boxOf, centre, createProduct, runImport } from '../support/board';
import { snapshot } from '../support/live';
import { expect, hydrated, test } from '../support/test';

// What items depend on: said in the panel, and refused where it cannot be.

function panel(page: Page): Locator {
  return page.locator('.item-panel .dependencies');
}

/** Says how the open item depends on another. */
async function depend(page: Page, how: string, on: string): Promise<void> {
  await panel(page).getByLabel('How it depends').selectOption(how);
  const field = panel(page).getByRole('combobox', { name: 'Item it depends on' });
  await field.fill(on);
  await field.press('Enter');
}

test('an item depends on others, of another product too', async ({ open, expectTrouble }) => {
  const page = await open('editor');
  expectTrouble(/status of 422/);
  const crm = await createProduct(page, { Now: ['Customers'] });
  const erp = await createProduct(page, { Now: ['Ledger', 'Invoices'] });
  const board = await Board.open(page, erp);
  await board.openItem('Invoices');
  await depend(page, 'Blocked by', `${erp}-1`);
  await expect(panel(page).getByRole('link', { name: `${erp}-1 Ledger` })).toBeVisible();
  await depend(page, 'Blocks', `${crm}-1`);
  await expect(panel(page).getByRole('link', { name: `${crm}-1 Customers` })).toBeVisible();

  await panel(page).getByRole('link', { name: `${erp}-1 Ledger` }).click();
  await expect(panel(page).getByRole('link', { name: `${erp}-2 Invoices` })).toBeVisible();
  await depend(page, 'Blocked by', `${crm}-1`);
  await expect(panel(page).getByRole('alert')).toHaveText(
    `This would be a cycle: ${crm}-1 → ${erp}-1 → ${erp}-2 → ${crm}-1. Remove one of these first.`,
  );
  await depend(page, 'Related to', `${erp}-1`);
  await expect(panel(page).getByRole('alert')).toContainText('can’t depend on itself');

  await panel(page).getByRole('button', { name: `Remove the dependency on ${erp}-2` }).click();
  await expect(panel(page).getByRole('link')).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(panel(page).getByRole('link', { name: `${erp}-2 Invoices` })).toBeVisible();
});

/** The day so many days from today, as it is stored. */
function day(days: number): string {
  const today = new Date();
  return new Date(Date.UTC(today.getFullYear(), today.getMonth(), today.getDate() + days)).toISOString().slice(0, 10);
}

/** A roadmap with items that last from one day to another, counted from today. */
async function plan(page: Page, rows: Record<string, [number, number]>): Promise<string> {
  const key = await createProduct(page);
  const cells = Object.entries(rows).map(([title, [start, end]]) => `${title},Now,${day(start)},${day(end)}`);
  const mapping = { Title: 'title', Lane: 'lane', Start: 'start', End: 'end' };
  await runImport(page, key, ['Title,Lane,Start,End', ...cells].join('\n'), mapping);
  return key;
}

function bar(page: Page, title: string): Locator {
  return page.getByRole('link', { name: new RegExp(`^${title}, `) });
}

async function openTimeline(page: Page, key: string): Promise<Board> {
  const board = await Board.open(page, key, '/timeline');
  await expect(page.locator('.timeline__now')).toBeAttached();
  return board;
}

test('a dependency is drawn from the end of a bar, and what slips is shifted as one step', async ({ open }) => {
  const page = await open('editor');
  const key = await plan(page, { Alpha: [0, 20], Bravo: [25, 45], Charlie: [50, 60] });
  const board = await openTimeline(page, key);
  const other = await open('viewer');
  await openTimeline(other, key);

  const links = page.locator('.timeline__links > .link');
  await expect(links).toHaveCount(0);
  await bar(page, 'Alpha').locator('.bar__fill').hover();
  const from = centre(await boxOf(bar(page, 'Alpha').locator('.bar__link')));
  const to = centre(await boxOf(bar(page, 'Bravo').locator('.bar__fill')));
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + 20, from.y + 10, { steps: 4 });
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await expect(page.locator('.link__over')).toBeVisible();
  await page.mouse.up();
  await expect(board.toast).toContainText(`${key}-1 blocks ${key}-2.`);
  await expect(links).toHaveCount(1);
  // Who looks at it at the same time sees it.
  await expect(other.locator('.timeline__links > .link')).toHaveCount(1);

  // The same by keys.
  await bar(page, 'Bravo').focus();
  await page.keyboard.press('b');
  await expect(panel(page).getByRole('combobox', { name: 'Item it depends on' })).toBeFocused();
  await depend(page, 'Blocks', 'Charlie');
  await expect(links).toHaveCount(2);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(page.locator('.timeline__conflicts')).toBeHidden();

  // Two weeks later, the first ends on day 34, the second on 55, and the third has to wait, too.
  await bar(page, 'Alpha').focus();
  await page.keyboard.press('Alt+ArrowRight');
  await expect(page.getByRole('button', { name: 'Shift 1 dependant' })).toBeVisible();
  await expect(page.locator('.timeline__conflicts')).toHaveText('1 conflict');
  await expect(bar(page, 'Bravo')).toHaveAccessibleName(new RegExp(`starts before ${key}-1 ends`));
  await page.keyboard.press('Alt+ArrowRight');
  await expect(page.getByRole('button', { name: 'Shift 2 dependants' })).toBeVisible();
  await expect(page.locator('.bar__shift')).toHaveCount(2);
  await page.keyboard.press('r');
  await expect(board.toast).toContainText('Shifted 2 dependants.');
  await expect(page.locator('.bar__shift')).toHaveCount(0);
  await expect(page.locator('.timeline__conflicts')).toBeHidden();
  await board.saved();

  await bar(page, 'Charlie').press('Enter');
  await page.locator('.item-panel').getByRole('button', { name: 'History' }).click();
  await expect(page.locator('.item-panel')).toContainText(`Reason: ${key}-1 moved`);
  await page.keyboard.press('Escape');
  await page.locator('body').press('Control+z');
  await expect(page.locator('.timeline__conflicts')).toHaveText('1 conflict');
});

test('a blocker of another product is a chip, and what waits there is shifted, too', async ({ open }) => {
  const page = await open('editor');
  const crm = await plan(page, { Customers: [0, 40] });
  const erp = await plan(page, { Ledger: [10, 60] });
  const board = await openTimeline(page, erp);
  await bar(page, 'Ledger').focus();
  await page.keyboard.press('b');
  await depend(page, 'Blocked by', `${crm}-1`);
  await expect(page.locator('.link-chip')).toHaveText(new RegExp(`${crm}-1$`));
  await expect(page.locator('.link-chip--early')).toHaveCount(1);
  await expect(page.locator('.timeline__conflicts')).toHaveText('1 conflict');
  await expect(panel(page)).toContainText('Starts 31 days before this ends');
  await expect(board.toast).toContainText(`${erp}-1 needs ${crm}-1.`);

  const there = await open('editor');
  const other = await openTimeline(there, crm);
  await bar(there, 'Customers').focus();
  await there.keyboard.press('Alt+ArrowRight');
  await expect(there.getByRole('button', { name: 'Shift 1 dependant' })).toBeVisible();
  await expect(panel(page)).toContainText('Starts 38 days before this ends');
  await there.keyboard.press('r');
  await expect(other.toast).toContainText(`Shifted 1 dependant, 1 in ${erp}.`);
  await expect(page.locator('.timeline__conflicts')).toBeHidden();
  await expect(page.locator('.link-chip--early')).toHaveCount(0);
  await other.toast.getByRole('button', { name: 'Undo' }).click();
  await expect(page.locator('.timeline__conflicts')).toHaveText('1 conflict');
});

test('a slip reaches two levels of dependants in three products, and a cycle over all of them is refused', async ({ open, expectTrouble }) => {
  expectTrouble(/status of 422/);
  const page = await open('editor');
  const one = await plan(page, { Alpha: [0, 20] });
  const two = await plan(page, { Bravo: [25, 45] });
  const three = await plan(page, { Charlie: [50, 60] });
  for (const [from, to] of [[one, two], [two, three]] as const) {
    const answer = await page.request.post('/api/add_dependency', { data: { from: `${from}-1`, kind: 'blocks', to: `${to}-1` } });
    expect(answer.status(), await answer.text()).toBe(200);
  }
  const days = async (key: string) => {
    const { snapshot: { document } } = await snapshot(page, key);
    const { start, end } = document.items[0]!.fields;
    return `${start}..${end}`;
  };
  const last = await open('owner');
  const there = await Board.open(last, three);
  await there.openItem('Charlie');
  await depend(last, 'Blocks', `${one}-1`);
  await expect(panel(last).getByRole('alert')).toHaveText(
    `This would be a cycle: ${three}-1 → ${one}-1 → ${two}-1 → ${three}-1. Remove one of these first.`,
  );

  const board = await openTimeline(page, one);
  await bar(page, 'Alpha').focus();
  await page.keyboard.press('Alt+ArrowRight');
  await page.keyboard.press('Alt+ArrowRight');
  await expect(page.getByRole('button', { name: 'Shift 2 dependants' })).toBeVisible();
  expect([await days(two), await days(three)], 'nothing moves before it is asked for').toEqual([
    `${day(25)}..${day(45)}`,
    `${day(50)}..${day(60)}`,
  ]);
  await page.keyboard.press('r');
  await expect(board.toast).toContainText('Shifted 2 dependants');
  expect([await days(two), await days(three)]).toEqual([`${day(35)}..${day(55)}`, `${day(56)}..${day(66)}`]);
  await last.reload();
  await hydrated(last);
  await last.locator('.item-panel').getByRole('button', { name: 'History' }).click();
  await expect(last.locator('.item-panel')).toContainText(`Reason: ${one}-1 moved`);
  await board.toast.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => days(two)).toBe(`${day(25)}..${day(45)}`);
  await expect.poll(() => days(three)).toBe(`${day(50)}..${day(60)}`);
});
