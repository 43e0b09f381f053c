import { Board, createProduct } from '../support/board';
import { type Page, expect, hydrated, test } from '../support/test';

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
  await page.getByRole('link', { name: 'History', exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`/p/${key}/history$`));
  await expect(lines(page).locator('.history__what').first()).toHaveText('moved “SSO” to the bin');
  const sentences = await lines(page).locator('.history__what').allTextContents();
  expect(sentences.slice(1, 6)).toEqual(told.slice(0, 5));
  expect(sentences).toContain('added the lane Later');

  // The page the server renders says the same.
  const html = await (await page.request.get(`/p/${key}/history`)).text();
  expect(html).toContain('moved “Single sign-on” from Later to Next');
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
  const filter = page.getByRole('combobox', { name: 'Changes by' });
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
  await expect(lines(page)).toHaveCount(65);
  await expect(lines(page).last()).toContainText('added the lane Now');
  await expect(page.getByRole('button', { name: 'Older' })).toHaveCount(0);
  const order = await lines(page).evaluateAll((all) => all.map((line) => Number(line.getAttribute('data-seq'))));
  expect(order).toEqual([...order].sort((a, b) => b - a));
});
