import { mkdir, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runImport } from '../support/board';
import { type Page, expect, hydrated, test } from '../support/test';
import { Ballot, PHONE, openSession, run } from '../support/voting';

// Voting as people see it. With CAIRN_SHOTS set the pictures of the documentation are made anew; otherwise they go where
// nothing keeps them, and only prove that the pages can be drawn.

const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const KEY = 'PORTAL';
const ITEMS: [string, string, number][] = [
  ['Single sign-on with the company account', 'People sign in once a day instead of once per tool.', 13],
  ['Faster search in orders', 'Results within a second, also for ten years back.', 8],
  ['Mobile approval of invoices', 'Approve on the train. Needs the new gateway.', 20],
  ['Archive for closed projects', '', 5],
  ['Dark mode', 'Asked for by the control rooms.', 3],
  ['Replace the old report server', 'Support ends in March.', 13],
];
const VOTERS = { owner: [3, 0, 0, 0, 0, 2], editor: [1, 1, 0, 0, 1, 2], stakeholder: [0, 2, 3, 0, 0, 0] } as const;

test('set-up, ballot, shared screen and result', async ({ serve, visit }, testInfo) => {
  test.setTimeout(120_000);
  const folder = process.env.CAIRN_SHOTS ? IMAGES : testInfo.outputPath();
  await mkdir(folder, { recursive: true });
  // The code on the shared screen leads to an address like those people have.
  const server = await serve({ demo: true, flags: ['--public-url', 'http://roadmaps.example.org'] });
  const person = async (role: string, options = {}) => {
    const page = await visit(server, { reducedMotion: 'reduce', ...options });
    expect((await page.request.post('/api/demo_sign_in', { form: { role } })).ok()).toBe(true);
    return page;
  };
  const shoot = async (page: Page, name: string) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.evaluate(() => document.fonts.ready);
      const path = `${folder}/voting-${name}-${colorScheme}.png`;
      await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
      const { size } = await stat(path);
      expect(size, `${name} shows something`).toBeGreaterThan(12_000);
      expect(size, `${name} stays small`).toBeLessThan(300_000);
    }
    await page.emulateMedia({ colorScheme: 'light' });
  };
  const open = async (page: Page, path: string) => {
    await page.goto(path);
    await hydrated(page);
  };

  const editor = await person('editor');
  const made = await editor.request.post('/api/create_product', {
    form: { key: KEY, name: 'Staff portal', kind: 'platform', stage: 'growth', purpose: 'One door to all tools.' },
  });
  expect(made.ok()).toBe(true);
  const rows = ITEMS.map(([title, text, days]) => `"${title}",Next,"${text}",${days}`);
  const mapping = { Title: 'title', Lane: 'lane', Text: 'description', Effort: 'effort' };
  await runImport(editor, KEY, ['Title,Lane,Text,Effort', ...rows].join('\n'), mapping);

  await open(editor, `/voting/new?product=${KEY}`);
  await editor.getByRole('button', { name: /^Dot vote on the next quarter/ }).click();
  await editor.getByLabel('Question').fill('Which of these help you most from January to March?');
  await expect(editor.locator('.phone .ballot__title')).toHaveCount(5);
  await shoot(editor, 'setup');

  for (const [kind, name, weight] of [['department', 'Sales', '1'], ['department', 'Plant', '2']] as const) {
    expect((await editor.request.post('/api/save_segment', { form: { kind, name, weight } })).ok()).toBe(true);
  }
  await open(editor, '/segments');
  const people = editor.getByRole('combobox', { name: /^Department of/ });
  for (let index = 0; index < (await people.count()); index += 1) {
    await people.nth(index).selectOption({ label: index % 2 === 0 ? 'Sales' : 'Plant' });
  }
  await editor.locator('.segments__people').getByRole('button', { name: 'Save', exact: true }).click();
  await hydrated(editor);

  const closes = new Date(Date.now() + 10 * 60_000 - 1_500);
  const path = await openSession(editor, KEY, [1, 2, 3, 4, 5, 6], {
    title: 'What comes in the first quarter',
    question: 'Which of these help you most from January to March?',
    secrecy: 'sealed',
    reveal: 'by_hand',
    split: 'department',
    weighted: 'on',
    quorum: '25',
    closes: closes.toISOString().slice(0, 16),
    closes_ms: String(closes.getTime()),
  });
  for (const [role, dots] of Object.entries(VOTERS)) {
    const page = role === 'stakeholder' ? await person(role, { ...PHONE, deviceScaleFactor: 2 }) : await person(role);
    const ballot = await Ballot.open(page, path);
    for (const [index, [title]] of ITEMS.entries()) {
      for (let dot = 0; dot < (dots[index] ?? 0); dot += 1) await ballot.more(title).click();
    }
    if (role === 'stakeholder') {
      await page.locator('.main').evaluate((main) => main.scrollTo(0, 0));
      await ballot.line('Archive for closed projects').hover();
      await shoot(page, 'ballot');
    }
    await ballot.cast();
  }

  await open(editor, `${path}/present`);
  await editor.getByRole('button', { name: 'Show join code' }).click();
  await expect(editor.locator('.join-picture__qr')).toBeVisible();
  await expect(editor.locator('.present__count')).toContainText(/^3 of/);
  await shoot(editor, 'present');
  await run(editor, 'close_voting', path);
  await run(editor, 'reveal_voting', path);
  await open(editor, `${path}/results`);
  await expect(editor.getByRole('heading', { name: 'Order', exact: true })).toBeVisible();
  await editor.setViewportSize({ width: 1440, height: 1200 });
  await shoot(editor, 'results');
});
