import { Board, createProduct } from '../support/board';
import { type Locator, type Page, expect, hydrated, test } from '../support/test';

// The roadmap as it was, what changed since, and moments with names.

const PLAN = { Now: ['Alpha', 'Bravo', 'Charlie'], Next: ['Delta'], Later: [] };

class Past {
  constructor(readonly page: Page) {}

  static async open(page: Page, key: string, query = ''): Promise<Past> {
    await page.goto(`/p/${key}/past${query}`);
    await hydrated(page);
    return new Past(page);
  }

  get slider(): Locator {
    return this.page.getByRole('slider', { name: 'Moment' });
  }

  get words(): Locator {
    return this.page.locator('.past__words');
  }

  /** The lines below a heading of what changed. */
  part(name: string): Locator {
    return this.page.locator(`.past__changes[data-part="${name}"] .past__change`);
  }

  async shows(plan: Record<string, string[]>): Promise<void> {
    const board = this.page.getByRole('group', { name: 'Roadmap as it was' });
    for (const [lane, titles] of Object.entries(plan)) {
      await expect(board.getByRole('region', { name: lane, exact: true }).locator('.card__link')).toHaveText(titles);
    }
  }

  /** The place in the log that is shown. */
  async place(): Promise<number> {
    return Number(await this.slider.inputValue());
  }
}

test('the board goes back to any moment, and says what has changed since', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const board = await Board.open(page, key);
  await board.link('Alpha').focus();
  await page.keyboard.press('Alt+ArrowRight');
  await board.shows({ Now: ['Bravo', 'Charlie'], Next: ['Alpha', 'Delta'] });
  const panel = await board.openItem('Delta');
  await panel.getByRole('textbox', { name: 'Effort' }).fill('5');
  await panel.getByRole('textbox', { name: 'Effort' }).press('Enter');
  await panel.getByRole('link', { name: 'Close' }).click();
  await board.link('Charlie').focus();
  await page.keyboard.press('Delete');
  await board.shows({ Now: ['Bravo'], Next: ['Alpha', 'Delta'] });
  await board.saved();

  const past = await Past.open(page, key);
  await past.shows({ Now: ['Bravo'], Next: ['Alpha', 'Delta'] });
  await expect(past.words).toContainText('Now; last changed');
  const now = await past.place();

  // By keyboard, change by change.
  await past.slider.focus();
  for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowLeft');
  await past.shows(PLAN);
  await expect(past.words).toContainText(`change ${now - 3} of ${now}`);
  await expect(page).toHaveURL(new RegExp(`at=${now - 3}`));
  await expect(past.part('Moved')).toHaveCount(1);
  await expect(past.part('Moved')).toContainText('Now → Next');
  await expect(past.part('Moved')).toContainText('Mei Tanaka');
  await expect(past.part('Re-estimated')).toContainText('no estimate → 5 d');
  await expect(past.part('Removed')).toContainText('from Now');
  await expect(page.locator('.past__card').filter({ hasText: 'Charlie' })).toContainText('later removed');

  // On a phone the changes are below the board, and said above it.
  await page.setViewportSize({ width: 390, height: 844 });
  const below = page.getByRole('link', { name: /^Show \d+ changes$/ });
  await expect(below).toBeInViewport();
  await below.click();
  await expect(page.getByRole('heading', { name: 'What changed' })).toBeInViewport();
  await expect(page).toHaveURL(new RegExp(`at=${now - 3}.*#`));
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect(below).toBeHidden();

  await page.getByRole('button', { name: 'One change on' }).click();
  await past.shows({ Now: ['Bravo', 'Charlie'], Next: ['Alpha', 'Delta'] });
  await expect(past.part('Moved')).toHaveCount(0);

  // The address of a moment can be passed on; before everything there was nothing.
  const link = await Past.open(page, key, `?at=${now - 3}`);
  await link.shows(PLAN);
  const first = await Past.open(page, key, '?at=0');
  await expect(first.page.getByText('There was nothing yet')).toBeVisible();
  await expect(first.words).toContainText('Before anything was there');
  const wrong = await page.request.get(`/p/${key}/past?at=yesterday`);
  expect(wrong.status()).toBe(422);
});

test('a moment with a name is found again, and two are compared', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const past = await Past.open(page, key);
  const plan = await past.place();
  await page.getByRole('textbox', { name: 'Name this moment' }).fill('Plan of autumn');
  await page.getByRole('button', { name: 'Save baseline' }).click();
  await expect(page.getByRole('link', { name: 'Plan of autumn' })).toBeVisible();
  // A name is given once.
  await page.getByRole('textbox', { name: 'Name this moment' }).fill('Plan of autumn');
  await page.getByRole('button', { name: 'Save baseline' }).click();
  await expect(page.getByRole('alert')).toHaveText('There is a baseline “Plan of autumn” already. Choose another name.');

  const board = await Board.open(page, key);
  await board.link('Bravo').focus();
  await page.keyboard.press('Alt+ArrowRight');
  await board.saved();
  const again = await Past.open(page, key, '?at=0');
  await page.getByRole('link', { name: 'Plan of autumn' }).click();
  await again.shows(PLAN);
  expect(await again.place()).toBe(plan);
  await expect(again.part('Moved')).toContainText('Now → Next');
  // Against itself, nothing is different.
  await page.getByRole('combobox', { name: 'Compare with' }).selectOption({ label: 'Plan of autumn' });
  await expect(page.getByText('This is one moment.')).toBeVisible();

  await page.getByRole('button', { name: 'Remove the baseline Plan of autumn' }).click();
  await expect(page.getByRole('link', { name: 'Plan of autumn' })).toHaveCount(0);

  const viewer = await open('viewer');
  const seen = await Past.open(viewer, key, `?at=${plan}`);
  await seen.shows(PLAN);
  await expect(viewer.getByRole('textbox', { name: 'Name this moment' })).toHaveCount(0);
});
