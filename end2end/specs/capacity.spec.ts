import { Board, createProduct, runImport } from '../support/board';
import { expect, hydrated, inBoth, look, signIn, test } from '../support/test';

// The days of teams, what does not fit into them, and requests for more.

/** Boards know the days of quarters that are near. */
const YEAR = new Date().getFullYear() + 1;

test('a product manager asks for days, the lead gives them, and the line moves', async ({ serve, visit, expectTrouble }) => {
  test.slow();
  expectTrouble(/403/);
  // Teams and their days are the whole workspace's: a server of its own.
  const server = await serve({ demo: true });
  const [owner, editor] = [await visit(server), await visit(server)];
  await signIn(owner, 'owner');
  await signIn(editor, 'editor');
  const key = await createProduct(editor);
  const rows = [
    ['Checkout', '30', 'Tills'],
    ['Refunds', '20', 'tills'],
    ['Receipts', '15', 'Tills'],
  ].map(([title, days, team]) => `${title},${days},${team},${YEAR}-01-01,${YEAR}-03-31`);
  const mapping = { Title: 'title', Effort: 'effort', Team: 'team', Start: 'start', End: 'end' };
  await runImport(editor, key, ['Title,Effort,Team,Start,End', ...rows].join('\n'), mapping);

  // The owner makes the team; nobody leads it yet, so owners set its days.
  await owner.goto('/teams');
  await hydrated(owner);
  await owner.getByText('New team', { exact: true }).click();
  await owner.locator('.records__new form').getByLabel('Name', { exact: true }).fill('Tills');
  await owner.locator('.records__new form').getByLabel('Disciplines').fill('Design 25 %\nDevelopment 60 %');
  await owner.locator('.records__new form').getByRole('button', { name: /^Create / }).click();
  await expect(owner.getByRole('row', { name: /Tills/ })).toBeVisible();
  await owner.goto(`/capacity?from=${YEAR}-Q1`);
  await hydrated(owner);
  await owner.getByLabel(`Tills, Q1 ${YEAR}`).fill('40');
  await owner.getByRole('button', { name: 'Save the days of Tills' }).click();
  await hydrated(owner);
  const cell = owner.getByRole('row', { name: /Tills/ }).locator('td').first();
  await expect(cell).toContainText('65 d planned');
  await expect(cell).toContainText('25 d over');
  await cell.getByText('2 items do not fit').click();
  await expect(cell.getByRole('link')).toHaveText([`${key}-2 Refunds`, `${key}-3 Receipts`]);
  await inBoth(owner);

  // A product manager sees the days and cannot set them, by page or by call.
  await editor.goto(`/capacity?from=${YEAR}-Q1`);
  await hydrated(editor);
  const theirs = editor.getByRole('row', { name: /Tills/ });
  await expect(theirs).toContainText('40 d');
  await expect(theirs.getByRole('spinbutton')).toHaveCount(0);
  const team = await owner.locator('input[name=team]').first().inputValue();
  const form = { team, from: `${YEAR}-Q1`, 'days[0]': '90' };
  const refused = await editor.request.post('/api/set_capacity', { form });
  expect(refused.status()).toBe(403);
  expect(await refused.text()).toContain('Only the lead of Tills and owners change its capacity');

  // The board marks what does not fit.
  const board = await Board.open(editor, key, '?columns=quarter');
  await expect(board.card('Receipts')).toHaveClass(/card--below/);
  await expect(board.card('Refunds')).toHaveClass(/card--below/);
  await expect(board.card('Checkout')).not.toHaveClass(/card--below/);
  await expect(editor.locator('.column__line')).toHaveText('Tills: 65 of 40 d, 2 items over the line');

  // What work takes of a discipline is refused in words, and set against the part that the team has of it.
  const opened = await Board.open(editor, key, `/i/${key}-2`);
  await opened.panel.getByRole('combobox', { name: 'Add field' }).selectOption({ label: 'Effort by discipline' });
  const efforts = opened.panel.getByRole('textbox', { name: 'Effort by discipline' });
  await expect(efforts).toBeFocused();
  await editor.keyboard.type('Design twelve');
  await editor.keyboard.press('Enter');
  await expect(opened.panel.getByRole('alert')).toContainText('Use disciplines with their person-days, like Design 3, Development 8.5.');
  await efforts.fill('Design: 12 d; Development 8');
  await editor.keyboard.press('Enter');
  await expect(efforts).toHaveValue('Design 12, Development 8');
  await opened.saved();
  await owner.reload();
  await hydrated(owner);
  const disciplines = cell.getByRole('list', { name: 'By discipline' });
  await expect(disciplines.getByRole('listitem')).toHaveText([/Design\s+12 d of 10 d/, /Development\s+8 d of 24 d/]);
  await expect(disciplines.locator('.capacity__warning')).toHaveText(/Design/);
  await inBoth(owner);

  // Asked for, answered, and in the grid.
  await editor.goto(`/capacity?from=${YEAR}-Q1`);
  await hydrated(editor);
  await editor.getByText('Ask for days', { exact: true }).click();
  await editor.getByLabel('Person-days more').fill('10');
  await editor.getByLabel('What are they for?').fill('Refunds are due by law');
  await editor.getByRole('button', { name: 'Send the request' }).click();
  await hydrated(editor);
  const asked = editor.getByRole('listitem', { name: `10 person-days more for Tills in Q1 ${YEAR}` });
  await expect(asked).toContainText('Refunds are due by law');
  await expect(asked.getByRole('button')).toHaveCount(0);
  await owner.reload();
  await hydrated(owner);
  await owner.getByLabel('Reason for your answer').fill('Two people join in January');
  await owner.getByRole('button', { name: /^Yes: 10 person-days/ }).click();
  await hydrated(owner);
  await expect(owner.getByLabel(`Tills, Q1 ${YEAR}`)).toHaveValue('50');
  await expect(owner.getByRole('listitem', { name: /^10 person-days/ })).toContainText('Two people join in January');
  await Board.open(editor, key, '?columns=quarter');
  await expect(editor.locator('.column__line')).toHaveText('Tills: 65 of 50 d, 1 item over the line');
  await expect(board.card('Refunds')).not.toHaveClass(/card--below/);
  await expect(board.card('Receipts')).toHaveClass(/card--below/);
  await look(owner, `/capacity?from=${YEAR}-Q1`);
});
