import { randomUUID } from 'node:crypto';
import { Board, createProduct, goToView } from '../support/board';
import { snapshot, speak } from '../support/live';
import { STILL, type Page, expect, hydrated, inBoth, test } from '../support/test';

// What happened, in words: of the product and of an item, deleted ones included; and getting things back.

const PLAN = { Now: ['Alpha', 'Bravo'], Next: ['Charlie'], Later: ['Single sign-on'] };

function lines(page: Page) {
  return page.locator('.history__line');
}

test('the history tells in words who did what, also to what was deleted', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const board = await Board.open(page, key);
  await board.link('Single sign-on').focus();
  await page.keyboard.press('Alt+ArrowLeft');
  await board.shows({ Next: ['Single sign-on', 'Charlie'], Later: [] });
  const panel = await board.openItem('Single sign-on');
  const title = panel.getByRole('textbox', { name: 'Title' });
  await title.fill('SSO');
  await title.press('Enter');
  await panel.getByRole('combobox', { name: 'Owner' }).selectOption({ label: 'Ruth Okafor' });
  await panel.getByRole('button', { name: 'Edit' }).click();
  await panel.getByRole('textbox', { name: 'Description in Markdown' }).fill('Sign in **once**.');
  await panel.getByRole('button', { name: 'Done' }).click();
  await expect(panel.locator('.prose strong')).toHaveText('once');
  await panel.getByRole('button', { name: /^Upvote/ }).click();
  await board.saved();

  const told = [
    'upvoted “SSO”',
    'changed the description of “SSO”',
    'set the owner of “SSO” to Ruth Okafor',
    'renamed “Single sign-on” to “SSO”',
    'moved “Single sign-on” from Later to Next',
    'added “Single sign-on” to Later',
  ];
  await panel.getByRole('button', { name: 'History' }).click();
  await expect(panel.locator('.history__what')).toHaveText(told);
  await expect(panel.locator('.history__who strong').first()).toHaveText('Mei Tanaka');
  await panel.getByText('Show the text').click();
  await expect(panel.locator('.history__text blockquote')).toHaveText('Sign in **once**.');

  await panel.getByRole('button', { name: 'Move to bin' }).click();
  await board.shows({ Next: ['Charlie'] });
  await expect(panel.locator('.history__what').first()).toHaveText('moved “SSO” to the bin');
  await board.saved();
  await goToView(page, 'History');
  await expect(page).toHaveURL(new RegExp(`/p/${key}/history$`));
  await expect(lines(page).locator('.history__what').first()).toHaveText('moved “SSO” to the bin');
  const sentences = await lines(page).locator('.history__what').allTextContents();
  expect(sentences.slice(1, 6)).toEqual(told.slice(0, 5));
  expect(sentences).toContain('added the lane Later');

  // The page the server renders says the same.
  const html = await (await page.request.get(`/p/${key}/history`)).text();
  expect(html.replace(/<[^>]*>/g, '')).toContain('moved “Single sign-on” from Later to Next');
});

test('each day has one heading in the reader’s zone, however much of the history was asked for', async ({ open }) => {
  for (const timezoneId of ['Asia/Tokyo', 'America/Los_Angeles']) {
    const page = await open('editor', { timezoneId });
    await page.goto('/p/ERP/history');
    await hydrated(page);
    await expect(lines(page)).toHaveCount(50);
    await page.getByRole('button', { name: 'Older' }).click();
    await expect(lines(page)).toHaveCount(100);
    const { days, headings } = await page.evaluate(() => {
      const local = (time: HTMLTimeElement) => new Date(time.dateTime).toDateString();
      const all = [...document.querySelectorAll<HTMLTimeElement>('.history__who time')].map(local);
      const shown = [...document.querySelectorAll<HTMLTimeElement>('.history__day time')].filter((time) => time.checkVisibility());
      return { days: all.filter((day, index) => day !== all[index - 1]), headings: shown.map(local) };
    });
    expect(days.length).toBeGreaterThan(3);
    expect(headings, timezoneId).toEqual(days);
  }
});

test('the history of one person is asked for without leaving the page, and by its address', async ({ open }) => {
  const page = await open('editor');
  await page.goto('/p/ERP/history');
  await hydrated(page);
  const people = () => lines(page).locator('.history__who strong').allTextContents();
  expect(new Set(await people()).size).toBeGreaterThan(1);
  const filter = page.getByRole('combobox', { name: 'Who' });
  await filter.focus();
  await filter.selectOption({ label: 'Ruth Okafor' });
  await expect.poll(async () => [...new Set(await people())]).toEqual(['Ruth Okafor']);
  await expect(filter, 'the next choice is one key away').toBeFocused();
  await expect(page).toHaveURL(/\?by=/);
  await page.reload();
  await hydrated(page);
  expect([...new Set(await people())]).toEqual(['Ruth Okafor']);
  await expect(filter.locator('option:checked')).toHaveText('Ruth Okafor');
  await filter.selectOption({ label: 'Everyone' });
  await expect.poll(async () => new Set(await people()).size).toBeGreaterThan(1);
});

test('the bin gives back what was deleted, and an address of a deleted item says so', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const board = await Board.open(page, key);
  for (const title of ['Alpha', 'Charlie', 'Bravo']) {
    await board.link(title).focus();
    await page.keyboard.press('Delete');
    await expect(board.card(title)).toHaveCount(0);
  }
  await board.saved();
  await page.goto(`/p/${key}/i/${key}-1`);
  await hydrated(page);
  await expect(board.panel).toContainText('This item is in the bin.');
  await page.goto(`/p/${key}/bin`);
  await hydrated(page);
  await expect(page.locator('.bin__title')).toHaveText(['Bravo', 'Charlie', 'Alpha']);
  await expect(page.locator('tbody .bin__who').first()).toHaveText('Mei Tanaka');
  await page.setViewportSize({ width: 390, height: 844 });
  const bottom = async (part: string) => {
    const { y, height } = (await page.locator(`tbody ${part}`).first().boundingBox())!;
    return y + height;
  };
  expect(await bottom('.bin__who'), 'a phone has who and when on a line below').toBeGreaterThan(await bottom('.bin__title'));
  await page.getByRole('button', { name: 'Restore Charlie' }).click();
  await expect(page.locator('.bin__title')).toHaveText(['Bravo', 'Alpha']);
  await hydrated(page);
  await page.getByRole('button', { name: 'Restore all' }).click();
  await expect(page.getByRole('heading', { name: 'The bin is empty' })).toBeVisible();
  await page.getByRole('link', { name: 'Board', exact: true }).click();
  await board.shows(PLAN);
});

test('a long history is read page by page', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, { Now: ['Alpha', 'Bravo'] });
  const board = await Board.open(page, key);
  await board.link('Alpha').focus();
  for (let round = 0; round < 30; round += 1) {
    await page.keyboard.press('Alt+ArrowDown');
    await expect(board.said).toHaveText('Moved “Alpha” to Now, position 2 of 2.');
    await expect(board.link('Alpha')).toBeFocused();
    await page.keyboard.press('Alt+ArrowUp');
    await expect(board.said).toHaveText('Moved “Alpha” to Now, position 1 of 2.');
    await expect(board.link('Alpha')).toBeFocused();
  }
  await board.saved();
  await page.goto(`/p/${key}/history`);
  await hydrated(page);
  await expect(lines(page)).toHaveCount(50);
  await page.getByRole('button', { name: 'Older' }).click();
  // With the field that names objectives, which the sample organisation has.
  await expect(lines(page)).toHaveCount(67);
  await expect(lines(page).filter({ hasText: 'added the lane Now' })).toHaveCount(1);
  await expect(lines(page).last()).toContainText('created the product “Test bench”');
  await expect(page.getByRole('button', { name: 'Older' })).toHaveCount(0);
  const order = await page.locator('.history__line[data-seq]').evaluateAll((all) => all.map((line) => Number(line.getAttribute('data-seq'))));
  expect(order).toEqual([...order].sort((a, b) => b - a));
});

const LONG = `It is needed ${'very '.repeat(60)}much.`;

/** A product whose history has something of every kind: comments, a reason, an item in the bin, its profile and a baseline. */
async function busy(page: Page): Promise<string> {
  const key = await createProduct(page, PLAN);
  const { product, snapshot: { document } } = await snapshot(page, key);
  const item = (title: string) => document.items.find(({ fields }) => fields.title === title)!.id;
  const { outcomes } = await speak(page, product.roadmap, [
    { add_comment: { id: randomUUID(), item: item('Alpha'), body: LONG } },
    { add_comment: { id: randomUUID(), item: item('Bravo'), body: 'Short.' } },
    { batch: { ops: [{ set_item: { id: item('Alpha'), change: { status: 'dropped' } } }], reason: 'The budget was cut' } },
    { delete_items: { ids: [item('Charlie')] } },
  ]);
  expect(outcomes.every((outcome) => 'accepted' in outcome), JSON.stringify(outcomes)).toBe(true);
  const move = { key, from: 'growth', to: 'launch', reason: 'The pilot failed' };
  expect((await page.request.post('/api/move_stage', { form: move })).status()).toBe(200);
  expect((await page.request.post('/api/name_baseline', { form: { key, seq: '5', name: 'Plan' } })).status()).toBe(200);
  return key;
}

test('the history of a product is filtered by keyboard, and each filter is in its address', async ({ open }) => {
  test.setTimeout(90_000);
  const page = await open('editor', STILL);
  await page.goto('/');
  const key = await busy(page);
  await page.goto(`/p/${key}/history`);
  await hydrated(page);
  await expect(lines(page).locator('.history__what').first()).toHaveText('named the baseline “Plan”');
  await expect(lines(page)).toContainText(['changed the stage of the product from Growth to Launch']);
  await inBoth(page);

  // A kind, typed into its choice. The focus stays, and the address is the filter.
  const what = page.getByRole('combobox', { name: 'What' });
  await page.getByRole('combobox', { name: 'Who' }).focus();
  await page.keyboard.press('Tab');
  await expect(what).toBeFocused();
  await page.keyboard.type('Com');
  await expect(page).toHaveURL(/\?what=comments$/);
  await expect(lines(page)).toHaveCount(2);
  await expect(what).toBeFocused();
  await expect(page.getByRole('status').filter({ hasText: '2 changes' })).toBeVisible();

  // A comment is read in its line; of a long one the rest is a key away.
  await expect(page.locator('blockquote.history__comment')).toHaveText('Short.');
  const long = page.locator('details.history__comment');
  await expect(long.locator('blockquote')).toBeHidden();
  await long.locator('summary').focus();
  await page.keyboard.press('Enter');
  await expect(long.locator('blockquote')).toHaveText(LONG);
  await expect(long.locator('.history__beginning')).toBeHidden();
  await inBoth(page);

  // Its item is a key away, and so is the way back to the same history.
  await page.getByRole('link', { name: '“Alpha”' }).focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/p/${key}/i/${key}-1$`));
  await page.goBack();
  await expect(lines(page)).toHaveCount(2);
  await expect(what).toHaveValue('comments');

  // An item, in the bin by now; then nothing of the sort is left.
  await page.getByRole('button', { name: 'More filters' }).press('Enter');
  const item = page.getByRole('textbox', { name: 'Item', exact: true });
  await item.fill(`${key}-3`);
  await item.press('Enter');
  await expect(page).toHaveURL(new RegExp(`what=comments&item=${key}-3$`));
  await expect(page.getByText('No changes match these filters.')).toBeVisible();
  await what.focus();
  await page.keyboard.press('Home');
  await expect(page).toHaveURL(new RegExp(`history\\?item=${key}-3$`));
  await expect(lines(page).locator('.history__what')).toHaveText(['moved “Charlie” to the bin', /^added “Charlie” to Next/]);
  await expect(lines(page).last().getByText('In the bin')).toBeVisible();

  // What the address cannot ask for is said.
  await item.fill('ERP-1');
  await item.press('Enter');
  await expect(page.locator('.notice')).toHaveText(`ERP-1 isn’t an item of ${key}. All items are shown.`);
  await inBoth(page);

  // All at once, by one key.
  const clear = page.getByRole('link', { name: 'Clear filters' });
  await clear.focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/history$/);
  await expect(item).toHaveValue('');
  await expect(clear).toHaveCount(0);

  // A reason, and words in it.
  await page.getByRole('checkbox', { name: 'With a reason' }).focus();
  await page.keyboard.press('Space');
  await expect(page).toHaveURL(/\?reason=yes$/);
  await expect(page.locator('.history__reason')).toHaveText(['Reason: The pilot failed', 'Reason: The budget was cut']);
  const words = page.getByRole('searchbox', { name: 'Words in the reason' });
  await words.fill('budget rose');
  await words.press('Enter');
  await expect(page.getByText('No changes match these filters.')).toBeVisible();
});

test('days of the history are those of the reader, and a link means the same to all', async ({ open }) => {
  const there = await open('editor', { timezoneId: 'Asia/Tokyo' });
  await there.goto('/');
  const key = await busy(there);
  await there.goto(`/p/${key}/history`);
  await hydrated(there);
  const all = await lines(there).count();
  const today = await there.evaluate(() => new Date().toLocaleDateString('sv'));
  await there.getByRole('button', { name: 'More filters' }).click();
  await there.getByLabel('From').fill(today);
  await expect(there).toHaveURL(/\?from=\d{4}-\d\d-\d\dT15%3A00$/);
  await there.getByLabel('To', { exact: true }).fill(today);
  await expect(there).toHaveURL(/T15%3A00&to=\d{4}-\d\d-\d\dT15%3A00$/);
  await expect(lines(there)).toHaveCount(all);
  await there.reload();
  await hydrated(there);
  await expect(there.getByLabel('From')).toHaveValue(today);
  await expect(there.getByLabel('To', { exact: true })).toHaveValue(today);
  // Elsewhere the same moments are of another day.
  const here = await open('editor', { timezoneId: 'UTC' });
  await here.goto(new URL(there.url()).pathname + new URL(there.url()).search);
  await hydrated(here);
  await expect(lines(here)).toHaveCount(all);
  const before = new Date(Date.parse(today) - 86_400_000).toISOString().slice(0, 10);
  await expect(here.getByLabel('From')).toHaveValue(before);
  await here.getByRole('button', { name: 'More filters' }).click();
  await here.getByLabel('From').fill('2020-01-01');
  await expect(here).toHaveURL(/\?from=2020-01-01&/);
  await here.getByLabel('To', { exact: true }).fill('2020-01-02');
  await expect(here.getByText('No changes match these filters.')).toBeVisible();
});

test('a phone has every filter, and without scripts they are a form', async ({ open, expectTrouble }) => {
  // Scripts are off in one of the browsers.
  expectTrouble(/^request: GET .*\/pkg\/\S+ csp$/);
  const page = await open('editor', STILL);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/');
  const key = await busy(page);
  await page.goto(`/p/${key}/history?what=comments`);
  await hydrated(page);
  const beyond = () =>
    page.evaluate(() => Math.max(...[document.documentElement, document.querySelector('.main')!].map((frame) => frame.scrollWidth - frame.clientWidth)));
  expect(await beyond()).toBeLessThanOrEqual(0);
  const words = page.getByRole('searchbox', { name: 'Words in the reason' });
  await expect(words).toBeHidden();
  await page.getByRole('button', { name: 'More filters' }).click();
  await expect(words).toBeVisible();
  await inBoth(page);
  expect(await beyond()).toBeLessThanOrEqual(0);
  await page.getByRole('checkbox', { name: 'With a reason' }).check();
  await expect(page.getByText('No changes match these filters.')).toBeVisible();
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(words).toBeHidden();

  const plain = await open('editor', { javaScriptEnabled: false });
  await plain.goto(`/p/${key}/history`);
  await plain.getByRole('combobox', { name: 'What' }).selectOption({ label: 'Product' });
  await plain.getByRole('button', { name: 'Show' }).click();
  await expect(plain).toHaveURL(/what=product/);
  await expect(plain.locator('.history__what')).toHaveText(['changed the stage of the product from Growth to Launch', 'created the product “Test bench”']);
  await expect(plain.getByRole('combobox', { name: 'What' })).toHaveValue('product');
  await plain.getByRole('link', { name: 'Clear filters' }).click();
  await expect(plain.locator('.history__line')).not.toHaveCount(2);
});
