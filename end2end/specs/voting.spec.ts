import { Board, createProduct } from '../support/board';
import { STILL, axe, expect, hydrated, inBoth, look, test } from '../support/test';
import { Ballot, PHONE, openSession, run, saveSession, tabTo } from '../support/voting';

// Voting sessions from set-up to the order on the board, on phones, by keyboard, and without scripts.

const NEXT = ['Single sign-on', 'Faster search', 'Dark mode', 'Offline mode'];
const CLOSED = 'The session is closed';

test('three voters on phones decide in a sealed session, and the board takes their order', async ({ open, server, visit, expectTrouble }) => {
  test.setTimeout(120_000);
  expectTrouble(/status of 409/);
  // A browser that runs no scripts says so of each.
  expectTrouble(/^request: GET .*\/pkg\/\S+ csp$/);
  const editor = await open('editor');
  const key = await createProduct(editor, { Now: ['Old one'], Next: NEXT });

  // Set up from a template, with the ballot growing beside it.
  await editor.goto(`/voting/new?product=${key}`);
  await hydrated(editor);
  const preview = editor.getByRole('complementary', { name: 'Preview of the ballot' });
  await expect(preview).toContainText('Choose items');
  await editor.getByRole('button', { name: /^Dot vote on the next quarter/ }).click();
  await expect(editor.getByRole('textbox', { name: 'Title' })).toHaveValue('Dot vote on the next quarter');
  await expect(preview.locator('.ballot__title')).toHaveText(NEXT);
  await expect(preview.locator('.ballot__left')).toHaveText('5 of 5 dots left');
  await editor.getByLabel('When the facilitator reveals it').check();
  await editor.getByLabel(/^Guests may come in/).check();
  await editor.getByRole('button', { name: 'Save and open' }).click();
  await expect(editor).toHaveURL(/\/voting\/[0-9a-f-]{36}$/);
  await hydrated(editor);
  const path = new URL(editor.url()).pathname;
  await editor.getByText('Guest codes').click();
  await editor.getByRole('button', { name: 'Create code' }).click();
  const link = await editor.getByLabel('Link to pass on').inputValue();
  expect(link).toContain('/join/');

  // The shared screen knows the code this browser made.
  const screen = await editor.context().newPage();
  await screen.goto(`${path}/present`);
  await hydrated(screen);
  await expect(screen.locator('.join-picture__code')).toHaveText(link.split('/').at(-1)!);

  // One: a guest, by the code.
  const guest = await visit(server, PHONE);
  await guest.goto(link);
  await hydrated(guest);
  await guest.getByLabel('Your name').fill('Grete Lind');
  await guest.getByRole('button', { name: 'Join' }).click();
  await expect(guest).toHaveURL(new RegExp(path));
  await hydrated(guest);
  await expect(guest.getByRole('navigation', { name: 'Workspace' })).toHaveCount(0);
  const tapped = new Ballot(guest);
  for (let votes = 0; votes < 3; votes += 1) await tapped.more('Dark mode').tap();
  for (let votes = 0; votes < 2; votes += 1) await tapped.more('Faster search').tap();
  await expect(tapped.left).toHaveText('0 of 5 dots left');
  // It looks as if it could not be pressed, and does nothing.
  await tapped.more('Offline mode').tap({ force: true });
  await expect(tapped.number('Offline mode')).toHaveValue('0');
  await tapped.cast();
  const receipt = await tapped.receipt.textContent();

  // Two: by keyboard alone.
  const stakeholder = await open('stakeholder', PHONE);
  const typed = await Ballot.open(stakeholder, path);
  await tabTo(stakeholder, typed.more('Dark mode'));
  for (let votes = 0; votes < 3; votes += 1) await stakeholder.keyboard.press('Space');
  await expect(typed.said).toHaveText('“Dark mode”: 3. 2 dots left.');
  await stakeholder.keyboard.press('Shift+Tab');
  await expect(typed.number('Dark mode')).toBeFocused();
  await stakeholder.keyboard.press('Shift+Tab');
  await tabTo(stakeholder, typed.button);
  await stakeholder.keyboard.press('Enter');
  await expect(typed.state).toContainText('Your ballot is cast.');

  // It can be cast again.
  await typed.more('Single sign-on').focus();
  await stakeholder.keyboard.press('Enter');
  await expect(typed.state).toContainText('Cast it again');
  await tabTo(stakeholder, typed.button);
  await stakeholder.keyboard.press('Enter');
  await expect(typed.state).toContainText('Your ballot is cast.');

  // Three: without scripts; first too much.
  await (await open('owner')).context().close();
  const plain = await open('owner', { ...PHONE, javaScriptEnabled: false });
  await plain.goto(path);
  const posted = new Ballot(plain);
  await expect(plain.getByRole('button', { name: /^More for/ })).toHaveCount(0);
  await posted.number('Single sign-on').fill('4');
  await posted.number('Offline mode').fill('4');
  await posted.button.click();
  await expect(posted.refusal).toHaveText('This ballot costs 8, but each voter has 5. Take 3 back.');
  await expect(posted.number('Offline mode')).toHaveValue('4');
  await posted.number('Offline mode').fill('1');
  await posted.button.click();
  await expect(plain.locator('.proof__state')).toContainText('Your ballot is cast.');
  await expect(posted.number('Single sign-on')).toHaveValue('4');

  // Sealed: the turnout is told, and nothing else to anybody.
  await expect(screen.locator('.present__count')).toContainText(/^3 of/);
  await expect(guest.locator('.turnout__text')).toContainText(/^3 of/);
  const id = path.split('/')[2];
  for (const page of [editor, stakeholder, guest]) {
    const told = await page.request.post('/api/voting', { data: { id } });
    const { ballot, below } = (await told.json()) as { ballot: { tally: unknown }; below: string };
    expect(ballot.tally).toBeNull();
    expect(below).not.toContain('results__');
    const result = await page.request.post('/api/voting_results', { data: { id, compare: null, receipt: null } });
    expect(result.status()).toBe(409);
  }

  // Closed and revealed on the shared screen; the voters see it without doing anything.
  await screen.getByText('Close voting…').click();
  await screen.getByRole('button', { name: 'Close now' }).click();
  await expect(guest.getByRole('heading', { name: CLOSED })).toBeVisible();
  await expect(stakeholder.getByRole('heading', { name: CLOSED })).toBeVisible();
  await expect(guest.locator('form.ballot')).toHaveCount(0);
  await screen.getByRole('button', { name: 'Reveal the result' }).click();
  await expect(guest.getByRole('heading', { name: 'Order', exact: true })).toBeVisible();
  await expect(stakeholder.getByRole('heading', { name: 'Order', exact: true })).toBeVisible();
  const order = ['Dark mode', 'Single sign-on', 'Faster search', 'Offline mode'];
  await expect(screen.locator('.present__line > span:nth-child(2)')).toHaveText(order);
  const rows = guest.locator('section[aria-labelledby=result-order] tbody tr');
  await expect(rows.locator('.results__item > span:first-child')).toHaveText(order);
  await expect(rows.first().locator('td.results__number').first()).toHaveText('6');

  // The guest finds the ballot in the count.
  await expect(guest.getByLabel('Receipt')).toHaveValue(receipt!);
  await guest.getByRole('button', { name: 'Look it up' }).click();
  await expect(guest.getByText('Your ballot is in the count.')).toBeVisible();
  await guest.getByLabel('Receipt').fill('0000-0000-0000-0000-0000');
  await guest.getByRole('button', { name: 'Look it up' }).click();
  await expect(guest.getByRole('alert')).toContainText('There is no ballot with this receipt');
  const record = await guest.request.get(`${path}/record.json`);
  expect(((await record.json()) as { ballots: { receipt: string }[] }).ballots.map((ballot) => ballot.receipt)).toContain(receipt);

  // The order goes to the board, and back.
  const board = await Board.open(await open('stakeholder'), key);
  await board.shows({ Next: NEXT });
  await editor.goto(path);
  await hydrated(editor);
  await editor.getByRole('button', { name: 'Apply this order' }).click();
  await board.shows({ Now: ['Old one'], Next: order });
  await editor.locator('.take-order').getByRole('button', { name: 'Undo' }).click();
  await board.shows({ Now: ['Old one'], Next: NEXT });
});

test('a refused ballot says why, what is left stays in view, and a half-done one is kept', async ({ open, expectTrouble }) => {
  expectTrouble(/status of 409 .*cast_ballot/);
  const editor = await open('editor');
  const key = await createProduct(editor, { Next: NEXT });
  const path = await openSession(editor, key, [1, 2, 3, 4]);
  const page = await open('stakeholder', PHONE);
  const ballot = await Ballot.open(page, path);
  await ballot.number('Single sign-on').fill('4');
  await ballot.number('Dark mode').fill('4');
  await ballot.number('Dark mode').blur();
  await expect(ballot.left).toHaveText('0 3 too many');
  await ballot.button.click();
  await expect(ballot.refusal).toHaveText('This ballot costs 8, but each voter has 5. Take 3 back.');
  await expect(ballot.state).toHaveText('Not cast yet. This browser keeps what you chose.');
  await ballot.number('Dark mode').fill('1');
  await ballot.number('Dark mode').blur();

  await page.reload();
  await hydrated(page);
  await expect(ballot.number('Single sign-on')).toHaveValue('4');
  await expect(ballot.number('Dark mode')).toHaveValue('1');
  await expect(ballot.left).toHaveText('0 of 5 dots left');
  await expect(ballot.left).toBeInViewport({ ratio: 1 });
  await ballot.cast();
  await expect(ballot.refusal).toBeEmpty();
  await page.reload();
  await hydrated(page);
  await expect(ballot.state).toContainText('Your ballot is cast.');

  // Everything that is touched is large enough for a thumb.
  for (const target of await page.locator('.stepper__step, .ballot__cast').all()) {
    const box = (await target.boundingBox())!;
    expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(44);
  }
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(beyond, 'nothing sticks out at the side').toBeLessThanOrEqual(0);

  // Closed while somebody is still choosing: the late cast is refused, and the page says so.
  await ballot.number('Dark mode').fill('0');
  await ballot.number('Dark mode').blur();
  await run(editor, 'close_voting', path);
  await expect(page.getByRole('heading', { name: 'Order', exact: true })).toBeVisible();
  const late = await page.request.post('/api/cast_ballot', { form: { id: path.split('/')[2]!, cast: '0199d0b2-0000-7000-8000-000000000000' } });
  expect(late.status()).toBe(409);
  expect(await late.text()).toContain('This voting session is closed.');
});

test('items are ranked by dragging, by buttons and by choosing a place', async ({ open }) => {
  const editor = await open('editor');
  const key = await createProduct(editor, { Next: NEXT });
  const path = await openSession(editor, key, [1, 2, 3, 4], { mode: 'ranking', tokens: '' });
  const page = await open('stakeholder', { viewport: PHONE.viewport, ...STILL });
  const ballot = await Ballot.open(page, path);
  await ballot.line('Dark mode').getByRole('button', { name: 'Rank next' }).click();
  await expect(ballot.said).toHaveText('“Dark mode” is in place 1 of 1.');
  await ballot.place('Offline mode').selectOption('1');
  await expect(ballot.titles).toHaveText(['Offline mode', 'Dark mode', 'Single sign-on', 'Faster search']);

  // The focus goes along with the item.
  const down = ballot.line('Offline mode').getByRole('button', { name: 'Move down' });
  await down.focus();
  await page.keyboard.press('Enter');
  await expect(ballot.titles).toHaveText(['Dark mode', 'Offline mode', 'Single sign-on', 'Faster search']);
  await expect(down).toBeFocused();

  const handle = (await ballot.line('Single sign-on').locator('.ballot__handle').boundingBox())!;
  const top = (await ballot.line('Dark mode').boundingBox())!;
  await page.mouse.move(handle.x + handle.width / 2, handle.y + handle.height / 2);
  await page.mouse.down();
  await page.mouse.move(handle.x + 10, top.y + top.height, { steps: 4 });
  await page.mouse.move(handle.x + 10, top.y + 4, { steps: 4 });
  await page.mouse.up();
  await expect(ballot.titles).toHaveText(['Single sign-on', 'Dark mode', 'Offline mode', 'Faster search']);
  await expect(ballot.left).toHaveText('3 of 4 ranked');
  await ballot.cast();
  await page.reload();
  await hydrated(page);
  await expect(ballot.titles).toHaveText(['Single sign-on', 'Dark mode', 'Offline mode', 'Faster search']);
  await expect(ballot.place('Faster search')).toHaveValue('');
});

test('in an open session the tally moves on every page, and an item can be taken off the ballot', async ({ open }) => {
  const editor = await open('editor');
  const key = await createProduct(editor, { Next: NEXT });
  const path = await openSession(editor, key, [1, 2, 3, 4], { secrecy: 'open' });
  const watcher = await Ballot.open(await open('owner', PHONE), path);
  const voter = await Ballot.open(await open('stakeholder', PHONE), path);
  const board = await Board.open(await open('viewer'), key);
  const under = board.page.getByRole('complementary', { name: 'Votes under way' });
  await expect(under).toContainText(/^Vote.*0 of \d+ have voted/);
  await expect(watcher.line('Dark mode').locator('.ballot__points')).toHaveText('0');
  await voter.more('Dark mode').click();
  await voter.more('Dark mode').click();
  await voter.cast();
  await expect(watcher.line('Dark mode').locator('.ballot__points')).toHaveText('2');
  await expect(under).toContainText(/1 of \d+ have voted/);
  await expect(under.getByRole('listitem')).toHaveText('Dark mode 2');
  const onCard = (title: string) => board.card(title).locator('.badge--ballot');
  await expect(onCard('Dark mode')).toHaveText('Up for vote 2');
  await expect(onCard('Faster search')).toHaveText('Up for vote 0');

  await editor.goto(path);
  await hydrated(editor);
  await editor.getByText('Items (4)').click();
  await editor.getByRole('button', { name: 'Take “Dark mode” off the ballot' }).click();
  await expect(voter.line('Dark mode')).toContainText('No longer up for vote');
  await expect(voter.left).toHaveText('5 of 5 dots left');

  // The board hears of the end, and of the next beginning.
  await run(editor, 'close_voting', path);
  await expect(under).toHaveCount(0);
  await expect(board.page.locator('.badge--ballot')).toHaveCount(0);
  await openSession(editor, key, [1, 2], { title: 'Once more', secrecy: 'sealed' });
  await expect(under).toContainText('Once more');
  await expect(onCard('Single sign-on')).toHaveText('Up for vote');

  // All of them are a view of the product.
  await board.page.getByRole('link', { name: 'Voting' }).last().click();
  await expect(board.page.getByRole('heading', { level: 1, name: 'Votes on this roadmap' })).toHaveCount(1);
  await expect(board.page.locator('.voting-list__title')).toHaveText(['Once more', /./]);
  await board.page.reload();
  await hydrated(board.page);
  await expect(board.page.locator('.voting-list__title')).toHaveText(['Once more', /./]);
});

test('a vote for a customer, segments, and the result by segment', async ({ open }) => {
  const editor = await open('editor');
  const key = await createProduct(editor, { Next: NEXT });
  const name = `Field ${key}`;
  await editor.goto('/segments');
  await hydrated(editor);
  await editor.getByText('New department').click();
  const fresh = editor.locator('details[open] .segments__form');
  await fresh.getByLabel('Name', { exact: true }).fill(name);
  await fresh.getByLabel('Weight').fill('many');
  await fresh.getByRole('button', { name: 'Add' }).click();
  await expect(editor.getByRole('alert')).toContainText('“many” is not a weight.');
  await expect(fresh.getByLabel('Name', { exact: true })).toHaveValue(name);
  await fresh.getByLabel('Weight').fill('2.5');
  await fresh.getByRole('button', { name: 'Add' }).click();
  await expect(editor.locator('.segments__segment').filter({ hasText: name })).toContainText('0 members · weight 2.5');
  const people = editor.getByRole('combobox', { name: /^Department of/ });
  await people.first().selectOption({ label: name });
  await editor.locator('.segments__people').getByRole('button', { name: 'Save', exact: true }).click();
  await expect(editor.locator('.segments__segment').filter({ hasText: name })).toContainText('1 member');

  const path = await openSession(editor, key, [1, 2, 3, 4], { split: 'department', weighted: 'on', quorum: '90' });
  await editor.goto(`${path}/customer`);
  await hydrated(editor);
  await editor.getByLabel('Customer').fill('Hansen Freight');
  await editor.getByLabel('Source').fill('call of 12 March');
  await editor.getByLabel('Segment').selectOption({ label: name });
  await editor.getByRole('button', { name: 'More for Faster search' }).click();
  await editor.getByRole('button', { name: 'Cast ballot' }).click();
  await expect(editor).toHaveURL(new RegExp(`${path}$`));
  await editor.getByText(/^Guests and customers/).click();
  await expect(editor.locator('.run__line').filter({ hasText: 'Hansen Freight' })).toContainText('from call of 12 March · has voted');

  const voter = await Ballot.open(await open('stakeholder', PHONE), path);
  await voter.more('Dark mode').click();
  await voter.more('Dark mode').click();
  await voter.cast();
  await run(editor, 'close_voting', path);
  await editor.goto(`${path}/results`);
  const row = editor.locator('section[aria-labelledby=result-order] tbody tr').first();
  // One vote of weight 2.5 goes before two of weight 1.
  await expect(row).toContainText('Faster search');
  await expect(row).toContainText('2nd by raw count');
  await expect(editor.locator('section[aria-labelledby=result-segments]')).toContainText(name);
  await expect(editor.getByRole('region', { name: 'Turnout' })).toContainText('The quorum of 90 % was missed');
  await axe(editor);
});

test('cards selected on the board are put to the vote', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, { Next: NEXT });
  const board = await Board.open(page, key);
  await board.choose('Dark mode', 'Select');
  await board.choose('Faster search', 'Select');
  await page.getByRole('link', { name: 'Start a vote…' }).click();
  await expect(page.locator('.phone .ballot__title')).toHaveText(['Faster search', 'Dark mode']);
  await expect(page.locator('.setup__count')).toHaveText('2 chosen');
  const other = await Board.open(page, key);
  await other.choose('Offline mode', 'Start a vote');
  await expect(page.locator('.setup__count')).toHaveText('1 chosen');
});

test('axe finds nothing on the pages of voting sessions', async ({ open, server, visit }) => {
  test.setTimeout(180_000);
  const editor = await open('editor', STILL);
  const key = await createProduct(editor, { Next: NEXT });
  await look(editor, '/segments');
  await editor.goto(`/voting/new?product=${key}`);
  await hydrated(editor);
  await editor.getByRole('button', { name: /^Buy a feature/ }).click();
  await expect(editor.locator('.phone .ballot__title')).toHaveText(NEXT);
  await inBoth(editor);
  const voter = await open('stakeholder', PHONE);
  for (const mode of ['dots', 'budget', 'ranking', 'importance', 'approval']) {
    const tokens = mode === 'dots' || mode === 'budget' ? '5' : '';
    const path = await openSession(editor, key, [1, 2, 3, 4], { mode, tokens, secrecy: 'open' });
    await look(voter, path);
    if (mode !== 'dots') continue;
    const ballot = new Ballot(voter);
    await ballot.more('Dark mode').click();
    await ballot.cast();
    await inBoth(voter);
    await look(editor, path);
    await look(editor, `${path}/customer`);
    await look(editor, `/p/${key}/voting`);
    const draft = await saveSession(editor, key, [1, 2], {}, false);
    await look(editor, `/voting/${draft.split('/')[2]}/setup`);
    await look(editor, `${path}/present`);
    await editor.getByRole('button', { name: 'Show join code' }).click();
    await expect(editor.locator('.join-picture__qr')).toBeVisible();
    await inBoth(editor);
    // What is longer than the screen goes on below the controls, and ends above them.
    for (const [width, height] of [[1280, 640], [390, 844]] as const) {
      await editor.setViewportSize({ width, height });
      const exit = editor.getByRole('link', { name: 'Exit' });
      await expect(exit).toBeInViewport({ ratio: 1 });
      await exit.click({ trial: true });
      const [end, foot] = await editor.evaluate(() => {
        document.querySelector('.present')!.scrollTo(0, 10_000);
        return ['.present__body', '.present__foot'].map((part) => document.querySelector(part)!.getBoundingClientRect());
      });
      expect(end!.bottom, `at ${width} by ${height}`).toBeLessThanOrEqual(foot!.top);
    }
    await editor.setViewportSize({ width: 1440, height: 900 });
    const code = await editor.locator('.join-picture__code').textContent();
    const guest = await visit(server, PHONE);
    await look(guest, '/join');
    await look(guest, `/join/${code}`);
    await run(editor, 'close_voting', path);
    await look(editor, path);
    await look(editor, `${path}/results`);
    await look(editor, `${path}/present`);
  }
  await look(editor, '/voting');
});

test('what items have so far begins at one place in every line, and details make no line higher', async ({ open }) => {
  const page = await open('owner');
  await page.goto('/voting');
  await hydrated(page);
  await page.getByRole('link', { name: 'The shop in the next quarter', exact: true }).click();
  await expect(page.locator('.ballot__details').first()).toBeVisible();
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 844 });
    const bars = await page.locator('.ballot__share').evaluateAll((all) => all.map((bar) => Math.round(bar.getBoundingClientRect().left)));
    expect(bars.length).toBeGreaterThan(3);
    expect(new Set(bars).size, `bars at ${width}`).toBe(1);
  }
  await page.setViewportSize({ width: 1280, height: 844 });
  const heights = await page.locator('.ballot__line').evaluateAll((all) => all.map((line) => Math.round(line.getBoundingClientRect().height)));
  expect(new Set(heights).size).toBe(1);
});
