import { type CDPSession } from '@playwright/test';
import { Board, createProduct } from '../support/board';
import { snapshot, speak } from '../support/live';
import { type Page, expect, hydrated, signIn, test } from '../support/test';

// Fields keep what people type: while they type it, before the page is alive, and until it is sent.

const PLAN = { Now: ['Alpha', 'Bravo'], Next: [] };

/** How many entries the log of a roadmap has. */
async function entries(page: Page, key: string): Promise<number> {
  return (await snapshot(page, key)).snapshot.head;
}

/** An item as the server has it. */
async function stored(page: Page, key: string, title: string) {
  const { snapshot: { document } } = await snapshot(page, key);
  return document.items.find(({ fields }) => fields.title === title)!.fields;
}

test.describe('dates', () => {
  test.use({ locale: 'en-US' });

  test('a date is kept when it is complete and left, whatever it was on the way', async ({ open }) => {
    const page = await open('editor', { locale: 'en-US' });
    const key = await createProduct(page, PLAN);
    const board = await Board.open(page, key);
    const panel = await board.openItem('Alpha');
    const before = await entries(page, key);
    const start = panel.getByLabel('Start');
    await start.focus();
    await page.keyboard.type('10012027', { delay: 20 });
    await expect(start).toHaveValue('2027-10-01');
    expect(await entries(page, key), 'nothing is sent while somebody types').toBe(before);
    await page.keyboard.press('Enter');
    await board.saved();
    await expect.poll(async () => (await stored(page, key, 'Alpha')).start).toBe('2027-10-01');
    await panel.getByLabel('End', { exact: true }).focus();
    await page.keyboard.type('11022027', { delay: 20 });
    await panel.getByLabel('Effort').focus();
    await board.saved();
    await expect.poll(async () => (await stored(page, key, 'Alpha')).end).toBe('2027-11-02');
    expect(await entries(page, key), 'one entry for each date').toBe(before + 2);
  });

  test('a year that nobody plans is asked about, and half a date changes nothing', async ({ open }) => {
    const page = await open('editor', { locale: 'en-US' });
    const key = await createProduct(page, PLAN);
    const board = await Board.open(page, key);
    const panel = await board.openItem('Alpha');
    const start = panel.getByLabel('Start');
    await start.fill('2027-05-04');
    await start.press('Enter');
    await expect.poll(async () => (await stored(page, key, 'Alpha')).start).toBe('2027-05-04');
    await start.fill('0027-11-02');
    await start.blur();
    await expect(panel.getByRole('alert')).toHaveText('Is 0027 the right year?');
    expect((await stored(page, key, 'Alpha')).start).toBe('2027-05-04');
    await expect(start).toHaveValue('0027-11-02');
    await panel.getByRole('button', { name: 'Keep it' }).click();
    await expect.poll(async () => (await stored(page, key, 'Alpha')).start).toBe('0027-11-02');
    await expect(panel.getByRole('alert')).toHaveCount(0);

    await start.focus();
    await page.keyboard.press('Backspace');
    await panel.getByLabel('Effort').focus();
    await expect(panel.getByRole('alert')).toHaveText('Complete the date, or clear it.');
    await start.focus();
    await page.keyboard.press('Escape');
    await expect(start).toHaveValue('0027-11-02');
    await board.saved();
    expect((await stored(page, key, 'Alpha')).start).toBe('0027-11-02');
  });
});

/** Puts letters together as an input method does, and confirms or gives up with a key. */
async function compose(cdp: CDPSession, text: string, key: 'Enter' | 'Escape'): Promise<void> {
  await cdp.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
  await cdp.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key, code: key, windowsVirtualKeyCode: 229 });
}

test('Enter and Esc of an input method do nothing else', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const board = await Board.open(page, key);
  const cdp = await page.context().newCDPSession(page);
  const before = await entries(page, key);
  await board.lane('Now').getByRole('button', { name: 'Add item' }).click();
  const title = page.getByLabel('Title of the new item');
  await expect(title).toBeFocused();
  await compose(cdp, '東京', 'Enter');
  await compose(cdp, '東京', 'Escape');
  await expect(title).toBeFocused();
  await cdp.send('Input.insertText', { text: '東京' });
  await expect(title).toHaveValue('東京');
  expect(await entries(page, key)).toBe(before);
  await page.keyboard.press('Enter');
  await expect(board.titles('Now')).toHaveText(['Alpha', 'Bravo', '東京']);
  await page.keyboard.press('Escape');

  const panel = await board.openItem('Alpha');
  await panel.getByRole('textbox', { name: 'New comment in Markdown' }).focus();
  await compose(cdp, 'か', 'Escape');
  await expect(panel).toBeVisible();
});

test('a draft that is sent as soon as the page is alive does not come back', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const board = await Board.open(page, key);
  const comment = page.getByRole('textbox', { name: 'New comment in Markdown' });
  await board.openItem('Alpha');
  await comment.fill('Sent early');
  await page.reload();
  await hydrated(page);
  await expect(comment).toHaveValue('Sent early');
  await page.getByRole('button', { name: 'Comment', exact: true }).click();
  await expect(board.panel.locator('.comment')).toContainText('Sent early');
  // What was typed early is put back for a second.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1_500)));
  await expect(comment).toHaveValue('');
});

test('an unsent comment outlives Esc, other cards, Back and a reload', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const board = await Board.open(page, key);
  const comment = page.getByRole('textbox', { name: 'New comment in Markdown' });
  const said = 'Half a tho';
  await board.openItem('Alpha');
  await comment.pressSequentially(said);
  await page.keyboard.press('Escape');
  await expect(board.panel).toHaveCount(0);
  await board.openItem('Bravo');
  await expect(comment).toHaveValue('');
  await comment.fill('About Bravo');
  await board.openItem('Alpha');
  await expect(comment).toHaveValue(said);
  await page.goBack();
  await expect(comment).toHaveValue('About Bravo');
  await page.reload();
  await hydrated(page);
  await expect(comment).toHaveValue('About Bravo');
  await board.openItem('Alpha');
  await expect(comment).toHaveValue(said);

  await page.getByRole('button', { name: 'Comment', exact: true }).click();
  await expect(board.panel.locator('.comment')).toContainText(said);
  await expect(comment).toHaveValue('');
  await board.saved();
  await page.reload();
  await hydrated(page);
  await expect(comment).toHaveValue('');

  // A change of a comment is put aside by Esc, and thrown away by Cancel.
  const change = page.getByRole('textbox', { name: 'Comment in Markdown', exact: true });
  const mine = board.panel.locator('.comment').first();
  await mine.getByRole('button', { name: 'Edit' }).click();
  await expect(change).toHaveValue(said);
  await change.fill('A whole thought');
  await page.keyboard.press('Escape');
  await expect(mine).toContainText(said);
  await page.reload();
  await hydrated(page);
  await mine.getByRole('button', { name: 'Continue editing' }).click();
  await expect(change).toHaveValue('A whole thought');
  await mine.getByRole('button', { name: 'Cancel' }).click();
  await mine.getByRole('button', { name: 'Edit', exact: true }).click();
  await expect(change).toHaveValue(said);
});

test('the title of a new card outlives Esc and a reload', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const board = await Board.open(page, key);
  const title = page.getByLabel('Title of the new item');
  const add = () => board.lane('Now').getByRole('button', { name: 'Add item' }).click();
  await add();
  await title.pressSequentially('Half a ti');
  await page.keyboard.press('Escape');
  await page.reload();
  await hydrated(page);
  await add();
  await expect(title).toHaveValue('Half a ti');
  await page.keyboard.press('Enter');
  await expect(board.titles('Now')).toHaveText(['Alpha', 'Bravo', 'Half a ti']);
  await page.keyboard.press('Escape');
  await add();
  await expect(title).toHaveValue('');
});

test('a half-filled form outlives Back and a reload, and is gone once it was sent', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const address = `/voting/new?product=${key}`;
  const title = page.getByRole('textbox', { name: 'Title' });
  const mode = page.getByRole('radio', { name: /^Ranking/ });
  await page.goto(address);
  await hydrated(page);
  await title.fill('What comes next?');
  await mode.check();
  for (const item of [/Alpha/, /Bravo/]) await page.getByRole('checkbox', { name: item }).check();
  await page.goto('/people');
  await page.goBack();
  await hydrated(page);
  await expect(title).toHaveValue('What comes next?');
  await page.reload();
  await hydrated(page);
  await expect(title).toHaveValue('What comes next?');
  await expect(mode).toBeChecked();
  await expect(page.getByRole('checkbox', { name: /Bravo/ })).toBeChecked();
  await expect(page.locator('.setup__form')).toHaveClass(/setup--ranking/);
  await page.getByRole('button', { name: 'Save as a draft' }).click();
  await expect(page).toHaveURL(/\/voting\/[0-9a-f-]{36}$/);
  await page.goto(address);
  await hydrated(page);
  await expect(title).toHaveValue('');
});

test('several lines that are pasted become several items, if that is wanted', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const board = await Board.open(page, key);
  await board.lane('Next').getByRole('button', { name: 'Add item' }).click();
  await page.getByLabel('Title of the new item').evaluate((input: HTMLInputElement) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', '- One\n- Two\n\n- Three\n');
    input.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  });
  await page.getByRole('button', { name: 'Add 3 items' }).click();
  await expect(board.titles('Next')).toHaveText(['One', 'Two', 'Three']);
  await board.toast.getByRole('button', { name: 'Undo' }).click();
  await expect(board.titles('Next')).toHaveText([]);
});

/** Keeps pages from coming alive until what is returned is called. */
async function holdProgram(page: Page): Promise<() => void> {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/*.wasm', async (route) => {
    await held;
    await route.continue();
  });
  return release;
}

test('what is typed and chosen before the page is alive is kept', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const release = await holdProgram(page);
  await page.goto(`/p/${key}/i/${key}-1`, { waitUntil: 'domcontentloaded' });
  const panel = page.locator('aside.item-panel');
  await panel.getByLabel('Status').selectOption({ label: 'In progress' });
  await panel.getByLabel('Effort').fill('3');
  await panel.getByLabel('Start').fill('2027-03-01');
  await page.getByRole('textbox', { name: 'New comment in Markdown' }).pressSequentially('Early bird');
  await page.getByLabel('Filter by text').pressSequentially('alp');
  await panel.getByLabel('Title').fill('Alpha, early');
  expect(await page.locator('html[data-hydrated]').count()).toBe(0);
  release();
  await hydrated(page);
  const board = new Board(page, key);
  await expect(board.titles('Now')).toHaveText(['Alpha']);
  await expect(page.getByRole('textbox', { name: 'New comment in Markdown' })).toHaveValue('Early bird');
  await expect(panel.getByLabel('Title')).toHaveValue('Alpha, early');
  await panel.getByLabel('Title').press('Enter');
  await board.saved();
  await expect.poll(() => stored(page, key, 'Alpha, early')).toMatchObject({ status: 'in_progress', effort: 30, start: '2027-03-01' });
});

test('boxes that are ticked and moments that are chosen before the page is alive are kept', async ({ open }) => {
  const page = await open('owner');
  const release = await holdProgram(page);
  await page.goto('/voting/new?product=ERP', { waitUntil: 'domcontentloaded' });
  const candidate = page.locator('input[name="draft[items][]"]:visible').first();
  const closes = page.locator('input[name="draft[closes]"]');
  await page.evaluate(() => document.querySelectorAll('details').forEach((part) => (part.open = true)));
  await candidate.check();
  await closes.fill('2027-03-01T09:30');
  expect(await page.locator('html[data-hydrated]').count()).toBe(0);
  release();
  await hydrated(page);
  await expect(candidate).toBeChecked();
  await expect(closes).toHaveValue('2027-03-01T09:30');
});

test('a choice on a page that is alive replaces the one made before', async ({ open }) => {
  const page = await open('owner');
  const release = await holdProgram(page);
  await page.goto('/people', { waitUntil: 'domcontentloaded' });
  await page.getByText('Invite people').click();
  await page.getByLabel('One link for several').check();
  expect(await page.locator('html[data-hydrated]').count()).toBe(0);
  release();
  await hydrated(page);
  const personal = page.getByLabel('A link for each person');
  await personal.check();
  // What was chosen early is put back for a second.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1_500)));
  await expect(personal).toBeChecked();
});

test('a task is ticked by a click, and its text follows', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const board = await Board.open(page, key);
  const panel = await board.openItem('Alpha');
  await panel.getByRole('button', { name: 'Edit', exact: true }).click();
  await panel.getByRole('textbox', { name: 'Description in Markdown' }).fill('Über:\n\n- [ ] First\n- [x] Second\n\nwww.example.org\nnext line');
  await panel.getByRole('button', { name: 'Done' }).click();
  await expect(panel.getByRole('link', { name: 'www.example.org' })).toHaveAttribute('href', 'https://www.example.org');
  const first = panel.getByRole('checkbox', { name: 'First' });
  await first.check();
  await board.saved();
  await expect.poll(async () => (await stored(page, key, 'Alpha')).description).toContain('- [x] First\n- [x] Second');
  await expect(first).toBeChecked();
  await page.keyboard.press('Control+z');
  await expect(first).not.toBeChecked();

  const other = await open('viewer');
  await other.goto(`/p/${key}/i/${key}-1`);
  await hydrated(other);
  const fixed = other.getByRole('checkbox', { name: 'First' });
  await fixed.focus();
  await other.keyboard.press('Space');
  await expect(fixed).not.toBeChecked();
});

test('shortcuts work where the letters are not Latin, and words are found however they were typed', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, { Now: ['Cafe\u0301 für Zoë', 'Bravo'] });
  const board = await Board.open(page, key);
  await board.link('Bravo').focus();
  await page.evaluate(() => {
    const event = new KeyboardEvent('keydown', { key: 'с', code: 'KeyC', bubbles: true, cancelable: true });
    document.activeElement!.dispatchEvent(event);
  });
  await expect(page.getByLabel('Title of the new item')).toBeFocused();
  await page.keyboard.press('Escape');
  await page.getByLabel('Filter by text').fill('CAFÉ');
  await expect(board.titles('Now')).toHaveText(['Cafe\u0301 für Zoë']);
  await expect(board.link('Cafe\u0301 für Zoë')).toHaveAttribute('dir', 'auto');
});

test.describe('times', () => {
  test('are in the reader’s zone from the first paint, and in full on hover', async ({ open }) => {
    const page = await open('owner', { timezoneId: 'Asia/Tokyo' });
    const key = await createProduct(page, PLAN);
    await page.addInitScript(() => {
      const seen = ((window as unknown as { seen: string[] }).seen = []) as string[];
      const look = () => {
        for (const time of document.querySelectorAll('time')) if (!seen.includes(time.textContent!)) seen.push(time.textContent!);
      };
      // Sizes are reported after all that is done before a frame, and before the frame is drawn.
      const probe = document.createElement('i');
      probe.style.cssText = 'position: fixed; display: block; height: 1px; visibility: hidden';
      new ResizeObserver(look).observe(probe);
      let frames = 0;
      const frame = () => {
        if (!probe.isConnected) document.documentElement?.append(probe);
        probe.style.width = `${1 + (frames++ % 2)}px`;
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
    await page.goto(`/p/${key}/history`);
    await hydrated(page);
    await expect(page.getByRole('heading', { name: 'Today' })).toBeVisible();
    const time = page.locator('.history__who time').first();
    await expect(time).toHaveText(/^\d{1,2}:\d\d(\s[AP]M)?$/i);
    await expect(time).toHaveAttribute('title', /GMT\+9|JST|Japan/);
    const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen);
    expect(seen.filter((text) => text.includes('UTC')), 'no other time is ever drawn').toEqual([]);
    // Where no day stands above it, a near moment is as people say it.
    await page.goto('/account');
    await hydrated(page);
    await expect(page.locator('time').first()).toHaveText(/^(just now|\d+ min ago)$/);
  });
});

test('a lane that was deleted and a tag that nothing has are still shown as what they are', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const { product, snapshot: { document } } = await snapshot(page, key);
  const alpha = document.items.find(({ fields }) => fields.title === 'Alpha')!;
  const board = await Board.open(page, key);
  const [now, next] = ['Now', 'Next'].map((name) => document.lanes.find((lane) => lane.name === name)!.id);
  const { outcomes } = await speak(page, product.roadmap, [
    { set_item: { id: alpha.id, change: { add_tag: 'rare' } } },
    { delete_items: { ids: [alpha.id] } },
    { delete_lane: { id: now, move_to: next } },
  ]);
  expect(outcomes.map((outcome) => Object.keys(outcome)[0])).toEqual(['accepted', 'accepted', 'accepted']);

  // In the bin it says where it was.
  await page.goto(`/p/${key}/i/${key}-${alpha.number}`);
  await hydrated(page);
  await expect(board.panel.locator('.item-panel__fields .field', { hasText: 'Lane' })).toContainText('Now (deleted)');

  // A filter in the address goes on asking for a tag that no card has.
  await page.goto(`/p/${key}?tag=rare`);
  await hydrated(page);
  const filter = page.getByRole('combobox', { name: 'Tag' }).first();
  await expect(filter.locator('option:checked')).toHaveText(/rare/);
  await expect(page.locator('.board .card:not([hidden])')).toHaveCount(0);
});

test('an owner who left is shown and found as such, and stays until somebody chooses another', async ({ serve, visit }) => {
  const server = await serve({ demo: true });
  const page = await visit(server);
  await signIn(page, 'owner');
  const key = await createProduct(page, PLAN);
  const { product, snapshot: { document }, members, user } = await snapshot(page, key);
  const leaver = members.find(({ id }) => id !== user)!;
  const alpha = document.items.find(({ fields }) => fields.title === 'Alpha')!;
  await speak(page, product.roadmap, [{ set_item: { id: alpha.id, change: { owner: leaver.id } } }]);
  const removed = await page.request.post('/api/remove_member', { form: { user: leaver.id } });
  expect(removed.status(), await removed.text()).toBe(200);

  const board = await Board.open(page, key);
  const panel = await board.openItem('Alpha');
  const owner = panel.getByLabel('Owner');
  await expect(owner.locator('option:checked')).toHaveText(`${leaver.name} (left)`);
  const filter = page.getByRole('combobox', { name: 'Owner' }).first();
  await filter.selectOption({ label: `${leaver.name} (left)` });
  await expect(board.titles('Now')).toHaveText(['Alpha']);
  // Nothing of it is left, and yet it is what is asked for.
  await owner.selectOption({ label: 'Nobody' });
  await expect(board.titles('Now')).toHaveText([]);
  await expect(filter.locator('option:checked')).toHaveText(`${leaver.name} (left)`);
});
