import { Board, createProduct } from '../support/board';
import { type Page, STILL, axe, expect, hydrated, inBoth, test } from '../support/test';
import { Ballot, PHONE, openSession, run } from '../support/voting';

// How people come to a vote, and what they see of it afterwards.

const NEXT = ['Single sign-on', 'Faster search', 'Dark mode', 'Offline mode'];
const HOUR = 60 * 60 * 1_000;

/** How many votes wait for the person of a page, by its rail. */
async function waiting(page: Page): Promise<number> {
  const count = page.locator('a[href="/voting"] .rail__count');
  return (await count.isVisible()) ? Number.parseInt((await count.textContent())!, 10) : 0;
}

async function expectWaiting(page: Page, votes: number): Promise<void> {
  await expect.poll(() => waiting(page)).toBe(votes);
}

test('what waits for a vote is counted, named on the first page, and gone once it is cast', async ({ open, expectTrouble }) => {
  // A browser that runs no scripts says so of each.
  expectTrouble(/^request: GET .*\/pkg\/\S+ csp$/);
  const editor = await open('editor');
  const key = await createProduct(editor, { Next: NEXT });
  const voter = await open('stakeholder');
  const board = await Board.open(voter, key);
  const before = await waiting(voter);
  const path = await openSession(editor, key, [1, 2], { title: 'What waits' });
  // On an open board without doing anything.
  await expectWaiting(voter, before + 1);
  await expect(board.page.getByRole('complementary', { name: 'Votes under way' }).getByRole('link', { name: 'Vote', exact: true })).toHaveClass(/button--primary/);

  const viewer = await open('viewer');
  await viewer.goto('/');
  await hydrated(viewer);
  await expectWaiting(viewer, 0);
  await expect(viewer.getByRole('heading', { name: 'Waiting for you' })).toHaveCount(0);

  // The first page has it before any script runs.
  const plain = await open('stakeholder', { javaScriptEnabled: false });
  await plain.goto('/');
  await expect(plain.locator('a[href="/voting"] .rail__count')).toHaveText(`${before + 1} waiting for your vote`);
  await expect(plain.getByRole('link', { name: 'Vote in What waits' })).toBeVisible();

  await voter.goto('/');
  await hydrated(voter);
  await expectWaiting(voter, before + 1);
  await axe(voter);
  const vote = voter.getByRole('link', { name: 'Vote in What waits' });
  await expect(vote).toHaveClass(/button--primary/);
  await vote.click();
  await expect(voter).toHaveURL(new RegExp(`${path}$`));
  const ballot = new Ballot(voter);
  await ballot.more('Single sign-on').click();
  await ballot.cast();
  await expectWaiting(voter, before);
  await voter.getByRole('link', { name: 'Home' }).first().click();
  await expect(voter.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible();
  await expect(voter.getByText('What waits')).toHaveCount(0);

  // In the list it is among the open ones now.
  await voter.goto('/voting');
  await hydrated(voter);
  const open_ = voter.locator('.voting-list__part').filter({ has: voter.getByRole('heading', { name: 'Open', exact: true }) });
  await expect(open_.locator('.voting-list__title', { hasText: 'What waits' })).toHaveCount(1);
});

test('a facilitator has the ballot first and the controls in a panel', async ({ open }) => {
  test.setTimeout(90_000);
  const editor = await open('editor', STILL);
  await editor.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const key = await createProduct(editor, { Next: NEXT });
  const closes = Date.now() + HOUR;
  const path = await openSession(editor, key, [1, 2, 3], { closes: '2030-01-01T00:00', closes_ms: String(closes) });
  await editor.goto(path);
  await hydrated(editor);
  const ballot = editor.locator('section[aria-labelledby=ballot]');
  const panel = editor.getByRole('complementary', { name: 'Manage session' });
  const place = async () => [(await ballot.boundingBox())!, (await panel.boundingBox())!] as const;
  for (const [width, beside] of [[1440, true], [1280, true], [820, false], [390, false]] as const) {
    await editor.setViewportSize({ width, height: 900 });
    const [own, controls] = await place();
    if (beside) {
      expect(controls.x, `beside the ballot at ${width}`).toBeGreaterThanOrEqual(own.x + own.width);
    } else {
      expect(controls.y, `below the ballot at ${width}`).toBeGreaterThanOrEqual(own.y + own.height);
      await expect(editor.getByRole('link', { name: 'Share, extend or close' })).toBeVisible();
    }
    const beyond = await editor.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(beyond, `nothing sticks out at ${width}`).toBeLessThanOrEqual(0);
  }
  await editor.setViewportSize({ width: 1440, height: 900 });
  await inBoth(editor);

  // Share.
  const link = panel.getByLabel('Link for members');
  const address = new URL(path, editor.url()).href;
  await expect(link).toHaveValue(address);
  await panel.getByRole('button', { name: 'Copy link' }).click();
  await expect.poll(() => editor.evaluate(() => navigator.clipboard.readText())).toBe(address);
  await expect(panel).toContainText('Works on this computer only. Ask an owner.');
  await panel.getByText('Guest codes').click();
  await panel.getByRole('button', { name: 'Create code' }).click();
  const picture = panel.locator('.join-picture');
  await expect(picture).toContainText('Ask an owner.');
  const screen = await editor.context().newPage();
  await screen.goto(`${path}/present`);
  await hydrated(screen);
  await expect(screen.locator('.join-picture')).toContainText('Ask an owner.');
  await screen.close();

  // Extend.
  await panel.getByLabel('Extend by').selectOption('15 minutes');
  await panel.getByRole('button', { name: 'Extend' }).click();
  const until = async () => {
    const answer = await editor.request.post('/api/voting', { data: { id: path.split('/')[2] } });
    return ((await answer.json()) as { facts: { draft: { closes: number } } }).facts.draft.closes;
  };
  await expect.poll(until).toBe(closes + HOUR / 4);
  await hydrated(editor);
  await expect(editor.locator('.countdown')).toHaveText(/^1 h 1\d min$/);

  // Close: nothing destructive is primary.
  await panel.getByText('Close voting…').click();
  await expect(panel.locator('.button--primary')).toHaveCount(0);
  await panel.getByRole('button', { name: 'Close now' }).click();
  await expect(editor.getByText('Nobody voted, so there is no order.')).toBeVisible();

  // Who does not run it has no panel.
  const voter = await open('stakeholder', PHONE);
  await voter.goto(path);
  await hydrated(voter);
  await expect(voter.getByRole('complementary', { name: 'Manage session' })).toHaveCount(0);
});

test('cards and panels show the result once it is revealed, and the result leads back to the board', async ({ open, server, visit }) => {
  test.setTimeout(90_000);
  const editor = await open('editor');
  const key = await createProduct(editor, { Now: ['Old one'], Next: NEXT });
  const path = await openSession(editor, key, [2, 3, 4, 5], { title: 'The last vote', reveal: 'by_hand' });
  await editor.goto(path);
  await hydrated(editor);
  await editor.getByText('Guest codes').click();
  await editor.getByRole('button', { name: 'Create code' }).click();
  const join = await editor.getByLabel('Link to pass on').inputValue();
  const guest = await visit(server, PHONE);
  await guest.goto(join);
  await hydrated(guest);
  await guest.getByLabel('Your name').fill('Grete Lind');
  await guest.getByRole('button', { name: 'Join' }).click();
  await hydrated(guest);
  const ballot = new Ballot(await open('stakeholder', PHONE));
  await ballot.page.goto(path);
  await hydrated(ballot.page);
  for (let dots = 0; dots < 3; dots += 1) await ballot.more('Dark mode').click();
  await ballot.more('Faster search').click();
  await ballot.cast();

  // Closed and not revealed: nothing on the board.
  const board = await Board.open(await open('viewer'), key);
  await expect(board.card('Dark mode').locator('.badge--ballot')).toHaveCount(1);
  await run(editor, 'close_voting', path);
  await expect(board.card('Dark mode').locator('.badge--ballot')).toHaveCount(0);
  await board.openItem('Dark mode');
  await expect(board.page.locator('.badge--result')).toHaveCount(0);
  await expect(board.panel.getByRole('heading', { name: 'Votes', exact: true })).toBeHidden();
  const hidden = await board.page.request.get(`/p/${key}`);
  expect(await hidden.text()).not.toContain('The last vote');

  // Revealed: cards and the panel show it at once.
  await run(editor, 'reveal_voting', path);
  const now = new Date();
  const day = `${now.getUTCDate()} ${now.toLocaleString('en-US', { month: 'short', timeZone: 'UTC' })}`;
  const result = (title: string) => board.card(title).locator('.badge--result');
  await expect(result('Dark mode')).toHaveText(`Result of the last vote 3 dots · 1st of 4 · ${day}`);
  await expect(result('Faster search')).toHaveText(`Result of the last vote 1 dot · 2nd of 4 · ${day}`);
  await expect(result('Old one')).toHaveCount(0);
  await expect(board.panel.locator('.item-panel__votes li')).toHaveText(`The last vote 3 dots · 1st of 4 · ${day}`);
  await axe(board.page);
  await board.page.reload();
  await hydrated(board.page);
  await expect(result('Dark mode')).toHaveText(/3 dots · 1st of 4/);
  await board.panel.getByRole('link', { name: 'The last vote' }).click();
  await expect(board.page).toHaveURL(new RegExp(`${path}$`));

  // Rows open items, for members.
  await board.page.getByRole('rowheader', { name: /Dark mode/ }).getByRole('link').click();
  await expect(board.page).toHaveURL(new RegExp(`/p/${key}/i/${key}-4$`));
  await expect(board.panel).toBeVisible();
  await expect(guest.getByRole('rowheader', { name: /Dark mode/ })).toBeVisible();
  await expect(guest.getByRole('rowheader').getByRole('link')).toHaveCount(0);

  // The order, and the board that took it.
  await editor.goto(path);
  await hydrated(editor);
  await expect(editor.getByRole('link', { name: 'Open the board' })).toBeHidden();
  await editor.getByRole('button', { name: 'Apply this order' }).click();
  await editor.getByRole('link', { name: 'Open the board' }).click();
  const taken = new Board(editor, key);
  await taken.shows({ Now: ['Old one'], Next: ['Dark mode', 'Faster search', 'Single sign-on', 'Offline mode'] });
});
