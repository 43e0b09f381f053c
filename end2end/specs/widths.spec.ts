import { mkdir } from 'node:fs/promises';
import { type Page, expect, hydrated, test } from '../support/test';

// Every page of the sample organisation, and those of an empty one, at the widths people have, in light and in dark: nothing
// leaves the window sideways, and every page says what it is. The pictures lie in the test's folder, to be looked at.

const WIDTHS = { 1440: 900, 1280: 800, 1024: 768, 820: 1180, 390: 844 } as const;

/** Takes a picture of a page at every width, in light and in dark. */
async function shoot(page: Page, folder: string, name: string): Promise<void> {
  await expect(page, `${name} has a title`).toHaveTitle(/\S/);
  await page.evaluate(() => document.fonts.ready);
  for (const [width, height] of Object.entries(WIDTHS)) {
    await page.setViewportSize({ width: Number(width), height });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png`, animations: 'disabled', caret: 'hide' });
    }
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(beyond, `${name} fits into ${width} px`).toBeLessThanOrEqual(0);
    const heading = page.getByRole('heading', { level: 1 }).first();
    await expect(heading, `${name} has a heading at ${width} px`).toHaveText(/\S/);
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
  const session = async (phase: string): Promise<string> => {
    const link = owner.getByRole('row').or(owner.getByRole('listitem')).filter({ hasText: phase }).getByRole('link').first();
    return (await link.getAttribute('href'))!.match(/\/voting\/[^/?#]+/)![0];
  };
  const [open, closed] = [await session('Open'), await session('Closed')];
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
    settings: '/p/ERP/settings',
    voting: '/voting',
    'voting-setup': '/voting/new?product=ERP',
    ballot: open,
    present: `${open}/present`,
    results: `${closed}/results`,
    join: '/join',
  });
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
