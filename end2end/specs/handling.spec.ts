import type { Locator, Page } from '@playwright/test';
import { Board, Finger, type Point, boxOf, centre, createProduct, runImport, goToView } from '../support/board';
import { STILL, expect, hydrated, inBoth, test } from '../support/test';

// Everyday handling of the board: filters in the address, selections, keys, lanes.

const FIVE = ['Alpha', 'Bravo', 'Charlie', 'Delta', 'Echo'];

/** A product with items of several statuses and types. */
async function mixed(page: Page, rows: string[]): Promise<string> {
  const key = await createProduct(page);
  const text = ['Title,Lane,Status,Type', ...rows].join('\n');
  await runImport(page, key, text, { Title: 'title', Lane: 'lane', Status: 'status', Type: 'type' });
  return key;
}

/** Chooses in the menu of filters. */
async function check(page: Page, ...names: string[]): Promise<void> {
  await page.getByRole('button', { name: /^Status, type/ }).click();
  for (const name of names) await page.getByRole('checkbox', { name, exact: true }).click();
  await page.keyboard.press('Escape');
  await expect(page.locator('#filter-menu')).toBeHidden();
}

const bar = (board: Board): Locator => board.page.getByRole('toolbar', { name: 'Selected cards' });

/** Chooses in a menu of the bar for selected cards. */
async function choose(board: Board, property: string, line: string): Promise<void> {
  await bar(board).getByRole('button', { name: property, exact: true }).click();
  await board.page.getByRole('menuitem', { name: line, exact: true }).click();
}

test('cards are filtered by status and type, and the address restores it', async ({ open }) => {
  const page = await open('editor', STILL);
  const rows = ['Alpha,Now,planned,feature', 'Bravo,Now,done,fix', 'Charlie,Now,dropped,fix', 'Delta,Next,done,feature'];
  const key = await mixed(page, rows);
  const board = await Board.open(page, key);
  await check(page, 'Done', 'Planned');
  await board.shows({ Now: ['Alpha', 'Bravo'], Next: ['Delta'] });
  await expect(page).toHaveURL(new RegExp(`/p/${key}\\?status=`));
  await page.getByRole('button', { name: /^Status, type/ }).click();
  await page.getByRole('checkbox', { name: 'Fix', exact: true }).click();
  await inBoth(page);
  await page.keyboard.press('Escape');
  await board.shows({ Now: ['Bravo'], Next: [] });
  await expect(page.getByRole('button', { name: /^Status, type/ })).toHaveText(/3/);
  await page.getByRole('searchbox').fill('Bra & o');
  await board.shows({ Now: [], Next: [] });
  await page.getByRole('searchbox').fill('bra');
  await board.shows({ Now: ['Bravo'], Next: [] });
  await expect(page).toHaveURL(/q=bra&status=.*&type=fix$/);

  // The page comes filtered, even before it is alive, and goes on.
  await page.reload({ waitUntil: 'commit' });
  await expect(page.locator('.board .card:not([hidden])')).toHaveCount(1);
  await hydrated(page);
  await board.shows({ Now: ['Bravo'], Next: [] });
  await expect(page.getByRole('searchbox')).toHaveValue('bra');
  await expect(page.getByRole('button', { name: /^Status, type/ })).toHaveText(/3/);

  // Opening an item keeps it, and so do the way back and another page between.
  await board.openItem('Bravo');
  await expect(page).toHaveURL(/\/i\/[A-Z0-9]+-\d+\?q=bra&status=/);
  await page.goBack();
  await expect(board.panel).toHaveCount(0);
  await expect(page).toHaveURL(new RegExp(`/p/${key}\\?q=bra&status=`));
  await board.shows({ Now: ['Bravo'], Next: [] });
  await goToView(page, 'Bin');
  await expect(page).toHaveURL(/\/bin$/);
  await page.goBack();
  await hydrated(page);
  await board.shows({ Now: ['Bravo'], Next: [] });
  await page.getByRole('button', { name: 'Clear' }).click();
  await board.shows({ Now: ['Alpha', 'Bravo', 'Charlie'], Next: ['Delta'] });
  await expect(page).toHaveURL(new RegExp(`/p/${key}$`));
});

test('a filter in the address also holds for cards that come later', async ({ open, visit, server, expectTrouble }) => {
  expectTrouble(/\.js csp$/);
  const page = await open('editor', STILL);
  const rows = Array.from({ length: 130 }, (_, at) => `Card ${at + 1},Now,${at % 2 ? 'done' : 'planned'},feature`);
  const key = await mixed(page, rows);
  const even = Array.from({ length: 65 }, (_, at) => `Card ${2 * at + 2}`);
  const board = await Board.open(page, key, '?status=done');
  await board.shows({ Now: even });
  await expect(page.locator('.board .card')).toHaveCount(130);
  await board.shows({ Now: even });
  await check(page, 'Done', 'Planned');
  await expect(board.titles('Now')).toHaveCount(65);
  await expect(board.titles('Now').first()).toHaveText('Card 1');

  // Without scripts as well: cards first, links to those that follow.
  const storageState = await page.context().storageState();
  const plain = await visit(server, { storageState, javaScriptEnabled: false });
  await plain.goto(`/p/${key}?status=done`);
  const shown = plain.locator('.board .card:not([hidden]) .card__link, .board .lane__rest a');
  await expect(shown).toHaveText(even);
});

test('Shift selects a range within a lane, by mouse and by keys', async ({ open }) => {
  const page = await open('editor');
  const board = await Board.open(page, await createProduct(page, { Now: FIVE, Next: ['Foxtrot'] }));
  const selected = page.locator('.card--selected .card__link');
  await board.link('Bravo').click({ modifiers: ['ControlOrMeta'] });
  await board.link('Delta').click({ modifiers: ['Shift'] });
  await expect(selected).toHaveText(['Bravo', 'Charlie', 'Delta']);
  await expect(board.said).toHaveText('3 selected');
  // The range goes on from where it began, the other way too.
  await board.link('Alpha').click({ modifiers: ['Shift'] });
  await expect(selected).toHaveText(['Alpha', 'Bravo']);
  await board.link('Foxtrot').click({ modifiers: ['ControlOrMeta'] });
  await expect(selected).toHaveText(['Alpha', 'Bravo', 'Foxtrot']);
  expect(await page.evaluate(() => getSelection()?.toString()), 'no text is selected').toBe('');
  await expect(page).toHaveURL(new RegExp(`/p/${board.key}$`));
  await page.keyboard.press('Escape');
  await expect(selected).toHaveCount(0);

  await board.link('Bravo').focus();
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  await expect(selected).toHaveText(['Bravo', 'Charlie', 'Delta']);
  await expect(board.link('Delta')).toBeFocused();
  await page.keyboard.press('Shift+ArrowUp');
  await expect(selected).toHaveText(['Bravo', 'Charlie']);
  await page.keyboard.press('Shift+ArrowUp');
  await page.keyboard.press('Shift+ArrowUp');
  await expect(selected).toHaveText(['Alpha', 'Bravo']);
  // What the filter hides is not between.
  await page.keyboard.press('Escape');
  await page.getByRole('searchbox').fill('a');
  await board.shows({ Now: ['Alpha', 'Bravo', 'Charlie', 'Delta'] });
  await page.getByRole('searchbox').fill('l');
  await board.shows({ Now: ['Alpha', 'Charlie', 'Delta'] });
  await page.keyboard.press('ArrowDown');
  await expect(board.link('Alpha')).toBeFocused();
  await page.keyboard.press('Shift+ArrowDown');
  await expect(selected).toHaveText(['Alpha', 'Charlie']);
});

test('selected cards are changed at once, others see it, and one undo takes it back', async ({ open }) => {
  const editor = await open('editor', STILL);
  const owner = await open('owner');
  const key = await createProduct(editor, { Now: FIVE, Next: [] });
  const [mine, theirs] = [await Board.open(editor, key), await Board.open(owner, key, `/i/${key}-2`)];
  const value = (name: string) =>
    theirs.panel.locator('label').filter({ has: owner.getByText(name, { exact: true }) }).locator('input, select');
  const undo = async () => {
    await editor.keyboard.press('ControlOrMeta+z');
    await expect(mine.toast.last()).toContainText('Undone');
  };
  await mine.link('Alpha').click({ modifiers: ['ControlOrMeta'] });
  await mine.link('Charlie').click({ modifiers: ['Shift'] });
  await expect(bar(mine)).toContainText('3 selected');

  await choose(mine, 'Status', 'In progress');
  await expect(value('Status')).toHaveValue('in_progress');
  await expect(mine.toast).toContainText('Set the status to In progress for 3 items.');
  await choose(mine, 'Owner', 'Ruth Okafor');
  await expect(theirs.card('Alpha').locator('.avatar')).toHaveCount(1);
  await expect(theirs.card('Delta').locator('.avatar')).toHaveCount(0);

  await bar(mine).getByRole('button', { name: 'Tags' }).click();
  const form = (name: string) => editor.getByRole('form', { name });
  await editor.keyboard.type('Security, users');
  await editor.keyboard.press('Enter');
  await expect(theirs.panel.locator('.tag')).toHaveText(['security', 'users']);
  await form('Tags').getByRole('button', { name: 'Remove' }).click();
  await expect(theirs.panel.locator('.tag')).toHaveCount(0);
  await form('Tags').getByRole('button', { name: 'Remove' }).click();
  await expect(form('Tags').getByRole('alert')).toHaveText('None of the items has it.');
  await editor.keyboard.press('Escape');
  await expect(form('Tags')).toHaveCount(0);
  await expect(bar(mine).getByRole('button', { name: 'Tags' })).toBeFocused();

  await bar(mine).getByRole('button', { name: 'Dates' }).click();
  await form('Dates').getByLabel('Start').fill('2027-05-01');
  await form('Dates').getByLabel('End', { exact: true }).fill('0027-06-30');
  await form('Dates').getByRole('button', { name: 'Set' }).click();
  await expect(form('Dates').getByRole('alert')).toHaveText('Check the year 0027.');
  await inBoth(editor);
  await form('Dates').getByLabel('End', { exact: true }).fill('2027-06-30');
  await form('Dates').getByLabel('End', { exact: true }).press('Enter');
  await expect(value('End')).toHaveValue('2027-06-30');
  await bar(mine).getByRole('button', { name: 'Effort' }).click();
  await form('Effort').getByLabel('Person-days').fill('2,5');
  await editor.keyboard.press('Enter');
  await expect(theirs.lane('Now').locator('.lane__effort')).toHaveText('7.5 d');

  await choose(mine, 'Lane', 'Next');
  await theirs.shows({ Now: ['Delta', 'Echo'], Next: ['Alpha', 'Bravo', 'Charlie'] });
  await undo();
  await theirs.shows({ Now: FIVE, Next: [] });
  await undo();
  await expect(theirs.lane('Now').locator('.lane__effort')).toHaveText('');
  await undo();
  await expect(value('Start')).toHaveValue('');
  await undo();
  await expect(theirs.panel.locator('.tag')).toHaveText(['security', 'users']);
  await undo();
  await undo();
  await expect(theirs.card('Alpha').locator('.avatar')).toHaveCount(0);
  await undo();
  await expect(value('Status')).toHaveValue('proposed');
  await expect(bar(mine), 'the cards stay selected').toContainText('3 selected');

  // What another puts into the bin is not selected any more.
  await theirs.panel.getByRole('button', { name: 'Move to bin' }).click();
  await expect(theirs.link('Bravo')).toHaveCount(0);
  await expect(bar(mine)).toContainText('2 selected');
});

test('from the address bar to a moved card in at most five keys', async ({ open }) => {
  const page = await open('editor');
  const board = await Board.open(page, await createProduct(page, { Now: ['Alpha', 'Bravo'], Next: [] }));
  const keys = async (...names: string[]) => {
    for (const name of names) await page.keyboard.press(name);
  };
  await keys('ArrowDown', 'Alt+ArrowRight');
  await board.shows({ Now: ['Bravo'], Next: ['Alpha'] });

  await page.reload();
  await hydrated(page);
  await keys('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await keys('Enter');
  await expect(page.locator('#main')).toBeFocused();
  await keys('ArrowDown');
  await expect(board.link('Bravo')).toBeFocused();
  await keys('Alt+ArrowRight');
  await board.shows({ Now: [], Next: ['Bravo', 'Alpha'] });
});

test('Enter on a card opens its panel and focuses it, and Esc goes back to the card', async ({ open }) => {
  const page = await open('editor');
  const board = await Board.open(page, await createProduct(page, { Now: ['Alpha', 'Bravo'], Next: [] }));
  await board.link('Bravo').focus();
  for (const key of ['Enter', 'e']) {
    await page.keyboard.press(key);
    await expect(board.panel).toBeFocused();
    await expect(board.panel).toContainText(`${board.key}-2`);
    await page.keyboard.press('Escape');
    await expect(board.panel).toHaveCount(0);
    await expect(board.link('Bravo')).toBeFocused();
  }
  // From one that is open to another, and back into it.
  await page.keyboard.press('Enter');
  await expect(board.panel).toBeFocused();
  await board.link('Alpha').focus();
  await page.keyboard.press('Enter');
  await expect(board.panel).toContainText(`${board.key}-1`);
  await expect(board.panel).toBeFocused();
  await board.link('Alpha').focus();
  await page.keyboard.press('Enter');
  await expect(board.panel).toBeFocused();
  // A click leaves the focus where it is.
  await page.keyboard.press('Escape');
  await board.link('Bravo').click();
  await expect(board.panel).toBeVisible();
  await expect(board.link('Bravo')).toBeFocused();
});

test('lanes are dragged by their header, and Esc puts them back', async ({ open }) => {
  const [editor, owner] = [await open('editor'), await open('owner')];
  const key = await createProduct(editor, { Now: ['Alpha'], Next: ['Bravo'] });
  const [mine, theirs] = [await Board.open(editor, key), await Board.open(owner, key)];
  const names = ['Now', 'Next', 'Later', 'Done'];
  await expect(theirs.laneNames).toHaveText(names);
  const lands = async (order: string[]) => {
    await editor.mouse.up();
    await expect(editor.locator('.lane--ghost')).toHaveCount(0);
    await expect(editor.locator('#drop-line')).toBeHidden();
    await expect(theirs.laneNames).toHaveText(order);
    await expect(mine.laneNames).toHaveText(order);
  };

  await mine.liftLane('Now', 'Next', 'right');
  const line = await boxOf(editor.locator('#drop-line'));
  const next = await boxOf(mine.lane('Next'));
  expect(line.height, 'the line is as high as the board').toBeGreaterThan(200);
  expect(Math.abs(line.x - (next.x + next.width + 5))).toBeLessThan(6);
  await lands(['Next', 'Now', 'Later', 'Done']);
  await mine.toast.getByRole('button', { name: 'Undo' }).click();
  await expect(theirs.laneNames).toHaveText(names);

  await mine.liftLane('Later', 'Now', 'left');
  await editor.keyboard.press('Escape');
  await lands(names);
  await mine.liftLane('Later', 'Now', 'left');
  await lands(['Later', 'Now', 'Next', 'Done']);
  await editor.keyboard.press('ControlOrMeta+z');
  await expect(theirs.laneNames).toHaveText(names);
  // Where it stands already, it stays.
  await mine.liftLane('Now', 'Next', 'left');
  await lands(names);
  await mine.shows({ Now: ['Alpha'], Next: ['Bravo'] });

  const viewer = await open('viewer');
  const seen = await Board.open(viewer, key);
  const header = await boxOf(seen.lane('Now').locator('.lane__name'));
  await viewer.mouse.move(header.x + 5, header.y + 5);
  await viewer.mouse.down();
  await viewer.mouse.move(header.x + 300, header.y + 5, { steps: 4 });
  await expect(viewer.locator('.lane--ghost')).toHaveCount(0);
  await viewer.mouse.up();
});

test('a finger drags a lane by its header after a rest, and scrolls the board without one', async ({ open }) => {
  const editor = await open('editor', { ...STILL, hasTouch: true, viewport: { width: 820, height: 1180 } });
  const key = await createProduct(editor, { Now: ['Alpha'] });
  const board = await Board.open(editor, key);
  const finger = await Finger.of(editor);
  const header = async (lane: string): Promise<Point> => centre(await boxOf(board.lane(lane).locator('.lane__name')));
  const dragging = editor.locator('.lane--ghost');

  const from = await header('Now');
  const next = await boxOf(board.lane('Next'));
  await finger.down(from);
  await expect(dragging).toHaveCount(1);
  await finger.move(from, { x: next.x + next.width * 0.8, y: from.y + 20 });
  await expect(editor.locator('#drop-line')).toBeVisible();
  await finger.up();
  await expect(dragging).toHaveCount(0);
  await expect(board.laneNames).toHaveText(['Next', 'Now', 'Later', 'Done']);

  const swipe = await header('Now');
  await finger.down(swipe);
  await finger.move(swipe, { x: swipe.x - 250, y: swipe.y });
  await finger.up();
  await expect.poll(() => editor.locator('.board').evaluate((element) => element.scrollLeft)).toBeGreaterThan(50);
  await expect(dragging).toHaveCount(0);
  await expect(board.laneNames).toHaveText(['Next', 'Now', 'Later', 'Done']);
});

test('a lane sets the status of cards that come into it, and undo gives back what they had', async ({ open }) => {
  const editor = await open('editor', STILL);
  const key = await mixed(editor, ['Alpha,Now,planned,feature', 'Bravo,Now,in progress,fix', 'Charlie,Next,planned,fix']);
  const mine = await Board.open(editor, key);
  const theirs = await Board.open(await open('owner', STILL), key);
  const status = (board: Board, title: string): Locator => board.card(title).locator('.status');
  const says = (name: string): Promise<void> =>
    expect(theirs.lane('Next').locator('.lane__header .status')).toHaveAccessibleName(name);

  await mine.chooseForLane('Next', 'Lane', 'Set status of items put here…');
  const menu = editor.getByRole('menu');
  await expect(menu.getByRole('menuitemradio', { checked: true })).toHaveText('Keep their status');
  await menu.getByRole('menuitemradio', { name: 'Done' }).click();
  await expect(mine.toast).toContainText('Items put into Next become Done.');
  await says('Items put here become Done');
  await expect(status(theirs, 'Charlie')).toHaveAccessibleName('Planned');

  await mine.drag('Alpha', await mine.beside('Charlie', 'before'));
  await theirs.shows({ Now: ['Bravo'], Next: ['Alpha', 'Charlie'] });
  await expect(status(theirs, 'Alpha')).toHaveAccessibleName('Done');
  await expect(mine.toast).toContainText('Moved “Alpha” to Next, position 1 of 2. Status: Done.');
  await editor.keyboard.press('Control+z');
  await theirs.shows({ Now: ['Alpha', 'Bravo'], Next: ['Charlie'] });
  await expect(status(theirs, 'Alpha')).toHaveAccessibleName('Planned');

  // By key and as a new card, too; within the lane, a card keeps what it has.
  await mine.card('Bravo').locator('.card__link').focus();
  await editor.keyboard.press('Alt+ArrowRight');
  await expect(status(theirs, 'Bravo')).toHaveAccessibleName('Done');
  await mine.lane('Next').getByRole('button', { name: 'Add item' }).click();
  await editor.keyboard.type('Delta');
  await editor.keyboard.press('Enter');
  await expect(status(theirs, 'Delta')).toHaveAccessibleName('Done');
  await editor.keyboard.press('Escape');
  await mine.card('Charlie').locator('.card__link').focus();
  await editor.keyboard.press('Alt+Home');
  await theirs.shows({ Now: ['Alpha'], Next: ['Charlie', 'Bravo', 'Delta'] });
  await expect(status(theirs, 'Charlie')).toHaveAccessibleName('Planned');

  await mine.chooseForLane('Next', 'Lane', 'Set status of items put here…');
  await expect(menu.getByRole('menuitemradio', { checked: true })).toHaveText('Done');
  await menu.getByRole('menuitemradio', { name: 'Keep their status' }).click();
  await expect(theirs.lane('Next').locator('.lane__header .status')).toHaveCount(0);
});

test('deleting a lane is told from moving things by its colour and its words', async ({ open }) => {
  const page = await open('editor', STILL);
  const board = await Board.open(page, await createProduct(page, { Now: ['Alpha'], Next: [] }));
  await board.lane('Now').getByRole('button', { name: 'Lane actions' }).click();
  const line = (name: string) => page.getByRole('menuitem', { name, exact: true });
  const colour = (name: string) => line(name).evaluate((element) => getComputedStyle(element).color);
  expect(await colour('Delete lane…')).not.toBe(await colour('Rename'));
  await inBoth(page);
  await line('Delete lane…').click();
  await expect(page.getByRole('group', { name: 'Delete, and move items to' }).getByRole('menuitem')).toHaveText(['Next', 'Later', 'Done']);
  await page.keyboard.press('Escape');
  await expect(board.lane('Now').getByRole('button', { name: 'Lane actions' })).toBeFocused();
  await board.deleteLane('Now', 'Later');
  await board.shows({ Later: ['Alpha'] });
  // One without cards needs no place for them.
  await board.chooseForLane('Next', 'Lane', 'Delete lane');
  await expect(board.laneNames).toHaveText(['Later', 'Done']);
  await expect(board.toast).toContainText('Deleted the lane Next.');
  await page.keyboard.press('ControlOrMeta+z');
  await expect(board.laneNames).toHaveText(['Next', 'Later', 'Done']);
});

test('the panel leads to the items above and below in its lane, and gives its link', async ({ open }) => {
  const page = await open('editor', STILL);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const key = await createProduct(page, { Now: FIVE });
  const { panel } = await Board.open(page, key, `/i/${key}-1`);
  const title = panel.getByRole('textbox', { name: 'Title' });
  const [previous, next] = [panel.getByRole('link', { name: 'Previous in lane' }), panel.getByRole('link', { name: 'Next in lane' })];
  await expect(previous).toHaveAttribute('aria-disabled', 'true');
  await next.click();
  await expect(title).toHaveValue('Bravo');
  // Where the focus was it is again, so that the key can be pressed on.
  await next.press('Enter');
  await expect(title).toHaveValue('Charlie');
  await expect(next).toBeFocused();
  await previous.press('Enter');
  await expect(title).toHaveValue('Bravo');
  await expect(page).toHaveURL(new RegExp(`/i/${key}-2$`));
  await panel.getByRole('button', { name: 'Copy link' }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(page.url());
  // As far as the filter shows them.
  await page.getByRole('searchbox').fill('o');
  await expect(next).toHaveAttribute('href', `/p/${key}/i/${key}-5`);
  await expect(previous).toHaveAttribute('aria-disabled', 'true');
  await inBoth(page);
});
