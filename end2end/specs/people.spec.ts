import { STILL, expect, hydrated, inBoth, test } from '../support/test';

// Invitations and members, on a page that follows what happens.

test('several people get links of their own, and the name is on them', async ({ serve, visit, expectTrouble }) => {
  expectTrouble(/status of 409 .*set_role/);
  const server = await serve({ demo: true });
  const owner = await visit(server);
  await owner.goto('/sign-in');
  await hydrated(owner);
  await owner.getByRole('button', { name: /^Owner/ }).click();
  await expect(owner).not.toHaveURL(/sign-in/);
  await owner.goto('/people');
  await hydrated(owner);
  await expect(owner.getByLabel('Names'), 'the list comes first').toBeHidden();
  await owner.getByText('Invite people').click();
  await owner.getByLabel('Names').fill('Grace Hopper <grace@example.org>\nKay McNulty\n');
  await owner.getByLabel('Role', { exact: true }).selectOption('editor');
  await owner.getByRole('button', { name: 'Create link' }).click();
  const link = await owner.getByLabel('Link for Grace Hopper').inputValue();
  await expect(owner.getByLabel('Link for Kay McNulty')).toHaveValue(/\/invite\//);
  await expect(owner.getByLabel('Names')).toHaveValue('');
  await expect(owner.locator('.invitations__open')).toContainText('Kay McNulty');

  // Somebody joins while the owner types: the table follows, and what was typed stays.
  await owner.getByLabel('Names').fill('Half of a na');
  const grace = await visit(server);
  await grace.goto(link);
  await expect(grace.getByLabel('Your name')).toHaveValue('Grace Hopper');
  await hydrated(grace);
  await grace.getByLabel('E-mail').fill('grace@example.org');
  await grace.getByLabel('Password').fill('tulip ferry anvil');
  await grace.getByRole('button', { name: 'Join' }).click();
  await expect(owner.getByRole('combobox', { name: 'Role of Grace Hopper' })).toHaveValue('editor');
  await expect(owner.locator('.invitations__open')).not.toContainText('Grace Hopper');
  await expect(owner.getByLabel('Names')).toHaveValue('Half of a na');

  // What the owner changes is on the page of somebody else, without a reload.
  await expect(grace).not.toHaveURL(/\/invite\//);
  await grace.goto('/people');
  await hydrated(grace);
  const own = grace.getByRole('row', { name: /Mei Tanaka/ });
  await expect(own).toContainText('Editor');
  const select = owner.getByRole('combobox', { name: 'Role of Mei Tanaka' });
  await select.focus();
  await select.selectOption('viewer');
  await expect(own).toContainText('Viewer');
  await expect(owner.getByLabel('Names')).toHaveValue('Half of a na');
  await expect(select, 'the focus stays').toBeFocused();

  // A refusal puts the choice back.
  const last = owner.getByRole('combobox', { name: 'Role of Astrid Lunde' });
  await last.selectOption('viewer');
  await expect(owner.locator('.toast')).toContainText('keeps at least one owner');
  await expect(last).toHaveValue('owner');

  await owner.getByRole('button', { name: 'Remove Mei Tanaka' }).click();
  await owner.getByRole('button', { name: 'Remove Mei Tanaka' }).click();
  await expect(own).toHaveCount(0);
  await expect(grace.getByText('Former members (1)')).toBeVisible();
});

test('one link lets several people in, and no more than it says', async ({ serve, visit, expectTrouble }) => {
  expectTrouble(/\.js csp$/);
  const server = await serve({ demo: true });
  const owner = await visit(server, { javaScriptEnabled: false });
  await owner.goto('/sign-in');
  await owner.getByRole('button', { name: /^Owner/ }).click();
  await expect(owner).not.toHaveURL(/sign-in/);
  await owner.goto('/people');
  await owner.getByText('Invite people').click();
  await expect(owner.getByLabel('Maximum people')).toBeHidden();
  await owner.getByLabel('One link for several').check();
  await expect(owner.getByLabel('Names')).toBeHidden();
  await owner.getByLabel('Maximum people').fill('2');
  await owner.getByLabel('Expires after').selectOption('1 day');
  await owner.getByRole('button', { name: 'Create link' }).click();
  const link = await owner.getByLabel('Link to pass on').inputValue();
  for (const name of ['Grace', 'Kay']) {
    const person = await visit(server, { javaScriptEnabled: false });
    await person.goto(link);
    await person.getByLabel('Your name').fill(name);
    await person.getByLabel('E-mail').fill(`${name}@example.org`);
    await person.getByLabel('Password').fill('tulip ferry anvil');
    await person.getByRole('button', { name: 'Join' }).click();
    await expect(person.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible();
  }
  const late = await visit(server, { javaScriptEnabled: false });
  await late.goto(link);
  await expect(late.getByRole('alert')).toContainText('has let in as many as it may');
  await owner.goto('/people');
  await expect(owner.getByRole('combobox', { name: 'Role of Kay' })).toHaveValue('stakeholder');
  await owner.getByRole('combobox', { name: 'Role of Kay' }).selectOption('viewer');
  await owner.getByRole('row', { name: /Kay/ }).getByRole('button', { name: 'Save', exact: true }).click();
  await expect(owner.getByRole('combobox', { name: 'Role of Kay' })).toHaveValue('viewer');
});

test('the forms of invitations stand in nobody’s way', async ({ open }) => {
  const page = await open('owner', STILL);
  await page.goto('/people');
  await hydrated(page);
  await inBoth(page);
  await page.getByText('Invite people').click();
  await inBoth(page);
  await page.getByLabel('One link for several').check();
  await inBoth(page);
});
