import { Board, centre } from '../support/board';
import { test } from '../support/test';
import { importGoals } from './boards';
import { quantiles, report } from './figures';
import { smoothness } from './smooth';

// Whether the display keeps up while a card is carried over a large board.

const STEPS = 300;

test('a card carried over 1,000 cards', async ({ open }, testInfo) => {
  const page = await open('editor');
  await Board.open(page, await importGoals(page, 1_000));
  const card = page.locator('.lane__cards').nth(1).locator('.card').nth(2);
  await card.scrollIntoViewIfNeeded();
  const box = await card.boundingBox();
  if (!box) throw new Error('the card is not on the screen');
  const { x, y } = centre(box);
  const { width, height } = page.viewportSize() ?? { width: 1440, height: 900 };
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 4, y + 8, { steps: 2 });
  // In wide curves over all lanes, into their edges, where they scroll.
  const carry = async (from: number, to: number) => {
    for (let step = from; step < to; step += 1) {
      const angle = (step / STEPS) * Math.PI * 6;
      await page.mouse.move(width * (0.5 + 0.35 * Math.sin(angle)), height * (0.5 + 0.42 * Math.sin(angle * 1.3)));
      await page.waitForTimeout(12);
    }
  };
  await carry(0, STEPS / 5);
  const { gaps } = await smoothness(page, () => carry(STEPS / 5, STEPS));
  await page.keyboard.press('Escape');
  await page.mouse.up();
  // 58 frames a second.
  const values = { ...quantiles(gaps, 50, 95), longest: Math.max(...gaps) };
  await report(testInfo, [
    { id: 'P15', name: '1,000 cards: from frame to frame while a card is carried', unit: 'ms', values, goals: { p95: 17.2 }, count: gaps.length },
  ]);
});
