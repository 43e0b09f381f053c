import { createProduct, goToView } from '../support/board';
import { axe, expect, hydrated, inBoth, STILL, test } from '../support/test';

// Key figures of a product: defined, agreed on, measured, shown.

test('a key figure is defined, agreed on by both owners, and measured', async ({ open, expectTrouble }) => {
  test.slow();
  expectTrouble(/4\d\d/);
  const [editor, viewer] = [await open('editor', STILL), await open('viewer', STILL)];
  const key = await createProduct(editor, { Now: ['Alpha'] });
  await editor.goto(`/p/${key}`);
  await hydrated(editor);
  await goToView(editor, 'Figures');
  await expect(editor).toHaveURL(`/p/${key}/figures`);
  await hydrated(editor);
  await expect(editor.getByRole('heading', { name: 'Measure whether it helps' })).toBeVisible();
  await inBoth(editor);

  await editor.getByText('New key figure', { exact: true }).click();
  await editor.getByLabel('Name').fill('Closing time');
  await editor.getByLabel('Definition').fill('Days from the end of a month to its closed books');
  await editor.getByLabel('Family').selectOption('Efficiency');
  await editor.getByLabel('Direction').selectOption('Lower is better');
  await editor.getByLabel('Unit').fill('days');
  await editor.getByLabel('Target').fill('2,5');
  await editor.getByRole('button', { name: 'Create key figure' }).click();
  await hydrated(editor);
  const kpi = editor.getByRole('article', { name: 'Closing time' });
  await expect(kpi).toContainText('Proposed');
  await expect(kpi).toContainText('Target 2.5 days, lower is better');
  await expect(kpi).toContainText('Not measured yet.');

  // A day, and the same day once more.
  const add = async (value: string, correct = false) => {
    // What was refused is open still, with what was typed.
    if (!(await kpi.getByLabel('Day', { exact: true }).isVisible())) await kpi.getByText('Add measurement', { exact: true }).click();
    await kpi.getByLabel('Day', { exact: true }).fill('2026-10-31');
    await kpi.getByLabel('Value in days').fill(value);
    if (correct) await kpi.getByLabel('Correct measured days').first().check();
    await kpi.getByRole('button', { name: 'Add measurement of Closing time' }).click();
    await hydrated(editor);
  };
  await add('6');
  await expect(kpi).toContainText('6 days');
  await add('5,5');
  await expect(editor.getByRole('alert')).toContainText('1 day was measured already: 2026-10-31 (6 days)');
  await expect(kpi).toContainText('6 days');
  await add('5,5', true);
  await expect(kpi).toContainText('5.5 days');

  // Several at once, with local dates and decimal commas.
  await kpi.getByText('Paste several', { exact: true }).click();
  await kpi.getByLabel('Days and values').fill('Datum;Wert\n31.7.2026;9,25\n31.8.2026;8\n30.9.2026;bald\n');
  await kpi.getByRole('button', { name: 'Add measurements of Closing time' }).click();
  await hydrated(editor);
  await expect(editor.getByRole('alert')).toContainText('Nothing was added. Line 4');
  // What was typed is still there.
  await expect(kpi.getByLabel('Days and values')).toHaveValue(/bald/);
  await kpi.getByLabel('Days and values').fill('Datum;Wert\n31.7.2026;9,25\n31.8.2026;8\n30.9.2026;7\n15.11.2026;2\n');
  await kpi.getByRole('button', { name: 'Add measurements of Closing time' }).click();
  await hydrated(editor);
  await expect(editor.locator('.notice[role=status]')).toContainText('Measurements: 4 added.');
  await expect(kpi.getByRole('img')).toHaveAccessibleName(
    'Closing time from 9.25 days on 31 Jul 2026 to 2 days on 15 Nov 2026, target 2.5 days',
  );
  await expect(kpi).toContainText('On target');
  await kpi.getByText('5 values', { exact: true }).click();
  await expect(kpi.getByRole('row')).toHaveCount(6);
  await expect(kpi.getByRole('row').nth(1)).toContainText('15 Nov 2026');
  const file = await editor.request.get(await kpi.getByRole('link', { name: 'Download Closing time as CSV' }).getAttribute('href') ?? '');
  expect(await file.text()).toContain('2026-07-31,9.25,days,CSV,');
  await inBoth(editor);

  // Both sides agree; a change of the target takes that back.
  await expect(kpi.getByRole('button', { name: /^Agree/ })).toHaveCount(0);
  await editor.getByText('Change owners', { exact: true }).click();
  const me = (await editor.locator('.rail__person').textContent()) ?? '';
  await editor.getByLabel('Business owner').selectOption(me);
  await editor.getByLabel('IT owner').selectOption(me);
  await editor.getByRole('button', { name: 'Save owners' }).click();
  await hydrated(editor);
  await kpi.getByRole('button', { name: 'Agree as Business owner on Closing time' }).click();
  await hydrated(editor);
  await expect(kpi).toContainText('Proposed');
  await kpi.getByRole('button', { name: 'Agree as IT owner on Closing time' }).click();
  await hydrated(editor);
  await expect(kpi.locator('.figures__state')).toHaveText('Agreed');
  await kpi.getByText('Edit', { exact: true }).click();
  await kpi.getByRole('textbox', { name: 'Target' }).fill('1');
  await kpi.getByRole('button', { name: 'Save' }).click();
  await hydrated(editor);
  await expect(kpi.locator('.figures__state')).toHaveText('Proposed');
  await expect(kpi).toContainText('Off target');

  // A reader sees all of it and changes none.
  await viewer.goto(`/p/${key}/figures`);
  await hydrated(viewer);
  await expect(viewer.getByRole('article', { name: 'Closing time' })).toContainText('2 days');
  await expect(viewer.getByText('Add measurement', { exact: true })).toHaveCount(0);
  await axe(viewer);
  await viewer.setViewportSize({ width: 390, height: 844 });
  await axe(viewer);
  const wide = await viewer.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  expect(wide, 'nothing is wider than a phone').toBe(false);
});
