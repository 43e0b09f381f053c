import { Board, createProduct } from '../support/board';
import { STILL, expect, hydrated, inBoth, look, test } from '../support/test';

// What happens to items reaches those whom it concerns, on whatever page they are.

test('a mention is completed, counted at once, and leads to the item', async ({ open }) => {
  const [editor, owner] = [await open('editor'), await open('owner')];
  const key = await createProduct(editor, { Now: ['Alpha', 'Bravo'] });
  const [mine, theirs] = await Promise.all([Board.open(editor, key), Board.open(owner, key)]);
  const name = await owner.locator('.rail__person').innerText();
  const count = owner.locator('a[href="/inbox"] .rail__count');
  const before = Number.parseInt((await count.isVisible()) ? await count.innerText() : '0', 10);

  const panel = await mine.openItem('Alpha');
  const field = panel.getByRole('textbox', { name: 'New comment in Markdown' });
  await field.pressSequentially(`Please look, @${name.slice(0, 3)}`);
  const offered = panel.getByRole('listbox', { name: 'People to mention' });
  await expect(offered.getByRole('option', { name })).toBeVisible();
  await field.press('Enter');
  await expect(field).toHaveValue(`Please look, @${name} `);
  await expect(offered).toHaveCount(0);
  await field.press('Control+Enter');
  await expect(panel.locator('.comment .mention')).toHaveText(`@${name}`);

  await expect(count, 'without a reload').toHaveText(`${before + 1} with news for you`);
  await owner.goto('/inbox');
  await hydrated(owner);
  const row = owner.locator('.inbox__item--new', { hasText: `${key}-1` });
  await expect(row).toContainText('mentioned you in a comment');
  await expect(row).toContainText('Please look');
  await inBoth(owner);

  // More happens while the page is open.
  await field.fill('Soon?');
  await field.press('Control+Enter');
  await expect(row).toContainText('commented');

  await row.getByRole('link', { name: 'Alpha' }).focus();
  await owner.keyboard.press('Enter');
  await expect(owner).toHaveURL(new RegExp(`/p/${key}/i/${key}-1$`));
  await expect(count).toHaveText(before > 0 ? `${before} with news for you` : '');
  await theirs.page.close();
});

test('what one watches comes to the inbox until one stops', async ({ open }) => {
  const [editor, owner] = [await open('editor'), await open('owner')];
  const key = await createProduct(editor, { Now: ['Alpha', 'Bravo'] });
  const [mine, theirs] = await Promise.all([Board.open(editor, key), Board.open(owner, key)]);
  const panel = await theirs.openItem('Bravo');
  const watch = panel.getByRole('button', { name: 'Watch', exact: true });
  await watch.click();
  const watching = panel.getByRole('button', { name: 'Watching' });
  await expect(watching).toHaveAttribute('aria-pressed', 'true');
  await expect(panel.locator('.watch__names')).toContainText('You');
  await owner.goto('/inbox');
  await hydrated(owner);

  const item = await mine.openItem('Bravo');
  const title = item.getByRole('textbox', { name: 'Title' });
  await title.fill('Bravo, renamed');
  await title.press('Enter');
  const row = owner.locator('.inbox__item--new', { hasText: `${key}-2` });
  await expect(row).toContainText('renamed “Bravo” to “Bravo, renamed”');

  await row.getByRole('link').focus();
  await owner.keyboard.press('e');
  await expect(row, 'it is read').toHaveCount(0);
  const read = owner.locator('.inbox__item', { hasText: `${key}-2` });
  const stop = read.getByRole('button', { name: 'Stop watching' });
  await stop.click();
  await expect(stop).toHaveCount(0);
  await owner.goto(`/p/${key}/i/${key}-2`);
  await hydrated(owner);
  await expect(owner.getByRole('button', { name: 'Watch', exact: true })).toBeVisible();
});

test('the own work is listed by date', async ({ open }) => {
  const editor = await open('editor', STILL);
  await look(editor, '/my-work');
  await expect(editor.getByRole('heading', { level: 1 })).toBeVisible();
  await look(editor, '/inbox');
});
