import { Board, createProduct, runImport } from '../support/board';
import { expect, hydrated, test } from '../support/test';

// The board for one person: finding cards, fields in the panel, keys.

test('cards are filtered by text, tag, owner and investment', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page);
  const text = [
    'Title,Lane,Tags,Owner,Investment',
    'Single sign-on,Now,security;users,Ruth Okafor,retention',
    'Faster search,Now,users,Mei Tanaka,innovation',
    'Rotate keys,Next,security,,run',
  ].join('\n');
  const mapping = { Title: 'title', Lane: 'lane', Tags: 'tags', Owner: 'owner', Investment: 'investment' };
  expect((await page.request.post('/api/run_import', { data: { key, text, mapping } })).status()).toBe(200);
  const board = await Board.open(page, key);
  const all = { Now: ['Single sign-on', 'Faster search'], Next: ['Rotate keys'] };
  await board.shows(all);

  await page.keyboard.press('/');
  const field = page.getByRole('searchbox', { name: 'Filter by text' });
  await expect(field).toBeFocused();
  await page.keyboard.type('SEARCH');
  await board.shows({ Now: ['Faster search'], Next: [] });
  await expect(board.lane('Now').locator('.lane__count')).toContainText('1 of 2');
  await expect(board.lane('Next')).toContainText('No card matches the filter');
  await expect(board.link('Single sign-on')).toBeHidden();
  // The keys pass over what is hidden: Tab reaches the first that is seen, and nothing is above it.
  await board.link('Faster search').focus();
  await page.keyboard.press('ArrowUp');
  await expect(board.link('Faster search')).toBeFocused();
  await expect(board.link('Faster search')).toHaveAttribute('tabindex', '0');
  const hidden = page.locator('.card__link').filter({ hasText: 'Single sign-on' });
  await expect(hidden).toHaveAttribute('tabindex', '-1');
  // What comes is hidden or shown as it matches.
  const more = 'Title,Lane\nSearch in comments,Next\nAudit of keys,Next\n';
  await runImport(page, key, more, { Title: 'title', Lane: 'lane' });
  await board.shows({ Now: ['Faster search'], Next: ['Search in comments'] });
  await expect(board.lane('Next').locator('.lane__count')).toContainText('1 of 3');
  await page.getByRole('button', { name: 'Clear' }).click();
  all.Next.push('Search in comments', 'Audit of keys');
  await board.shows(all);

  await page.getByRole('combobox', { name: 'Tag' }).selectOption('security');
  await board.shows({ Now: ['Single sign-on'], Next: ['Rotate keys'] });
  await page.getByRole('combobox', { name: 'Owner' }).selectOption({ label: 'Nobody' });
  await board.shows({ Now: [], Next: ['Rotate keys'] });
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByRole('combobox', { name: 'Investment' }).selectOption('innovation');
  await board.shows({ Now: ['Faster search'], Next: [] });

  // What is moved while others are hidden goes beside what was seen.
  await board.link('Faster search').focus();
  await page.keyboard.press('Alt+ArrowRight');
  await board.shows({ Now: [], Next: ['Faster search'] });
  await page.getByRole('button', { name: 'Clear' }).click();
  await board.shows({ Now: ['Single sign-on'], Next: [...all.Next, 'Faster search'] });
});

test('the fields of an item are changed in the panel, and wrong ones say what to do', async ({ open }) => {
  const [editor, owner] = [await open('editor'), await open('owner')];
  const key = await createProduct(editor, { Now: ['Alpha'], Next: [] });
  const [mine, theirs] = await Promise.all([Board.open(editor, key, `/i/${key}-1`), Board.open(owner, key, `/i/${key}-1`)]);
  const field = (board: Board, name: string) =>
    board.panel
      .locator('label')
      .filter({ has: board.page.getByText(name, { exact: true }) })
      .locator('input, select');

  await field(mine, 'Status').selectOption('in_progress');
  await expect(field(theirs, 'Status')).toHaveValue('in_progress');
  await field(mine, 'Type').selectOption('enhancement');
  await expect(field(theirs, 'Type')).toHaveValue('enhancement');
  await field(mine, 'Investment').selectOption('run');
  await expect(theirs.card('Alpha')).toHaveClass(/card--run/);
  await field(mine, 'Effort').fill('12.5');
  await editor.keyboard.press('Enter');
  await expect(theirs.card('Alpha')).toContainText('12.5 d');
  await expect(theirs.lane('Now').locator('.lane__effort')).toHaveText('12.5 d');
  await field(mine, 'Start').fill('2026-05-01');
  await field(mine, 'Start').press('Enter');
  await field(mine, 'End').fill('2026-06-30');
  await field(mine, 'End').press('Enter');
  await expect(field(theirs, 'End')).toHaveValue('2026-06-30');
  await expect(theirs.card('Alpha').locator('[title=Dates]')).toHaveText(/May.*Jun 26/);

  await field(mine, 'End').fill('2026-04-01');
  await field(mine, 'End').press('Enter');
  await expect(mine.panel.getByRole('alert')).toHaveText('The end is before the start. Choose an end on or after the start.');
  await expect(field(theirs, 'End')).toHaveValue('2026-06-30');
  await field(mine, 'End').fill('2026-06-30');
  await field(mine, 'End').press('Enter');
  await expect(mine.panel.getByRole('alert')).toHaveCount(0);
  await field(mine, 'Effort').fill('a lot');
  await field(mine, 'Effort').press('Enter');
  await expect(mine.panel.getByRole('alert')).toHaveText(/\.$/);
  await field(mine, 'Effort').press('Escape');

  await field(mine, 'Add tag').fill('Security, users');
  await field(mine, 'Add tag').press('Enter');
  await expect(theirs.panel.locator('.tag')).toHaveText(['security', 'users']);
  await mine.panel.getByRole('button', { name: 'Remove tag security' }).click();
  await expect(theirs.panel.locator('.tag')).toHaveText(['users']);
  await field(mine, 'Lane').selectOption({ label: 'Next' });
  await theirs.shows({ Now: [], Next: ['Alpha'] });

  // What one types is not moved by another's change, and the last word wins.
  const title = (board: Board) => board.panel.getByRole('textbox', { name: 'Title' });
  await title(mine).fill('Alpha, half typed');
  await title(theirs).fill('Alpha by the owner');
  await title(theirs).press('Enter');
  await mine.shows({ Next: ['Alpha by the owner'] });
  await expect(title(mine)).toHaveValue('Alpha, half typed');
  await title(mine).press('Enter');
  await theirs.shows({ Next: ['Alpha, half typed'] });
});

test('keys are shown, undone and redone, and close what is open', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, { Now: ['Alpha', 'Bravo'], Next: [] });
  const board = await Board.open(page, key);
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keys' });
  await expect(help).toContainText('Move the card');
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();

  await page.locator('.board .card__link').first().focus();
  await page.keyboard.press('Enter');
  await expect(board.panel).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`/p/${key}/i/${key}-1$`));
  await page.keyboard.press('Escape');
  await expect(board.panel).toHaveCount(0);
  await expect(page).toHaveURL(new RegExp(`/p/${key}$`));

  await board.link('Alpha').focus();
  await page.keyboard.press('Alt+ArrowRight');
  await board.shows({ Now: ['Bravo'], Next: ['Alpha'] });
  await page.keyboard.press('Delete');
  await board.shows({ Now: ['Bravo'], Next: [] });
  await page.keyboard.press('Control+z');
  await board.shows({ Now: ['Bravo'], Next: ['Alpha'] });
  await page.keyboard.press('Control+z');
  await board.shows({ Now: ['Alpha', 'Bravo'], Next: [] });
  await page.keyboard.press('Control+Shift+Z');
  await board.shows({ Now: ['Bravo'], Next: ['Alpha'] });
  await board.saved();
});

test('a lane scrolls by itself while a card is held at its edge', async ({ open }) => {
  const page = await open('editor');
  const many = Array.from({ length: 30 }, (_, index) => `Card ${index + 1}`);
  const key = await createProduct(page, { Now: many });
  const board = await Board.open(page, key);
  const list = board.lane('Now').locator('.lane__cards');
  const box = (await list.boundingBox())!;
  await board.lift('Card 1', { x: box.x + box.width / 2, y: box.y + box.height - 6 });
  await expect(board.card('Card 30')).toBeInViewport();
  await expect.poll(() => list.evaluate((element) => element.scrollHeight - element.clientHeight - element.scrollTop)).toBeLessThan(2);
  await page.mouse.up();
  await expect(board.titles('Now').last()).toHaveText('Card 1');
  await board.saved();
});

test('keys pressed before the next frame all meet the card', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, { Now: ['Alpha', 'Bravo', 'Charlie'], Next: ['Delta'], Later: ['Echo', 'Foxtrot'] });
  const board = await Board.open(page, key);
  await board.link('Alpha').focus();
  // Frames that take their time stand for fingers that do not.
  await page.evaluate(() => {
    window.requestAnimationFrame = (run) => window.setTimeout(() => run(performance.now()), 1_000);
  });
  for (const press of ['Alt+ArrowDown', 'Alt+ArrowDown', 'Alt+ArrowRight', 'Alt+ArrowRight', 'Alt+ArrowUp']) {
    await page.keyboard.press(press);
  }
  await board.shows({ Now: ['Bravo', 'Charlie'], Next: ['Delta'], Later: ['Alpha', 'Echo', 'Foxtrot'] });
  await expect(board.link('Alpha')).toBeFocused();
  await board.saved();
});

test('a card keeps the focus while somebody else moves it, and others past it', async ({ open }) => {
  const [editor, owner] = [await open('editor'), await open('owner')];
  const key = await createProduct(editor, { Now: ['Alpha', 'Bravo', 'Charlie', 'Delta', 'Echo'] });
  const [mine, theirs] = await Promise.all([Board.open(editor, key), Board.open(owner, key)]);
  await theirs.link('Charlie').focus();
  await mine.link('Charlie').focus();
  await editor.keyboard.press('Alt+End');
  await theirs.shows({ Now: ['Alpha', 'Bravo', 'Delta', 'Echo', 'Charlie'] });
  await expect(theirs.link('Charlie')).toBeFocused();
  await mine.link('Alpha').focus();
  await editor.keyboard.press('Alt+End');
  await editor.keyboard.press('Alt+ArrowUp');
  await theirs.shows({ Now: ['Bravo', 'Delta', 'Echo', 'Alpha', 'Charlie'] });
  await expect(theirs.link('Charlie')).toBeFocused();
  await mine.shows({ Now: ['Bravo', 'Delta', 'Echo', 'Alpha', 'Charlie'] });
  await expect(mine.link('Alpha')).toBeFocused();
});

test('the card of the open item is marked, wherever it goes', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, { Now: ['Alpha', 'Bravo'], Next: [] });
  const board = await Board.open(page, key, `/i/${key}-2`);
  const current = page.locator('.card__link[aria-current=true]');
  await expect(current).toHaveText(['Bravo']);
  await expect(page.locator('.tab[aria-current=page]')).toHaveText('Board');
  await board.panel.getByRole('combobox', { name: 'Lane' }).selectOption({ label: 'Next' });
  await board.shows({ Now: ['Alpha'], Next: ['Bravo'] });
  await expect(current).toHaveText(['Bravo']);
  await board.openItem('Alpha');
  await expect(current).toHaveText(['Alpha']);
  await page.keyboard.press('Escape');
  await expect(current).toHaveCount(0);
});

test('a long title is seen in full where it is edited, and stays one line', async ({ open }) => {
  const page = await open('editor');
  const long = 'Rework how the borrow checker explains conflicts between loans that outlive one another across await points';
  const key = await createProduct(page, { Now: [long] });
  const board = await Board.open(page, key);
  const panel = await board.openItem(long);
  const title = panel.getByRole('textbox', { name: 'Title' });
  const hidden = () => title.evaluate((field) => field.scrollHeight - field.clientHeight);
  const height = async () => (await title.boundingBox())!.height;
  await expect(title).toHaveValue(long);
  expect(await hidden()).toBeLessThanOrEqual(1);
  const before = await height();
  await title.fill('Short');
  expect(await height()).toBeLessThan(before);
  await title.evaluate((field: HTMLTextAreaElement) => {
    field.value = 'Pasted\nfrom two lines';
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
  });
  await title.press('Enter');
  await board.shows({ Now: ['Pasted from two lines'] });
  await expect(title).toHaveValue('Pasted from two lines');
  await board.saved();
});

test('the rail leads from one product to another, from every face', async ({ open }) => {
  const page = await open('editor');
  const one = await createProduct(page, { Now: ['Alpha'] });
  const two = await createProduct(page, { Now: ['Bravo'] });
  for (const face of ['', '/timeline', '/table', `/i/${one}-1`]) {
    await Board.open(page, one, face);
    await page.locator(`.rail a[href="/p/${two}"]`).click();
    await expect(page).toHaveTitle(/Roadmap/);
    await new Board(page, two).shows({ Now: ['Bravo'], Next: [], Later: [] });
    await expect(page).toHaveURL(new RegExp(`/p/${two}$`));
  }
  // On to another before the first has come.
  const link = (key: string) => page.locator(`.rail a[href="/p/${key}"]`);
  await page.route('**/api/load_board', async (route) => {
    await new Promise((done) => setTimeout(done, 300));
    await route.continue();
  });
  await link(one).click();
  await link(two).click();
  await link(one).click();
  await new Board(page, one).shows({ Now: ['Alpha'] });
  await page.unroute('**/api/load_board');
  await link(two).click();
  const board = new Board(page, two);
  await board.shows({ Now: ['Bravo'] });
  await board.lane('Now').getByRole('button', { name: 'Add item' }).click();
  await page.keyboard.type('Charlie');
  await page.keyboard.press('Enter');
  await expect(board.card('Charlie')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(board.link('Charlie'), 'the keyboard goes on there').toBeFocused();
  await board.saved();
});

test('a notice that outlives its page says where to undo', async ({ open }) => {
  const page = await open('editor');
  const one = await createProduct(page, { Now: ['Alpha'] });
  const two = await createProduct(page, { Now: ['Bravo'] });
  const board = await Board.open(page, one);
  await board.choose('Alpha', 'Next');
  const moved = board.toast.filter({ hasText: 'Moved' });
  await expect(moved).toBeVisible();
  await page.locator(`.rail a[href="/p/${two}"]`).click();
  const other = new Board(page, two);
  await other.shows({ Now: ['Bravo'] });
  await moved.getByRole('button', { name: 'Undo' }).click();
  await expect(other.toast.filter({ hasText: 'That page was left.' })).toBeVisible();
  await other.choose('Bravo', 'Later');
  await other.saved();
  await other.shows({ Now: [], Later: ['Bravo'] });
  // There it is still the latest step.
  await page.goto(`/p/${one}`);
  await hydrated(page);
  await page.keyboard.press('Control+z');
  await new Board(page, one).shows({ Now: ['Alpha'], Next: [] });
});
