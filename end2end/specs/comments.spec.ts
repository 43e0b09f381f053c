import { randomUUID } from 'node:crypto';
import { Board, createProduct } from '../support/board';
import { snapshot, speak } from '../support/live';
import { expect, signIn, test } from '../support/test';

// A board counts comments; an item brings its own when it is opened.

const PLAN = { Now: ['Alpha', 'Bravo'], Next: ['Charlie'] };
const GONE = /WebSocket|ERR_CONNECTION_REFUSED|ERR_INTERNET_DISCONNECTED|Failed to load resource/;

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
