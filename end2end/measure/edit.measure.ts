import { readFile } from 'node:fs/promises';
import { Board, centre, createProduct, runImport } from '../support/board';
import { type Page, test } from '../support/test';
import { type Seen, type Split, traced, watchOthersEdits, watchOwnEdits } from './frames';
import { quantile, report } from './report';

// How soon a moved card is drawn, at its maker's and at another's, on the board of the 190 goals of a real project.

const GOALS = new URL('../fixtures/rust-project-goals.csv', import.meta.url);
const MAPPING = { Key: 'key', Period: 'lane', Title: 'title', Teams: 'tags', Start: 'start', End: 'end' };
const EDITS = 100;
/** Between edits, so that each is seen alone; odd, so that edits meet every phase of the display. */
const PAUSE_MS = 173;
/** A frame of a display at 60 Hz. */
const GOAL_MS = 16.7;

/** The longest lane: where a move has most to do. */
const LONGEST = 'section.lane:has(.card:nth-child(60))';

test('own edits and those of others', async ({ browser, open, server }) => {
  const editor = await open('editor');
  const key = await createProduct(editor);
  await runImport(editor, key, await readFile(GOALS, 'utf8'), MAPPING);
  const onlooker = await open('owner');
  await Board.open(onlooker, key);
  await Board.open(editor, key);
  await watchOwnEdits(editor);
  await watchOthersEdits(onlooker);

  // What runs for the first time is compiled first.
  await moveByKeys(editor, 20);
  await dragToAndFro(editor, 6);
  await take(editor);
  await onlooker.evaluate(() => void (window.changes = []));

  await moveByKeys(editor, EDITS);
  const keys = await take(editor);
  const others = await delays(onlooker, keys);
  await dragToAndFro(editor, EDITS / 2);
  const drops = await take(editor);
  const keysWork = await traced(browser, editor, () => moveByKeys(editor, EDITS / 2));
  const dropsWork = await traced(browser, editor, () => dragToAndFro(editor, EDITS / 2));

  await report(server.folder, [
    row('Own move by key, input to frame', keys.map((seen) => seen.frame), GOAL_MS),
    ...work(keysWork),
    // While something is dragged frames come without a pause: a drop waits for the next one, and this is no work.
    row('Own drop by mouse, input to frame', drops.map((seen) => seen.frame)),
    ...work(dropsWork),
    row("Another's move in the document", others),
  ]);
  for (const [name, seen] of Object.entries({ keys, drops })) {
    console.log(`${name}: ${seen.filter(({ nth }) => nth === 1).length} of ${seen.length} in the first frame after the input`);
  }
});

function work(splits: Split[]) {
  const kinds: (keyof Split)[] = ['scripting', 'style', 'layout', 'paint'];
  return [
    row('… of which the page works', splits.map((split) => Object.values(split).reduce((a, b) => a + b)), GOAL_MS),
    ...kinds.map((kind) => row(`… … ${kind}`, splits.map((split) => split[kind]))),
  ];
}

function row(name: string, times: number[], goal?: number) {
  return { name, goal, count: times.length, p50: quantile(times, 0.5), p95: quantile(times, 0.95) };
}

async function moveByKeys(page: Page, count: number): Promise<void> {
  await page.locator(LONGEST).first().locator('.card__link').nth(3).focus();
  for (let index = 0; index < count; index += 1) {
    await page.keyboard.press(index % 2 ? 'Alt+ArrowUp' : 'Alt+ArrowDown');
    await page.waitForTimeout(PAUSE_MS);
  }
}

/** The third card below the fifth and back above the first, through the mouse. */
async function dragToAndFro(page: Page, count: number): Promise<void> {
  const cards = page.locator(LONGEST).first().locator('.card');
  await cards.first().scrollIntoViewIfNeeded();
  for (let index = 0; index < count; index += 1) {
    const [from, to] = await Promise.all([cards.nth(2).boundingBox(), cards.nth(index % 2 ? 0 : 4).boundingBox()]);
    if (!from || !to) throw new Error('the cards are not on the screen');
    const { x, y } = centre(from);
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 4, y + 8, { steps: 2 });
    await page.mouse.move(x, to.y + to.height * (index % 2 ? 0.2 : 0.8), { steps: 4 });
    await page.waitForTimeout(60);
    await page.mouse.up();
    await page.waitForTimeout(PAUSE_MS);
  }
}

async function take(page: Page): Promise<Seen[]> {
  return page.evaluate(() => window.seen.splice(0));
}

/** From each input to the first change the other page's document shows before the next one. */
async function delays(page: Page, edits: Seen[]): Promise<number[]> {
  const changes = await page.evaluate(() => window.changes);
  return edits.flatMap(({ at }) => {
    const change = changes.find((time) => time >= at && time < at + PAUSE_MS);
    return change === undefined ? [] : [change - at];
  });
}
