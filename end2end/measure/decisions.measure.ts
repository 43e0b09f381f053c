import { Board, createProduct, runImport } from '../support/board';
import { type Page, expect, hydrated, test } from '../support/test';
import { quantiles, report } from './figures';

// How soon what is decided by follows an edit among 2,000 items: balance and capacity are computed by the page, scores by the server.

const TIMES = 10;
/** A frame, and 50 ms. */
const GOAL = { p95: 67 };

async function importItems(page: Page): Promise<string> {
  const key = await createProduct(page);
  const kinds = ['innovation', 'retention', 'run', 'retire'];
  const rows = Array.from({ length: 2_000 }, (_, index) => {
    const quarter = index % 2 === 0 ? '2031-01-01,2031-03-31' : '2031-04-01,2031-06-30';
    return `Item ${index},${kinds[index % 4]},${1 + (index % 9)},Team ${index % 10},${quarter},must`;
  });
  const mapping = { Title: 'title', Investment: 'investment', Effort: 'effort', Team: 'team', Start: 'start', End: 'end', MoSCoW: 'moscow' };
  await runImport(page, key, ['Title,Investment,Effort,Team,Start,End,MoSCoW', ...rows].join('\n'), mapping);
  return key;
}

test('the balance follows a move among 2,000 items', async ({ open }, testInfo) => {
  const page = await open('editor');
  const key = await importItems(page);
  await page.goto(`/p/${key}?columns=quarter`);
  await hydrated(page);
  const bar = page.locator('button.balance');
  await bar.click();
  await page.locator('.balance-menu').getByLabel('Quarter').selectOption('Q1 2031');
  await page.keyboard.press('Escape');
  const moved: number[] = [];
  for (let index = 0; index < TIMES; index += 1) {
    await page.locator('section[data-column="2031-Q1"] .card__link').first().focus();
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
  await report(testInfo, [{ name: '2,000 items: a move to the balance that follows', unit: 'ms', values: quantiles(moved, 50, 95), goals: GOAL, count: TIMES }]);
});

test('scores follow an edit among 2,000 items', async ({ open }, testInfo) => {
  const page = await open('editor');
  const key = await importItems(page);
  const chosen = await page.request.post('/api/choose_score_model', { form: { key, model: 'moscow' } });
  expect(chosen.ok()).toBe(true);
  const board = await Board.open(page, key, `/i/${key}-1?show=score`);
  const badge = board.card('Item 0').locator('.badge--chosen');
  await expect(badge).toHaveText(/^Score/);
  const followed: number[] = [];
  for (let index = 0; index < TIMES; index += 1) {
    const before = (await badge.textContent())!;
    const from = Date.now();
    await board.panel.locator('#field-moscow select').selectOption(index % 2 === 0 ? 'Could have' : 'Must have');
    await expect(badge).not.toHaveText(before);
    followed.push(Date.now() - from);
  }
  await report(testInfo, [{ name: '2,000 items: an edit to the score that follows, from the server', unit: 'ms', values: quantiles(followed, 50, 95), goals: GOAL, count: TIMES }]);
});
