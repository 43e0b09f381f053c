import { Board, createProduct, goToView } from '../support/board';
import { axe, expect, hydrated, inBoth, signIn, test } from '../support/test';

// What a product costs, brings and saves; what an item is worth by it; what an objective may cost.

test('entries by hand and by file, a chart of them, and what an item is worth', async ({ serve, visit, expectTrouble }) => {
  test.slow();
  expectTrouble(/422/);
  // The currency is that of the whole workspace: a server of its own.
  const server = await serve({ demo: true });
  const [owner, viewer] = [await visit(server), await visit(server)];
  await signIn(owner, 'owner');
  await signIn(viewer, 'viewer');
  await owner.goto('/workspace');
  await hydrated(owner);
  await owner.getByLabel('Currency').selectOption('Euro (EUR)');
  await owner.getByRole('button', { name: 'Save money settings' }).click();
  await hydrated(owner);
  await expect(owner.getByLabel('Discount rate in % a year')).toHaveValue('8');
  await inBoth(owner);

  const key = await createProduct(owner, { Now: ['Alpha', 'Bravo'] });
  await owner.goto(`/p/${key}`);
  await hydrated(owner);
  await goToView(owner, 'Money');
  await expect(owner).toHaveURL(`/p/${key}/money`);
  await hydrated(owner);
  await expect(owner.getByRole('heading', { name: 'What it costs, what it brings' })).toBeVisible();
  await inBoth(owner);

  // Typed in: in another currency it is refused, and stays in the form.
  const add = async (month: string, kind: string, basis: string, amount: string, item = '') => {
    if (!(await owner.getByLabel('Month', { exact: true }).isVisible())) await owner.getByText('Add entry', { exact: true }).first().click();
    await owner.getByLabel('Month', { exact: true }).fill(month);
    await owner.getByLabel('Kind', { exact: true }).selectOption(kind);
    await owner.getByLabel('Plan or actual').selectOption(basis);
    await owner.getByLabel('Amount in EUR').fill(amount);
    await owner.getByLabel('Item', { exact: true }).fill(item);
    await owner.getByRole('button', { name: 'Add entry' }).click();
    await hydrated(owner);
  };
  await add('2027-01', 'Cost', 'Plan', '1000 USD', `${key}-1`);
  await expect(owner.getByRole('alert')).toContainText('“1000 USD” is in another currency. This workspace counts in EUR');
  await expect(owner.getByLabel('Amount in EUR')).toHaveValue('1000 USD');
  await add('2027-01', 'Cost', 'Plan', '€ 1 000', `${key}-1`);
  await expect(owner).toHaveURL(`/p/${key}/money?year=2027`);
  const quarters = owner.getByRole('region', { name: 'Quarters of 2027' });
  const sums = async (row: number) => (await quarters.getByRole('row').nth(row).getByRole('cell').allTextContents()).map((cell) => cell.replace(/\s/g, ' '));
  expect(await sums(1)).toEqual(['Plan', '1 000', '–', '–', '–', '1 000']);

  // By file, with a line that is wrong: nothing is added.
  const file = `Month;Kind;Plan or actual;Amount;Label;Item\n2027-01;cost;actual;1.200,50;Licences;\n2028-01;revenue;plan;1080;Orders;${key}-1\nsoon;cost;plan;5;;\n2027-02;cost;plan;$5;;\n`;
  await owner.getByText('Paste CSV', { exact: true }).click();
  await owner.getByLabel('Entries as CSV', { exact: true }).fill(file);
  await owner.getByRole('button', { name: 'Add all' }).click();
  await hydrated(owner);
  await expect(owner.getByRole('alert')).toContainText('Nothing was added. Line 4: “soon” isn’t a month. Write it like 2027-01. Line 5: “$5” is in another currency.');
  const right = file.replace('soon', '2027-08').replace('$5', '5');
  await owner.getByLabel('Entries as CSV', { exact: true }).fill(right);
  await owner.getByRole('button', { name: 'Add all' }).click();
  await hydrated(owner);
  await expect(owner.locator('.notice[role=status]')).toHaveText('Entries: 4 added.');

  // The year, the one after, and the months behind the chart. Profit is revenue and savings less cost.
  await owner.goto(`/p/${key}/money?year=2027`);
  await hydrated(owner);
  expect(await sums(1)).toEqual(['Plan', '1 005', '–', '5', '–', '1 010']);
  expect(await sums(2)).toEqual(['Actual', '1 200.50', '–', '–', '–', '1 200.50']);
  expect(await sums(7)).toEqual(['Plan', '−1 005', '–', '−5', '–', '−1 010']);
  await expect(owner.locator('.chart__picture')).toHaveAccessibleName(/^Profit by month in 2027, actual −1.200\.50 EUR in all, planned −1.010 EUR$/);
  await owner.getByText('Months as a table', { exact: true }).click();
  await expect(owner.getByRole('region', { name: 'Months' }).getByRole('row')).toHaveCount(13);
  await owner.getByRole('link', { name: 'After: 2028' }).click();
  await expect(owner.getByRole('region', { name: 'Quarters of 2028' })).toContainText('1 080');
  await owner.goto(`/p/${key}/money?year=2027`);
  await hydrated(owner);

  // Edited, removed, restored.
  await owner.getByRole('link', { name: /^Edit Actual cost of Jan 2027/ }).click();
  await hydrated(owner);
  const edit = owner.getByRole('region', { name: 'Edit entry' });
  await edit.getByLabel('Amount in EUR').fill('1300');
  await edit.getByRole('button', { name: 'Save entry' }).click();
  await hydrated(owner);
  expect(await sums(2)).toEqual(['Actual', '1 300', '–', '–', '–', '1 300']);
  await owner.getByRole('button', { name: /^Remove Actual cost of Jan 2027/ }).click();
  await hydrated(owner);
  expect(await sums(2)).toEqual(['Actual', '–', '–', '–', '–', '–']);
  await owner.getByText('1 removed entry', { exact: true }).click();
  await owner.getByRole('button', { name: /^Restore Actual cost of Jan 2027/ }).click();
  await hydrated(owner);
  expect(await sums(2)).toEqual(['Actual', '1 300', '–', '–', '–', '1 300']);
  const download = await owner.request.get(`/p/${key}/money.csv`);
  expect(await download.text()).toContain(`2028-01,revenue,plan,1080,EUR,Orders,${key}-1,`);

  // At 8 %: 1,000 in January 2027 and 1,080 a year later are worth 0, and are paid back then.
  const items = owner.getByRole('region', { name: 'Items by value' });
  await expect(items.getByRole('row').nth(1)).toContainText('Alpha');
  expect((await items.getByRole('row').nth(1).getByRole('cell').allTextContents())).toEqual(['80', '0', 'Jan 2028 (12 months)']);
  await inBoth(owner);
  const board = await Board.open(owner, key);
  const panel = await board.openItem('Alpha');
  await expect(panel.getByText('NPV at 8 % a year')).toBeVisible();
  await expect(panel.getByText('0 EUR', { exact: true })).toBeVisible();
  await expect(panel.getByText('Jan 2028 (12 months)')).toBeVisible();
  await inBoth(owner);
  await panel.getByRole('link', { name: '2 entries' }).click();
  await expect(owner.getByRole('heading', { name: 'Items', exact: true })).toBeVisible();

  // What a user costs, once somebody counts them.
  await expect(owner.getByText('For the cost per user, add a key figure of the family Adoption')).toBeVisible();
  const made = await owner.request.post('/api/save_kpi', { form: { key, 'kpi[name]': 'Active users', 'kpi[family]': 'adoption', 'kpi[unit]': 'users' } });
  expect(made.status()).toBe(200);
  const id = ((await made.text()).match(/kpi-([0-9a-f-]{36})/) ?? [])[1];
  expect((await owner.request.post('/api/measure', { form: { key, id, day: '2026-10-31', value: '130' } })).status()).toBe(200);
  await owner.goto(`/p/${key}/money?year=2027`);
  await hydrated(owner);
  await expect(owner.getByText('Cost per user in 2027: 7.77 EUR planned, 10 EUR actual.')).toBeVisible();

  // A reader sees all of it and changes none.
  await viewer.goto(`/p/${key}/money?year=2027`);
  await hydrated(viewer);
  await expect(viewer.getByRole('region', { name: 'Quarters of 2027' })).toContainText('1 300');
  await expect(viewer.getByText('Add entry', { exact: true })).toHaveCount(0);
  await expect(viewer.getByRole('link', { name: /^Edit/ })).toHaveCount(0);
  await axe(viewer);
  await viewer.setViewportSize({ width: 390, height: 844 });
  await axe(viewer);
  const wide = await viewer.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  expect(wide, 'nothing is wider than a phone').toBe(false);
});

test('an objective has a budget and funding, and is overdrawn in words', async ({ serve, visit, expectTrouble }) => {
  expectTrouble(/4\d\d/);
  const server = await serve({ demo: true });
  const [owner, editor] = [await visit(server), await visit(server)];
  await signIn(owner, 'owner');
  await signIn(editor, 'editor');
  const key = await createProduct(editor, { Now: ['Alpha', 'Bravo'] });
  await owner.request.post('/api/save_money_settings', { form: { currency: 'EUR', discount: '8' } });
  await owner.request.post('/api/add_objective', { form: { quarter: '2031-Q1', name: 'Faster closing' } });
  await owner.goto('/direction/2031-Q1');
  await hydrated(owner);
  const objective = owner.getByRole('article', { name: 'Faster closing' });
  const setBudget = async (amount: string) => {
    if (!(await objective.getByLabel('Budget in EUR').isVisible())) await objective.getByText(/^(Set|Change) budget$/).click();
    await objective.getByLabel('Budget in EUR').fill(amount);
    await objective.getByRole('button', { name: 'Save budget' }).click();
    await hydrated(owner);
  };
  await setBudget('1000');
  await expect(objective).toContainText('Budget1 000 EUR');

  // Funding lines: one for this quarter, one that ended before it.
  const fund = async (source: string, amount: string, from = '', to = '') => {
    await objective.getByText('Add funding', { exact: true }).click();
    await objective.getByLabel('Source', { exact: true }).first().fill(source);
    await objective.getByLabel('Amount in EUR').first().fill(amount);
    await objective.getByLabel('From quarter').first().fill(from);
    await objective.getByLabel('To quarter').first().fill(to);
    await objective.getByRole('button', { name: 'Save funding' }).first().click();
    await hydrated(owner);
  };
  await fund('Finance', '600', '2031-Q1', '2031-Q2');
  await expect(objective).toContainText('600 EUR · Q1 2031 to Q2 2031');
  await expect(objective).toContainText('400 EUR of the budget is not funded in this quarter.');

  // What an item costs is drawn from the objective it names.
  const board = await Board.open(editor, key);
  const panel = await board.openItem('Alpha');
  await panel.getByLabel('Add field').selectOption('Objectives');
  await panel.getByLabel('Add to Objectives').selectOption('Faster closing');
  await panel.getByLabel('Add field').selectOption('Cost');
  await panel.getByLabel('Cost', { exact: true }).fill('900');
  await panel.getByLabel('Cost', { exact: true }).press('Enter');
  await board.saved();
  await owner.goto('/direction/2031-Q1');
  await hydrated(owner);
  await expect(objective).toContainText('Drawn900 EUR');
  await expect(objective).toContainText('Left100 EUR');
  await expect(objective.getByText(/^Overdrawn/)).toHaveCount(0);
  await setBudget('899');
  await expect(owner.getByRole('alert')).toContainText('900 is already drawn from “Faster closing”. Raise the budget, or take items off the objective.');
  await expect(objective).toContainText('Budget1 000 EUR');
  await setBudget('5 USD');
  await expect(owner.getByRole('alert')).toContainText('another currency');

  // More is drawn than there is: marked in words, for everybody.
  await panel.getByLabel('Cost', { exact: true }).fill('1250');
  await panel.getByLabel('Cost', { exact: true }).press('Enter');
  await board.saved();
  await editor.goto('/direction/2031-Q1');
  await hydrated(editor);
  const read = editor.getByRole('article', { name: 'Faster closing' });
  await expect(read).toContainText('Overdrawn: items cost 250 EUR more than the budget.');
  await expect(read.getByRole('button', { name: 'Save budget' })).toHaveCount(0);
  await inBoth(editor);
  await owner.goto('/direction/2031-Q1');
  await hydrated(owner);
  await inBoth(owner);
  await objective.getByRole('button', { name: 'Remove funding Finance' }).click();
  await hydrated(owner);
  await objective.getByText('1 removed funding line', { exact: true }).click();
  await objective.getByRole('button', { name: 'Restore funding Finance' }).click();
  await hydrated(owner);
  await expect(objective).toContainText('600 EUR · Q1 2031 to Q2 2031');
});
