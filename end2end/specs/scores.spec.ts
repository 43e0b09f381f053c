import { Board, createProduct, goToView } from '../support/board';
import { expect, hydrated, inBoth, look, signIn, test } from '../support/test';

// Scores of a product's items: rated by several people, explained, and taken to the board.

test('two people rate items, see why one is above the other, and take the order to the board', async ({ serve, visit }) => {
  test.slow();
  // Models belong to the workspace: a server of its own.
  const server = await serve({ demo: true });
  const [owner, editor] = [await visit(server), await visit(server)];
  await signIn(owner, 'owner');
  await signIn(editor, 'editor');
  const key = await createProduct(editor, { Now: ['Alpha', 'Bravo', 'Charlie'] });
  const scores = `/p/${key}/scores`;
  const item = (page: typeof owner, number: number) => page.locator(`#${key}-${number}`);
  const rate = async (page: typeof owner, number: number, ratings: Record<string, string>) => {
    const row = item(page, number);
    if ((await row.locator('details[open]').count()) === 0) await row.locator('summary').click();
    for (const [name, value] of Object.entries(ratings)) await row.getByLabel(name, { exact: true }).selectOption(value);
    await row.getByRole('button', { name: 'Save ratings' }).click();
    await page.waitForURL(`**/scores?item=${key}-${number}#${key}-${number}`);
    await hydrated(page);
    await expect(item(page, number).locator('details')).toHaveAttribute('open', '');
  };

  // From the board, by the bar.
  await Board.open(editor, key);
  await goToView(editor, 'Scores');
  await expect(editor.getByRole('heading', { level: 1 })).toHaveText('Scores');
  await hydrated(editor);
  await expect(editor.getByText('(Need + Value + Feasibility) ÷ 3')).toBeVisible();
  await rate(editor, 1, { Need: '2', Value: '3', Feasibility: '4' });
  await expect(item(editor, 1).locator('.scores__score')).toContainText('3');
  await rate(editor, 2, { Need: '5', Value: '4', Feasibility: '3' });
  await owner.goto(scores);
  await hydrated(owner);
  await rate(owner, 2, { Need: '3' });
  // (4 + 4 + 3) / 3.
  await expect(item(owner, 2).locator('.scores__score')).toContainText('3.67');
  await expect(item(owner, 2).locator('summary')).toContainText('2 raters · spread 2');
  await expect(item(owner, 2).locator('summary')).toContainText('1 higher than on the board');
  // By hand: Bravo has 11, Alpha 9 and comes first where both are equal.
  await expect(item(owner, 2)).toContainText(`Falls below ${key}-1 Alpha with Need 2 instead of 4.`);
  await item(owner, 1).locator('summary').click();
  await expect(item(owner, 1)).toContainText(`Passes ${key}-2 Bravo with Need 4 instead of 2.`);
  await item(owner, 3).locator('summary').focus();
  await owner.keyboard.press('Enter');
  await expect(item(owner, 3)).toContainText('No score yet: “Need” and “Value” and “Feasibility” have no value.');
  await inBoth(owner);

  // To the board, back, and to it again.
  await editor.goto(scores);
  await hydrated(editor);
  await editor.getByRole('button', { name: 'Apply this order to the board' }).click();
  await hydrated(editor);
  const board = await Board.open(owner, key);
  await board.shows({ Now: ['Bravo', 'Alpha', 'Charlie'] });
  await editor.getByRole('button', { name: 'Undo' }).click();
  await board.shows({ Now: ['Alpha', 'Bravo', 'Charlie'] });

  // A model that hides ratings.
  await owner.goto('/score-models');
  await hydrated(owner);
  await owner.getByText('New score model', { exact: true }).click();
  await owner.getByLabel('Name', { exact: true }).fill('Blind');
  await owner.getByLabel('Criteria', { exact: true }).fill('Need: 1 to 5, weight 2\nRisk: 1 to 5, lower is better');
  await owner.getByLabel('Hide ratings until revealed').selectOption('Yes');
  await owner.getByRole('button', { name: 'Create score model' }).click();
  await expect(owner.getByText('Blind').first()).toBeVisible();
  await editor.goto(scores);
  await hydrated(editor);
  await editor.getByLabel('Score by').selectOption('Blind');
  await editor.getByRole('button', { name: 'Use model' }).click();
  await hydrated(editor);
  await expect(editor.getByText('(2 × Need + 1 × (6 − Risk)) ÷ 3')).toBeVisible();
  await rate(editor, 3, { Need: '5', Risk: '2' });
  await expect(item(editor, 3).locator('.scores__score')).toContainText('4.67');
  await owner.goto(scores);
  await hydrated(owner);
  await expect(owner.getByText('Ratings are hidden.')).toBeVisible();
  await expect(item(owner, 3).locator('summary')).toContainText('1 rater');
  await expect(item(owner, 3).locator('.scores__score')).toContainText('–');
  expect(await owner.content()).not.toContain('4.67');
  await editor.goto(scores);
  await hydrated(editor);
  await editor.getByRole('button', { name: 'Reveal ratings' }).click();
  await hydrated(editor);
  await owner.reload();
  await hydrated(owner);
  await expect(item(owner, 3).locator('.scores__score')).toContainText('4.67');
  // By two criteria.
  await owner.goto(`${scores}?x=Need&y=Risk`);
  await hydrated(owner);
  await expect(owner.getByRole('link', { name: `${key}-3 Charlie: Need 5, Risk 2` })).toBeVisible();
  await inBoth(owner);
  await owner.setViewportSize({ width: 390, height: 844 });
  await look(owner, `${scores}?item=${key}-3`);
});

test('scores are read, rated and applied without scripts', async ({ serve, visit, expectTrouble }) => {
  expectTrouble(/\.js csp$/);
  const server = await serve({ demo: true });
  const living = await visit(server);
  await signIn(living, 'editor');
  const storageState = await living.context().storageState();
  const page = await visit(server, { javaScriptEnabled: false, storageState });
  await page.goto('/p/ERP/scores');
  const first = page.locator('.scores__item').first();
  await first.locator('summary').click();
  for (const name of ['Need', 'Value', 'Feasibility']) await first.getByLabel(name, { exact: true }).selectOption('5');
  await first.getByRole('button', { name: 'Save ratings' }).click();
  await expect(page.locator('.scores__item details[open] .scores__score')).toContainText('5');
  await page.getByRole('button', { name: 'Apply this order to the board' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Scores');
});

test('scores are badges, a column and an order of the roadmap, and follow ratings and drops', async ({ open }) => {
  const editor = await open('editor');
  const key = await createProduct(editor, { Now: ['Alpha', 'Bravo', 'Charlie'] });
  const board = await Board.open(editor, key, '?show=score&sort=-score');
  const badge = (title: string) => board.card(title).locator('.badge--chosen');
  await board.shows({ Now: ['Alpha', 'Bravo', 'Charlie'] });
  await expect(badge('Alpha')).toHaveCount(0);

  // Somebody else rates; the open board follows.
  const owner = await open('owner');
  await owner.goto(`/p/${key}/scores`);
  await hydrated(owner);
  const rate = async (number: number, need: string) => {
    const row = owner.locator(`#${key}-${number}`);
    await row.locator('summary').click();
    for (const name of ['Value', 'Feasibility']) await row.getByLabel(name, { exact: true }).selectOption('4');
    await row.getByLabel('Need', { exact: true }).selectOption(need);
    await row.getByRole('button', { name: 'Save ratings' }).click();
    await owner.waitForURL(`**/scores?item=${key}-${number}#${key}-${number}`);
    await hydrated(owner);
  };
  await rate(3, '5');
  await expect(badge('Charlie')).toHaveText('Score 4.33');
  await rate(2, '1');
  await expect(badge('Bravo')).toHaveText('Score 3');
  await board.shows({ Now: ['Charlie', 'Bravo', 'Alpha'] });

  // By a field that is changed in the table: it counts once the server has it.
  await owner.goto(`/p/${key}/scores`);
  await hydrated(owner);
  await owner.getByLabel('Score by').selectOption('MoSCoW');
  await owner.getByRole('button', { name: 'Use model' }).click();
  await hydrated(owner);
  await expect(badge('Charlie')).toHaveCount(0);
  await Board.open(editor, key, '/table?show=key,title,moscow,score');
  const cell = (title: string, column: number) =>
    editor.locator('.grid__row').filter({ has: editor.getByRole('gridcell', { name: title, exact: true }) }).locator(`[data-column="${column}"]`);
  await expect(cell('Alpha', 3)).toHaveText('');
  await cell('Alpha', 2).click();
  await editor.keyboard.press('Enter');
  await editor.locator('.grid__editor select').selectOption('Must have');
  await editor.keyboard.press('Enter');
  await expect(cell('Alpha', 3)).toHaveText(/^\d/);
});
