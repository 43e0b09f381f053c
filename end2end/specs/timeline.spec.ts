import type { Locator, Page } from '@playwright/test';
import { Board, Finger, type Point, boxOf, centre, createProduct, runImport } from '../support/board';
import { snapshot } from '../support/live';
import { STILL, expect, inBoth, signIn, test } from '../support/test';

// A roadmap as a timeline.

/** Days at the usual zoom, in pixels. */
const DAY = 2.7;
const MAPPING = {
  Title: 'title',
  Lane: 'lane',
  Status: 'status',
  Start: 'start',
  End: 'end',
  Effort: 'effort',
  Team: 'field:team',
  'Date precision': 'field:precision',
};

type Row = { title: string; start?: string; end?: string; lane?: string; status?: string; effort?: number; team?: string; precision?: string };

/** The day so many days from today, as it is stored. */
function day(days: number): string {
  const today = new Date();
  return new Date(Date.UTC(today.getFullYear(), today.getMonth(), today.getDate() + days)).toISOString().slice(0, 10);
}

/** The first or last day of the quarter so many quarters from this one. */
function quarter(quarters: number, end: 'first' | 'last'): string {
  const today = new Date();
  const month = (Math.floor(today.getMonth() / 3) + quarters) * 3;
  return new Date(Date.UTC(today.getFullYear(), end === 'first' ? month : month + 3, end === 'first' ? 1 : 0)).toISOString().slice(0, 10);
}

async function roadmap(page: Page, rows: Row[]): Promise<string> {
  const key = await createProduct(page);
  const cells = rows.map((row) =>
    [row.title, row.lane ?? 'Now', row.status ?? '', row.start ?? '', row.end ?? '', row.effort ?? '', row.team ?? '', row.precision ?? ''].join(','),
  );
  await runImport(page, key, [Object.keys(MAPPING).join(','), ...cells].join('\n'), MAPPING);
  return key;
}

const PLAN: Row[] = [
  { title: 'Alpha', start: day(-10), end: day(40) },
  { title: 'Bravo', start: day(5), end: day(60), status: 'In progress' },
  { title: 'Charlie', end: day(30), lane: 'Next' },
  { title: 'Delta', start: day(20), lane: 'Next' },
  { title: 'Echo', lane: 'Later' },
];

class Timeline extends Board {
  static override async open(page: Page, key: string, query = ''): Promise<Timeline> {
    await Board.open(page, key, `/timeline${query}`);
    await expect(page.locator('.timeline__now')).toBeAttached();
    return new Timeline(page, key);
  }

  bar(title: string): Locator {
    return this.page.getByRole('link', { name: new RegExp(`^${title}, `) });
  }

  fill(title: string): Locator {
    return this.bar(title).locator('.bar__fill');
  }

  listed(title: string): Locator {
    return this.page.locator('[data-listed]').filter({ hasText: title });
  }

  get tags(): Locator {
    return this.page.locator('.bar__tag');
  }

  /** Presses on a bar and carries it to the right, without letting go. */
  async lift(title: string, days: number, part: 'whole' | 'start' | 'end' = 'whole'): Promise<void> {
    const box = await boxOf(part === 'whole' ? this.fill(title) : this.bar(title).locator(`[data-part=${part}]`));
    const from = centre(box);
    await this.page.mouse.move(from.x, from.y);
    await this.page.mouse.down();
    await this.page.mouse.move(from.x + Math.sign(days) * 8, from.y, { steps: 2 });
    await this.page.mouse.move(from.x + days * DAY, from.y, { steps: 4 });
    await expect(this.tags.first()).toBeVisible();
  }

  async move(title: string, days: number, part: 'whole' | 'start' | 'end' = 'whole'): Promise<void> {
    await this.lift(title, days, part);
    await this.page.mouse.up();
    await expect(this.tags).toHaveCount(0);
  }

  /** The days that the server has of an item. */
  async stored(title: string): Promise<string> {
    await this.saved();
    const { snapshot: room } = await snapshot(this.page, this.key);
    const item = room.document.items.find((item) => item.fields.title === title);
    return `${item?.fields.start ?? ''}..${item?.fields.end ?? ''}`;
  }
}

test('a bar that is moved moves for everybody, and one undo takes it back', async ({ open }) => {
  const page = await open('editor');
  const key = await roadmap(page, PLAN);
  const mine = await Timeline.open(page, key);
  const theirs = await Timeline.open(await open('owner'), key);
  const before = await boxOf(theirs.fill('Alpha'));

  await mine.lift('Alpha', 15);
  await expect(mine.tags).toHaveCount(2);
  await expect(theirs.bar('Alpha').locator('..')).toHaveAttribute('data-dragged-by', /^\d+$/);
  await page.mouse.up();
  await expect(mine.toast).toContainText('Moved “Alpha” to ');
  expect(await mine.stored('Alpha')).toBe(`${day(4)}..${day(54)}`);
  await expect.poll(async () => Math.round((await boxOf(theirs.fill('Alpha'))).x - before.x)).toBe(Math.round(14 * DAY));

  const board = await Board.open(theirs.page, key);
  await expect(board.card('Alpha').locator('.badge--dates')).toBeVisible();
  await mine.toast.getByRole('button', { name: 'Undo' }).click();
  expect(await mine.stored('Alpha')).toBe(`${day(-10)}..${day(40)}`);
  await expect.poll(async () => theirs.stored('Alpha')).toBe(`${day(-10)}..${day(40)}`);
});

test('the ends of a bar are dragged, and Esc leaves it as it was', async ({ open }) => {
  const page = await open('editor');
  const timeline = await Timeline.open(page, await roadmap(page, PLAN));
  await timeline.move('Alpha', 21, 'end');
  await expect(timeline.toast).toContainText('“Alpha” now ends on ');
  expect(await timeline.stored('Alpha')).toBe(`${day(-10)}..${day(61)}`);
  await timeline.move('Alpha', 7, 'start');
  expect(await timeline.stored('Alpha')).toBe(`${day(-3)}..${day(61)}`);
  await timeline.lift('Bravo', 14);
  await page.keyboard.press('Escape');
  await expect(timeline.tags).toHaveCount(0);
  await page.mouse.up();
  expect(await timeline.stored('Bravo')).toBe(`${day(5)}..${day(60)}`);
  // What has a single day: a milestone moves, and a bar without an end gets one.
  await timeline.move('Charlie', 7);
  expect(await timeline.stored('Charlie')).toBe(`..${day(37)}`);
  await timeline.move('Delta', 35, 'end');
  expect((await timeline.stored('Delta')).startsWith(`${day(20)}..20`)).toBe(true);
  await expect(timeline.panel).toHaveCount(0);
});

test('selected bars move together as one step', async ({ open }) => {
  const page = await open('editor');
  const timeline = await Timeline.open(page, await roadmap(page, PLAN));
  await timeline.bar('Alpha').click({ modifiers: ['ControlOrMeta'] });
  await timeline.bar('Bravo').click({ modifiers: ['ControlOrMeta'] });
  await expect(page.getByRole('toolbar', { name: 'Selected cards' })).toContainText('2 selected');
  await timeline.move('Bravo', 28);
  await expect(timeline.toast).toContainText('Moved 2 items.');
  expect(await timeline.stored('Alpha')).toBe(`${day(18)}..${day(68)}`);
  expect(await timeline.stored('Bravo')).toBe(`${day(33)}..${day(88)}`);
  await page.keyboard.press('ControlOrMeta+z');
  expect(await timeline.stored('Alpha')).toBe(`${day(-10)}..${day(40)}`);
  expect(await timeline.stored('Bravo')).toBe(`${day(5)}..${day(60)}`);
});

for (const timezoneId of ['Pacific/Auckland', 'Europe/Berlin', 'America/Los_Angeles']) {
  test(`days are the same in ${timezoneId}`, async ({ open }) => {
    const page = await open('editor', { timezoneId });
    const key = await roadmap(page, [{ title: 'Alpha', start: '2027-01-01', end: '2027-03-31' }]);
    const timeline = await Timeline.open(page, key);
    await expect(timeline.bar('Alpha')).toHaveAccessibleName('Alpha, Proposed, 1 Jan – 31 Mar 2027');
    await timeline.bar('Alpha').focus();
    await page.keyboard.press('Alt+ArrowRight');
    await expect(timeline.bar('Alpha')).toHaveAccessibleName('Alpha, Proposed, 8 Jan – 7 Apr 2027');
    expect(await timeline.stored('Alpha')).toBe('2027-01-08..2027-04-07');
    // The line of today is where the day by that zone is.
    const today = await page.evaluate(() => new Date().getDate());
    await expect(page.locator('.timeline__today')).toContainText(`Today, ${today} `);
  });
}

test('all of it works by keyboard alone', async ({ open }) => {
  const page = await open('editor');
  const rows = [...PLAN, { title: 'Foxtrot', start: quarter(0, 'first'), end: quarter(1, 'last'), precision: 'quarter', lane: 'Done' }];
  const timeline = await Timeline.open(page, await roadmap(page, rows));
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await page.getByRole('combobox', { name: 'Group by' }).focus();
  await press('Tab');
  await expect(timeline.bar('Alpha')).toBeFocused();
  await press('ArrowDown');
  await expect(timeline.bar('Bravo')).toBeFocused();
  await press('Alt+ArrowRight');
  await expect(timeline.said).toContainText('Moved “Bravo” to ');
  expect(await timeline.stored('Bravo')).toBe(`${day(12)}..${day(67)}`);
  await press('Alt+Shift+ArrowLeft');
  expect(await timeline.stored('Bravo')).toBe(`${day(12)}..${day(60)}`);
  await press('Alt+Home');
  expect(await timeline.stored('Bravo')).toBe(`${day(5)}..${day(60)}`);
  await expect(timeline.bar('Bravo')).toBeFocused();

  await press('End');
  await expect(timeline.bar('Foxtrot')).toBeFocused();
  await press('Alt+ArrowRight');
  expect(await timeline.stored('Foxtrot')).toBe(`${quarter(1, 'first')}..${quarter(2, 'last')}`);
  await press('Alt+Shift+ArrowRight', 'Alt+End');
  expect(await timeline.stored('Foxtrot')).toBe(`${quarter(2, 'first')}..${quarter(3, 'last')}`);

  await press('v');
  await expect(timeline.said).toContainText('Upvoted “Foxtrot”');
  await press('m');
  await expect(page.getByRole('menu')).toBeVisible();
  await press('Escape');
  await expect(timeline.bar('Foxtrot')).toBeFocused();
  await press('Enter');
  await expect(timeline.panel).toBeFocused();
  await press('Escape');
  await expect(timeline.panel).toHaveCount(0);
  await expect(timeline.bar('Foxtrot')).toBeFocused();
  await press('Delete');
  await expect(timeline.bar('Foxtrot')).toHaveCount(0);
  await expect(timeline.bar('Delta')).toBeFocused();

  // What has no days: the next stop after the bars.
  await press('Tab', 'Tab');
  await expect(timeline.listed('Echo').getByRole('link')).toBeFocused();
  await press('s');
  await expect(timeline.said).toContainText('Scheduled “Echo” for ');
  expect(await timeline.stored('Echo')).toBe(`${quarter(0, 'first')}..${quarter(0, 'last')}`);
  await expect(timeline.bar('Echo')).toBeFocused();
  await press('?');
  await expect(page.getByRole('dialog')).toContainText('Schedule for this quarter');
});

test('a finger that rests moves a bar, and one that swipes scrolls', async ({ open }) => {
  const page = await open('editor', { hasTouch: true, viewport: { width: 390, height: 844 } });
  const key = await roadmap(page, PLAN);
  const timeline = await Timeline.open(page, key);
  const finger = await Finger.of(page);
  const scroll = page.locator('#timeline-scroll');
  const from = centre(await boxOf(timeline.fill('Alpha')));
  const right = (by: number): Point => ({ x: from.x + by, y: from.y });
  const scrolled = await scroll.evaluate((element) => element.scrollLeft);
  await finger.down(from);
  await finger.move(from, right(-60));
  await finger.up();
  await expect.poll(() => scroll.evaluate((element) => element.scrollLeft)).toBeGreaterThan(scrolled + 20);
  expect(await timeline.stored('Alpha')).toBe(`${day(-10)}..${day(40)}`);

  await page.waitForTimeout(400);
  const bar = centre(await boxOf(timeline.fill('Bravo')));
  await finger.down(bar);
  await page.waitForTimeout(350);
  await finger.move(bar, { x: bar.x + 7 * DAY, y: bar.y });
  await expect(timeline.tags).toHaveCount(2);
  await finger.up();
  await expect(timeline.toast).toContainText('Moved “Bravo” to ');
  expect(await timeline.stored('Bravo')).toBe(`${day(12)}..${day(67)}`);
  await timeline.bar('Bravo').tap();
  await expect(timeline.panel).toBeVisible();
});

test('what has no days is dragged onto the calendar', async ({ open }) => {
  const page = await open('editor');
  const timeline = await Timeline.open(page, await roadmap(page, PLAN));
  const from = centre(await boxOf(timeline.listed('Echo')));
  const now = await boxOf(page.locator('.timeline__now'));
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x - 20, from.y, { steps: 2 });
  await page.mouse.move(now.x, now.y + 200, { steps: 5 });
  await expect(page.locator('.bar__landing')).toBeVisible();
  await page.mouse.up();
  await expect(timeline.toast).toContainText('Scheduled “Echo” for ');
  expect(await timeline.stored('Echo')).toBe(`${quarter(0, 'first')}..${quarter(0, 'last')}`);
  await expect(page.getByRole('complementary', { name: 'Not scheduled' })).toBeHidden();
});

test('groups have sums by quarter that follow edits', async ({ open }) => {
  const page = await open('editor');
  const key = await roadmap(page, [
    { title: 'Alpha', start: quarter(0, 'first'), end: quarter(0, 'last'), effort: 10, team: 'Payments' },
    { title: 'Bravo', start: quarter(0, 'first'), end: quarter(0, 'last'), effort: 2.5, team: 'Payments' },
    { title: 'Charlie', start: quarter(1, 'first'), end: quarter(1, 'last'), effort: 4 },
  ]);
  const timeline = await Timeline.open(page, key);
  await page.getByRole('combobox', { name: 'Group by' }).selectOption('Team');
  await expect(page).toHaveURL(/group=team/);
  const groups = page.locator('.timeline__group');
  await expect(groups).toHaveCount(2);
  await expect(groups.first()).toHaveAccessibleName(/^Payments, 2 items, Q\d \d{4}: 12\.5 d$/);
  await expect(groups.last()).toHaveAccessibleName(/^No team, 1 item, /);
  await expect(groups.first().locator('.timeline__sum')).toHaveText('12.5 d');

  const other = await Timeline.open(await open('owner'), key);
  await other.bar('Alpha').focus();
  for (let week = 0; week < 20; week += 1) await other.page.keyboard.press('Alt+ArrowRight');
  await expect(groups.first().locator('.timeline__sum').first()).toHaveText('2.5 d');
  await page.getByRole('button', { name: 'Year', exact: true }).click();
  await expect(page).toHaveURL(/zoom=year/);
  await expect(page.getByRole('button', { name: 'Year', exact: true })).toHaveAttribute('aria-pressed', 'true');
  await timeline.saved();
});

test('of many rows those near what is in sight are drawn, and paper has all', async ({ open }) => {
  const page = await open('editor');
  const many = Array.from({ length: 66 }, (_, index) => ({ title: `Item ${index + 1}`, start: day(index * 5 - 100), end: day(index * 5 - 40) }));
  const timeline = await Timeline.open(page, await roadmap(page, many));
  const rows = page.locator('.timeline__row');
  await expect(page.locator('.timeline__corner')).toHaveText('66 items');
  expect(await rows.count()).toBeLessThan(60);
  await timeline.bar('Item 1').focus();
  await page.keyboard.press('End');
  await expect(timeline.bar('Item 66')).toBeFocused();
  await expect(timeline.fill('Item 66')).toBeInViewport();
  await expect(page.locator('.timeline__name', { hasText: 'Item 66' })).toBeInViewport();
  expect(await rows.count()).toBeLessThan(60);

  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('.paper__title')).toHaveCount(66);
  await expect(page.locator('.paper__title').last()).toBeVisible();
  const fits = await page.locator('.paper').evaluate((paper) => paper.scrollWidth <= document.documentElement.clientWidth);
  expect(fits).toBe(true);
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  await expect(page.locator('.paper__title')).toHaveCount(0);
});

test('an empty roadmap offers the two ways to begin', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page);
  await Timeline.open(page, key);
  await expect(page.getByRole('heading', { name: 'Nothing on this roadmap yet' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Import a spreadsheet' })).toHaveAttribute('href', `/p/${key}/import`);
  await page.locator('.timeline').getByRole('link', { name: 'Add item' }).click();
  await expect(page).toHaveURL(new RegExp(`/p/${key}$`));
});

test('plans of years past or to come are in sight on arrival', async ({ open }) => {
  const page = await open('editor');
  const past = await roadmap(page, [{ title: 'Alpha', start: day(-900), end: day(-850) }]);
  await expect((await Timeline.open(page, past)).bar('Alpha')).toBeInViewport();
  const ahead = await roadmap(page, [{ title: 'Bravo', start: day(850), end: day(900) }]);
  const timeline = await Timeline.open(page, ahead);
  await expect(timeline.bar('Bravo')).toBeInViewport();
  await page.getByRole('button', { name: 'Today' }).click();
  await expect(page.locator('.timeline__now')).toBeInViewport();
});

test('who may only read moves nothing', async ({ open }) => {
  const key = await roadmap(await open('editor'), PLAN);
  const page = await open('viewer');
  const timeline = await Timeline.open(page, key);
  await expect(page.locator('.bar__handle')).toHaveCount(0);
  await timeline.bar('Alpha').focus();
  await page.keyboard.press('Alt+ArrowRight');
  const from = centre(await boxOf(timeline.fill('Alpha')));
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + 90, from.y, { steps: 4 });
  await expect(timeline.tags).toHaveCount(0);
  await page.mouse.up();
  expect(await timeline.stored('Alpha')).toBe(`${day(-10)}..${day(40)}`);
});

test('axe finds nothing on a timeline', async ({ open }) => {
  test.setTimeout(120_000);
  const page = await open('editor', STILL);
  const key = await roadmap(page, [...PLAN, { title: 'Golf', start: day(1), end: day(90), status: 'Done', effort: 3, team: 'Payments' }]);
  const timeline = await Timeline.open(page, key, '?group=team');
  await inBoth(page);
  await timeline.bar('Alpha').click();
  await expect(timeline.panel).toBeVisible();
  await inBoth(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await Timeline.open(page, key);
  await inBoth(page);
  await Timeline.open(page, await createProduct(page));
  await inBoth(page);
});

test('a page that comes slowly to a browser that has the program comes alive', async ({ open, visit, server }) => {
  const key = await roadmap(await open('editor'), PLAN);
  const page = await visit(server, { serviceWorkers: 'block' });
  await signIn(page, 'viewer');
  await Timeline.open(page, key);
  const network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  await network.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: 8_192, uploadThroughput: -1 });
  await page.goto(`/p/${key}/timeline`);
  await new Timeline(page, key).saved();
});
