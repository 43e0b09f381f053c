import { createProduct } from '../support/board';
import { expect, hydrated, inBoth, look, signIn, test } from '../support/test';

// Products move from stage to stage: by mouse, by keys and by form; with the checklist of a stage, or a reason.

test('a product is carried to its next stage with a checklist or a reason', async ({ serve, visit, expectTrouble }) => {
  expectTrouble(/422/);
  const server = await serve({ demo: true });
  const [owner, editor] = [await visit(server), await visit(server)];
  await signIn(owner, 'owner');
  await signIn(editor, 'editor');
  const key = await createProduct(editor, {}, 'Meal tickets');
  await editor.goto('/lifecycle');
  await hydrated(editor);
  const stage = (page: typeof editor, name: string) => page.getByRole('region', { name: new RegExp(`^${name}`) });
  const card = (page: typeof editor) => page.getByRole('listitem').filter({ hasText: 'Meal tickets' });
  const panel = editor.getByRole('region', { name: 'Meal tickets' });
  await expect(stage(editor, 'Growth')).toContainText('Meal tickets');

  // Carried to Maturity: what that needs is asked for, and nothing has moved yet.
  const from = (await card(editor).getByText('Service').boundingBox())!;
  const to = (await stage(editor, 'Maturity').boundingBox())!;
  await editor.mouse.move(from.x + 5, from.y + 5);
  await editor.mouse.down();
  await editor.mouse.move(to.x + 60, to.y + 60, { steps: 8 });
  await expect(stage(editor, 'Maturity')).toHaveClass(/lifecycle__stage--over/);
  await editor.mouse.up();
  await expect(editor).toHaveURL(`/lifecycle?product=${key}&to=maturity`);
  await expect(panel).toBeFocused();
  await inBoth(editor);

  // With something open and no reason it is refused, and nothing typed is lost.
  const points = panel.getByRole('checkbox');
  await points.first().check();
  await panel.getByRole('button', { name: 'Move to Maturity' }).click();
  await hydrated(editor);
  await expect(panel.getByRole('alert')).toContainText('or give a reason for moving on without');
  await expect(points.first()).toBeChecked();
  await expect(points.nth(1)).not.toBeChecked();
  await panel.getByLabel('Reason, where something is open').fill('The board decided so');
  await panel.getByRole('button', { name: 'Move to Maturity' }).click();
  await hydrated(editor);
  await expect(stage(editor, 'Maturity')).toContainText('Meal tickets');
  await expect(panel).toContainText('Growth → Maturity');
  await expect(panel).toContainText('1 of 3 points ticked off');
  await expect(panel).toContainText('The board decided so');
  await editor.goto(`/p/${key}/history`);
  await expect(editor.locator('.history__line').first()).toContainText('The board decided so');

  // By keys alone, back to Growth: for a reason.
  await editor.goto('/lifecycle');
  await hydrated(editor);
  await card(editor).getByRole('link', { name: 'Meal tickets', exact: true }).focus();
  await editor.keyboard.press('Alt+ArrowLeft');
  await expect(editor).toHaveURL(`/lifecycle?product=${key}&to=growth`);
  await expect(panel).toBeFocused();
  await panel.getByLabel('Why does it go back?').fill('Use grows again');
  await panel.getByRole('button', { name: 'Move to Growth' }).click();
  await hydrated(editor);
  await expect(stage(editor, 'Growth')).toContainText('Meal tickets');

  // The owner changes what growing products need.
  await owner.goto('/lifecycle');
  await hydrated(owner);
  await stage(owner, 'Growth').getByText('Before maturity').click();
  await stage(owner, 'Growth').getByRole('button', { name: 'Change the checklist of Growth' }).click();
  await expect(owner).toHaveURL('/playbooks');
  await hydrated(owner);
  await expect(owner.getByRole('row', { name: /Growth/ })).toContainText('Its cost per user is known');
  await owner.goto('/lifecycle');
  await expect(stage(owner, 'Growth').getByRole('link', { name: 'Change it' })).toBeHidden();
});

test('without the program, a product moves by links and a form', async ({ open, expectTrouble }) => {
  expectTrouble(/\.js csp$/);
  const maker = await open('editor');
  const page = await open('editor', { javaScriptEnabled: false });
  const key = await createProduct(maker, {}, 'Paper forms');
  await page.goto('/lifecycle');
  await page.getByRole('link', { name: 'Move: Paper forms' }).click();
  await page.getByRole('link', { name: 'Launch', exact: true }).click();
  await page.getByLabel('Why does it go back?').fill('The pilot failed');
  await page.getByRole('button', { name: 'Move to Launch' }).click();
  await expect(page).toHaveURL(new RegExp(`/lifecycle\\?product=${key}`));
  await expect(page.getByRole('region', { name: /^Launch/ })).toContainText('Paper forms');
});

test('those who only read see stages and no way to move products', async ({ open }) => {
  const page = await open('viewer');
  await page.goto('/lifecycle');
  await hydrated(page);
  await expect(page.getByRole('link', { name: /^Move/ })).toHaveCount(0);
  await expect(page.locator('[data-product]')).toHaveCount(0);
  await look(page, 'lifecycle');
});
