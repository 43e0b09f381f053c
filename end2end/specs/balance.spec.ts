import { Board, createProduct, runImport } from '../support/board';
import { expect, hydrated, inBoth, test } from '../support/test';

// What the work of a quarter is for, against the mix that is wanted.

/** Items by quarter: title, investment, effort in days, first and last day. */
const ITEMS = [
  ['Portal', 'innovation', '30', '2031-01-01', '2031-03-31'],
  ['Renewals', 'retention', '30', '2031-01-01', '2031-03-31'],
  ['Patches', 'run', '40', '2031-01-01', '2031-03-31'],
  ['Lab', 'innovation', '60', '2031-04-01', '2031-06-30'],
];

test('the bar moves while a card is dragged over the band, and in the other browser after the drop', async ({ open }) => {
  const editor = await open('editor');
  const key = await createProduct(editor);
  const rows = ITEMS.map((row) => row.join(','));
  const text = ['Title,Investment,Effort,Start,End', ...rows].join('\n');
  const mapping = { Title: 'title', Investment: 'investment', Effort: 'effort', Start: 'start', End: 'end' };
  await runImport(editor, key, text, mapping);

  // A target whose shares do not add up is refused in a sentence, and nothing is kept.
  await editor.goto(`/p/${key}/balance?quarter=2031-Q1`);
  await hydrated(editor);
  const every = editor.getByRole('heading', { name: 'Every quarter' }).locator('..');
  const fill = async (shares: number[], band: number) => {
    for (const [index, name] of ['Innovation, %', 'Retention, %', 'Run, %', 'Retire, %'].entries()) {
      await every.getByLabel(name).fill(String(shares[index]));
    }
    await every.getByLabel('Band, ± points').fill(String(band));
    await every.getByRole('button', { name: 'Save the target: Every quarter' }).click();
    await hydrated(editor);
  };
  await fill([30, 30, 40, 0], 10);
  await expect(every.getByRole('button', { name: 'Remove the target: Every quarter' })).toBeVisible();
  await expect(editor.getByRole('row', { name: /^Innovation/ })).toContainText('30 ± 10 %');
  await expect(editor.getByRole('row', { name: /^Innovation/ })).toContainText('Within the band');
  await inBoth(editor);

  // Both have the first quarter in the bar.
  const board = await Board.open(editor, key, '?columns=quarter');
  const other = await open('owner');
  const theirs = await Board.open(other, key, '?columns=quarter');
  const bar = (page: typeof editor) => page.locator('button.balance');
  for (const page of [editor, other]) {
    await bar(page).click();
    await page.locator('.balance-menu').getByLabel('Quarter').selectOption('Q1 2031');
    await expect(page.locator('.balance-menu')).toContainText('Retention without evidence: 1');
    await page.keyboard.press('Escape');
    await expect(bar(page)).toHaveAccessibleName('Balance of Q1 2031 by effort: Innovation 30 % (30 d); Retention 30 % (30 d); Run 40 % (40 d)');
  }

  // In the air: 90 of 160 days are innovation, 56.25 %; nothing has moved yet, and the other sees nothing of it.
  const first = editor.locator('section[data-column="2031-Q1"]');
  const box = await first.boundingBox();
  if (box === null) throw new Error('the first quarter is drawn');
  // By its upper edge: in its middle is what one votes with.
  const lab = await board.card('Lab').boundingBox();
  if (lab === null) throw new Error('the card is drawn');
  await editor.mouse.move(lab.x + lab.width / 2, lab.y + 10);
  await editor.mouse.down();
  await editor.mouse.move(lab.x + lab.width / 2 + 8, lab.y + 16, { steps: 2 });
  await editor.mouse.move(box.x + box.width / 2, box.y + 60, { steps: 6 });
  await expect(bar(editor)).toHaveAccessibleName(/Innovation 56 % \(90 d\), above its band; Retention 19 % \(30 d\), below its band/);
  await expect(bar(other)).toHaveAccessibleName(/Innovation 30 %/);
  await editor.mouse.up();
  await board.saved();
  for (const page of [editor, other]) {
    await expect(bar(page)).toHaveAccessibleName(/Innovation 56 % \(90 d\), above its band/);
    await expect(bar(page)).toHaveClass(/balance--outside/);
    await expect(bar(page).locator('.balance__mark').first()).toHaveText('▲');
  }
  await inBoth(editor);

  // What an item is for counts at once, too.
  const panel = await theirs.openItem('Lab');
  await panel.getByLabel('Investment').selectOption('Run');
  await theirs.saved();
  for (const page of [editor, other]) {
    await expect(bar(page)).toHaveAccessibleName(/Innovation 19 % \(30 d\), below its band; .*Run 62 % \(100 d\), above its band/);
  }

  // The choice is kept in this browser.
  await editor.reload();
  await hydrated(editor);
  await expect(bar(editor)).toHaveAccessibleName(/^Balance of Q1 2031 by effort/);
});
