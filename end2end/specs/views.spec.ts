import { Board, type Plan, boxOf, centre, createProduct } from '../support/board';
import { snapshot } from '../support/live';
import { type Page, STILL, expect, hydrated, inBoth, test } from '../support/test';

// Views: columns and swimlanes of a property, conditions, what cards show, and all of it saved under a name.

const PLAN: Plan = { Now: ['Alpha', 'Bravo', 'Charlie'], Next: ['Delta'] };

/** The cards of a cell, by its name: `Done`, or `Done, Payments`. */
function cell(page: Page, name: string) {
  return page.getByRole('group', { name, exact: true }).locator('.card__link');
}

/** Carries a card into a cell. */
async function carry(board: Board, title: string, to: string): Promise<void> {
  const there = await boxOf(board.page.getByRole('group', { name: to, exact: true }));
  await board.drag(title, { x: there.x + there.width / 2, y: there.y + 30 });
}

async function item(page: Page, key: string, title: string) {
  const { snapshot: { document } } = await snapshot(page, key);
  return document.items.find(({ fields }) => fields.title === title)!.fields;
}

/** Opens what a button of the toolbar opens. */
async function menu(page: Page, name: 'Conditions' | 'Display' | 'Views') {
  await page.locator('.filter').getByRole('button', { name }).click();
  const opened = page.getByRole('group', { name, exact: true });
  await expect(opened).toBeVisible();
  return opened;
}

test('a card put into a column of a status has it, everywhere at once, and one undo takes it back', async ({ open }) => {
  const [mine, theirs] = [await open('editor'), await open('owner')];
  const key = await createProduct(mine, PLAN);
  const board = await Board.open(mine, key, '?columns=status');
  const other = await Board.open(theirs, key);
  await expect(cell(mine, 'Proposed')).toHaveText(['Alpha', 'Bravo', 'Charlie', 'Delta']);
  await carry(board, 'Bravo', 'Done');
  await expect(cell(mine, 'Done')).toHaveText(['Bravo']);
  await expect(board.toast).toContainText('Moved “Bravo” to Done.');
  await expect(other.card('Bravo').getByRole('img', { name: 'Done' })).toBeVisible();
  await board.saved();
  await mine.keyboard.press('Control+z');
  await expect(cell(mine, 'Done')).toHaveCount(0);
  await expect(other.card('Bravo').getByRole('img', { name: 'Proposed' })).toBeVisible();
});

test('quarters are columns whose cards follow their dates, and dates follow the cards', async ({ open }) => {
  const [mine, theirs] = [await open('editor'), await open('owner')];
  const key = await createProduct(mine, PLAN);
  const board = await Board.open(mine, key, '?columns=quarter');
  const other = await Board.open(theirs, key);
  await expect(cell(mine, 'No date')).toHaveCount(4);
  const panel = await other.openItem('Alpha');
  await panel.getByLabel('Start').fill('2027-01-15');
  await panel.getByLabel('Start').press('Enter');
  await panel.getByLabel('End', { exact: true }).fill('2027-03-31');
  await panel.getByLabel('End', { exact: true }).press('Enter');
  await expect(cell(mine, 'Q1 2027')).toHaveText(['Alpha']);
  await panel.getByLabel('End', { exact: true }).fill('2027-06-30');
  await panel.getByLabel('End', { exact: true }).press('Enter');
  await expect(cell(mine, 'Q2 2027')).toHaveText(['Alpha']);
  await carry(board, 'Delta', 'Q2 2027');
  await board.saved();
  expect(await item(mine, key, 'Delta')).toMatchObject({ start: '2027-04-01', end: '2027-06-30' });
});

test('a swimlane sets its field together with the column, in one step', async ({ open }) => {
  const page = await open('editor', { viewport: { width: 1440, height: 1600 } });
  const key = await createProduct(page, PLAN);
  const board = await Board.open(page, key, '?columns=status&group=priority');
  await expect(cell(page, 'Proposed, No priority')).toHaveCount(4);
  await carry(board, 'Alpha', 'Planned, High');
  await expect(cell(page, 'Planned, High')).toHaveText(['Alpha']);
  await board.saved();
  expect(await item(page, key, 'Alpha')).toMatchObject({ status: 'planned', values: { priority: 'high' } });
  await page.keyboard.press('Control+z');
  await expect(cell(page, 'Proposed, No priority')).toHaveText(['Alpha', 'Bravo', 'Charlie', 'Delta']);
});

test('columns and swimlanes by keyboard alone', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const board = await Board.open(page, key, '?columns=status&group=priority');
  await board.link('Alpha').focus();
  await page.keyboard.press('Alt+ArrowRight');
  await expect(cell(page, 'Planned, No priority')).toHaveText(['Alpha']);
  await expect(board.said).toHaveText('Moved “Alpha” to Planned, No priority.');
  await expect(board.link('Alpha')).toBeFocused();
  await page.keyboard.press('Alt+ArrowUp');
  await expect(cell(page, 'Planned, Low')).toHaveText(['Alpha']);
  await expect(board.link('Alpha')).toBeFocused();
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(cell(page, 'Proposed, Low')).toHaveText(['Alpha']);
  await page.keyboard.press('Enter');
  await expect(board.panel).toBeVisible();
});

test('conditions ask about any field, stand in the address, and come back with it', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const board = await Board.open(page, key);
  const panel = await board.openItem('Bravo');
  await panel.getByLabel('Effort').fill('5');
  await panel.getByLabel('Effort').press('Enter');
  await board.saved();
  await panel.getByRole('link', { name: 'Close' }).click();
  const conditions = await menu(page, 'Conditions');
  await conditions.getByRole('button', { name: 'Add condition' }).click();
  await conditions.getByLabel('Field').selectOption('Effort');
  await conditions.getByLabel('Test').selectOption('is more than');
  await conditions.getByLabel('Value').fill('3x');
  await conditions.getByLabel('Value').press('Enter');
  await expect(conditions.getByRole('alert')).toContainText('isn’t a valid effort');
  await conditions.getByLabel('Value').fill('3');
  await conditions.getByLabel('Value').press('Enter');
  await board.shows({ Now: ['Bravo'], Next: [] });
  await expect(page).toHaveURL(/where=effort~above~30$/);
  await conditions.getByRole('button', { name: 'Add condition' }).click();
  await conditions.getByLabel('Match').selectOption('any condition');
  await conditions.getByLabel('Add value').selectOption('Me');
  await board.shows({ Now: ['Bravo'], Next: [] });
  await page.reload();
  await hydrated(page);
  await board.shows({ Now: ['Bravo'], Next: [] });
  const again = await menu(page, 'Conditions');
  await again.getByRole('button', { name: 'Remove condition' }).first().click();
  await board.shows({ Now: [], Next: [] });
});

test('cards show what a view chooses, and a lens changes nothing in the data', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const board = await Board.open(page, key);
  const before = (await snapshot(page, key)).snapshot.head;
  const display = await menu(page, 'Display');
  await display.getByLabel('Type', { exact: true }).check();
  await expect(board.card('Alpha').locator('.badge--chosen')).toHaveText('Type Feature');
  await display.getByRole('button', { name: 'Sales' }).click();
  await expect(page).toHaveURL(/sort=-bookings&show=bookings,retained_revenue,upvotes,promised$/);
  await display.getByRole('button', { name: 'Reset display' }).click();
  await expect(board.card('Alpha').locator('.badge--chosen')).toHaveCount(0);
  expect((await snapshot(page, key)).snapshot.head).toBe(before);
});

test('a view is saved, shared, made the default, changed and removed', async ({ open }) => {
  const [mine, theirs] = [await open('editor'), await open('viewer')];
  const key = await createProduct(mine, PLAN);
  const board = await Board.open(mine, key, '?columns=status');
  let views = await menu(mine, 'Views');
  await views.getByRole('button', { name: 'Save as new view…' }).click();
  await views.getByLabel('Name', { exact: true }).fill('By status');
  await views.getByLabel('Share with everyone here').check();
  await views.getByRole('button', { name: 'Save view' }).click();
  await expect(mine).toHaveURL(new RegExp(`/p/${key}/v/[0-9a-f-]{36}$`));
  const address = mine.url();
  await expect(cell(mine, 'Proposed')).toHaveCount(4);

  // Somebody who may only look sees it, at its address and in the list, and keeps one of their own.
  await theirs.goto(address);
  await hydrated(theirs);
  await expect(cell(theirs, 'Proposed')).toHaveCount(4);
  views = await menu(theirs, 'Views');
  await expect(views.getByRole('link', { name: 'By status' })).toHaveAttribute('aria-current', 'page');
  await expect(views.getByRole('button', { name: 'Rename or share…' })).toHaveCount(0);
  await views.getByRole('button', { name: 'Save as new view…' }).click();
  await expect(views.getByLabel('Share with everyone here')).toHaveCount(0);
  await views.getByLabel('Name', { exact: true }).fill('Mine');
  await views.getByRole('button', { name: 'Save view' }).click();
  await expect(theirs).not.toHaveURL(address);

  // Something else in the address, then saved.
  views = await menu(mine, 'Display');
  await views.getByLabel('Swimlanes').selectOption('Priority');
  await expect(mine).toHaveURL(/\?columns=status&group=priority$/);
  await mine.keyboard.press('Escape');
  views = await menu(mine, 'Views');
  await views.getByRole('button', { name: 'Save changes' }).click();
  await expect(mine).toHaveURL(address);
  await expect(cell(mine, 'Proposed, No priority')).toHaveCount(4);
  views = await menu(mine, 'Views');
  await expect(views.getByRole('link', { name: 'Mine' })).toHaveCount(0);
  await views.getByRole('button', { name: 'Rename or share…' }).click();
  await views.getByLabel('Name', { exact: true }).fill('Status and priority');
  await views.getByLabel('Make this the default view').check();
  await views.getByRole('button', { name: 'Save view' }).click();
  await expect(board.toast.filter({ hasText: 'Saved “Status and priority”.' })).toBeVisible();

  // Who opens the product sees it; the board as it is has an address of its own.
  await theirs.goto(`/p/${key}`);
  await hydrated(theirs);
  await expect(cell(theirs, 'Proposed, No priority')).toHaveCount(4);
  await theirs.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Board' }).click();
  await expect(theirs).toHaveURL(new RegExp(`/p/${key}/board$`));
  const asItIs = new Board(theirs, key);
  await asItIs.shows(PLAN);
  // Cards open beside what is shown, and not beside the default view.
  const panel = await asItIs.openItem(PLAN.Now![0]!);
  await expect(theirs).toHaveURL(new RegExp(`/p/${key}/board/i/${key}-1$`));
  await asItIs.shows(PLAN);
  await panel.getByRole('link', { name: 'Close' }).click();
  await asItIs.shows(PLAN);

  views = await menu(mine, 'Views');
  await views.getByRole('button', { name: 'Remove view' }).click();
  await expect(mine).toHaveURL(new RegExp(`/p/${key}$`));
  await board.shows(PLAN);
  await mine.locator('.toast').filter({ hasText: 'Removed the view.' }).getByRole('button', { name: 'Undo' }).click();
  await expect(cell(mine, 'Proposed, No priority')).toHaveCount(4);

  await mine.goto(`/p/${key}/v/00000000-0000-0000-0000-000000000007`);
  await hydrated(mine);
  await expect(mine.getByText('This view was removed, or is not shared with you.')).toBeVisible();
});

test('a name that is taken is refused beside it, and nothing is lost', async ({ open, expectTrouble }) => {
  expectTrouble(/status of 422 .*\/api\/save_view/);
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  await Board.open(page, key, '?columns=status');
  for (const attempt of [1, 2]) {
    const views = await menu(page, 'Views');
    await views.getByRole('button', { name: 'Save as new view…' }).click();
    await views.getByLabel('Name', { exact: true }).fill('Plan');
    await views.getByRole('button', { name: 'Save view' }).click();
    if (attempt === 2) {
      await expect(views.getByRole('alert')).toHaveText('There is a view “Plan” already. Choose another name.');
      await expect(views.getByLabel('Name', { exact: true })).toHaveValue('Plan');
    } else {
      await expect(page).toHaveURL(/\/v\//);
    }
  }
});

test('the year of the workspace decides what quarter a day is in', async ({ serve, visit }) => {
  const server = await serve({ demo: true });
  const page = await visit(server);
  await page.request.post(`${server.url}/api/demo_sign_in`, { form: { role: 'owner' } });
  await page.goto('/workspace');
  await hydrated(page);
  await page.getByLabel('The year begins in').selectOption('April');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Saved.' })).toBeVisible();
  await expect(page.getByLabel('The year begins in')).toHaveValue('4');
  const key = await createProduct(page, PLAN);
  const board = await Board.open(page, key, '?columns=quarter');
  for (const [title, field, day] of [['Alpha', 'End', '2027-03-31'], ['Bravo', 'Start', '2027-04-01']] as const) {
    const panel = await board.openItem(title);
    await panel.getByLabel(field, { exact: true }).fill(day);
    await panel.getByLabel(field, { exact: true }).press('Enter');
    await board.saved();
  }
  await expect(cell(page, 'Q4 FY27')).toHaveText(['Alpha']);
  await expect(cell(page, 'Q1 FY28')).toHaveText(['Bravo']);
});

test('axe finds nothing on columns and what opens from the toolbar', async ({ open }) => {
  test.setTimeout(120_000);
  const page = await open('editor', STILL);
  const key = await createProduct(page, PLAN);
  await Board.open(page, key, '?columns=status&group=priority&where=owner~empty&show=type,lane');
  await inBoth(page);
  for (const name of ['Conditions', 'Display', 'Views'] as const) {
    await menu(page, name);
    await inBoth(page);
    await page.keyboard.press('Escape');
  }
});
