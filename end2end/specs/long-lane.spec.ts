import type { Page } from '@playwright/test';
import { Board, boxOf, createProduct } from '../support/board';
import { expect, test } from '../support/test';

// A lane with more cards than are drawn at a time.

const COUNT = 120;
const titles = Array.from({ length: COUNT }, (_, index) => `Card ${index + 1}`);

/** How many cards of a lane are drawn, and whether all in sight are. */
async function drawn(page: Page, lane: string): Promise<{ count: number; inSight: boolean }> {
  return page.getByRole('region', { name: lane, exact: true }).locator('.lane__cards').evaluate((list) => {
    const { top, bottom } = list.getBoundingClientRect();
    const cards = [...list.querySelectorAll<HTMLElement>('.card')];
    const seen = cards.filter((card) => card.getBoundingClientRect().bottom > top && card.getBoundingClientRect().top < bottom);
    const isDrawn = (card: HTMLElement) => card.querySelector('.card__link')?.checkVisibility() ?? false;
    return { count: cards.filter(isDrawn).length, inSight: seen.length > 0 && seen.every(isDrawn) };
  });
}

test('of a long lane the cards near what is in sight are drawn, wherever it is scrolled to', async ({ open }) => {
  const page = await open('editor');
  const board = await Board.open(page, await createProduct(page, { Now: titles, Next: ['Alone'] }));
  const some = async () => {
    const { count, inSight } = await drawn(page, 'Now');
    return inSight && count < COUNT / 2;
  };
  await expect.poll(some).toBe(true);
  expect((await drawn(page, 'Next')).count).toBe(1);

  // All cards have come, and each was in sight once.
  await expect(page.locator('.board .card')).toHaveCount(COUNT + 1);
  const list = board.lane('Now').locator('.lane__cards');
  for (let share = 0; share <= 1; share += 0.05) {
    await list.evaluate((element, share) => element.scrollTo({ top: element.scrollHeight * share }), share);
    await expect.poll(some, `at ${share}`).toBe(true);
  }
  const height = await list.evaluate((element) => element.scrollHeight);
  for (const share of [0.3, 1, 0.6, 0]) {
    await list.evaluate((element, share) => element.scrollTo({ top: element.scrollHeight * share }), share);
    await expect.poll(some, `at ${share}`).toBe(true);
  }
  expect(await list.evaluate((element) => element.scrollHeight), 'a card that is not drawn is as high as it was').toBe(height);

  // Taller windows show more.
  await page.setViewportSize({ width: 1440, height: 2_400 });
  await expect.poll(some).toBe(true);
  expect((await drawn(page, 'Now')).count).toBeGreaterThan(30);

  // On paper there are all.
  await page.emulateMedia({ media: 'print' });
  expect((await drawn(page, 'Now')).count).toBe(COUNT);
});

test('a long lane that comes back ends with its last card', async ({ open }) => {
  const page = await open('editor');
  const board = await Board.open(page, await createProduct(page, { Now: titles, Next: ['Alone'] }));
  await expect(page.locator('.board .card')).toHaveCount(COUNT + 1);
  await board.deleteLane('Now', 'Next');
  await expect(board.lane('Now')).toHaveCount(0);
  await board.toast.getByRole('button', { name: 'Undo' }).click();
  await expect(board.lane('Now').locator('.card')).toHaveCount(COUNT);
  await expect(board.lane('Now').locator('.lane__rest')).toHaveCount(0);
});

test('keys reach every card of a long lane', async ({ open }) => {
  const page = await open('editor');
  const board = await Board.open(page, await createProduct(page, { Now: titles, Next: titles.map((title) => `Other ${title}`) }));
  const inSight = async (title: string) => {
    await expect(board.link(title)).toBeFocused();
    await expect(board.link(title)).toBeInViewport();
  };
  await board.link('Card 1').focus();
  for (let step = 0; step < 60; step += 1) await page.keyboard.press('ArrowDown');
  await inSight('Card 61');
  // As far down in the next lane, which has not been scrolled.
  await page.keyboard.press('ArrowRight');
  await inSight('Other Card 61');
  await page.keyboard.press('Alt+Home');
  await inSight('Other Card 61');
  await expect(board.titles('Next').first()).toHaveText('Other Card 61');
  await page.keyboard.press('Alt+End');
  await inSight('Other Card 61');
  await expect(board.titles('Next').last()).toHaveText('Other Card 61');
  await page.keyboard.press('Alt+ArrowLeft');
  await inSight('Other Card 61');
  await expect(board.titles('Now').nth(COUNT - 1)).toHaveText('Other Card 61');

  // The card that Tab reaches stays drawn, however far it is scrolled away.
  await page.keyboard.press('ArrowDown');
  await inSight('Card 120');
  await board.lane('Now').locator('.lane__cards').evaluate((list) => list.scrollTo({ top: 0 }));
  await expect(board.link('Card 3')).toBeVisible();
  await expect(board.link('Card 120')).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Tab');
  await inSight('Card 120');
});

test('a card is dragged to the end of a long lane, which others see', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, { Now: titles, Next: ['Alone'] });
  const board = await Board.open(page, key);
  const other = await Board.open(await open('owner'), key);
  const list = board.lane('Now').locator('.lane__cards');
  const { x, y, width, height } = await boxOf(list);
  await board.lift('Card 2', { x: x + width / 2, y: y + height - 12 });
  // At its edge the lane scrolls by itself, and the longer the faster.
  await expect.poll(() => list.evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight)).toBeLessThan(2);
  await page.mouse.move(x + width / 2, y + height - 6);
  await expect(board.link('Card 120')).toBeInViewport();
  await page.mouse.up();
  const after = ['Card 1', ...titles.slice(2), 'Card 2'];
  await board.shows({ Now: after, Next: ['Alone'] });
  await other.shows({ Now: after, Next: ['Alone'] });

  // What a filter leaves is drawn, also of what was far away; and what it took comes back.
  await page.getByRole('searchbox', { name: 'Filter by text' }).fill('Card 5');
  const few = after.filter((title) => title.includes('5'));
  await board.shows({ Now: few });
  for (const title of few) await expect(board.link(title)).toBeVisible();
  await page.getByRole('searchbox', { name: 'Filter by text' }).fill('');
  await board.shows({ Now: after });
  await expect.poll(async () => (await drawn(page, 'Now')).inSight).toBe(true);
  expect((await drawn(page, 'Now')).count).toBeLessThan(COUNT / 2);
});
