import { Board, createProduct, runImport } from '../support/board';
import { expect, hydrated, signIn, test } from '../support/test';

// A quarter from its vision to its figures, as an organisation plays it: an owner who directs, a product manager who plans, a
// stakeholder who rates.

const NOW = new Date();
const YEAR = NOW.getUTCFullYear();
const NUMBER = Math.floor(NOW.getUTCMonth() / 3) + 1;
const QUARTER = `${YEAR}-Q${NUMBER}`;
const LABEL = `Q${NUMBER} ${YEAR}`;
const DAYS = ['01-01,03-31', '04-01,06-30', '07-01,09-30', '10-01,12-31'][NUMBER - 1]!.split(',').map((day) => `${YEAR}-${day}`);

test('a quarter is played through: vision, objectives, alignment, scores, capacity, the board, outcomes, closing and precision', async ({
  serve,
  visit,
}) => {
  test.slow();
  const server = await serve({ demo: true });
  const [owner, editor, stakeholder] = [await visit(server), await visit(server), await visit(server)];
  await signIn(owner, 'owner');
  await signIn(editor, 'editor');
  await signIn(stakeholder, 'stakeholder');
  const key = await createProduct(editor, {}, 'Aardvark');
  const go = async (page: typeof owner, path: string) => {
    await page.goto(path);
    await hydrated(page);
  };

  // Where the product goes.
  await go(editor, `/p/${key}/vision`);
  await editor.getByText('Write the vision', { exact: true }).click();
  await editor.getByLabel('Vision', { exact: true }).last().fill('The books are closed in a day, everywhere.');
  await editor.getByRole('button', { name: 'Publish', exact: true }).click();
  await hydrated(editor);
  await go(stakeholder, `/p/${key}/vision`);
  await stakeholder.getByRole('group', { name: 'Believable' }).getByRole('radio', { name: '4', exact: true }).check();
  await stakeholder.getByRole('button', { name: 'Save rating' }).click();
  await hydrated(stakeholder);
  await expect(stakeholder.locator('.vision__results').getByRole('row', { name: 'Believable' })).toContainText('4.0');

  // Three big things, once the sample organisation's own are closed.
  await go(owner, `/direction/${QUARTER}`);
  const open = owner.locator('article', { has: owner.locator('summary', { hasText: /^Close$/ }) });
  await expect(open).toHaveCount(3);
  for (let left = 3; left > 0; left--) {
    const article = open.first();
    await article.getByText('Close', { exact: true }).click();
    await article.getByLabel('Result', { exact: true }).fill('Reached before');
    await article.getByRole('button', { name: 'Close objective' }).click();
    await hydrated(owner);
    await expect(open).toHaveCount(left - 1);
  }
  for (const name of ['Faster closing', 'Fewer calls', 'One sign-on']) {
    await owner.getByText('New objective', { exact: true }).click();
    await owner.getByLabel('Title').fill(name);
    await owner.getByRole('button', { name: 'Create objective' }).click();
    await hydrated(owner);
    await owner.getByRole('button', { name: `Open: ${name}` }).click();
    await hydrated(owner);
    await expect(owner.getByRole('button', { name: `Open: ${name}` })).toHaveCount(0);
  }

  // How far the product serves them.
  await go(stakeholder, `/direction/${QUARTER}/alignment`);
  await stakeholder.getByRole('textbox', { name: 'Your rating of Aardvark: Faster closing' }).focus();
  await stakeholder.keyboard.press('3');
  await expect(stakeholder.getByRole('link', { name: /^Aardvark: Faster closing/ })).toContainText('31 rater');

  // The plan: two items serve an objective and are promised for this quarter. Nothing has a team yet.
  const [first, last] = DAYS;
  const rows = [
    `Ledger,30,${first},${last},${QUARTER},Faster closing,Tills,innovation`,
    `Receipts,15,${first},${last},${QUARTER},Fewer calls,Tills,run`,
    `Refunds,20,${first},${last},,,Tills,retention`,
  ];
  const text = ['Title,Effort,Start,End,Promised quarter,Objectives,Team,Investment', ...rows].join('\n');
  await runImport(editor, key, text, {
    Title: 'title',
    Effort: 'effort',
    Start: 'start',
    End: 'end',
    'Promised quarter': 'field:promised',
    Team: 'team',
    Investment: 'investment',
  });
  await go(owner, '/teams');
  await owner.getByText('New team', { exact: true }).click();
  await owner.locator('.records__new form').getByLabel('Name', { exact: true }).fill('Tills');
  await owner.locator('.records__new form').getByRole('button', { name: /^Create / }).click();
  await expect(owner.getByRole('row', { name: /Tills/ })).toBeVisible();
  await go(owner, `/capacity?from=${QUARTER}`);
  await owner.getByLabel(`Tills, ${LABEL}`).fill('50');
  await owner.getByRole('button', { name: 'Save the days of Tills' }).click();
  await hydrated(owner);
  const cell = owner.getByRole('row', { name: /Tills/ }).locator('td').first();
  await expect(cell).toContainText('15 d over');
  await cell.getByText('1 item does not fit').click();
  await expect(cell.getByRole('link')).toHaveText([`${key}-3 Refunds`]);

  // Scores say otherwise; their order is taken to the board, and another item falls below the line.
  const rate = async (number: number, rating: string) => {
    await go(stakeholder, `/p/${key}/scores`);
    const row = stakeholder.locator(`#${key}-${number}`);
    await row.locator('summary').click();
    for (const name of ['Need', 'Value', 'Feasibility']) await row.getByLabel(name, { exact: true }).selectOption(rating);
    await row.getByRole('button', { name: 'Save ratings' }).click();
    await stakeholder.waitForURL(`**/scores?item=${key}-${number}#${key}-${number}`);
    await hydrated(stakeholder);
  };
  await rate(1, '4');
  await rate(2, '2');
  await rate(3, '5');
  await go(editor, `/p/${key}/scores`);
  await editor.getByRole('button', { name: 'Apply this order to the board' }).click();
  await hydrated(editor);
  const board = await Board.open(editor, key);
  const lane = await editor.locator('.lane__name').first().innerText();
  await board.shows({ [lane]: ['Refunds', 'Ledger', 'Receipts'] });
  await expect(board.card('Receipts')).toHaveClass(/card--below/);
  await expect(board.card('Refunds')).not.toHaveClass(/card--below/);

  // What serves an objective is counted by its quarter.
  for (const [title, objective] of [
    ['Ledger', 'Faster closing'],
    ['Receipts', 'Fewer calls'],
  ] as const) {
    const panel = await board.openItem(title);
    await panel.getByLabel('Add field').selectOption('Objectives');
    await panel.getByLabel('Add to Objectives').selectOption(objective);
    await board.saved();
  }
  await go(owner, `/direction/${QUARTER}`);
  await expect(owner.getByRole('article', { name: 'Faster closing' })).toContainText('1 item · 1 not done · 30 d');

  // One ships, and stays measuring until its outcome is recorded.
  const panel = await board.openItem('Ledger');
  await panel.getByLabel('Status').selectOption({ label: 'Done' });
  await board.saved();
  await go(editor, `/p/${key}/outcomes`);
  const measuring = editor.getByRole('region', { name: 'Measuring', exact: true });
  await expect(measuring.getByRole('listitem')).toContainText(['Ledger']);
  await editor.getByLabel('Record outcome: Ledger').click();
  const form = measuring.getByRole('listitem').filter({ hasText: 'Ledger' }).locator('form').first();
  await form.getByLabel('What changed, and what you learned').fill('The books are closed in two days');
  await form.getByRole('button', { name: 'Save outcome' }).click();
  await hydrated(editor);
  await expect(editor.getByRole('region', { name: 'Recorded outcomes' })).toContainText('closed in two days');
  await expect(measuring).toHaveCount(0);

  // The objective is closed with its result; what is not reached goes on in the next quarter.
  await go(owner, `/direction/${QUARTER}`);
  const objective = owner.getByRole('article', { name: 'Faster closing' });
  await expect(objective).toContainText('1 item · 0 not done');
  await objective.getByText('Close', { exact: true }).click();
  await objective.getByLabel('Result', { exact: true }).fill('Closed in two days');
  await objective.getByRole('button', { name: 'Close objective' }).click();
  await hydrated(owner);
  await expect(owner.getByRole('region', { name: 'Closed' })).toContainText('Closed in two days');
  await owner.getByRole('button', { name: /^Carry over to .*: Fewer calls$/ }).click();
  await hydrated(owner);
  await expect(owner.getByRole('article', { name: 'Fewer calls' })).toBeVisible();

  // Two were promised for the quarter, one is done in it: 50 %.
  await go(owner, `/reports?product=${key}`);
  const precision = owner.getByRole('region', { name: 'Delivery precision by quarter' });
  await expect(precision.getByRole('row').nth(6)).toContainText('50 %');
  const shipped = owner.getByRole('region', { name: 'Shipped items' }).getByRole('row', { name: /Ledger/ });
  await expect(shipped).toContainText('Faster closing');
  await expect(shipped).toContainText('Recorded');
});
