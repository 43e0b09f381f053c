import { createProduct } from '../support/board';
import { expect, hydrated, inBoth, test } from '../support/test';

// The matrix of scores: carrying a bubble rates its item, and so do keys.

test('a bubble that is carried rates its item by both criteria', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, { Now: ['Alpha', 'Bravo'] });
  await page.goto(`/p/${key}/scores`);
  await hydrated(page);
  const row = page.locator(`#${key}-1`);
  await row.locator('summary').click();
  for (const name of ['Need', 'Value']) await row.getByLabel(name, { exact: true }).selectOption('3');
  await row.getByRole('button', { name: 'Save ratings' }).click();
  await page.waitForURL(/item=/);

  await page.goto(`/p/${key}/scores?x=Need&y=Value`);
  await hydrated(page);
  const bubble = page.getByRole('link', { name: new RegExp(`^${key}-1 Alpha`) });
  await expect(bubble).toHaveAccessibleName(`${key}-1 Alpha: Need 3, Value 3`);
  await inBoth(page);

  // From the middle to the upper right corner, saying on the way what that would mean.
  const from = (await bubble.locator('circle').boundingBox())!;
  const picture = (await page.locator('.scores__matrix svg').boundingBox())!;
  const at = (share: number, start: number, length: number) => start + share * length;
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(at(0.9, picture.x, picture.width), at(0.1, picture.y, picture.height), { steps: 10 });
  await expect(page.locator('.scores__carried')).toHaveText('Need 5, Value 5');
  await page.mouse.up();
  await expect(page.locator('.toast')).toContainText(`Rated ${key}-1: Need 5, Value 5.`);
  await expect(bubble).toHaveAccessibleName(`${key}-1 Alpha: Need 5, Value 5`);
  await expect(page).toHaveURL(`/p/${key}/scores?x=Need&y=Value`);

  // Esc leaves it where it is.
  const there = (await bubble.locator('circle').boundingBox())!;
  await page.mouse.move(there.x + there.width / 2, there.y + there.height / 2);
  await page.mouse.down();
  await page.mouse.move(at(0.1, picture.x, picture.width), at(0.9, picture.y, picture.height), { steps: 5 });
  await page.keyboard.press('Escape');
  await page.mouse.up();
  await expect(page.locator('.scores__carried')).toHaveCount(0);

  // By keys, one step at a time; the bubble keeps the focus.
  await bubble.focus();
  await page.keyboard.press('Alt+ArrowDown');
  await expect(bubble).toHaveAccessibleName(`${key}-1 Alpha: Need 5, Value 4`);
  await expect(bubble).toBeFocused();
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(bubble).toHaveAccessibleName(`${key}-1 Alpha: Need 4, Value 4`);
  await expect(bubble).toBeFocused();
  await page.reload();
  await expect(bubble).toHaveAccessibleName(`${key}-1 Alpha: Need 4, Value 4`);
});

test('who may not rate carries nothing', async ({ open }) => {
  const [editor, viewer] = [await open('editor'), await open('viewer')];
  const key = await createProduct(editor, { Now: ['Alpha'] });
  await viewer.goto(`/p/${key}/scores?x=Need&y=Value`);
  await hydrated(viewer);
  await expect(viewer.locator('.scores__matrix svg')).toBeVisible();
  await expect(viewer.locator('svg[data-model]')).toHaveCount(0);
});
