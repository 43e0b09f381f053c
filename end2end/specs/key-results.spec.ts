import { createProduct } from '../support/board';
import { axe, expect, hydrated, inBoth, signIn, STILL, test } from '../support/test';

// Key results of an objective, measured by a key figure and by values of their own.

test('an objective is as far as its key results, one of them measured by a key figure', async ({ serve, visit, expectTrouble }) => {
  test.slow();
  expectTrouble(/4\d\d/);
  // Every product is told of an objective: a server of its own.
  const server = await serve({ demo: true });
  const [owner, viewer] = [await visit(server, STILL), await visit(server, STILL)];
  await signIn(owner, 'owner');
  await signIn(viewer, 'viewer');
  const key = await createProduct(owner, { Now: ['Alpha'] });
  await owner.goto(`/p/${key}/figures`);
  await hydrated(owner);
  await owner.getByText('New key figure', { exact: true }).click();
  await owner.getByLabel('Name').fill('Adoption');
  await owner.getByLabel('Unit').fill('%');
  await owner.getByRole('button', { name: 'Create key figure' }).click();
  await hydrated(owner);
  const kpi = owner.getByRole('article', { name: 'Adoption' });
  await kpi.getByText('Add measurement', { exact: true }).click();
  await kpi.getByLabel('Day', { exact: true }).fill('2026-10-31');
  await kpi.getByLabel('Value in %').fill('50');
  await kpi.getByRole('button', { name: 'Add measurement of Adoption' }).click();
  await hydrated(owner);

  await owner.goto('/direction/2031-Q1');
  await hydrated(owner);
  await owner.getByText('New objective', { exact: true }).click();
  await owner.getByLabel('Title').fill('Faster closing');
  await owner.getByRole('button', { name: 'Create objective' }).click();
  await hydrated(owner);
  const objective = owner.getByRole('article', { name: 'Faster closing' });
  const add = async (values: { measured?: string; name: string; start: string; target: string; current?: string }) => {
    await objective.getByText('Add key result', { exact: true }).click();
    if (values.measured) await objective.getByLabel('Measured by').selectOption(values.measured);
    await objective.getByLabel('Key result', { exact: true }).last().fill(values.name);
    await objective.getByLabel('Start').last().fill(values.start);
    await objective.getByLabel('Target').last().fill(values.target);
    if (values.current) await objective.getByLabel('Current').last().fill(values.current);
    await objective.getByRole('button', { name: 'Create key result' }).click();
    await hydrated(owner);
  };
  // 10 of 40 on the way from 40 to 80.
  await add({ measured: `${key} · Adoption (%)`, name: 'Everybody uses it', start: '40', target: '80' });
  await expect(objective.getByRole('progressbar', { name: 'Progress of Everybody uses it' })).toHaveAttribute('value', '25');
  await expect(objective).toContainText('50 % · from 40 to 80');
  // 6 of 8 on the way down from 12 to 4: 75; together 50.
  await add({ name: 'Fewer calls', start: '12', target: '4', current: '6' });
  await expect(objective.getByRole('progressbar', { name: 'Key results of Faster closing' })).toHaveAttribute('value', '50');
  await add({ name: 'Nowhere', start: '5', target: '5' });
  await expect(owner.getByRole('alert')).toContainText('Start and target are both 5');
  await inBoth(owner);

  // A reader sees them, until the product is hidden: then as if there were none of it.
  await viewer.goto('/direction/2031-Q1');
  await hydrated(viewer);
  await expect(viewer.getByText('Everybody uses it')).toBeVisible();
  await expect(viewer.getByText('Add key result', { exact: true })).toHaveCount(0);
  await viewer.setViewportSize({ width: 390, height: 844 });
  await axe(viewer);
  await owner.goto(`/p/${key}/access`);
  await hydrated(owner);
  await owner.getByText('Chosen people and groups', { exact: false }).first().click();
  await owner.getByRole('button', { name: 'Save', exact: true }).click();
  await hydrated(owner);
  await viewer.reload();
  await hydrated(viewer);
  await expect(viewer.getByRole('progressbar', { name: 'Key results of Faster closing' })).toHaveAttribute('value', '75');
  expect(await viewer.content()).not.toMatch(/Everybody uses it|Adoption/);
});
