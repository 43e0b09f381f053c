import { randomUUID } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { inflateSync } from 'node:zlib';
import { Board, createProduct } from '../support/board';
import { snapshot, speak } from '../support/live';
import { type Page, expect, hydrated, signIn, test } from '../support/test';

// The board with 190 items as people see it. With CAIRN_SHOTS set the pictures of the documentation are made anew;
// otherwise they go where nothing keeps them, and only prove that the board can be drawn.

const GOALS = new URL('../fixtures/rust-project-goals.csv', import.meta.url);
const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const MAPPING = { Key: 'key', Period: 'append', Title: 'title', Flagship: 'tag_if_yes', Teams: 'tags', Start: 'start', End: 'end', 'Tracking issue': 'append' };

/** A number below `below` that looks drawn and is always the same. */
function drawn(index: number, below: number): number {
  return (Math.imul(index + 1, 2_654_435_761) >>> 16) % below;
}

/** What makes the plain rows look like a roadmap that people work on. */
async function furnish(page: Page, key: string): Promise<void> {
  const text = await readFile(GOALS, 'utf8');
  const [head, ...rows] = text.trimEnd().split(/\r?\n/);
  const kinds = ['innovation', 'retention', 'run', 'retire'];
  const owners = ['Mei Tanaka', 'Ingrid Solberg', 'Tomasz Wilk', 'Ruth Okafor', ''];
  const lane = (row: string, index: number) => {
    if (row.includes(',2026,')) return index % 3 === 0 ? 'Later' : 'Next';
    return row.includes(',2025h2,') ? 'Now' : 'Done';
  };
  const dressed = rows.map((row, index) =>
    [row, lane(row, index), kinds[drawn(index, 6)] ?? 'retention', drawn(index + 500, 28) + 2, owners[drawn(index + 900, 5)]].join(','),
  );
  const answer = await page.request.post('/api/run_import', {
    data: {
      key,
      text: [`${head},Lane,Investment,Effort,Owner`, ...dressed].join('\n'),
      mapping: { ...MAPPING, Lane: 'lane', Investment: 'investment', Effort: 'effort', Owner: 'owner' },
    },
  });
  expect(answer.status(), await answer.text()).toBe(200);
}

/** The item that has its panel open, and what was said about it. */
const SHOWN = 80;
const SAID = {
  editor: 'Design is **agreed**. What is left:\n\n- review by two teams\n- a note for the release',
  stakeholder: 'We would use this from the first day. Can we try it *before* the release?',
};

const VIEWS = [
  { name: 'desktop', viewport: { width: 1440, height: 900 } },
  { name: 'phone', viewport: { width: 390, height: 844 } },
] as const;

/** Takes a picture of a page, and makes sure that it shows something. */
async function picture(page: Page, path: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
  const { size } = await stat(path);
  expect(size, `${path} shows something`).toBeGreaterThan(15_000);
  expect(size, `${path} stays small`).toBeLessThan(400_000);
}

test('the board of 190 items, light and dark, on a desk and on a phone', async ({ open }, testInfo) => {
  test.setTimeout(120_000);
  const folder = process.env.CAIRN_SHOTS ? IMAGES : testInfo.outputPath();
  await mkdir(folder, { recursive: true });
  const maker = await open('editor');
  const key = await createProduct(maker, {}, 'Rust project goals', 'RUST');
  await furnish(maker, key);
  await maker.goto(`/p/${key}`);
  const { snapshot: plain } = await snapshot(maker, key);
  const numbered = (number: number) => plain.document.items.find((item) => item.number === number)!.id;
  for (const [turn, role] of (['owner', 'editor', 'stakeholder'] as const).entries()) {
    const voter = await open(role);
    await voter.goto(`/p/${key}`);
    const voted = plain.document.items.filter(({ number }) => drawn(number + turn * 300, 3) === 0);
    const ops: unknown[] = voted.slice(0, 60).map(({ id }) => ({ upvote: { item: id } }));
    if (role !== 'owner') ops.push({ add_comment: { id: randomUUID(), item: numbered(SHOWN), body: SAID[role] } });
    const { outcomes } = await speak(voter, plain.roadmap, ops, plain.head);
    expect(outcomes.filter((outcome) => 'refused' in outcome)).toEqual([]);
    await voter.context().close();
  }
  await maker.context().close();

  const shoot = (page: Page, name: string) => picture(page, `${folder}/${name}.png`);
  for (const { name, viewport } of VIEWS) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await open('editor', { viewport, colorScheme, reducedMotion: 'reduce', hasTouch: name === 'phone' });
      const board = await Board.open(page, key);
      await expect(page.locator('.board .card')).toHaveCount(190);
      const beyond = await page.evaluate(() => {
        const { scrollWidth, scrollHeight } = document.documentElement;
        return { right: Math.max(0, scrollWidth - innerWidth), below: Math.max(0, scrollHeight - innerHeight) };
      });
      expect(beyond, 'lanes scroll, the page does not').toEqual({ right: 0, below: 0 });
      await shoot(page, `board-${colorScheme}-${name}`);
      if (name === 'desktop' && colorScheme === 'light') {
        await page.goto(`/p/${key}/i/${key}-${SHOWN}`);
        await hydrated(page);
        await board.saved();
        await expect(board.panel.locator('.comment')).toHaveCount(2);
        await shoot(page, 'item-panel');
      }
      await page.context().close();
    }
  }
});

/** The goals of four half-years, each with the first of its teams. */
async function importByTeam(page: Page): Promise<string> {
  const key = await createProduct(page, {}, 'Rust project goals', 'GOALS');
  const [head, ...rows] = (await readFile(GOALS, 'utf8')).trimEnd().split(/\r?\n/);
  const states: Record<string, string> = { '2024h2': 'Done', '2025h1': 'Done', '2025h2': 'In progress' };
  const dressed = rows.map((row, index) => {
    // Titles hold commas, too: what follows them is counted from the end.
    const cells = row.split(',');
    const [period = '', state, teams = ''] = [cells[1], cells.at(-6), cells.at(-4)];
    const status = state === 'Not accepted' ? 'Dropped' : (states[period] ?? 'Planned');
    return [row, status, ['Innovation', 'Retention', 'Run', 'Retire'][drawn(index, 6)] ?? 'Retention', drawn(index + 500, 28) + 2, teams.split(';')[0]].join(',');
  });
  const mapping = { Key: 'key', Title: 'title', Start: 'start', End: 'end', State: 'status', Investment: 'investment', Effort: 'effort', Team: 'field:team' };
  const answer = await page.request.post('/api/run_import', {
    data: { key, text: [`${head},State,Investment,Effort,Team`, ...dressed].join('\n'), mapping },
  });
  expect(answer.status(), await answer.text()).toBe(200);
  return key;
}

/** What paper measures across, in millimetres, and what of it a page leaves to the sheet. */
const PAPER = { A4: [297, 210], A3: [420, 297] } as const;
const MARGINS = 20;

test('the timeline of 190 goals by team, light and dark, and on paper', async ({ open }, testInfo) => {
  test.setTimeout(120_000);
  const folder = process.env.CAIRN_SHOTS ? IMAGES : testInfo.outputPath();
  await mkdir(folder, { recursive: true });
  const maker = await open('editor');
  const key = await importByTeam(maker);
  await maker.context().close();
  const address = '/timeline?group=team&zoom=year';
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await open('editor', { viewport: { width: 1440, height: 900 }, colorScheme, reducedMotion: 'reduce' });
    await Board.open(page, key, address);
    await expect(page.locator('.timeline__corner')).toHaveText('190 items');
    // From the first of the four half-years on, a quarter after the plan's margin.
    await page.locator('#timeline-scroll').evaluate((scroll) => (scroll.scrollLeft = 120));
    await expect(page.locator('.timeline__group').first()).toBeInViewport();
    await expect(page.locator('.bar__fill').first()).toBeInViewport();
    await picture(page, `${folder}/timeline-${colorScheme}.png`);
    await page.context().close();
  }

  const page = await open('editor', { colorScheme: 'light' });
  await Board.open(page, key, address);
  for (const format of ['A3', 'A4'] as const) {
    const [width, height] = PAPER[format];
    const pdf = await page.pdf({ path: testInfo.outputPath(`timeline-${format}.pdf`), format, landscape: true, printBackground: true });
    const pages = pagesOf(pdf);
    expect(pages.length, 'every row is on paper, sixteen to a sheet').toBeGreaterThanOrEqual(Math.ceil(190 / 16));
    expect(pages.length, 'no sheet is cut in two, and none is empty').toBeLessThanOrEqual(Math.ceil((190 + 30) / 16) + 1);
    for (const [right, bottom] of pages) {
      expect(Math.abs(right - (width / 25.4) * 72), `${format} across`).toBeLessThan(2);
      expect(Math.abs(bottom - (height / 25.4) * 72), `${format} across`).toBeLessThan(2);
    }
    expect(fills(pdf), 'a bar for each goal').toBeGreaterThanOrEqual(190);

    // The same as it is laid out: no sheet is wider or higher than what the margins leave.
    const [across, down] = [width - MARGINS, height - MARGINS].map((length) => Math.floor((length / 25.4) * 96)) as [number, number];
    await page.setViewportSize({ width: across, height: down });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    await page.emulateMedia({ media: 'print' });
    await expect(page.locator('.paper__title')).toHaveCount(190);
    const sheets = await page.locator('.paper__sheet').evaluateAll((all) => all.map((sheet) => sheet.getBoundingClientRect().toJSON() as DOMRect));
    for (const sheet of sheets) {
      expect(sheet.width).toBeLessThanOrEqual(across);
      expect(sheet.height).toBeLessThanOrEqual(down);
    }
    if (format === 'A4') await pictureOfSheet(page, `${folder}/timeline-print.png`);
    await page.emulateMedia({ media: null });
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  }
});

/** The quarter in which the sample organisation is. */
const TODAY = new Date();
const QUARTER = `${TODAY.getUTCFullYear()}-Q${Math.floor(TODAY.getUTCMonth() / 3) + 1}`;

/** Pages on which an organisation decides, with what each has to show. */
const DECIDING = [
  { name: 'quarter', path: `/direction/${QUARTER}`, shows: 'main article' },
  { name: 'matrix', path: '/p/SHOP/scores?x=Need&y=Feasibility&size=Value', shows: 'main svg' },
  { name: 'capacity', path: '/capacity', shows: 'main table' },
  { name: 'portfolio', path: '/lifecycle', shows: 'main h2' },
  { name: 'product', path: '/p/SHOP/overview', shows: '.overview__part' },
];

test('where an organisation decides: quarter, matrix, capacity, portfolio and a product on one page', async ({ serve, visit }, testInfo) => {
  test.setTimeout(120_000);
  const folder = process.env.CAIRN_SHOTS ? IMAGES : testInfo.outputPath();
  await mkdir(folder, { recursive: true });
  // The sample organisation as it comes: a server of its own.
  const server = await serve({ demo: true });
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await visit(server, { viewport: { width: 1440, height: 900 }, colorScheme, reducedMotion: 'reduce' });
    await signIn(page, 'owner');
    for (const { name, path, shows } of DECIDING) {
      await page.goto(path);
      await hydrated(page);
      await expect(page.locator(shows).first()).toBeVisible();
      await picture(page, `${folder}/${name}-${colorScheme}.png`);
    }
    await page.context().close();
  }
});

/** A picture of the first sheet of A4, with its margins. */
async function pictureOfSheet(page: Page, path: string): Promise<void> {
  const [width, height] = PAPER.A4.map((length) => Math.round((length / 25.4) * 96)) as [number, number];
  await page.setViewportSize({ width, height });
  await page.evaluate((margin) => {
    document.documentElement.style.padding = margin;
    document.querySelectorAll<HTMLElement>('.paper__sheet:not(:first-child)').forEach((sheet) => (sheet.style.display = 'none'));
  }, `${MARGINS / 2}mm`);
  await picture(page, path);
}

/** The width and height of each page of a PDF, in points. */
function pagesOf(pdf: Buffer): [number, number][] {
  const text = pdf.toString('latin1');
  return [...text.matchAll(/\/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]/g)].map((found) => [Number(found[1]), Number(found[2])]);
}

/** How many shapes the pages of a PDF fill. */
function fills(pdf: Buffer): number {
  let count = 0;
  let at = 0;
  for (;;) {
    const begin = pdf.indexOf('stream\n', at, 'latin1');
    if (begin < 0) return count;
    const end = pdf.indexOf('endstream', begin, 'latin1');
    at = end + 9;
    try {
      const drawing = inflateSync(pdf.subarray(begin + 7, end)).toString('latin1');
      count += drawing.match(/^f\*?$/gm)?.length ?? 0;
    } catch {
      // Not a compressed drawing: a font or a picture.
    }
  }
}
