import { createProduct, runImport } from '../support/board';
import { expect, hydrated, inBoth, signIn, test } from '../support/test';

// A playbook suggests a score model, key figures and a balance to products that come to its stage.

test('a move to another stage shows the new order of items, and does what is ticked', async ({ serve, visit, expectTrouble }) => {
  test.slow();
  expectTrouble(/4\d\d/);
  const server = await serve({ demo: true });
  const [owner, editor] = [await visit(server), await visit(server)];
  await signIn(owner, 'owner');
  await signIn(editor, 'editor');
  const save = async (values: Record<string, string>) => {
    const form = Object.fromEntries(Object.entries(values).map(([key, value]) => [key === 'kind' ? key : `values[${key}]`, value]));
    const made = await owner.request.post('/api/save_record', { form });
    expect(made.status(), await made.text()).toBe(200);
  };
  await save({ kind: 'score_model', name: 'Harvest weights', method: 'formula', criteria: 'Effort: field effort', formula: 'effort' });

  // The owner writes it on the page of playbooks.
  await owner.goto('/playbooks');
  await hydrated(owner);
  await owner.getByText('New playbook', { exact: true }).click();
  const form = owner.locator('form[data-draft="playbook-new"]');
  await form.getByLabel('Name', { exact: true }).fill('Harvest');
  await form.getByLabel('Stage', { exact: true }).selectOption('Maturity');
  await form.getByLabel('Checklist').fill('');
  await form.getByLabel('Score model').fill('Harvest weights');
  await form.getByLabel('Key figures').fill('Cost per user: down to 12 EUR\nActive users: up');
  await form.getByLabel('Balance').fill('20/40/30/9, band 10');
  await form.getByRole('button', { name: 'Create playbook' }).click();
  await hydrated(owner);
  await expect(owner.getByRole('alert')).toContainText('add up to 99 %');
  await form.getByLabel('Balance').fill('20/40/30/10, band 10');
  await form.getByRole('button', { name: 'Create playbook' }).click();
  await hydrated(owner);
  await expect(owner.getByRole('row', { name: /Harvest/ })).toContainText('20/40/30/10, band 10');
  await inBoth(owner);

  const key = await createProduct(editor, {}, 'Meal tickets');
  await runImport(editor, key, 'Title,Effort\nSmall,1\nLarge,9\nMedium,4\n', { Title: 'title', Effort: 'effort' });
  await editor.goto(`/lifecycle?product=${key}&to=maturity`);
  await hydrated(editor);
  const panel = editor.getByRole('region', { name: 'Meal tickets' });
  const order = panel.getByRole('region', { name: 'Items in their new order' });
  expect(await order.getByRole('rowheader').allTextContents()).toEqual([`${key}-2 Large`, `${key}-3 Medium`, `${key}-1 Small`]);
  await expect(panel.getByText('Only what you tick is done.')).toBeVisible();
  await expect(panel.getByRole('checkbox', { name: 'Score items by Harvest weights' })).not.toBeChecked();
  await inBoth(editor);

  // Refused, what was ticked stays ticked.
  await panel.getByRole('checkbox', { name: 'Score items by Harvest weights' }).check();
  await panel.getByRole('checkbox', { name: 'Add the key figure Cost per user (down to 12 EUR), as proposed' }).check();
  await panel.getByRole('checkbox', { name: /^Set the balance for every quarter: innovation 20 %/ }).check();
  await panel.getByRole('button', { name: 'Move to Maturity' }).click();
  await hydrated(editor);
  await expect(panel.getByRole('alert')).toContainText('or give a reason');
  await expect(panel.getByRole('checkbox', { name: 'Score items by Harvest weights' })).toBeChecked();
  await panel.getByLabel('Reason, where something is open').fill('The board decided so');
  await panel.getByRole('button', { name: 'Move to Maturity' }).click();
  await hydrated(editor);
  await expect(editor.getByRole('region', { name: /^Maturity/ })).toContainText('Meal tickets');

  await editor.goto(`/p/${key}/scores`);
  await hydrated(editor);
  await expect(editor.locator('.scores__rank').first()).toBeVisible();
  await expect(editor.getByText('Large', { exact: true }).first()).toBeVisible();
  await editor.goto(`/p/${key}/figures`);
  await hydrated(editor);
  await expect(editor.getByRole('article', { name: 'Cost per user' })).toContainText('Proposed');
  await expect(editor.getByRole('article', { name: 'Active users' }), 'it was not ticked').toHaveCount(0);
  await editor.goto(`/p/${key}/history`);
  await hydrated(editor);
  await expect(editor.locator('.history')).toContainText('added the key figure “Cost per user”');
  await expect(editor.locator('.history')).toContainText('Harvest weights');
});
