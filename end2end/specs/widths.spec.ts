import { mkdir } from 'node:fs/promises';
import { createProduct } from '../support/board';
import { type Page, expect, hydrated, test } from '../support/test';
import { openSession, saveSession } from '../support/voting';

// Every page of the sample organisation, and those of an empty one, at the widths people have, in light and in dark: nothing
// leaves the window sideways, every page has a title and one heading, and headings have one size. The pictures lie in the
// test's folder, to be looked at.

const WIDTHS = { 1440: 900, 1280: 800, 1024: 768, 820: 1180, 390: 844 } as const;

/** Takes a picture of a page at every width, in light and in dark. */
async function shoot(page: Page, folder: string, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  const { pathname } = new URL(page.url());
  for (const [width, height] of Object.entries(WIDTHS)) {
    await page.setViewportSize({ width: Number(width), height });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png`, animations: 'disabled', caret: 'hide' });
    }
    const found = await page.evaluate(() => {
      const frames = [document.documentElement, ...document.querySelectorAll('.main, .present, .entry')];
      return {
        title: document.title,
        sizes: [...document.querySelectorAll('h1')].map((heading) => getComputedStyle(heading).fontSize),
        beyond: Math.max(...frames.map((frame) => frame.scrollWidth - frame.clientWidth)),
      };
    });
    const where = `${pathname} at ${width} px`;
    expect.soft(found.title, where).toMatch(/^\S.* · Cairn$/);
    expect.soft(found.sizes, where).toHaveLength(1);
    // A board has its name in its bar, and a shared screen is read from the other end of the room.
    if (!/^\/p\/\w+(\/i\/.*)?$|\/present$/.test(pathname)) expect.soft(found.sizes, where).toEqual(['20px']);
    expect.soft(found.beyond, `${where} reaches beyond the screen`).toBeLessThanOrEqual(0);
  }
}

test('pages of the sample organisation fit at every width', async ({ serve, visit }, testInfo) => {
  test.setTimeout(240_000);
  const folder = testInfo.outputPath();
  await mkdir(folder, { recursive: true });
  const server = await serve({ demo: true });
  const owner = await visit(server);
  await owner.goto('/sign-in');
  await hydrated(owner);
  await shoot(owner, folder, 'sign-in');
  expect((await owner.request.post('/api/demo_sign_in', { form: { role: 'owner' } })).ok()).toBe(true);

  const visitAll = async (pages: Record<string, string>): Promise<void> => {
    for (const [name, path] of Object.entries(pages)) {
      await owner.goto(path);
      await hydrated(owner);
      await shoot(owner, folder, name);
    }
  };
  await owner.goto('/p/ERP');
  await hydrated(owner);
  const item = await owner.locator('.board .card:has([title=Comments]) .card__link').first().getAttribute('href');
  await owner.goto('/voting');
  await hydrated(owner);
  const session = async (name: string): Promise<string> =>
    (await owner.getByRole('link', { name, exact: true }).getAttribute('href'))!;
  const [open, closed] = [await session('The shop in the next quarter'), await session('What helps our stores first?')];
  await visitAll({
    products: '/',
    people: '/people',
    account: '/account',
    segments: '/segments',
    board: '/p/ERP',
    item: item!,
    'product-voting': '/p/ERP/voting',
    history: '/p/ERP/history',
    past: '/p/ERP/past',
    import: '/p/ERP/import',
    bin: '/p/ERP/bin',
    'bin-of-nothing': '/p/DESK/bin',
    settings: '/p/ERP/settings',
    fields: '/p/ERP/fields',
    figures: '/p/SHOP/figures',
    overview: '/p/SHOP/overview',
    outcomes: '/p/SHOP/outcomes',
    reports: '/p/SHOP/reports',
    retirement: '/p/FARM/retirement',
    lifecycle: '/lifecycle',
    stages: '/lifecycle?product=FARM',
    solutions: '/solutions',
    teams: '/teams',
    voting: '/voting',
    'voting-setup': '/voting/new?product=ERP',
    ballot: open,
    present: `${open}/present`,
    'results-so-far': `${open}/results`,
    closed,
    results: `${closed}/results`,
    'present-result': `${closed}/present`,
    customer: `${open}/customer`,
    join: '/join',
  });

  // What strangers come to by a link.
  const key = await createProduct(owner, { Now: ['Alpha', 'Bravo'] });
  const [guests, draft] = [await openSession(owner, key, [1, 2]), await saveSession(owner, key, [1, 2], {}, false)];
  await visitAll({ 'voting-setup-again': `/voting/${draft.split('/')[2]}/setup` });
  const stranger = await visit(server);
  for (const [name, path, button] of [['invite', '/people', 'Create link'], ['join-by-code', guests, 'Create code']] as const) {
    await owner.goto(path);
    await hydrated(owner);
    await owner.getByText(name === 'invite' ? 'Invite people' : 'Guest codes').click();
    await owner.getByRole('button', { name: button }).click();
    const link = owner.getByLabel('Link to pass on');
    await expect(link).toHaveValue(/\/(invite|join)\//);
    await stranger.goto(await link.inputValue());
    await hydrated(stranger);
    await shoot(stranger, folder, name);
  }
});

test('pages of an empty organisation fit at every width', async ({ serve, visit, expectTrouble }, testInfo) => {
  test.setTimeout(120_000);
  expectTrouble(/status of 40\d .*\/(invite\/nothing|nowhere)/);
  const folder = testInfo.outputPath();
  await mkdir(folder, { recursive: true });
  const server = await serve();
  const founder = await visit(server);
  await founder.goto('/');
  await expect(founder).toHaveURL(/\/setup$/);
  await hydrated(founder);
  await shoot(founder, folder, 'setup');
  await founder.getByLabel('Organisation').fill('Harbour Logistics');
  await founder.getByLabel('Your name').fill('Ada Lindqvist');
  await founder.getByLabel('E-mail').fill('ada@example.org');
  await founder.getByLabel('Password').fill('seven quiet barges at noon');
  await founder.getByRole('button', { name: 'Create the workspace' }).click();
  await expect(founder).not.toHaveURL(/\/setup$/);
  const made = { key: 'NEW', name: 'New product', kind: 'platform', stage: 'growth', purpose: '' };
  for (const [name, path] of Object.entries({ products: '/', voting: '/voting', segments: '/segments', people: '/people' })) {
    await founder.goto(path);
    await hydrated(founder);
    await shoot(founder, folder, `empty-${name}`);
  }
  expect((await founder.request.post('/api/create_product', { form: made })).ok()).toBe(true);
  const parts = { board: '', history: '/history', past: '/past', voting: '/voting', bin: '/bin' };
  for (const [name, path] of Object.entries(parts)) {
    await founder.goto(`/p/NEW${path}`);
    await hydrated(founder);
    await shoot(founder, folder, `empty-product-${name}`);
  }
  await founder.goto('/invite/nothing');
  await hydrated(founder);
  await shoot(founder, folder, 'invite-used');
  await founder.goto('/nowhere');
  await hydrated(founder);
  await shoot(founder, folder, 'nowhere');
});
