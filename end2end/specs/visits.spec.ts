import { Board, createProduct } from '../support/board';
import { STILL, expect, hydrated, inBoth, test, type Page } from '../support/test';

// What has changed since somebody was here before. When a visit ends is decided by the server, which a test of it covers; here the
// answer is one of a visit after an hour.

/** Answers as after an hour away, with these items changed. */
async function away(page: Page, titles: string[], key: string): Promise<void> {
  const loaded = await page.request.post('/api/load_board', { data: { key, item: null } });
  const { snapshot } = (await loaded.json()) as { snapshot: { document: { items: { id: string; fields: { title: string } }[] } } };
  const changed = snapshot.document.items.filter(({ fields }) => titles.includes(fields.title)).map(({ id }) => id);
  expect(changed).toHaveLength(titles.length);
  await page.route('**/api/visit', async (route) => {
    const { keys } = route.request().postDataJSON() as { keys: string[] };
    const answers = keys.map((one) => ({ since: Date.now() - 3_600_000, changed: one === key ? changed : [], more: false }));
    await route.fulfill({ json: answers });
  });
}

test('what others changed since the last visit is one click away, on every face', async ({ open }) => {
  const page = await open('editor', STILL);
  const key = await createProduct(page, { Now: ['Alpha', 'Bravo'], Next: ['Charlie'] });
  const line = page.getByRole('complementary', { name: 'Changes since your last visit' });
  await Board.open(page, key);
  await expect(line, 'nothing is new at first').toBeHidden();

  await away(page, ['Alpha', 'Charlie'], key);
  const board = await Board.open(page, key);
  await expect(line).toContainText('2 items changed since');
  await expect(line.locator('time')).toHaveText(/hour|today|yesterday|ago/i);
  await inBoth(page);
  await line.getByRole('button', { name: 'Show only these' }).click();
  await expect(page).toHaveURL(/changed=yes/);
  await board.shows({ Now: ['Alpha'], Next: ['Charlie'] });

  // The address and a view keep it.
  await page.reload();
  await hydrated(page);
  await board.shows({ Now: ['Alpha'], Next: ['Charlie'] });
  await page.goto(`/p/${key}/table?changed=yes`);
  await hydrated(page);
  await expect(page.getByRole('gridcell', { name: 'Alpha' }).or(page.getByText('Alpha')).first()).toBeVisible();
  await expect(page.getByText('Bravo')).toHaveCount(0);
  await page.goto(`/p/${key}/timeline?changed=yes`);
  await hydrated(page);
  await expect(page.getByText('Charlie').first()).toBeVisible();
  await expect(page.getByText('Bravo')).toHaveCount(0);

  // Among the conditions, and closed for this visit.
  await page.goto(`/p/${key}?changed=yes`);
  await hydrated(page);
  await page.getByRole('button', { name: 'Conditions' }).click();
  const choice = page.getByRole('checkbox', { name: 'Changed since my last visit' });
  await expect(choice).toBeChecked();
  await choice.uncheck();
  await page.keyboard.press('Escape');
  await board.shows({ Now: ['Alpha', 'Bravo'], Next: ['Charlie'] });
  await line.getByRole('button', { name: 'Close' }).click();
  await expect(line).toBeHidden();
});

test('a page reports itself, and the server says what is new', async ({ open }) => {
  const page = await open('editor', STILL);
  const key = await createProduct(page, { Now: ['Alpha'] });
  const reported = page.waitForResponse('**/api/visit');
  await Board.open(page, key);
  const answer = await reported;
  expect(answer.status()).toBe(200);
  expect(await answer.json()).toEqual([{ since: null, changed: [], more: false }]);
});
