import { Board, createProduct } from '../support/board';
import { axe, expect, hydrated, inBoth, look, signIn, test } from '../support/test';

// Objectives of a quarter, and the work that serves them.

test('three big things of a quarter, the work that serves them, and how they end', async ({ serve, visit, expectTrouble }) => {
  expectTrouble(/422/);
  // Every product is told of an objective: a server of its own, so that no other test sees it in a history.
  const server = await serve({ demo: true });
  const [owner, editor] = [await visit(server), await visit(server)];
  await signIn(owner, 'owner');
  await signIn(editor, 'editor');
  const key = await createProduct(editor, { Now: ['Alpha', 'Bravo'] });
  await owner.goto('/direction/2031-Q1');
  await hydrated(owner);
  await expect(owner.getByRole('heading', { level: 1 })).toHaveText('Q1 2031');
  await expect(owner.getByText('Choose up to three big things for this quarter.')).toBeVisible();
  for (const name of ['Faster closing', 'Fewer calls', 'One sign-on', 'A fourth']) {
    await owner.getByText('New objective', { exact: true }).click();
    await owner.getByLabel('Title').fill(name);
    await owner.getByLabel('Why now').fill(`Because of ${name}`);
    await owner.getByRole('button', { name: 'Create objective' }).click();
    await hydrated(owner);
    await expect(owner.getByRole('heading', { name })).toBeVisible();
  }
  for (const name of ['Faster closing', 'Fewer calls', 'One sign-on']) {
    await owner.getByRole('button', { name: `Open: ${name}` }).click();
    await hydrated(owner);
    await expect(owner.getByRole('button', { name: `Open: ${name}` })).toHaveCount(0);
  }
  await owner.getByRole('button', { name: 'Open: A fourth' }).click();
  await expect(owner.getByRole('alert')).toContainText('Three objectives are open in 2031-Q1 already');
  await expect(owner.getByRole('alert')).toContainText('“Fewer calls”');
  await inBoth(owner);
  await axe(owner);

  // An item names what it serves; the quarter counts it.
  const board = await Board.open(editor, key);
  const panel = await board.openItem('Alpha');
  await panel.getByLabel('Effort', { exact: true }).fill('5');
  await panel.getByLabel('Effort', { exact: true }).press('Enter');
  await panel.getByLabel('Add field').selectOption('Objectives');
  await panel.getByLabel('Add to Objectives').selectOption('Faster closing');
  await board.saved();
  await owner.goto('/direction/2031-Q1');
  await hydrated(owner);
  const objective = owner.getByRole('article', { name: 'Faster closing' });
  await expect(objective).toContainText('1 item · 1 not done · 5 d');
  await objective.getByText('Items', { exact: true }).click();
  await expect(objective.getByRole('link', { name: `${key}-1 Alpha` })).toBeVisible();
  await expect(owner.locator('.direction__summary')).toContainText('100 % of 5 d');

  // What is closed has a result; another quarter takes over what goes on.
  await objective.getByText('Close', { exact: true }).click();
  await objective.getByLabel('Result', { exact: true }).fill('Closed in two days');
  await objective.getByRole('button', { name: 'Close objective' }).click();
  await hydrated(owner);
  await expect(owner.getByRole('region', { name: 'Closed' })).toContainText('Closed in two days');
  await owner.getByRole('button', { name: 'Carry over to Q2 2031: Fewer calls' }).click();
  await hydrated(owner);
  await expect(owner).toHaveURL(/\/direction\/2031-Q2$/);
  await expect(owner.getByRole('article', { name: 'Fewer calls' })).toBeVisible();
  await look(owner, '/direction/2031-Q1');
});
