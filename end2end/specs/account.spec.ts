import { STILL, expect, hydrated, inBoth, signIn, test } from '../support/test';

// One's own account: name, colour, theme, and where one is signed in.

const background = 'getComputedStyle(document.documentElement).backgroundColor';

test('a person takes another name and colour, and a board that is open shows it', async ({ serve, visit }) => {
  const server = await serve({ demo: true });
  const [editor, owner] = [await visit(server), await visit(server)];
  await signIn(editor, 'editor');
  await signIn(owner, 'owner');
  await owner.goto('/people');
  await hydrated(owner);

  await editor.goto('/');
  await hydrated(editor);
  await editor.getByRole('link', { name: /your account$/ }).click();
  await expect(editor.getByRole('heading', { name: 'Your account' })).toBeVisible();
  await editor.getByLabel('Name', { exact: true }).fill('Mei Tanaka-Berg');
  await editor.getByRole('radio', { name: 'Purple' }).check();
  await editor.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(editor.getByRole('status').filter({ hasText: 'Saved.' })).toBeVisible();
  await expect(editor.locator('.rail__person')).toHaveText('Mei Tanaka-Berg');
  await expect(editor.locator('.rail__me .avatar')).toHaveClass(/colour-9/);
  await hydrated(editor);
  await expect(editor.getByRole('radio', { name: 'Purple' })).toBeChecked();

  // A refusal says why, and what was typed is still there.
  await editor.getByLabel('Name', { exact: true }).fill('x'.repeat(120));
  await editor.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(editor.getByRole('alert').filter({ hasText: 'characters' })).toBeVisible();
  await expect(editor.getByLabel('Name', { exact: true })).toHaveValue('x'.repeat(120));
});

test('the theme chosen comes with the first paint, with scripts and without', async ({ server, visit, expectTrouble }) => {
  expectTrouble(/\.js csp$/);
  for (const javaScriptEnabled of [true, false]) {
    const page = await visit(server, { colorScheme: 'light', javaScriptEnabled });
    await page.goto('/sign-in');
    if (javaScriptEnabled) await hydrated(page);
    await page.getByRole('button', { name: /^Viewer/ }).click();
    await expect(page.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible();
    await page.goto('/account');
    if (javaScriptEnabled) await hydrated(page);
    const light = await page.evaluate(background);
    await page.getByRole('button', { name: 'Dark' }).click();
    await expect(page.getByRole('button', { name: 'Dark' })).toHaveAttribute('aria-pressed', 'true');
    await expect(page.locator('html[data-theme=dark]')).toBeAttached();
    expect(await page.evaluate(background)).not.toBe(light);
    // Also where the page does nothing but being painted.
    const html = await (await page.request.get('/p/ERP')).text();
    expect(html).toContain('data-theme="dark"');
    await page.goto('/p/ERP');
    expect(await page.evaluate(background)).not.toBe(light);

    await page.goto('/account');
    await page.getByRole('button', { name: 'System' }).click();
    await expect(page.locator('html:not([data-theme])')).toBeAttached();
    expect(await page.evaluate(background)).toBe(light);
  }
});

test('a page that the browser kept is shown in the theme chosen since', async ({ open }) => {
  const page = await open('editor', { colorScheme: 'light', serviceWorkers: 'block' });
  await page.goto('/');
  // What a browser keeps is as the server made it then.
  await page.route('**/segments', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replace('data-theme="dark"', '');
    await route.fulfill({ response: answer, body });
  });
  await page.context().addCookies([{ name: 'cairn-theme', value: 'dark', url: page.url() }]);
  await page.goto('/segments');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('a person signs out another browser, whose board closes', async ({ serve, visit, expectTrouble }) => {
  expectTrouble(/status of 401/);
  const server = await serve({ demo: true });
  const [here, there] = [await visit(server), await visit(server)];
  await signIn(here, 'stakeholder');
  await signIn(there, 'stakeholder');
  await there.goto('/p/ERP');
  await hydrated(there);
  await here.goto('/account');
  await hydrated(here);
  await expect(here.locator('.account__session')).toHaveCount(2);
  await expect(here.locator('.account__session').first()).toContainText('This browser');
  await expect(here.locator('.account__session').last()).toContainText(/Chrome on \w+/);
  await here.getByRole('button', { name: /^Sign out Chrome on/ }).click();
  await expect(here.getByText('That browser is signed out.')).toBeVisible();
  await expect(here.locator('.account__session')).toHaveCount(1);
  await there.goto('/p/ERP');
  await expect(there).toHaveURL(/\/sign-in/);
});

test('a person changes the password without scripts and is signed out elsewhere', async ({
  serve,
  visit,
  expectTrouble,
}) => {
  expectTrouble(/\.js csp$/);
  const server = await serve();
  const options = { javaScriptEnabled: false };
  const [here, there] = [await visit(server, options), await visit(server, options)];
  await here.goto('/');
  await here.getByLabel('Organisation').fill('Nordwind');
  await here.getByLabel('Your name').fill('Olga Owner');
  await here.getByLabel('E-mail').fill('olga@example.org');
  await here.getByLabel('Password').fill('tulip ferry anvil');
  await here.getByRole('button', { name: /^Found|^Create|^Begin|^Start/ }).click();
  const signIn = async (password: string) => {
    await there.goto('/sign-in');
    await there.getByLabel('E-mail').fill('olga@example.org');
    await there.getByLabel('Password').fill(password);
    await there.getByRole('button', { name: 'Sign in' }).click();
  };
  await signIn('tulip ferry anvil');
  await expect(there).not.toHaveURL(/sign-in/);

  await here.goto('/account');
  const change = async (current: string) => {
    await here.getByLabel('Current password').fill(current);
    await here.getByLabel('New password', { exact: true }).fill('granite heron lamp');
    await here.getByLabel('New password again').fill('granite heron lamp');
    await here.getByRole('button', { name: 'Change password' }).click();
  };
  await change('something else');
  await expect(here.getByRole('alert')).toContainText('This is not your current password.');
  await change('tulip ferry anvil');
  await expect(here.getByRole('status').filter({ hasText: 'Your password was changed.' })).toBeVisible();
  await there.goto('/people');
  await expect(there).toHaveURL(/\/sign-in/);
  await signIn('granite heron lamp');
  await expect(there).not.toHaveURL(/sign-in/);
});

test('the account page stands in nobody’s way', async ({ open }) => {
  const page = await open('editor', STILL);
  await page.goto('/account');
  await hydrated(page);
  await inBoth(page);
});
