import { Board, createProduct } from '../support/board';
import { type Page, expect, test } from '../support/test';

// Two people set the same field, the second without having seen the first: both are told, and each can put it right.

async function effort(board: Board, title: string, days: string): Promise<void> {
  const panel = await board.openItem(title);
  const field = panel.getByRole('textbox', { name: 'Effort' });
  await field.fill(days);
  await field.press('Enter');
  await panel.getByRole('link', { name: 'Close' }).click();
  await expect(board.panel).toHaveCount(0);
}

function notice(page: Page) {
  return page.locator('.toast').filter({ hasText: 'the effort of “Alpha”' });
}

test('who overwrites a value unseen and whose value it was are both told, and restore it with one key', async ({ open, expectTrouble }) => {
  expectTrouble(/WebSocket|ERR_INTERNET_DISCONNECTED|Failed to load resource|Failed to fetch/);
  const [editor, owner] = [await open('editor'), await open('owner')];
  const key = await createProduct(editor, { Now: ['Alpha', 'Bravo'] });
  const [mine, theirs] = await Promise.all([Board.open(editor, key), Board.open(owner, key)]);
  await editor.context().setOffline(true);
  await expect(mine.state).toHaveAttribute('data-state', 'offline');
  await effort(mine, 'Alpha', '3');
  await effort(theirs, 'Alpha', '5');
  await theirs.saved();
  await editor.context().setOffline(false);
  await mine.saved();

  // The later one stands.
  for (const board of [mine, theirs]) await expect(board.card('Alpha')).toContainText('3 d');
  await expect(notice(editor)).toContainText('Astrid Lunde had set the effort of “Alpha” to 5 d before your change arrived. Yours was kept.');
  await expect(notice(editor).getByRole('button', { name: 'Take theirs' })).toBeVisible();
  await expect(notice(owner)).toContainText('Mei Tanaka changed the effort of “Alpha” without having seen yours, 5 d.');

  await owner.keyboard.press('r');
  for (const board of [mine, theirs]) await expect(board.card('Alpha')).toContainText('5 d');
  await expect(notice(owner).getByRole('button', { name: 'Restore mine' })).toHaveCount(0);
  await theirs.saved();
  // What was seen is nobody's conflict: one after the other is how people work.
  await notice(editor).getByRole('button', { name: 'Dismiss' }).click();
  await effort(mine, 'Alpha', '8');
  await expect(theirs.card('Alpha')).toContainText('8 d');
  await mine.saved();
  await expect(notice(owner).filter({ hasText: 'without having seen' })).toHaveCount(0);
  await expect(notice(editor)).toHaveCount(0);
});
