import { createProduct, runImport } from '../support/board';
import { snapshot } from '../support/live';
import { expect, hydrated, test } from '../support/test';
import { report } from './figures';
import { smooth, smoothness } from './smooth';

// Whether the display keeps up while a bubble is carried among 500 on the matrix of scores.

test('a bubble carried among 500', async ({ open }, testInfo) => {
  test.setTimeout(120_000);
  const page = await open('editor');
  const key = await createProduct(page);
  await runImport(page, key, ['Title', ...Array.from({ length: 500 }, (_, index) => `Item ${index}`)].join('\n'), { Title: 'title' });
  await page.goto(`/p/${key}/scores?item=${key}-1`);
  const model = await page.locator('input[name=model]').first().inputValue();
  const { snapshot: { document } } = await snapshot(page, key);
  for (const [index, item] of document.items.entries()) {
    const form = { key, item: item.id, number: `${index + 1}`, model, 'ratings[Need]': `${1 + (index % 5)}`, 'ratings[Value]': `${1 + (index % 4)}` };
    const rate = async () => (await page.request.post('/api/rate_item', { form })).status();
    // So many at once are more than one person may send.
    await expect.poll(rate, { timeout: 10_000 }).toBe(200);
  }
  await page.goto(`/p/${key}/scores?x=Need&y=Value`);
  await hydrated(page);
  const bubbles = page.locator('[data-bubble]');
  await expect(bubbles).toHaveCount(500);
  const picture = (await page.locator('.scores__matrix svg').boundingBox())!;
  const box = (await bubbles.last().locator('circle').boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + 20, box.y + 20, { steps: 3 });
  const found = await smoothness(page, async () => {
    for (let step = 0; step < 240; step += 1) {
      const angle = (step / 240) * Math.PI * 6;
      const [x, y] = [0.5 + 0.45 * Math.sin(angle), 0.5 + 0.4 * Math.sin(angle * 1.3)];
      await page.mouse.move(picture.x + x * picture.width, picture.y + y * picture.height);
      await page.waitForTimeout(12);
    }
  });
  await page.keyboard.press('Escape');
  await page.mouse.up();
  await report(testInfo, smooth('Matrix of 500 bubbles, one carried', found));
});
