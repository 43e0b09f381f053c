import { Board, Finger, type Plan, centre, createProduct } from '../support/board';
import { type Page, expect, hydrated, test } from '../support/test';

// Two people with a browser each on one board. What one does, the other sees.

const PLAN: Plan = {
  Now: ['Alpha', 'Bravo', 'Charlie'],
  Next: ['Delta', 'Echo'],
  Later: [],
};

type Pair = { mine: Board; theirs: Board };

async function pair(open: (role: 'owner' | 'editor') => Promise<Page>, plan = PLAN): Promise<Pair> {
  const [editor, owner] = [await open('editor'), await open('owner')];
  const key = await createProduct(editor, plan);
  const [mine, theirs] = await Promise.all([Board.open(editor, key), Board.open(owner, key)]);
  await theirs.shows(plan);
  return { mine, theirs };
}

/** Both boards hold this, and the server has it. */
async function both({ mine, theirs }: Pair, plan: Plan): Promise<void> {
  await mine.shows(plan);
  await theirs.shows(plan);
  await mine.saved();
}

test('items are created with two keys and renamed in the panel', async ({ open }) => {
  const boards = await pair(open);
  const { mine, theirs } = boards;
  await mine.link('Delta').focus();
  await mine.page.keyboard.press('c');
  const field = mine.page.getByRole('textbox', { name: 'Title of the new item' });
  await expect(field).toBeFocused();
  await mine.page.keyboard.type('Foxtrot');
  await mine.page.keyboard.press('Enter');
  await expect(field).toHaveValue('');
  await mine.page.keyboard.type('“Golf”, <b>“quoted”</b> & Ünïcode');
  await mine.page.keyboard.press('Enter');
  await both(boards, { Next: ['Delta', 'Echo', 'Foxtrot', '“Golf”, <b>“quoted”</b> & Ünïcode'] });
  await mine.page.keyboard.press('Enter');
  await expect(mine.page.locator('.compose__hint'), 'an item needs a title').not.toHaveText('Enter adds, Esc closes');
  await mine.page.keyboard.press('Escape');
  await expect(field).toHaveCount(0);

  const panel = await mine.openItem('Foxtrot');
  await expect(mine.page).toHaveURL(new RegExp(`/p/${mine.key}/i/${mine.key}-6$`));
  const title = panel.getByRole('textbox', { name: 'Title' });
  await title.fill('Foxtrot, renamed');
  await title.press('Enter');
  await both(boards, { Next: ['Delta', 'Echo', 'Foxtrot, renamed', '“Golf”, <b>“quoted”</b> & Ünïcode'] });
  await title.fill('   ');
  await title.press('Enter');
  await expect(panel.getByRole('alert')).toBeVisible();
  await title.press('Escape');
  await expect(title).toHaveValue('Foxtrot, renamed');
  await mine.page.goBack();
  await expect(panel).toHaveCount(0);
  await both(boards, { Next: ['Delta', 'Echo', 'Foxtrot, renamed', '“Golf”, <b>“quoted”</b> & Ünïcode'] });
  await theirs.page.reload();
  await theirs.shows({ Next: ['Delta', 'Echo', 'Foxtrot, renamed', '“Golf”, <b>“quoted”</b> & Ünïcode'] });
});

test('the mouse moves cards within a lane, across lanes, and not at all after Esc', async ({ open }) => {
  const boards = await pair(open);
  const { mine } = boards;
  await mine.drag('Alpha', await mine.beside('Charlie', 'after'));
  await both(boards, { Now: ['Bravo', 'Charlie', 'Alpha'] });
  await expect(mine.said).toHaveText('Moved “Alpha” to Now, position 3 of 3.');
  await expect(mine.page, 'a drag opens nothing').toHaveURL(new RegExp(`/p/${mine.key}$`));
  await mine.drag('Bravo', await mine.beside('Echo', 'before'));
  await both(boards, { Now: ['Charlie', 'Alpha'], Next: ['Delta', 'Bravo', 'Echo'] });
  await mine.drag('Delta', await mine.middleOf('Later'));
  await both(boards, { Next: ['Bravo', 'Echo'], Later: ['Delta'] });

  await mine.lift('Charlie', await mine.beside('Delta', 'after'));
  await mine.page.keyboard.press('Escape');
  await expect(mine.page.locator('.card--ghost')).toHaveCount(0);
  await mine.page.mouse.up();
  await both(boards, { Now: ['Charlie', 'Alpha'], Later: ['Delta'] });
});

test('a finger drags after a rest, and scrolls without one', async ({ open }) => {
  const [editor, owner] = [await open('editor', { hasTouch: true }), await open('owner')];
  const many = Array.from({ length: 24 }, (_, index) => `Card ${index + 1}`);
  const key = await createProduct(editor, { Now: many, Next: ['Delta'] });
  const [mine, theirs] = await Promise.all([Board.open(editor, key), Board.open(owner, key)]);
  const finger = await Finger.of(editor);
  const dragging = editor.locator('.card--ghost');

  const from = centre((await mine.card('Card 2').boundingBox())!);
  const within = await mine.beside('Card 4', 'after');
  await finger.down(from);
  await expect(dragging).toHaveCount(1);
  await finger.move(from, within);
  await expect(editor.locator('#drop-line')).toBeVisible();
  await finger.up();
  await expect(dragging).toHaveCount(0);
  const moved = ['Card 1', 'Card 3', 'Card 4', 'Card 2', ...many.slice(4)];
  await both({ mine, theirs }, { Now: moved, Next: ['Delta'] });

  const again = centre((await mine.card('Card 3').boundingBox())!);
  const across = await mine.beside('Delta', 'before');
  await finger.down(again);
  await expect(dragging).toHaveCount(1);
  await finger.move(again, across);
  await finger.up();
  await both({ mine, theirs }, { Now: moved.filter((title) => title !== 'Card 3'), Next: ['Card 3', 'Delta'] });

  // Without a rest the same way is a swipe.
  const list = mine.lane('Now').locator('.lane__cards');
  await expect.poll(() => list.evaluate((element) => element.scrollTop)).toBe(0);
  const swipe = centre((await mine.card('Card 7').boundingBox())!);
  await finger.down(swipe);
  await finger.move(swipe, { x: swipe.x, y: swipe.y - 200 });
  await finger.up();
  await expect.poll(() => list.evaluate((element) => element.scrollTop)).toBeGreaterThan(50);
  await expect(dragging).toHaveCount(0);
  await both({ mine, theirs }, { Now: moved.filter((title) => title !== 'Card 3'), Next: ['Card 3', 'Delta'] });
});

test('Alt and arrows move the focused card, say so, and keep the focus', async ({ open }) => {
  const boards = await pair(open);
  const { mine } = boards;
  const press = async (keys: string, sentence: string) => {
    await mine.page.keyboard.press(keys);
    await expect(mine.said).toHaveText(sentence);
    await expect(mine.link('Alpha')).toBeFocused();
  };
  await mine.link('Alpha').focus();
  await press('Alt+ArrowDown', 'Moved “Alpha” to Now, position 2 of 3.');
  await both(boards, { Now: ['Bravo', 'Alpha', 'Charlie'] });
  await press('Alt+ArrowRight', 'Moved “Alpha” to Next, position 2 of 3.');
  await both(boards, { Now: ['Bravo', 'Charlie'], Next: ['Delta', 'Alpha', 'Echo'] });
  await press('Alt+End', 'Moved “Alpha” to Next, position 3 of 3.');
  await press('Alt+ArrowUp', 'Moved “Alpha” to Next, position 2 of 3.');
  await press('Alt+Home', 'Moved “Alpha” to Next, position 1 of 3.');
  await press('Alt+ArrowRight', 'Moved “Alpha” to Later, position 1 of 1.');
  await both(boards, { Now: ['Bravo', 'Charlie'], Next: ['Delta', 'Echo'], Later: ['Alpha'] });
  await press('Alt+ArrowLeft', 'Moved “Alpha” to Next, position 1 of 3.');
  await both(boards, { Next: ['Alpha', 'Delta', 'Echo'], Later: [] });
  await expect(mine.said).toHaveAttribute('aria-live', 'polite');

  await mine.page.keyboard.press('ArrowDown');
  await expect(mine.link('Delta')).toBeFocused();
  await mine.page.keyboard.press('ArrowLeft');
  await expect(mine.link('Charlie')).toBeFocused();
  await mine.page.keyboard.press('Control+z');
  await both(boards, { Next: ['Delta', 'Echo'], Later: ['Alpha'] });
});

test('the menu of a card moves it, by mouse and by key', async ({ open }) => {
  const boards = await pair(open);
  const { mine } = boards;
  await mine.choose('Alpha', 'Later');
  await both(boards, { Now: ['Bravo', 'Charlie'], Later: ['Alpha'] });
  await mine.choose('Charlie', 'Move to top');
  await both(boards, { Now: ['Charlie', 'Bravo'] });
  await mine.choose('Charlie', 'Move down');
  await both(boards, { Now: ['Bravo', 'Charlie'] });

  await mine.link('Echo').focus();
  await mine.page.keyboard.press('m');
  await expect(mine.page.getByRole('menu')).toBeVisible();
  await expect(mine.page.getByRole('menuitem').first()).toBeFocused();
  await mine.page.keyboard.press('Enter');
  await both(boards, { Now: ['Bravo', 'Charlie', 'Echo'], Next: ['Delta'] });
  await expect(mine.page.getByRole('menu')).toHaveCount(0);
  await expect(mine.link('Echo')).toBeFocused();
});

test('a deleted item comes back from the toast, to where it was', async ({ open }) => {
  const boards = await pair(open);
  const { mine, theirs } = boards;
  await mine.link('Bravo').focus();
  await mine.page.keyboard.press('Delete');
  await both(boards, { Now: ['Alpha', 'Charlie'] });
  await expect(mine.toast).toContainText('“Bravo” is in the bin.');
  await mine.toast.getByRole('button', { name: 'Undo' }).click();
  await both(boards, PLAN);

  const panel = await mine.openItem('Delta');
  await theirs.openItem('Delta');
  await panel.getByRole('button', { name: 'Move to bin' }).click();
  await both(boards, { Next: ['Echo'] });
  await expect(theirs.panel).toContainText('This item is in the bin.');
  await theirs.panel.getByRole('button', { name: 'Restore' }).click();
  await both(boards, { Next: ['Delta', 'Echo'] });
});

test('upvotes are counted in both browsers and name the voters', async ({ open }) => {
  const { mine, theirs } = await pair(open);
  const count = (board: Board) => board.card('Alpha').locator('.vote__count');
  await mine.card('Alpha').getByRole('button', { name: 'Upvote, 0 so far' }).click();
  await expect(count(theirs)).toHaveText('1');
  await theirs.link('Alpha').focus();
  await theirs.page.keyboard.press('v');
  await expect(theirs.said).toHaveText('Upvoted “Alpha”. Votes: 2.');
  await expect(count(mine)).toHaveText('2');
  const panel = await mine.openItem('Alpha');
  await expect(panel.locator('.item-panel__voters')).toHaveText('Astrid Lunde, Mei Tanaka');
  await panel.getByRole('button', { name: 'Withdraw upvote, 2 so far' }).click();
  await expect(count(theirs)).toHaveText('1');
  await expect(panel.locator('.item-panel__voters')).toHaveText('Astrid Lunde');

  await mine.card('Delta').getByRole('button', { name: /^Upvote/ }).click();
  await theirs.card('Echo').getByRole('button', { name: /^Upvote/ }).click();
  await mine.card('Echo').getByRole('button', { name: /^Upvote/ }).click();
  await theirs.page.getByRole('button', { name: 'By votes' }).click();
  await expect(theirs.titles('Next')).toHaveText(['Echo', 'Delta']);
  await mine.shows({ Next: ['Delta', 'Echo'] });
});

test('comments are Markdown, and are edited and deleted by who wrote them', async ({ open }) => {
  const { mine, theirs } = await pair(open);
  const panel = await mine.openItem('Alpha');
  await theirs.openItem('Alpha');
  const wrote = theirs.panel.locator('.comment');
  await panel.getByRole('textbox', { name: 'New comment in Markdown' }).fill('Is **this** safe?<img src=x onerror="document.title=1"><script>document.title=2</script>');
  await panel.getByRole('button', { name: 'Comment', exact: true }).click();
  await expect(panel.getByRole('textbox', { name: 'New comment in Markdown' })).toHaveValue('');
  await expect(wrote).toHaveCount(1);
  await expect(wrote.locator('.prose strong')).toHaveText('this');
  await expect(wrote.locator('.comment__by strong')).toHaveText('Mei Tanaka');
  await expect(wrote.locator('.prose img, .prose script, .prose [onerror]')).toHaveCount(0);
  await expect(theirs.card('Alpha').locator('[title=Comments]')).toContainText('1');
  await expect(wrote.getByRole('button', { name: 'Edit' }), 'nobody edits what another wrote').toHaveCount(0);

  await panel.locator('.comment').getByRole('button', { name: 'Edit' }).click();
  await panel.getByRole('textbox', { name: 'Comment in Markdown', exact: true }).fill('It is *safe*.');
  await panel.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(wrote.locator('.prose em')).toHaveText('safe');
  await expect(wrote.locator('.comment__by')).toContainText('edited');

  await panel.locator('.comment').getByRole('button', { name: 'Delete' }).click();
  await expect(wrote).toHaveCount(0);
  await mine.toast.getByRole('button', { name: 'Undo' }).click();
  await expect(wrote).toHaveCount(1);
  await expect(wrote.locator('.prose em')).toHaveText('safe');
});

test('lanes are added, renamed, moved, deleted and brought back', async ({ open }) => {
  const boards = await pair(open);
  const { mine, theirs } = boards;
  await mine.page.getByRole('button', { name: 'Add lane' }).click();
  await mine.page.getByRole('textbox', { name: 'Name of the new lane' }).fill('Ideas');
  await mine.page.keyboard.press('Enter');
  await expect(theirs.laneNames).toHaveText(['Now', 'Next', 'Later', 'Done', 'Ideas']);

  await mine.chooseForLane('Next', 'Lane', 'Rename');
  await mine.page.getByRole('textbox', { name: 'Name of the lane' }).fill('This quarter');
  await mine.page.keyboard.press('Enter');
  await expect(theirs.laneNames).toHaveText(['Now', 'This quarter', 'Later', 'Done', 'Ideas']);
  await theirs.shows({ 'This quarter': ['Delta', 'Echo'] });

  await mine.chooseForLane('This quarter', 'Lane', 'Move left');
  await expect(theirs.laneNames).toHaveText(['This quarter', 'Now', 'Later', 'Done', 'Ideas']);

  await mine.deleteLane('Now', 'Ideas');
  await expect(theirs.laneNames).toHaveText(['This quarter', 'Later', 'Done', 'Ideas']);
  await both(boards, { Ideas: ['Alpha', 'Bravo', 'Charlie'] });
  await mine.toast.getByRole('button', { name: 'Undo' }).click();
  await expect(theirs.laneNames).toHaveText(['This quarter', 'Now', 'Later', 'Done', 'Ideas']);
  await both(boards, { Now: ['Alpha', 'Bravo', 'Charlie'], Ideas: [] });
});

test('several selected cards are dragged together', async ({ open }) => {
  const boards = await pair(open);
  const { mine } = boards;
  await mine.link('Alpha').click({ modifiers: ['ControlOrMeta'] });
  await mine.link('Charlie').click({ modifiers: ['ControlOrMeta'] });
  await expect(mine.page.getByRole('toolbar', { name: 'Selected cards' })).toContainText('2 selected');
  await mine.lift('Charlie', await mine.beside('Echo', 'before'));
  await expect(mine.page.locator('.card--ghost .card__stack')).toHaveText('2');
  await mine.page.mouse.up();
  await both(boards, { Now: ['Bravo'], Next: ['Delta', 'Alpha', 'Charlie', 'Echo'] });
  await expect(mine.page.getByRole('toolbar', { name: 'Selected cards' })).toHaveCount(0);
  await mine.toast.getByRole('button', { name: 'Undo' }).click();
  await both(boards, PLAN);
});

test('people see who is here, what they have open and what they drag', async ({ open }) => {
  const { mine, theirs } = await pair(open);
  const here = (board: Board) => board.page.getByRole('list', { name: 'Also here' }).getByRole('listitem');
  await expect(here(mine)).toHaveCount(1);
  await expect(here(mine).locator('[title="Astrid Lunde"], [aria-label="Astrid Lunde"]')).toHaveCount(1);
  await expect(here(theirs)).toHaveCount(1);

  await mine.openItem('Bravo');
  await expect(theirs.card('Bravo')).toHaveAttribute('data-open-by', /^\d+$/);
  await mine.panel.getByRole('link', { name: 'Close' }).click();
  await expect(theirs.card('Bravo')).not.toHaveAttribute('data-open-by');

  await mine.lift('Alpha', await mine.beside('Delta', 'after'));
  await expect(theirs.card('Alpha')).toHaveAttribute('data-dragged-by', /^\d+$/);
  await expect(theirs.page.locator('.peer-ghost')).toHaveText('Mei Tanaka moves “Alpha” to Next');
  await mine.page.mouse.up();
  await expect(theirs.page.locator('.peer-ghost')).toHaveCount(0);
  await expect(theirs.card('Alpha')).not.toHaveAttribute('data-dragged-by');
  await theirs.shows({ Next: ['Delta', 'Alpha', 'Echo'] });

  await mine.page.close();
  await expect(here(theirs)).toHaveCount(0);
});

test('a field that merely has the focus keeps what others write', async ({ open }) => {
  const { mine, theirs } = await pair(open);
  const [panel, other] = [await mine.openItem('Alpha'), await theirs.openItem('Alpha')];
  const title = panel.getByRole('textbox', { name: 'Title' });
  const effort = panel.getByLabel('Effort', { exact: true });
  await title.focus();
  await other.getByRole('textbox', { name: 'Title' }).fill('Alpha, renamed');
  await theirs.page.keyboard.press('Enter');
  await expect(title, 'nobody types here').toHaveValue('Alpha, renamed');
  await effort.fill('3');
  await effort.press('Enter');
  await other.getByLabel('Effort', { exact: true }).fill('5');
  await theirs.page.keyboard.press('Enter');
  await expect(effort).toHaveValue('5');
  await title.focus();
  await effort.focus();
  await mine.saved();
  // What the server has.
  await theirs.page.reload();
  await hydrated(theirs.page);
  await expect(other.getByRole('textbox', { name: 'Title' })).toHaveValue('Alpha, renamed');
  await expect(other.getByLabel('Effort', { exact: true })).toHaveValue('5');

  // What somebody has typed is theirs.
  await title.fill('My Alpha');
  await other.getByRole('textbox', { name: 'Title' }).fill('Their Alpha');
  await theirs.page.keyboard.press('Enter');
  await expect(mine.card('Their Alpha')).toBeVisible();
  await expect(title).toHaveValue('My Alpha');
  await effort.focus();
  await expect(other.getByRole('textbox', { name: 'Title' })).toHaveValue('My Alpha');
});
