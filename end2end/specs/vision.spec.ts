import { createProduct, goToView, Board } from '../support/board';
import { axe, expect, hydrated, inBoth, look, signIn, test } from '../support/test';

// Where a product goes: its vision with what people say about it, its strategy, and how it serves objectives.

test('a vision is published, rated by two people, and asked about again in a new version', async ({ serve, visit, expectTrouble }) => {
  test.slow();
  expectTrouble(/4\d\d/);
  const server = await serve({ demo: true });
  const [editor, stakeholder, other] = [await visit(server), await visit(server), await visit(server)];
  await signIn(editor, 'editor');
  await signIn(stakeholder, 'stakeholder');
  await signIn(other, 'editor');
  const key = await createProduct(editor, { Now: ['Alpha', 'Bravo'] });
  const vision = `/p/${key}/vision`;
  const publish = async (page: typeof editor, open: string, text: string, submit: string) => {
    await page.getByText(open, { exact: true }).click();
    await page.getByLabel('Vision', { exact: true }).last().fill(text);
    await page.getByRole('button', { name: submit, exact: true }).click();
    await hydrated(page);
  };
  await Board.open(editor, key);
  await goToView(editor, 'Vision');
  await expect(editor.getByRole('heading', { level: 1 })).toHaveText('Vision and strategy');
  await hydrated(editor);
  await publish(editor, 'Write the vision', 'The books are **closed in a day**, everywhere.', 'Publish');
  await expect(editor.locator('.vision__text strong')).toHaveText('closed in a day');
  await expect(editor.getByText('Nobody has rated this version yet.')).toBeVisible();

  // Two people rate: 5 and 2 are 3.5.
  const rate = async (page: typeof editor, ratings: Record<string, string>) => {
    for (const [check, value] of Object.entries(ratings)) {
      await page.getByRole('group', { name: check }).getByRole('radio', { name: value, exact: true }).check();
    }
    await page.getByRole('button', { name: 'Save rating' }).click();
    await hydrated(page);
  };
  await stakeholder.goto(vision);
  await hydrated(stakeholder);
  await expect(stakeholder.getByRole('heading', { name: 'Rate this vision' })).toBeVisible();
  await expect(stakeholder.getByText('New version', { exact: true })).toHaveCount(0);
  await rate(stakeholder, { Challenging: '5', Believable: '2', Grounded: '3', 'Benefits everyone': '4' });
  await expect(stakeholder.getByRole('heading', { name: 'Rate this vision' })).toHaveCount(0);
  await expect(stakeholder.getByText('Your rating: 5, 2, 3, 4')).toBeVisible();
  await editor.goto(vision);
  await hydrated(editor);
  await rate(editor, { Challenging: '2' });
  const row = (page: typeof editor, check: string) => page.locator('.vision__results').getByRole('row', { name: check });
  await expect(row(editor, 'Challenging')).toContainText('3.522 to 5');
  await expect(row(editor, 'Believable')).toContainText('2.012');
  await inBoth(editor);
  await axe(editor);

  // Somebody else publishes: whoever has the page open is told, and what was rated stays with its version.
  await other.goto(vision);
  await hydrated(other);
  await publish(other, 'New version', 'The books are closed in an hour.', 'Publish new version');
  await expect(other.getByText('Version 2, published')).toBeVisible();
  await publish(editor, 'New version', 'The books are closed in a minute.', 'Publish new version');
  await expect(editor.getByRole('alert')).toContainText('Version 2 was published since you opened the page.');
  await stakeholder.reload();
  await hydrated(stakeholder);
  await expect(stakeholder.getByRole('heading', { name: 'Rate this vision' })).toBeVisible();
  await expect(stakeholder.getByText('Nobody has rated this version yet.')).toBeVisible();
  await stakeholder.getByText('1 other version').click();
  await stakeholder.getByRole('link', { name: 'Version 1' }).click();
  await expect(stakeholder.getByText('This is an older version.')).toBeVisible();
  await expect(row(stakeholder, 'Challenging')).toContainText('3.5');
  await stakeholder.setViewportSize({ width: 390, height: 844 });
  await look(stakeholder, vision);

  // The workspace has one, too; only owners publish it.
  await editor.goto('/direction');
  await hydrated(editor);
  await editor.getByRole('link', { name: 'Vision', exact: true }).click();
  await expect(editor.getByText('Nobody has published a vision yet. An owner of the workspace can.')).toBeVisible();
});

test('a strategy has blocks that are written, confirmed and linked to items', async ({ serve, visit, expectTrouble }) => {
  expectTrouble(/4\d\d/);
  const server = await serve({ demo: true });
  const [editor, viewer] = [await visit(server), await visit(server)];
  await signIn(editor, 'editor');
  await signIn(viewer, 'viewer');
  const key = await createProduct(editor, { Now: ['Alpha', 'Bravo'] });
  const vision = `/p/${key}/vision`;
  await editor.goto(vision);
  await hydrated(editor);
  await expect(editor.getByRole('heading', { name: 'Still to write' })).toBeVisible();
  await editor.locator('#whom summary').click();
  await editor.getByLabel('Whom it serves', { exact: true }).fill('Accountants in every unit');
  const form = editor.locator('form.strategy__form:visible');
  await form.getByLabel('Items').fill(`${key}-2`);
  await form.getByLabel('Owner').selectOption({ index: 1 });
  await form.getByRole('button', { name: 'Save' }).click();
  await hydrated(editor);
  const block = editor.getByRole('article', { name: 'Whom it serves' });
  await expect(block).toContainText('Accountants in every unit');
  await expect(block.getByRole('link', { name: `${key}-2 Bravo` })).toBeVisible();
  await expect(block).toContainText('Owner: ');
  await block.getByRole('button', { name: 'Still true: Whom it serves' }).click();
  await hydrated(editor);
  await expect(block).toContainText('Confirmed ');

  // A form that somebody opened before changes what was edited in it.
  await block.getByText('Edit', { exact: true }).click();
  await block.getByRole('textbox', { name: 'Items' }).fill(`${key}-9`);
  await block.getByRole('button', { name: 'Save' }).click();
  await expect(editor.getByRole('alert')).toContainText(`There is no item ${key}-9.`);
  await editor.getByRole('article', { name: 'Whom it serves' }).getByText('History', { exact: true }).click();
  await expect(block.locator('.strategy__history')).toContainText('confirmed it');
  await inBoth(editor);
  await axe(editor);
  await editor.goto(`/p/${key}/history`);
  await expect(editor.locator('main')).toContainText('confirmed in the strategy “Whom it serves”');
  await viewer.goto(vision);
  await hydrated(viewer);
  await expect(viewer.getByText('Accountants in every unit')).toBeVisible();
  await expect(viewer.getByText('Not written yet: What it will be, How it delivers value')).toBeVisible();
  await expect(viewer.getByRole('button', { name: 'Still true' })).toHaveCount(0);
  await viewer.setViewportSize({ width: 390, height: 844 });
  await look(viewer, vision);
});

test('a vision is read and rated without scripts', async ({ serve, visit, expectTrouble }) => {
  expectTrouble(/\.js csp$/);
  const server = await serve({ demo: true });
  const living = await visit(server);
  await signIn(living, 'owner');
  const storageState = await living.context().storageState();
  const page = await visit(server, { javaScriptEnabled: false, storageState });
  await page.goto('/vision');
  await page.getByText('Write the vision', { exact: true }).click();
  await page.getByLabel('Vision', { exact: true }).last().fill('One platform for all');
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(page.locator('.vision__text')).toHaveText('One platform for all');
  await page.getByRole('group', { name: 'Grounded' }).getByRole('radio', { name: '4', exact: true }).check();
  await page.getByRole('button', { name: 'Save rating' }).click();
  await expect(page.locator('.vision__results').getByRole('row', { name: 'Grounded' })).toContainText('4.0');
});

test('the alignment matrix is rated by two people with keys, summed, and told by cell and as CSV', async ({ serve, visit, expectTrouble }) => {
  test.slow();
  expectTrouble(/4\d\d/);
  // Objectives belong to the workspace: a server of its own.
  const server = await serve({ demo: true });
  const [owner, stakeholder, viewer] = [await visit(server), await visit(server), await visit(server)];
  await signIn(owner, 'owner');
  await signIn(stakeholder, 'stakeholder');
  await signIn(viewer, 'viewer');
  const key = await createProduct(owner, { Now: ['Alpha'] }, 'Aardvark');
  for (const name of ['Faster closing', 'Fewer calls']) {
    await owner.goto('/direction/2031-Q1');
    await hydrated(owner);
    await owner.getByText('New objective', { exact: true }).click();
    await owner.getByLabel('Title').fill(name);
    await owner.getByRole('button', { name: 'Create objective' }).click();
    await hydrated(owner);
  }
  await owner.getByRole('link', { name: 'Alignment' }).click();
  await expect(owner.getByRole('heading', { level: 1 })).toHaveText('Alignment');
  await hydrated(owner);
  const own = (page: typeof owner, objective: string, product = 'Aardvark') => page.getByRole('textbox', { name: `Your rating of ${product}: ${objective}` });
  const cell = (page: typeof owner, objective: string) => page.getByRole('link', { name: new RegExp(`^Aardvark: ${objective}`) });
  const total = (page: typeof owner) => page.getByRole('row', { name: /^Aardvark/ }).locator('td').last();

  // Digits rate, arrows move, Delete clears; focus stays where it is.
  await own(owner, 'Faster closing').focus();
  await owner.keyboard.press('3');
  await owner.keyboard.press('ArrowRight');
  await owner.keyboard.press('7');
  await owner.keyboard.press('1');
  await expect(cell(owner, 'Faster closing')).toContainText('31 rater');
  await expect(cell(owner, 'Fewer calls')).toContainText('11 rater');
  await expect(own(owner, 'Fewer calls')).toBeFocused();
  await expect(total(owner)).toHaveText('4');
  await owner.keyboard.press('ArrowDown');
  await expect(own(owner, 'Fewer calls')).not.toBeFocused();
  await owner.keyboard.press('ArrowUp');
  await expect(own(owner, 'Fewer calls')).toBeFocused();

  await stakeholder.goto('/direction/2031-Q1/alignment');
  await hydrated(stakeholder);
  await expect(stakeholder.getByRole('button', { name: 'Save ratings' })).toBeHidden();
  await own(stakeholder, 'Faster closing').focus();
  await stakeholder.keyboard.press('1');
  await expect(cell(stakeholder, 'Faster closing')).toContainText('42 raters, 1 to 3');
  await expect(total(stakeholder)).toHaveText('5');
  await inBoth(stakeholder);
  await cell(stakeholder, 'Faster closing').click();
  const detail = stakeholder.getByRole('region', { name: 'Aardvark: Faster closing' });
  await expect(detail).toContainText('4 in all, 2.0 on average, 2 raters, 1 to 3.');
  await expect(detail.getByRole('row')).toHaveCount(3);
  await axe(stakeholder);
  const csv = await stakeholder.request.get('/direction/2031-Q1/alignment.csv');
  expect(await csv.text()).toContain(`${key},Aardvark,4,2,2,1,1,0,5`);

  await owner.keyboard.press('Delete');
  await expect(cell(owner, 'Fewer calls')).toHaveCount(0);
  await expect(total(owner)).toHaveText('4');
  await viewer.setViewportSize({ width: 390, height: 844 });
  await look(viewer, '/direction/2031-Q1/alignment');
  await expect(viewer.getByRole('textbox', { name: /Your rating/ })).toHaveCount(0);

  // From the vision to items: objectives without items, and items without an objective.
  await owner.goto('/direction/2031-Q1');
  await hydrated(owner);
  await owner.getByRole('link', { name: 'Tree', exact: true }).click();
  await expect(owner.getByRole('heading', { level: 1 })).toHaveText('From vision to items');
  await expect(owner.getByText('There is no vision yet.')).toBeVisible();
  await expect(owner.getByText('No items', { exact: true })).toHaveCount(2);
  await hydrated(owner);
  await inBoth(owner);
  await owner.getByRole('link', { name: '1 item of Aardvark without an objective' }).click();
  await expect(owner.getByText('Alpha', { exact: true }).first()).toBeVisible();
});

test('the alignment matrix is rated without scripts', async ({ serve, visit, expectTrouble }) => {
  expectTrouble(/\.js csp$/);
  const server = await serve({ demo: true });
  const living = await visit(server);
  await signIn(living, 'owner');
  await living.request.post('/api/add_objective', { form: { quarter: '2031-Q1', name: 'Faster closing' } });
  const storageState = await living.context().storageState();
  const page = await visit(server, { javaScriptEnabled: false, storageState });
  await page.goto('/direction/2031-Q1/alignment');
  await page.getByRole('textbox', { name: /^Your rating/ }).first().fill('2');
  await page.getByRole('button', { name: 'Save ratings' }).click();
  await expect(page.locator('.matrix__sum strong').first()).toHaveText('2');
});
