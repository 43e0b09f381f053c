import { createProduct, runImport } from '../support/board';
import { expect, hydrated, test } from '../support/test';

// How long the balance bar takes to follow a move among 2,000 items: from the key to its new words in a frame.

test('the balance bar follows a move among 2,000 items', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page);
  const kinds = ['innovation', 'retention', 'run', 'retire'];
  const rows = Array.from({ length: 2_000 }, (_, index) => {
    const quarter = index % 2 === 0 ? '2031-01-01,2031-03-31' : '2031-04-01,2031-06-30';
    return `Item ${index},${kinds[index % 4]},${1 + (index % 9)},Team ${index % 10},${quarter}`;
  });
  const mapping = { Title: 'title', Investment: 'investment', Effort: 'effort', Team: 'team', Start: 'start', End: 'end' };
  await runImport(page, key, ['Title,Investment,Effort,Team,Start,End', ...rows].join('\n'), mapping);
  await page.goto(`/p/${key}?columns=quarter`);
  await hydrated(page);
  const bar = page.locator('button.balance');
  await bar.click();
  await page.locator('.balance-menu').getByLabel('Quarter').selectOption('Q1 2031');
  await page.keyboard.press('Escape');
  const moved: number[] = [];
  for (let index = 0; index < 10; index += 1) {
    const first = page.locator('section[data-column="2031-Q1"] .card__link').first();
    await first.focus();
    moved.push(
      await page.evaluate(async () => {
        const bar = document.querySelector('button.balance');
        if (bar === null) throw new Error('the bar is there');
        const before = bar.getAttribute('aria-label');
        const from = performance.now();
        const event = { key: 'ArrowRight', code: 'ArrowRight', altKey: true, bubbles: true, cancelable: true };
        document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', event));
        while (bar.getAttribute('aria-label') === before) await new Promise(requestAnimationFrame);
        return performance.now() - from;
      }),
    );
  }
  moved.sort((a, b) => a - b);
  console.log(`balance after a move among 2,000 items: median ${moved[5]?.toFixed(0)} ms, longest ${moved[9]?.toFixed(0)} ms`);
  expect(moved.length).toBe(10);
});
