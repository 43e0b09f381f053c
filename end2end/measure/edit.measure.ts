import { Board } from '../support/board';
import { type Page, test } from '../support/test';
import { PAUSE_MS, dragToAndFro, importGoals, moveByKeys, slowDown } from './boards';
import { type Row, quantiles, report } from './figures';
import { type Seen, type Split, traced, watchOthersEdits, watchOwnEdits } from './frames';

// How soon a moved card is drawn, at its maker's and at another's.

const EDITS = 100;
/** A frame of a display at 60 Hz. */
const GOAL = { p95: 16.7 };

test('edits on a board of 190 cards', async ({ browser, open }, testInfo) => {
  const editor = await open('editor');
  const key = await importGoals(editor);
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

  const name = (what: string) => `190 cards: ${what}`;
  await report(testInfo, [
    row(name('own move by key, input to frame'), frames(keys), GOAL),
    ...work(name('own move by key'), keysWork),
    // While something is dragged frames come without a pause: a drop waits for the next one, and this is no work.
    row(name('own drop by mouse, input to frame'), frames(drops)),
    ...work(name('own drop by mouse'), dropsWork),
    row(name("another's move in the document"), others),
  ]);
  for (const [kind, seen] of Object.entries({ keys, drops })) {
    console.log(`${kind}: ${seen.filter(({ nth }) => nth === 1).length} of ${seen.length} in the first frame after the input`);
  }
});

test('own edits on a board of 1,000 cards, processor 4 times slower', async ({ open }, testInfo) => {
  const page = await open('editor');
  await Board.open(page, await importGoals(page, 1_000));
  await watchOwnEdits(page);
  await moveByKeys(page, 20);
  await take(page);
  await slowDown(page, 4);
  await moveByKeys(page, 4);
  await take(page);
  await moveByKeys(page, EDITS);
  const keys = frames(await take(page));
  const name = '1,000 cards, processor 4 times slower: own move by key, input to frame';
  await report(testInfo, [
    { id: 'S1', name, unit: 'ms', values: quantiles(keys, 50, 95, 99), goals: { p95: 16.7, p99: 33 }, count: keys.length },
  ]);
});

function frames(seen: Seen[]): number[] {
  return seen.map(({ frame }) => frame);
}

function work(name: string, splits: Split[]): Row[] {
  const kinds: (keyof Split)[] = ['scripting', 'style', 'layout', 'paint'];
  const all = splits.map((split) => Object.values(split).reduce((a, b) => a + b));
  return [
    row(`${name}, the page's work`, all, GOAL),
    ...kinds.map((kind) => row(`${name}, the page's work: ${kind}`, splits.map((split) => split[kind]))),
  ];
}

function row(name: string, times: number[], goals?: Row['goals']): Row {
  return { name, unit: 'ms', values: quantiles(times, 50, 95), goals, count: times.length };
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
