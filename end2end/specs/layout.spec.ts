import { Board, createProduct, runImport } from '../support/board';
import { type Locator, type Page, STILL, expect, hydrated, inBoth, test } from '../support/test';

// How the board looks: at every width, by touch, on paper, and with nothing on it.

const WIDTHS = [1440, 1366, 1280, 1024, 820, 768];

/** A board on which every card has much to say. */
async function furnished(page: Page): Promise<string> {
  const key = await createProduct(page, {}, 'Storage and archive platform');
  const rows = [
    ['Title', 'Lane', 'Status', 'Investment', 'Effort', 'Owner', 'Start', 'End', 'Tags'],
    ['Alpha', 'Now', 'In progress', 'innovation', '120.5', 'Mei Tanaka', '2026-10-01', '2026-12-31', 'security;performance;customers;storage'],
    ['Bravo has a longer title that goes on to a second line', 'Now', 'Planned', 'retention', '28', 'Ruth Okafor', '2025-11-01', '2027-02-28', ''],
    ['Charlie', 'Next', 'Proposed', 'run', '8', 'Ingrid Solberg', '', '2026-12-24', 'reporting'],
    ['Delta', 'Next', 'Dropped', 'retire', '3', '', '', '', ''],
    ['Echo', 'Done', 'Done', 'retention', '13', 'Mei Tanaka', '2026-01-05', '2026-01-30', 'reporting'],
  ];
  await runImport(page, key, rows.map((row) => row.join(',')).join('\n'), {
    Title: 'title',
    Lane: 'lane',
    Status: 'status',
    Investment: 'investment',
    Effort: 'effort',
    Owner: 'owner',
    Start: 'start',
    End: 'end',
    Tags: 'tags',
  });
  return key;
}

/** What lies over each other, or leaves the window, among the controls of the bars above the board. */
async function collisions(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const parts = ['.product-bar__product', '.tab', '.product-bar__end', '.filter__text', '.filter .filter__choice', '.filter .button', '.balance', '.board', '.item-panel'];
    const seen = parts.flatMap((part) => [...document.querySelectorAll<HTMLElement>(part)]).filter((part) => part.checkVisibility());
    const boxes = seen.map((part) => ({ name: part.getAttribute('aria-label') ?? part.textContent!.trim().slice(0, 20), box: part.getBoundingClientRect() }));
    const apart = (a: DOMRect, b: DOMRect) => a.right <= b.left + 0.5 || b.right <= a.left + 0.5 || a.bottom <= b.top + 0.5 || b.bottom <= a.top + 0.5;
    const outside = boxes.filter(({ box }) => box.right > innerWidth + 0.5 || box.left < -0.5).map(({ name }) => `${name} leaves the window`);
    const over = boxes.flatMap((one, index) => boxes.slice(index + 1).filter((other) => !apart(one.box, other.box)).map((other) => `${one.name} over ${other.name}`));
    const cut = [...document.querySelectorAll<HTMLElement>('.balance__legend, .filter .button, .tab')];
    const narrow = cut.filter((part) => part.checkVisibility() && part.scrollWidth > part.clientWidth + 1).map((part) => `${part.textContent} is cut`);
    return [...outside, ...over, ...narrow];
  });
}

test('at every width the filter has room and nothing lies over anything else', async ({ open }) => {
  test.setTimeout(120_000);
  const page = await open('editor', STILL);
  const key = await furnished(page);
  for (const path of [`/p/${key}`, `/p/${key}/i/${key}-1`]) {
    const board = await Board.open(page, key, path.slice(`/p/${key}`.length));
    // Something to clear takes room, too.
    await page.getByRole('searchbox', { name: 'Filter by text' }).fill('a');
    await expect(page.getByRole('button', { name: 'Clear' })).toBeVisible();
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      const text = (await page.locator('.filter__text').boundingBox())!;
      expect(text.width, `the filter at ${width}`).toBeGreaterThanOrEqual(160);
      expect(await collisions(page), `at ${width}, ${path}`).toEqual([]);
      await expect(page.getByRole('button', { name: 'By votes' })).toBeVisible();
      await expect(board.lane('Now')).toBeVisible();
    }
  }
});

test('what the toolbar has no room for is behind Filters', async ({ open }) => {
  const page = await open('editor', { ...STILL, viewport: { width: 1024, height: 768 } });
  const board = await Board.open(page, await furnished(page));
  const tag = page.getByRole('combobox', { name: 'Tag' });
  await expect(tag).toBeHidden();
  const more = page.getByRole('button', { name: 'Filters' });
  await more.click();
  const [button, choice] = [(await more.boundingBox())!, (await tag.boundingBox())!];
  expect(choice.y, 'below its button').toBeGreaterThanOrEqual(button.y + button.height);
  expect(Math.abs(choice.x - button.x)).toBeLessThan(40);
  await tag.selectOption('reporting');
  await board.shows({ Now: [], Next: ['Charlie'], Done: ['Echo'] });
  await inBoth(page);
  await page.keyboard.press('Escape');
  await expect(tag).toBeHidden();
  await page.getByRole('button', { name: 'Clear' }).click();
  await expect(board.titles('Next')).toHaveText(['Charlie', 'Delta']);
});

test('a card tells its status, its dates in full and two tags', async ({ open }) => {
  const page = await open('editor', STILL);
  const board = await Board.open(page, await furnished(page));
  const alpha = board.card('Alpha');
  await expect(alpha.getByRole('img', { name: 'In progress' })).toBeVisible();
  await expect(alpha.locator('.badge--dates')).toHaveText('Oct–Dec 26');
  await expect(alpha.locator('.card__tag')).toHaveText(['customers', 'performance']);
  await expect(alpha.locator('.card__more')).toHaveText('+2');
  await expect(board.card('Charlie').locator('.badge--dates')).toHaveText('by 24 Dec 26');
  await expect(board.card('Delta').getByRole('img', { name: 'Dropped' })).toBeVisible();
  await expect(board.link('Delta')).toHaveCSS('text-decoration-line', 'line-through');
  const colour = (title: string) => board.link(title).evaluate((link) => getComputedStyle(link).color);
  expect(await colour('Echo'), 'what is done stands back').not.toBe(await colour('Alpha'));
  for (const width of [...WIDTHS, 390]) {
    await page.setViewportSize({ width, height: 900 });
    const cut = await page.evaluate(() => {
      const inside = (badge: Element) => {
        const [own, card] = [badge.getBoundingClientRect(), badge.closest('.card')!.getBoundingClientRect()];
        return own.right <= card.right && own.bottom <= card.bottom && badge.scrollWidth <= badge.clientWidth;
      };
      return [...document.querySelectorAll('.badge--dates')].filter((badge) => !inside(badge)).map((badge) => badge.textContent);
    });
    expect(cut, `dates that are cut at ${width}`).toEqual([]);
    // Tags, dates and owner share a line, however long they are.
    const lines = await page.locator('.card__line').evaluateAll((all) => all.map((line) => line.getBoundingClientRect().height));
    expect(Math.max(...lines), `lines at ${width}`).toBeLessThanOrEqual(24);
  }
});

test('views keep their labels at every width, and what is rarer is behind More', async ({ open }) => {
  const page = await open('editor', STILL);
  await Board.open(page, await furnished(page));
  const tabs = page.getByRole('navigation', { name: 'Views' });
  const first = ['Board', 'Timeline', 'Table', 'Voting'];
  for (const width of [1920, 1680, 1440, 1024, 820]) {
    await page.setViewportSize({ width, height: 900 });
    await expect(tabs.locator('.tab__label:visible'), `at ${width}`).toHaveText([...first, 'More']);
  }
  await tabs.getByRole('button', { name: 'More' }).click();
  await inBoth(page);
  await tabs.getByRole('link', { name: 'Bin' }).click();
  await expect(page).toHaveURL(/\/bin$/);
});

test('on a phone views have labels, and fingers find what they press', async ({ open }) => {
  const page = await open('editor', { ...STILL, viewport: { width: 390, height: 844 }, hasTouch: true });
  const key = await furnished(page);
  await Board.open(page, key);
  const tabs = page.getByRole('navigation', { name: 'Views' });
  await expect(tabs.locator('.tab__label:visible')).toHaveText(['Board', 'Timeline', 'Table', 'Voting', 'More']);
  // As far as a finger may be from the middle of what it presses, up and down and to both sides.
  const small = await page.evaluate(() => {
    const pressed = '.tabs > .tab, .filter__text, .filter .button, .vote, .card__menu, .lane__add, .lane__header .icon-button, .rail__toggle';
    const all = [...document.querySelectorAll<HTMLElement>(pressed)].filter((part) => {
      const { left, right } = part.getBoundingClientRect();
      return part.checkVisibility() && left >= 0 && right <= innerWidth;
    });
    const reach = (part: HTMLElement, dx: number, dy: number) => {
      const { left, top, width, height } = part.getBoundingClientRect();
      const isHit = (by: number) => part.contains(document.elementFromPoint(left + width / 2 + dx * by, top + height / 2 + dy * by));
      let by = 0;
      while (by < 44 && isHit(by + 1)) by += 1;
      return by;
    };
    const size = (part: HTMLElement) => [reach(part, 1, 0) + reach(part, -1, 0), reach(part, 0, 1) + reach(part, 0, -1)].map((length) => length + 1);
    return all.filter((part) => Math.min(...size(part)) < 43).map((part) => `${part.className}: ${size(part).join(' by ')}`);
  });
  expect(small).toEqual([]);

  await expect(tabs.getByRole('link', { name: 'Settings' })).toBeHidden();
  await expect(page.getByRole('button', { name: 'More', exact: true }), 'nothing else has that name').toHaveCount(1);
  await expect(page.getByRole('button', { name: 'By votes' })).toHaveText('By votes');
  await tabs.getByRole('button', { name: 'More' }).click();
  await inBoth(page);
  await tabs.getByRole('link', { name: 'Settings' }).click();
  await expect(page).toHaveURL(new RegExp(`/p/${key}/settings$`));
  await hydrated(page);
  await expect(tabs.getByRole('link', { name: 'Settings' })).toBeHidden();
  const { right, below } = await page.evaluate(() => ({ right: document.documentElement.scrollWidth - innerWidth, below: document.documentElement.scrollHeight - innerHeight }));
  expect([right, below], 'the page itself does not scroll').toEqual([0, 0]);
});

test('an empty board offers to add an item or to import', async ({ open }) => {
  const page = await open('editor', STILL);
  const key = await createProduct(page);
  const board = await Board.open(page, key);
  const empty = page.getByRole('region', { name: 'Nothing on this roadmap yet' });
  await inBoth(page);
  // There is nothing to filter, and what is offered leaves the beginning of the lanes free.
  const filter = page.getByRole('search', { name: 'Filter cards' });
  await expect(filter).toBeHidden();
  const [offer, add] = [(await empty.boundingBox())!, (await board.lane('Now').getByRole('button', { name: 'Add item' }).boundingBox())!];
  expect(add.y + add.height).toBeLessThan(offer.y);
  await empty.getByRole('button', { name: 'Add item' }).click();
  const title = page.getByRole('textbox', { name: 'Title of the new item' });
  await expect(title).toBeFocused();
  await title.fill('Alpha');
  await title.press('Enter');
  await expect(page.locator('.board .card__link')).toHaveText(['Alpha']);
  await expect(empty).toHaveCount(0);
  await expect(filter).toBeVisible();
  await board.saved();
  await board.link('Alpha').focus();
  await page.keyboard.press('Delete');
  await empty.getByRole('link', { name: 'Import a spreadsheet' }).click();
  await expect(page).toHaveURL(new RegExp(`/p/${key}/import$`));

  const viewer = await open('viewer');
  await Board.open(viewer, key);
  await expect(viewer.locator('.board-empty')).toBeVisible();
  await expect(viewer.locator('.board-empty').getByRole('button')).toHaveCount(0);
});

test('values stand beside their labels, choices have a chevron, and what is fixed is text', async ({ open }) => {
  const page = await open('editor', STILL);
  const key = await furnished(page);
  const { panel } = await Board.open(page, key, `/i/${key}-1`);
  const status = panel.getByRole('combobox', { name: 'Status' });
  const label = (await panel.locator('.field__label', { hasText: 'Status' }).boundingBox())!;
  const value = (await status.boundingBox())!;
  expect(label.x + label.width).toBeLessThanOrEqual(value.x + 6);
  expect(Math.abs(label.y + label.height / 2 - value.y - value.height / 2)).toBeLessThan(2);
  const chevron = await status.evaluate((select) => getComputedStyle(select.parentElement!, '::after').content);
  expect(chevron).not.toBe('none');

  // What a value looks like stands in a column of its own, tags are level with their label, and a date is written as everywhere.
  const middle = async (part: Locator) => {
    const { y, height } = (await part.boundingBox())!;
    return y + height / 2;
  };
  const marks = await panel.locator('.field__mark').evaluateAll((all) => all.map((mark) => mark.getBoundingClientRect().left));
  expect(marks).toHaveLength(9);
  expect(new Set(marks).size).toBe(1);
  await expect(panel.locator('.field__mark .avatar')).toHaveText('MT');
  const tags = [panel.locator('.field__label', { hasText: 'Tags' }), panel.locator('.tag').first()] as const;
  expect(Math.abs((await middle(tags[0])) - (await middle(tags[1])))).toBeLessThan(1.5);
  const start = panel.locator('label.field', { hasText: 'Start' });
  const written = () => start.evaluate((label) => getComputedStyle(label, '::after').content);
  expect(await written()).toContain('1 Oct 2026');
  await panel.getByLabel('Start').focus();
  expect(await written()).toBe('none');
  await panel.getByLabel('Effort').focus();
  await inBoth(page);

  const viewer = await open('viewer', STILL);
  const theirs = (await Board.open(viewer, key, `/i/${key}-1`)).panel;
  await expect(theirs.getByRole('combobox')).toHaveCount(0);
  await expect(theirs.locator('.field').filter({ hasText: 'Status' })).toContainText('In progress');
  await expect(theirs.locator('.field').filter({ hasText: 'Start' })).toContainText('1 Oct 2026');
  await inBoth(viewer);
});

test('on paper there is every lane, no control, and the item on a page of its own', async ({ open }) => {
  const page = await open('editor', STILL);
  const key = await furnished(page);
  const board = await Board.open(page, key, `/i/${key}-1`);
  await page.emulateMedia({ media: 'print' });
  await page.setViewportSize({ width: 718, height: 1000 });
  const lanes = await page.locator('.lane').evaluateAll((lanes) => lanes.map((lane) => lane.getBoundingClientRect().right <= innerWidth && lane.scrollHeight <= lane.clientHeight + 1));
  expect(lanes.length).toBeGreaterThanOrEqual(3);
  expect(lanes.every(Boolean), 'no lane is cut').toBe(true);
  for (const title of ['Alpha', 'Charlie', 'Echo']) await expect(board.link(title)).toBeVisible();
  const controls = page.locator('button:visible:not(.vote), .filter:visible, .tab:visible, .rail:visible');
  await expect(controls).toHaveCount(0);
  await expect(board.panel).toHaveCSS('break-before', 'page');
  const [panel, last] = [(await board.panel.boundingBox())!, (await page.locator('.lane').last().boundingBox())!];
  expect(panel.y).toBeGreaterThanOrEqual(last.y + last.height);
});

test('titles of pages stand at one height, and the button of the products beside theirs', async ({ open }) => {
  test.setTimeout(90_000);
  const page = await open('owner', STILL);
  const middle = async (part: Locator) => {
    const { y, height } = (await part.boundingBox())!;
    return Math.round(y + height / 2);
  };
  const title = page.getByRole('heading', { level: 1 });
  const ofProduct = ['history', 'past', 'bin', 'import', 'settings'].map((part) => `/p/ERP/${part}`);
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 844 });
    for (const paths of [['/people', '/account', '/voting', '/segments', '/'], ofProduct]) {
      const heights: number[] = [];
      for (const path of paths) {
        await page.goto(path);
        await hydrated(page);
        heights.push(await middle(title));
      }
      expect(new Set(heights).size, `${paths.join(' ')} at ${width}: ${heights.join(' ')}`).toBe(1);
    }
    await page.goto('/');
    await hydrated(page);
    expect(Math.abs((await middle(page.getByText('New product'))) - (await middle(title)))).toBeLessThanOrEqual(1);
  }
});
