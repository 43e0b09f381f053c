import { Board, createProduct, runImport } from '../support/board';
import { type Page, STILL, expect, hydrated, inBoth, test } from '../support/test';
import { PHONE } from '../support/voting';

// What has to hold on every face of a roadmap alike.

test('the last day of a year that ends in March is in its last quarter on every face and in every zone, and the next day is not', async ({ serve, visit }) => {
  test.setTimeout(120_000);
  const server = await serve({ demo: true });
  const enter = async (timezoneId: string): Promise<Page> => {
    const page = await visit(server, { timezoneId });
    await page.request.post(`${server.url}/api/demo_sign_in`, { form: { role: 'owner' } });
    return page;
  };
  const zones = ['Pacific/Auckland', 'Europe/Berlin', 'America/Los_Angeles'];
  const pages = await Promise.all(zones.map(enter));
  const maker = pages[0]!;
  const saved = await maker.request.post(`${server.url}/api/save_workspace`, { form: { first_month: '4' } });
  expect(saved.ok(), await saved.text()).toBe(true);
  const key = await createProduct(maker);
  const rows = 'Title,Lane,Start,End\nAlpha,Now,2027-01-01,2027-03-31\nBravo,Now,2027-04-01,2027-06-30';
  await runImport(maker, key, rows, { Title: 'title', Lane: 'lane', Start: 'start', End: 'end' });

  for (const page of pages) {
    await Board.open(page, key, '?columns=quarter');
    const cell = (name: string) => page.getByRole('group', { name, exact: true }).locator('.card__link');
    await expect(cell('Q4 FY27')).toHaveText(['Alpha']);
    await expect(cell('Q1 FY28')).toHaveText(['Bravo']);

    await Board.open(page, key, '/timeline');
    const bar = async (title: string) => (await page.getByRole('link', { name: new RegExp(`^${title}, `) }).locator('.bar__fill').boundingBox())!;
    await expect(page.locator('.timeline__stage')).toContainText('Q4 FY27 · Jan–Mar');
    await expect(page.locator('.timeline__stage')).toContainText('Q1 FY28 · Apr–Jun');
    const [alpha, bravo] = [await bar('Alpha'), await bar('Bravo')];
    expect(Math.abs(alpha.x + alpha.width - bravo.x), 'one ends where the other starts').toBeLessThan(3);

    await Board.open(page, key, '/table?group=quarter&show=title,quarter,start,end');
    await expect(page.locator('.grid__group')).toContainText(['Q4 FY27', 'Q1 FY28']);
    await expect(page.getByRole('row', { name: /Alpha/ })).toContainText('Q4 FY27');
    await expect(page.getByRole('row', { name: /Bravo/ })).toContainText('Q1 FY28');

    await page.goto(`/portfolio?product=${key}&columns=quarter`);
    await hydrated(page);
    await expect(cell('Q4 FY27')).toHaveText(['Alpha']);
    await expect(cell('Q1 FY28')).toHaveText(['Bravo']);
  }

  const csv = await (await maker.request.get(`${server.url}/p/${key}/export.csv`)).text();
  const line = (title: string) => csv.split(/\r?\n/).find((line) => line.includes(title));
  expect(line('Alpha')).toContain('Q4 FY27');
  expect(line('Alpha')).toContain('2027-03-31');
  expect(line('Bravo')).toContain('Q1 FY28');
  const made = await maker.request.post(`${server.url}/api/make_feed`, { data: { key, view: null } });
  const calendar = await (await fetch(((await made.json()) as { link: string }).link)).text();
  expect(calendar).toMatch(/DTSTART;VALUE=DATE:20270101\r\nDTEND;VALUE=DATE:20270401\r\n[\s\S]*Q4 FY27/);
  expect(calendar).toMatch(/DTSTART;VALUE=DATE:20270401\r\nDTEND;VALUE=DATE:20270701\r\n[\s\S]*Q1 FY28/);
});

test('axe finds nothing on the faces, the palette, views and what is one’s own, on a phone', async ({ open }) => {
  test.setTimeout(180_000);
  const page = await open('editor', { ...PHONE, ...STILL });
  const key = await createProduct(page);
  const rows = 'Title,Lane,Status,Start,End,Effort\nAlpha,Now,In progress,2027-01-01,2027-03-31,3\nBravo,Next,Planned,2027-04-01,2027-06-30,5\nCharlie,Later,Proposed,,,';
  await runImport(page, key, rows, { Title: 'title', Lane: 'lane', Status: 'status', Start: 'start', End: 'end', Effort: 'effort' });
  for (const path of [`/p/${key}?columns=status&group=owner`, `/p/${key}/timeline?group=status`, `/p/${key}/table?group=status`]) {
    await page.goto(path);
    await hydrated(page);
    await inBoth(page);
  }
  await page.keyboard.press('Control+k');
  await page.keyboard.type('al');
  await expect(page.locator('.palette').getByRole('option').first()).toBeVisible();
  await inBoth(page);
  await page.keyboard.press('Escape');
  for (const face of ['', '/timeline', '/table']) {
    await page.goto(`/portfolio${face}?product=${key},ERP`);
    await hydrated(page);
    await inBoth(page);
  }
  for (const path of ['/inbox', '/my-work']) {
    await page.goto(path);
    await hydrated(page);
    await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
    await inBoth(page);
  }
});
