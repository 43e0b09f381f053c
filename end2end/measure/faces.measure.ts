import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Board, boxOf, centre, createProduct, freshKey, runImport } from '../support/board';
import { type Page, expect, test } from '../support/test';
import { importGoals } from './boards';
import { type Row, quantiles, report } from './figures';
import { smooth, smoothness, watchFrames } from './smooth';

// The faces of a roadmap beside the board: how soon they can be used, and whether the display keeps up.

const LOADS = 5;
/** Opens a page as somebody who has signed in and never was there, and says when it could be used, in milliseconds. */
async function visits(open: (role: 'editor') => Promise<Page>, path: string, ready: string): Promise<number[]> {
  const times: number[] = [];
  // The first, in which the server compiles and reads files, does not count.
  for (let visit = 0; visit <= LOADS; visit += 1) {
    const page = await open('editor');
    await page.addInitScript((selector) => {
      const look = () => {
        // Alive, connected, with keys and dragging where these come later, and something to see.
        const alive = document.querySelector('html[data-hydrated] .connection[data-state=saved]') && !document.querySelector('#board:not([data-works])');
        if (alive && document.querySelector(selector)) {
          window.usable = performance.now();
        } else {
          requestAnimationFrame(look);
        }
      };
      requestAnimationFrame(look);
    }, ready);
    await page.goto(path);
    await page.waitForFunction(() => window.usable > 0, undefined, { timeout: 60_000 });
    if (visit > 0) times.push(await page.evaluate(() => window.usable));
    await page.context().close();
  }
  return times;
}

function usable(name: string, times: number[], goal: number): Row {
  return { name: `${name}: usable`, unit: 'ms', values: quantiles(times, 50), goals: { p50: goal }, count: times.length };
}

async function openTimeline(page: Page, key: string, query = ''): Promise<Board> {
  const board = await Board.open(page, key, `/timeline${query}`);
  await expect(page.locator('.bar__fill').first()).toBeAttached();
  return board;
}

test('a timeline of 500 and of 2,000 bars', async ({ open }, testInfo) => {
  const maker = await open('editor');
  for (const [count, goal] of [[500, 700], [2_000, 1_000]] as const) {
    const key = await importGoals(maker, count);
    const times = await visits(open, `/p/${key}/timeline`, '.timeline__row .bar__fill');
    await report(testInfo, [usable(`timeline of ${count.toLocaleString('en')} bars, nothing cached`, times, goal)]);
  }
});

test('bars of 2,000 are dragged, scrolled and zoomed', async ({ open }, testInfo) => {
  const page = await open('editor');
  const key = await importGoals(page, 2_000);
  await openTimeline(page, key);
  const bar = page.locator('.bar:has(.bar__fill)').nth(4);
  const number = Number((await bar.getAttribute('href'))?.match(/-(\d+)(\?|$)/)?.[1]);
  for (let dependant = number + 1; dependant <= number + 12; dependant += 1) {
    const data = { from: `${key}-${number}`, kind: 'blocks', to: `${key}-${dependant}` };
    const answer = await page.request.post('/api/add_dependency', { data });
    expect(answer.status(), await answer.text()).toBe(200);
  }
  await openTimeline(page, key);
  await expect(page.locator('.timeline__links > .link').first()).toBeAttached();

  const fill = page.locator(`a[href*="/i/${key}-${number}"] .bar__fill`).first();
  await fill.scrollIntoViewIfNeeded();
  const { x, y } = centre(await boxOf(fill));
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 8, y, { steps: 2 });
  await expect(page.locator('.bar__tag').first()).toBeVisible();
  const carried = await smoothness(page, async () => {
    for (let step = 0; step < 240; step += 1) {
      await page.mouse.move(x + 200 * Math.sin(step / 18), y + 20 * Math.sin(step / 7));
      await page.waitForTimeout(12);
    }
  });
  await page.keyboard.press('Escape');
  await page.mouse.up();

  await page.locator('#timeline-scroll').hover();
  const scrolled = await smoothness(page, async () => {
    for (let step = 0; step < 160; step += 1) {
      await page.mouse.wheel(step % 40 < 20 ? 0 : 30, step < 120 ? 240 : -240);
      await page.waitForTimeout(16);
    }
  });
  const zoomed = await smoothness(page, async () => {
    for (const zoom of ['Year', 'Month', 'Quarter', 'Year', 'Month', 'Quarter']) {
      await page.getByRole('button', { name: zoom, exact: true }).click();
      await page.waitForTimeout(400);
    }
  });
  await report(testInfo, [
    ...smooth('2,000 bars: one with 12 dependants is carried', carried),
    ...smooth('2,000 bars: scrolling', scrolled),
    ...smooth('2,000 bars: zooming', zoomed),
  ]);
});

test('a table of 10,000 rows', async ({ open }, testInfo) => {
  const page = await open('editor');
  const key = await importGoals(page, 10_000);
  const times = await visits(open, `/p/${key}/table`, '.grid__row .grid__cell--title');
  await Board.open(page, key, '/table');
  await expect(page.locator('.grid__cell--title').nth(5)).toBeVisible();
  await page.getByRole('grid').hover();
  const scrolled = await smoothness(page, async () => {
    for (let step = 0; step < 160; step += 1) {
      await page.mouse.wheel(0, step < 120 ? 600 : -600);
      await page.waitForTimeout(16);
    }
  });
  // A hundred rows of ten columns, over the cells from the active one on.
  await Board.open(page, key, '/table?show=title,status,kind,investment,effort,start,end,tags,team,iteration');
  const row = (index: number, round: number) =>
    [`Pasted ${round}-${index}`, 'Planned', 'Feature', 'Run', index + 1, '2027-01-04', '2027-03-31', 'pasted', 'Payments', 'One'].join('\t');
  const pasted: number[] = [];
  for (let round = 0; round < LOADS; round += 1) {
    await page.locator('.grid__row:not(.grid__head) .grid__cell--title').first().click();
    const text = Array.from({ length: 100 }, (_, index) => row(index, round)).join('\n');
    pasted.push(
      await page.evaluate(
        ([text, first]) =>
          new Promise<number>((resolve) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData('text/plain', text!);
            const begun = performance.now();
            const look = () => {
              const { port1, port2 } = new MessageChannel();
              const shown = [...document.querySelectorAll('.grid__cell--title')].some((cell) => cell.textContent?.includes(first!));
              port1.onmessage = () => (shown ? resolve(performance.now() - begun) : requestAnimationFrame(look));
              port2.postMessage(undefined);
            };
            requestAnimationFrame(look);
            document.activeElement!.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
          }),
        [text, `Pasted ${round}-3`],
      ),
    );
    await page.waitForTimeout(1_500);
  }
  await report(testInfo, [
    usable('table of 10,000 rows, nothing cached', times, 1_000),
    ...smooth('10,000 rows: scrolling', scrolled),
    { name: '10,000 rows: a pasted range of 1,000 cells is shown', unit: 'ms', values: quantiles(pasted, 50, 95), goals: { p50: 100 }, count: pasted.length },
  ]);
});

test('a portfolio of 40 products with 2,000 items', async ({ open }, testInfo) => {
  const maker = await open('editor');
  const keys: string[] = [];
  for (let product = 0; product < 40; product += 1) {
    const key = await createProduct(maker, {}, `Product ${product}`, freshKey());
    const rows = Array.from({ length: 50 }, (_, index) => {
      const month = String(((index + product) % 12) + 1).padStart(2, '0');
      return `Item ${product}-${index},${['Now', 'Next', 'Later'][index % 3]},2027-${month}-01,2027-${month}-28,${(index % 20) + 1}`;
    });
    const mapping = { Title: 'title', Lane: 'lane', Start: 'start', End: 'end', Effort: 'effort' };
    await runImport(maker, key, ['Title,Lane,Start,End,Effort', ...rows].join('\n'), mapping);
    keys.push(key);
  }
  const path = (face: string) => `/portfolio${face}?product=${keys.join(',')}`;
  await report(testInfo, [
    usable('portfolio of 40 products and 2,000 items, nothing cached', await visits(open, path(''), '.card'), 1_000),
    usable('… as a timeline', await visits(open, path('/timeline'), '.timeline__row .bar__fill'), 1_000),
    usable('… as a table', await visits(open, path('/table'), '.grid__row .grid__cell--title'), 1_000),
  ]);
});

test('the palette with 10,000 items in reach', async ({ open }, testInfo) => {
  const page = await open('editor');
  await Board.open(page, await importGoals(page, 10_000));
  await page.waitForTimeout(2_000);
  await watchFrames(page);
  const took = async (keys: string[], painted: string) => {
    const times: number[] = [];
    for (const key of keys) {
      await page.evaluate((selector) => (window.painted = selector), painted);
      await page.keyboard.press(key);
      await page.waitForFunction(() => window.took !== undefined);
      times.push(await page.evaluate(() => { const took = window.took!; window.took = undefined; return took; }));
      await page.waitForTimeout(250);
    }
    return times;
  };
  const opened: number[] = [];
  const letters: number[] = [];
  for (let round = 0; round <= LOADS; round += 1) {
    const first = await took(['Control+k'], '.palette:popover-open input');
    const typed = await took(['a', 's', 'y', 'n', 'c'], '.palette:popover-open [role=option]');
    await page.keyboard.press('Escape');
    await page.waitForTimeout(250);
    // What runs for the first time is compiled first.
    if (round === 0) continue;
    opened.push(...first);
    letters.push(...typed);
  }
  const row = (name: string, times: number[]): Row => {
    return { name, unit: 'ms', values: quantiles(times, 50, 95), goals: { p95: 33 }, count: times.length };
  };
  await report(testInfo, [
    row('palette, 10,000 items in reach: from its key to its first paint', opened),
    row('palette, 10,000 items in reach: a letter typed to its paint', letters),
  ]);
});

test('the parts of the program', async ({}, testInfo) => {
  const folder = join(process.env.CAIRN_SITE ?? '', 'pkg');
  const names = await readdir(folder);
  const rows: Row[] = [];
  for (const part of ['timeline', 'table', 'palette', 'columns']) {
    const name = names.find((name) => name.startsWith(`split_${part}.`) && name.endsWith('.wasm.br'));
    expect(name, `there is a part ${part}`).toBeDefined();
    const { size } = await stat(join(folder, name!));
    rows.push({ name: `part of the program, compressed: ${part}`, unit: 'kB', values: { all: size / 1000 }, goals: { all: 120 }, count: 1 });
  }
  await report(testInfo, rows);
});

declare global {
  interface Window {
    usable: number;
  }
}
