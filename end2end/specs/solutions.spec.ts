import { createProduct } from '../support/board';
import { axe, expect, hydrated, inBoth, signIn, test } from '../support/test';

// Solutions are made of products; a slip of what they share warns each of them.

test('a slip of a shared capability warns every solution that uses it', async ({ serve, visit, expectTrouble }) => {
  test.slow();
  expectTrouble(/4\d\d/);
  const server = await serve({ demo: true });
  const [editor, viewer] = [await visit(server), await visit(server)];
  await signIn(editor, 'editor');
  await signIn(viewer, 'viewer');
  const auth = await createProduct(editor, {}, 'Sign-on service');
  await createProduct(editor, {}, 'Meal tickets');
  await editor.goto('/solutions');
  await hydrated(editor);

  const create = async (name: string, parts: string[]) => {
    if (!(await editor.getByLabel('Name', { exact: true }).isVisible())) await editor.getByText('New solution', { exact: true }).click();
    const form = editor.locator('form[data-draft="solution-new"]');
    await form.getByLabel('Name', { exact: true }).fill(name);
    for (const part of parts) await form.getByRole('checkbox', { name: part }).check();
    await form.getByRole('button', { name: 'Create solution' }).click();
    await hydrated(editor);
    await expect(editor.getByRole('article', { name, exact: true })).toBeVisible();
  };
  await create('Canteen', ['Sign-on service', 'Meal tickets']);
  await create('Front door', ['Sign-on service']);
  await create('Lunch list', ['Meal tickets']);
  const solution = (page: typeof editor, name: string) => page.getByRole('article', { name, exact: true });
  await expect(solution(editor, 'Canteen')).toContainText('On time');
  await expect(editor.getByRole('region', { name: 'Products that several solutions use' }).getByRole('row', { name: /^Sign-on service/ })).toContainText('Front door');
  await inBoth(editor);

  // The capability promises a quarter that has passed.
  const made = await editor.request.post('/api/run_import', {
    data: { key: auth, text: 'Title,Promised quarter,End\nTwo factors,2020-Q1,2090-02-01\n', mapping: { Title: 'title', 'Promised quarter': 'field:promised', End: 'end' } },
  });
  expect(made.status(), await made.text()).toBe(200);
  for (const page of [editor, viewer]) {
    await page.goto('/solutions');
    await hydrated(page);
    for (const name of ['Canteen', 'Front door']) {
      await expect(solution(page, name).getByRole('note')).toContainText(`${auth}-1 Two factors: promised for Q1 2020, now Q1 2090 at the earliest`);
    }
    await expect(solution(page, 'Lunch list').getByRole('note')).toHaveCount(0);
  }
  await inBoth(editor);

  // The capability names the solutions that use it.
  await viewer.goto(`/lifecycle?product=${auth}`);
  await hydrated(viewer);
  await expect(viewer.getByRole('region', { name: 'Sign-on service' })).toContainText('Part of solutions: Canteen, Front door');
  await viewer.goto(`/p/${auth}/vision`);
  await hydrated(viewer);
  await viewer.getByRole('link', { name: 'Canteen' }).click();
  await expect(viewer).toHaveURL(/\/solutions#solution-/);

  // Edited, removed, restored.
  await solution(editor, 'Lunch list').getByRole('link', { name: 'Edit Lunch list' }).click();
  await hydrated(editor);
  const edit = editor.getByRole('region', { name: 'Edit solution' });
  await edit.getByLabel('Name', { exact: true }).fill('Canteen');
  await edit.getByRole('button', { name: 'Save solution' }).click();
  await hydrated(editor);
  await expect(editor.getByRole('alert')).toContainText('already');
  await edit.getByLabel('Name', { exact: true }).fill('Menu');
  await edit.getByRole('button', { name: 'Save solution' }).click();
  await hydrated(editor);
  await expect(solution(editor, 'Menu')).toBeVisible();
  await solution(editor, 'Menu').getByRole('button', { name: 'Remove Menu' }).click();
  await hydrated(editor);
  await expect(solution(editor, 'Menu')).toHaveCount(0);
  await editor.getByText('1 removed solution', { exact: true }).click();
  await editor.getByRole('button', { name: 'Restore Menu' }).click();
  await hydrated(editor);
  await expect(solution(editor, 'Menu')).toBeVisible();

  // A hidden product is not there for those who do not see it: nor is what is late in it.
  const owner = await visit(server);
  await signIn(owner, 'owner');
  const hidden = await owner.request.post('/api/show_product', { form: { key: auth, visibility: 'chosen' } });
  expect(hidden.status()).toBe(200);
  await viewer.goto('/solutions');
  await hydrated(viewer);
  await expect(viewer.getByText('Sign-on service')).toHaveCount(0);
  await expect(solution(viewer, 'Canteen').getByRole('note')).toHaveCount(0);
  await expect(solution(viewer, 'Front door')).toContainText('It has no parts yet.');
  await axe(viewer);
  await viewer.setViewportSize({ width: 390, height: 844 });
  await axe(viewer);
  const wide = await viewer.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  expect(wide, 'nothing is wider than a phone').toBe(false);
});
