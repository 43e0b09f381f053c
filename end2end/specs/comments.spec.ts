import { randomUUID } from 'node:crypto';
import { Board, createProduct } from '../support/board';
import { snapshot, speak } from '../support/live';
import { expect, signIn, test } from '../support/test';

// A board counts comments; an item brings its own when it is opened.

const PLAN = { Now: ['Alpha', 'Bravo'], Next: ['Charlie'] };
const GONE = /WebSocket|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INTERNET_DISCONNECTED|Failed to load resource/;

test('the comments of an item come when it is opened, stay current, and can be read offline', async ({ serve, visit, expectTrouble }) => {
  expectTrouble(GONE);
  const server = await serve({ demo: true });
  const [editor, owner] = [await visit(server), await visit(server)];
  await signIn(editor, 'editor');
  await signIn(owner, 'owner');
  const key = await createProduct(editor, PLAN);
  await editor.goto(`/p/${key}`);
  const { product, snapshot: plain } = await snapshot(editor, key);
  const item = (title: string) => plain.document.items.find(({ fields }) => fields.title === title)!.id;
  const say = (title: string, body: string) => ({ add_comment: { id: randomUUID(), item: item(title), body } });
  const said = await speak(editor, product.roadmap, [say('Alpha', 'First of *all*.'), say('Bravo', 'Nobody reads this.')]);
  expect(said.outcomes.every((outcome) => 'accepted' in outcome), JSON.stringify(said)).toBe(true);

  const [mine, theirs] = [await Board.open(editor, key), await Board.open(owner, key)];
  expect(await mine.page.content(), 'a board counts what it does not show').not.toContain('First of');
  const comments = (board: Board, title: string) => board.card(title).locator('[title=Comments]');
  for (const board of [mine, theirs]) await expect(comments(board, 'Alpha')).toContainText('1');

  await mine.openItem('Alpha');
  await expect(mine.panel.locator('.comment .prose em')).toHaveText('all');
  // One panel is open, the other board only counts.
  const { outcomes } = await speak(theirs.page, product.roadmap, [say('Alpha', 'And a second.')]);
  expect('accepted' in outcomes[0]).toBe(true);
  await expect(mine.panel.locator('.comment')).toHaveCount(2);
  await expect(mine.panel.locator('.comment').last()).toContainText('And a second.');
  for (const board of [mine, theirs]) await expect(comments(board, 'Alpha')).toContainText('2');
  await theirs.openItem('Alpha');
  await expect(theirs.panel.locator('.comment')).toHaveCount(2);
  await theirs.panel.locator('.comment').last().getByRole('button', { name: 'Delete' }).click();
  for (const board of [mine, theirs]) await expect(comments(board, 'Alpha')).toContainText('1');
  await expect(mine.panel.locator('.comment')).toHaveCount(1);

  await server.kill();
  await expect(mine.state).toHaveAttribute('data-state', 'offline');
  await mine.page.keyboard.press('Escape');
  await mine.openItem('Bravo');
  await expect(mine.panel).toContainText('1 more comment can be read once you are online.');
  await mine.panel.getByRole('textbox', { name: 'New comment in Markdown' }).fill('Written offline.');
  await mine.panel.getByRole('button', { name: 'Comment', exact: true }).click();
  await expect(mine.panel.locator('.comment')).toHaveCount(1);
  await expect(comments(mine, 'Bravo')).toContainText('2');
  await mine.openItem('Alpha');
  await expect(mine.panel.locator('.comment')).toHaveCount(1);

  await server.launch();
  await mine.saved();
  await mine.openItem('Bravo');
  await expect(mine.panel.locator('.comment')).toHaveCount(2);
  await expect(mine.panel).not.toContainText('more comment');
});

test('an item reads without scripts, comments included', async ({ open, expectTrouble }) => {
  // Chromium does not even fetch what it will not run.
  expectTrouble(/\.js csp$/);
  const owner = await open('owner');
  const key = await createProduct(owner, PLAN);
  await owner.goto(`/p/${key}`);
  const { product, snapshot: plain } = await snapshot(owner, key);
  const item = plain.document.items.find(({ fields }) => fields.title === 'Alpha')!.id;
  await speak(owner, product.roadmap, [{ add_comment: { id: randomUUID(), item, body: 'Read *me*.' } }]);
  const page = await open('owner', { javaScriptEnabled: false });
  await page.goto(`/p/${key}/i/${key}-1`);
  await expect(page.locator('.comment .prose em')).toHaveText('me');
});

test('threads are answered, reacted to and settled by two, live', async ({ open }) => {
  const page = await open('editor');
  const mine = await Board.open(page, await createProduct(page, PLAN));
  const other = await open('stakeholder');
  const theirs = await Board.open(other, mine.key);
  for (const board of [mine, theirs]) await board.openItem('Alpha');
  const said = (board: Board, text: string) => board.panel.locator('.comment').filter({ hasText: text });

  await mine.panel.getByRole('textbox', { name: 'New comment in Markdown' }).fill('Which accounts?');
  await mine.panel.getByRole('button', { name: 'Comment', exact: true }).click();
  await theirs.panel.getByRole('button', { name: 'Reply', exact: true }).click();
  const reply = theirs.panel.getByRole('textbox', { name: 'Reply in Markdown' });
  await expect(reply).toBeFocused();
  await reply.fill('All of them.');
  await reply.press('Control+Enter');
  await expect(reply).toHaveCount(0);
  await expect(said(mine, 'All of them.')).toBeVisible();
  await expect(mine.panel.locator('.thread')).toHaveCount(1);

  const answer = said(mine, 'All of them.');
  await answer.getByRole('button', { name: 'React', exact: true }).click();
  await answer.getByRole('button', { name: 'Agree', exact: true }).click();
  const agreed = said(theirs, 'All of them.').getByRole('button', { name: /^Agree: Mei/ });
  await expect(agreed).toHaveText('👍1');
  await expect(agreed).toHaveAttribute('aria-pressed', 'false');
  await agreed.click();
  await expect(answer.getByRole('button', { name: /^Agree: / })).toHaveText('👍2');

  await expect(theirs.panel.getByRole('button', { name: 'Resolve', exact: true })).toHaveCount(0);
  await mine.panel.getByRole('button', { name: 'Resolve', exact: true }).click();
  await expect(theirs.panel.locator('.thread')).toContainText('resolved 2 comments.');
  await expect(said(theirs, 'All of them.')).toHaveCount(0);
  await theirs.panel.getByRole('button', { name: 'Show', exact: true }).click();
  await expect(said(theirs, 'All of them.')).toBeVisible();
  await mine.toast.getByRole('button', { name: 'Undo' }).click();
  await expect(theirs.panel.locator('.thread__resolved')).toHaveCount(0);

  // What was said is there after a reload.
  await other.reload();
  await expect(said(theirs, 'All of them.').getByRole('button', { name: /^Agree: / })).toHaveText('👍2');
});

test('the card shows how much of the checklist in a description is done', async ({ open }) => {
  const page = await open('editor');
  const board = await Board.open(page, await createProduct(page, PLAN));
  const { product, snapshot: plain } = await snapshot(page, board.key);
  const id = plain.document.items.find(({ fields }) => fields.title === 'Alpha')!.id;
  const set = { set_item: { id, change: { description: 'Before it goes live:\n\n- [x] write\n- [ ] test\n- [ ] tell people' } } };
  const { outcomes } = await speak(page, product.roadmap, [set]);
  expect('accepted' in outcomes[0], JSON.stringify(outcomes)).toBe(true);
  const done = board.card('Alpha').locator('[title="Tasks done"]');
  await expect(done).toContainText('1/3');
  await board.openItem('Alpha');
  await board.panel.getByRole('checkbox').nth(1).check();
  await expect(done).toContainText('2/3');
});
