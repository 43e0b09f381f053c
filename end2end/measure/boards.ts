import { readFile } from 'node:fs/promises';
import { centre, createProduct, runImport } from '../support/board';
import type { Page } from '../support/test';

const GOALS = new URL('../fixtures/rust-project-goals.csv', import.meta.url);
const MAPPING = { Key: 'key', Period: 'lane', Title: 'title', Teams: 'tags', Start: 'start', End: 'end' };

/** The longest lane: where a move has most to do. */
export const LONGEST = 'section.lane:has(.card:nth-child(60)):not(:has(~ section.lane .card:nth-child(60)))';

/** Between edits, so that each is seen alone; odd, so that edits meet every phase of the display. */
export const PAUSE_MS = 173;

/**
 * A product with the 190 goals of a real project; or with more, which are the same over and over, so that its four lanes
 * keep their shares. Returns its key.
 */
export async function importGoals(page: Page, count = 190): Promise<string> {
  const key = await createProduct(page);
  const [header, ...rows] = (await readFile(GOALS, 'utf8')).trimEnd().split('\n');
  const many = Array.from({ length: count }, (_, index) => `${Math.floor(index / rows.length)}/${rows[index % rows.length]}`);
  await runImport(page, key, [header, ...many].join('\n'), MAPPING);
  return key;
}

export async function moveByKeys(page: Page, count: number, after = async () => {}): Promise<void> {
  await page.locator(LONGEST).locator('.card__link').nth(3).focus();
  for (let index = 0; index < count; index += 1) {
    await page.keyboard.press(index % 2 ? 'Alt+ArrowUp' : 'Alt+ArrowDown');
    await page.waitForTimeout(PAUSE_MS);
    await after();
  }
}

/** The third card below the fifth and back above the first, through the mouse. */
export async function dragToAndFro(page: Page, count: number, after = async () => {}): Promise<void> {
  const cards = page.locator(LONGEST).locator('.card');
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
    await after();
  }
}

/** Lets the page's processor seem slower by this factor. */
export async function slowDown(page: Page, factor: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: factor });
}
