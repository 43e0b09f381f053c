import { createProduct, goToView } from '../support/board';
import { axe, expect, hydrated, inBoth, signIn, test } from '../support/test';

// The retirement plan of a product: who has to move where, which contracts end, and which cost that releases.

test('a product in retirement shows users to move, contract end, and cost released', async ({ serve, visit, expectTrouble }) => {
  test.slow();
  expectTrouble(/4\d\d/);
  const server = await serve({ demo: true });
  const [editor, viewer] = [await visit(server), await visit(server)];
  await signIn(editor, 'editor');
  await signIn(viewer, 'viewer');
  const key = await createProduct(editor, {}, 'Fax gateway');
  await editor.goto(`/p/${key}`);
  await hydrated(editor);
  await goToView(editor, 'Retirement');
  await expect(editor).toHaveURL(`/p/${key}/retirement`);
  await hydrated(editor);
  await expect(editor.getByRole('heading', { name: 'End it in good order' })).toBeVisible();
  await expect(editor.getByText('You can plan ahead.')).toBeVisible();
  await inBoth(editor);

  const addGroup = async (name: string, users: string, product: string, by: string) => {
    if (!(await editor.getByLabel('Group', { exact: true }).isVisible())) await editor.getByText('Add group', { exact: true }).first().click();
    await editor.getByLabel('Group', { exact: true }).fill(name);
    await editor.getByLabel('Users', { exact: true }).fill(users);
    await editor.getByLabel('Moves to product').selectOption(product);
    await editor.getByLabel('Moves by').fill(by);
    await editor.getByRole('button', { name: 'Add group' }).click();
    await hydrated(editor);
  };
  await addGroup('Finance', 'many', 'ERP platform', '2020-01-31');
  await expect(editor.getByRole('alert')).toContainText('many');
  await expect(editor.getByLabel('Users', { exact: true }), 'what was typed stays').toHaveValue('many');
  await addGroup('Finance', '40', 'ERP platform', '2020-01-31');
  await addGroup('Sales', '25', 'None of these', '2090-01-31');
  const groups = editor.getByRole('region', { name: 'Groups to move' });
  await expect(groups.getByRole('row', { name: /^Finance/ })).toContainText('ERP platform');
  await expect(groups.getByRole('row', { name: /^Finance/ })).toContainText('Late');
  await expect(groups.getByRole('row', { name: /^Sales/ })).toContainText('Not decided');
  await groups.getByRole('button', { name: 'Sales has moved' }).click();
  await hydrated(editor);
  await expect(groups.getByRole('row', { name: /^Sales/ }).getByText('Moved', { exact: true })).toBeVisible();

  const addContract = async (name: string, ends: string, notice: string, cost: string) => {
    if (!(await editor.getByLabel('Contract', { exact: true }).isVisible())) await editor.getByText('Add contract', { exact: true }).first().click();
    await editor.getByLabel('Contract', { exact: true }).fill(name);
    await editor.getByLabel('Ends on').fill(ends);
    await editor.getByLabel('Notice until').fill(notice);
    await editor.getByLabel('Cost per year').fill(cost);
    await editor.getByRole('button', { name: 'Add contract' }).click();
    await hydrated(editor);
  };
  await addContract('Hosting', '2090-06-30', '2090-07-01', '1200');
  await expect(editor.getByRole('alert')).toContainText('The notice can’t be due after the end.');
  await addContract('Hosting', '2090-06-30', '2020-01-01', '1200');
  await addContract('Lines', '2089-01-31', '', '300.50');
  const contracts = editor.getByRole('region', { name: 'Contracts by their end' });
  await expect(contracts.getByRole('row').nth(1)).toContainText('Lines');
  await expect(contracts.getByRole('row', { name: /^Hosting/ })).toContainText('Notice date has passed');
  const sums = editor.locator('.retirement__sums');
  await expect(sums).toContainText('Users left to move40 of 65');
  await expect(sums).toContainText('Next contract end31 Jan 2089');
  await expect(sums).toContainText(/Released per year1.500\.50 EURby 2 contracts/);
  await inBoth(editor);

  // Edited, removed, restored.
  await contracts.getByRole('link', { name: 'Edit Lines' }).click();
  await hydrated(editor);
  const edit = editor.getByRole('region', { name: 'Edit contract' });
  await edit.getByLabel('Cost per year').fill('400');
  await edit.getByRole('button', { name: 'Save contract' }).click();
  await hydrated(editor);
  await expect(sums).toContainText(/Released per year1.600/);
  await contracts.getByRole('button', { name: 'Remove Hosting' }).click();
  await hydrated(editor);
  await expect(sums).toContainText('Released per year400 EUR');
  await editor.getByText('1 removed', { exact: true }).click();
  await editor.getByRole('button', { name: 'Restore the contract Hosting' }).click();
  await hydrated(editor);
  await expect(sums).toContainText(/Released per year1.600/);

  // In retirement, the page of all stages shows it, to readers too.
  await editor.request.post('/api/move_stage', { form: { key, from: 'growth', to: 'retirement', reason: 'Nobody sends a fax' } });
  await viewer.goto('/lifecycle');
  await hydrated(viewer);
  const card = viewer.getByRole('region', { name: /^Retirement/ }).getByRole('listitem').filter({ hasText: 'Fax gateway' });
  await expect(card).toContainText('40 users left to move');
  await expect(card).toContainText('Contract ends 31 Jan 2089');
  await expect(card).toContainText(/Releases 1.600 EUR a year/);
  await card.getByRole('link', { name: /^Retirement plan/ }).click();
  await expect(viewer).toHaveURL(`/p/${key}/retirement`);
  await hydrated(viewer);
  await expect(viewer.getByText('You can plan ahead.')).toHaveCount(0);
  await expect(viewer.getByText('Add group', { exact: true })).toHaveCount(0);
  await axe(viewer);
  await viewer.setViewportSize({ width: 390, height: 844 });
  await axe(viewer);
  const wide = await viewer.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  expect(wide, 'nothing is wider than a phone').toBe(false);
});

test('without the program, a plan is written by forms that keep what was typed', async ({ open, expectTrouble }) => {
  expectTrouble(/\.js csp$/);
  const maker = await open('editor');
  const page = await open('editor', { javaScriptEnabled: false });
  const key = await createProduct(maker, {}, 'Paper archive');
  await page.goto(`/p/${key}/retirement`);
  await page.getByText('Add contract', { exact: true }).first().click();
  await page.getByLabel('Contract', { exact: true }).fill('Storage');
  await page.getByLabel('Ends on').fill('2090-06-30');
  await page.getByLabel('Cost per year').fill('a lot');
  await page.getByRole('button', { name: 'Add contract' }).click();
  await expect(page.getByRole('alert')).toContainText('a lot');
  await expect(page.getByLabel('Cost per year')).toHaveValue('a lot');
  await page.getByLabel('Cost per year').fill('12');
  await page.getByRole('button', { name: 'Add contract' }).click();
  await expect(page.getByRole('region', { name: 'Contracts by their end' })).toContainText('Storage');
});
