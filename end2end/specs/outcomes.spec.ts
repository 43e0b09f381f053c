import { Board, createProduct, goToView, runImport } from '../support/board';
import { axe, expect, hydrated, inBoth, test } from '../support/test';

// What shipped items changed, how ready the next ones are, what is used less and less, and the reports of it.

test('a shipped item stays measuring until its outcome is recorded or waived with a reason', async ({ open, expectTrouble }) => {
  test.slow();
  expectTrouble(/422/);
  const [owner, viewer] = [await open('owner'), await open('viewer')];
  const key = await createProduct(owner, {});
  await runImport(owner, key, 'Title,Lane,Status,Key figure\nFaster search,Done,done,Calls\nTax forms,Done,done,\nNext,Now,planned,\n', {
    Title: 'title',
    Lane: 'lane',
    Status: 'status',
    'Key figure': 'field:key_figure',
  });
  const kpi = { 'kpi[name]': 'Calls', 'kpi[unit]': 'calls', 'kpi[family]': 'quality', 'kpi[direction]': 'down' };
  expect((await owner.request.post('/api/save_kpi', { form: { key, ...kpi } })).status()).toBe(200);
  await owner.goto(`/p/${key}`);
  await hydrated(owner);
  await goToView(owner, 'Outcomes');
  await expect(owner).toHaveURL(`/p/${key}/outcomes`);
  await hydrated(owner);
  const measuring = owner.getByRole('region', { name: 'Measuring', exact: true });
  await expect(measuring.getByRole('listitem')).toHaveCount(2);
  await inBoth(owner);

  // Half of it is refused, and stays in the form.
  await owner.getByLabel('Record outcome: Faster search').click();
  const form = measuring.getByRole('listitem').filter({ hasText: 'Faster search' }).locator('form').first();
  await expect(form.getByLabel('Key figure')).toHaveValue(/./);
  await form.getByLabel('Before', { exact: true }).fill('40');
  await inBoth(owner);
  await form.getByRole('button', { name: 'Save outcome' }).click();
  await hydrated(owner);
  await expect(owner.getByRole('alert')).toHaveText('Fill in both before and after, or neither.');
  if (!(await form.getByLabel('Before', { exact: true }).isVisible())) await owner.getByLabel('Record outcome: Faster search').click();
  await form.getByLabel('Before', { exact: true }).fill('40');
  await form.getByLabel('After', { exact: true }).fill('28,5');
  await form.getByLabel(/^Value per year/).fill('12000');
  await form.getByRole('button', { name: 'Save outcome' }).click();
  await hydrated(owner);
  const recorded = owner.getByRole('region', { name: 'Recorded outcomes' });
  await expect(recorded.getByRole('row').nth(1)).toContainText('40 → 28.5 calls');
  await expect(recorded.getByRole('row').nth(1)).toContainText('−11.5');
  await expect(measuring.getByRole('listitem')).toHaveCount(1);

  // The item says so, too.
  const board = await Board.open(owner, key, `/i/${key}-1`);
  await expect(board.panel.getByText('40 → 28.5 calls')).toBeVisible();
  await board.panel.getByRole('link', { name: 'All outcomes' }).click();
  await hydrated(owner);

  // Waived with a reason, and measuring again once that is removed.
  await owner.getByLabel('Waive: Tax forms').click();
  await owner.getByLabel('Reason').fill('Required by law');
  await owner.getByRole('button', { name: 'Waive outcome' }).click();
  await hydrated(owner);
  await expect(measuring).toHaveCount(0);
  await expect(recorded.getByRole('row').nth(1)).toContainText('Waived Required by law');
  await owner.getByRole('button', { name: 'Remove the outcome of Tax forms' }).click();
  await hydrated(owner);
  await expect(measuring.getByRole('listitem')).toContainText(['Tax forms']);
  await owner.getByText('1 removed outcome', { exact: true }).click();
  await owner.getByRole('button', { name: 'Restore the outcome of Tax forms' }).click();
  await hydrated(owner);
  await expect(recorded.getByRole('row')).toHaveCount(3);

  // Edited; a viewer reads.
  await owner.getByRole('link', { name: 'Edit the outcome of Faster search' }).click();
  await hydrated(owner);
  const edit = owner.getByRole('region', { name: 'Outcome of Faster search' });
  await edit.getByLabel('What changed, and what you learned').fill('Fewer people ask for help');
  await edit.getByRole('button', { name: 'Save outcome' }).click();
  await hydrated(owner);
  await expect(recorded).toContainText('Fewer people ask for help');
  await expect(recorded).toContainText('40 → 28.5 calls');
  await viewer.goto(`/p/${key}/outcomes`);
  await hydrated(viewer);
  await expect(viewer.getByRole('region', { name: 'Recorded outcomes' })).toContainText('Fewer people ask for help');
  await expect(viewer.locator('main form')).toHaveCount(0);
  await inBoth(viewer);
  const file = await viewer.request.get(`/p/${key}/outcomes.csv`);
  expect(await file.text()).toContain(`${key}-1,Faster search,recorded`);
});

test('a card shows how ready its item is, and the page what is missing', async ({ open }) => {
  const owner = await open('owner');
  const key = await createProduct(owner, {});
  const end = new Date().toISOString().slice(0, 10);
  const text = `Title,Lane,Status,End,Problem,Outcome\nFaster search,Now,planned,${end},Nobody finds it,Half the calls\nShipped,Done,done,${end},x,y\n`;
  await runImport(owner, key, text, { Title: 'title', Lane: 'lane', Status: 'status', End: 'end', Problem: 'field:problem', Outcome: 'field:outcome' });
  const board = await Board.open(owner, key, '/board?show=readiness');
  const card = owner.locator('.card').filter({ hasText: 'Faster search' });
  await expect(card.getByTitle('Readiness: 3/4')).toBeVisible();
  await expect(owner.locator('.card').filter({ hasText: 'Shipped' }).getByTitle(/^Readiness/)).toHaveCount(0);
  await board.saved();
  await owner.goto(`/p/${key}/outcomes`);
  await hydrated(owner);
  const row = owner.getByRole('region', { name: 'Readiness of planned items' }).getByRole('row').nth(1);
  await expect(row).toContainText('3/4');
  await expect(row).toContainText('key figure');
  // Once it names one, the card follows.
  const panel = await Board.open(owner, key, `/board/i/${key}-1?show=readiness`);
  await panel.panel.getByRole('combobox', { name: 'Add field' }).selectOption({ label: 'Key figure' });
  const field = panel.panel.locator('label').filter({ hasText: /^Key figure/ }).locator('input');
  await field.fill('Calls');
  await field.press('Enter');
  await expect(card.getByTitle('Readiness: 4/4')).toBeVisible();
  await panel.saved();
});

test('falling use asks to improve or retire, and becomes an item', async ({ open }) => {
  const owner = await open('owner');
  const key = await createProduct(owner, { Now: ['Alpha'] });
  const form = { key, 'kpi[name]': 'Orders by fax', 'kpi[unit]': 'orders', 'kpi[family]': 'feature_use', 'kpi[direction]': 'up' };
  const made = await owner.request.post('/api/save_kpi', { form });
  const id = (await made.json()).split('kpi-')[1];
  const lines = '2026-03-01,50\n2026-04-01,41\n2026-05-01,30\n';
  expect((await owner.request.post('/api/measure_lines', { form: { key, id, lines } })).status()).toBe(200);
  await owner.goto(`/p/${key}/outcomes`);
  await hydrated(owner);
  const decide = owner.getByRole('region', { name: 'Decide: improve or retire' });
  await expect(decide.getByRole('listitem')).toContainText('50 → 41 → 30 orders');
  await inBoth(owner);
  await decide.getByRole('button', { name: 'Retire: Orders by fax' }).click();
  await expect(owner).toHaveURL(`/p/${key}/i/${key}-2`);
  await hydrated(owner);
  await expect(owner.locator('aside.item-panel')).toContainText('Retire “Orders by fax”');
});

test('reports say what was promised, delivered, and who asked for it', async ({ open }) => {
  test.slow();
  const [owner, viewer] = [await open('owner'), await open('viewer')];
  const key = await createProduct(owner, {});
  const now = new Date();
  const quarter = `${now.getUTCFullYear()}-Q${Math.floor(now.getUTCMonth() / 3) + 1}`;
  const end = now.toISOString().slice(0, 10);
  const text = `Title,Lane,Status,Promised quarter,End,Effort,Investment\nFaster search,Done,done,${quarter},${end},10,innovation\nTax forms,Now,in_progress,${quarter},${end},10,run\n`;
  await runImport(owner, key, text, {
    Title: 'title',
    Lane: 'lane',
    Status: 'status',
    'Promised quarter': 'field:promised',
    End: 'end',
    Effort: 'effort',
    Investment: 'investment',
  });
  await owner.goto(`/p/${key}/reports`);
  await hydrated(owner);
  const precision = owner.getByRole('region', { name: 'Delivery precision by quarter' });
  const cells = async (row: number) => precision.getByRole('row').nth(row).getByRole('cell').allTextContents();
  expect(await cells(6)).toEqual(['2', '1', '0', '0', '1', '50 %']);
  await expect(owner.getByRole('img', { name: /^Delivery precision: Q\d \d{4} 50 %$/ })).toBeVisible();
  await expect(owner.getByRole('region', { name: 'Balance by quarter' })).toContainText('50 %');
  await expect(owner.getByRole('region', { name: 'Shipped items' })).toContainText('Faster search');
  await axe(owner);
  await inBoth(owner);
  await viewer.goto(`/reports?product=${key}`);
  await hydrated(viewer);
  await expect(viewer.getByRole('region', { name: 'Shipped items' })).toContainText('Measuring');
  const file = await viewer.request.get(`/reports/precision.csv?product=${key}`);
  expect(await file.text()).toContain(`${quarter},2,1,0,0,1,50`);

  // Those of all products, with life in the sample organisation.
  await owner.goto('/direction');
  await hydrated(owner);
  await owner.getByRole('link', { name: 'Reports', exact: true }).click();
  await expect(owner).toHaveURL('/reports');
  await hydrated(owner);
  await expect(owner.getByRole('heading', { name: 'Delivery precision' })).toBeVisible();
  await inBoth(owner);
});
