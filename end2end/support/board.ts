import { randomInt } from 'node:crypto';
import { type CDPSession, type Locator, type Page, expect } from '@playwright/test';
import { hydrated } from './test';

/** Titles by lane, in order. */
export type Plan = Record<string, string[]>;

/** A key that no other test has. */
export function freshKey(): string {
  return `T${randomInt(36 ** 6).toString(36).toUpperCase().padStart(6, '0')}`;
}

/** Goes to a view of the product by its bar: behind *More* where it has no room. */
export async function goToView(page: Page, name: string): Promise<void> {
  const views = page.getByRole('navigation', { name: 'Views' });
  const link = views.getByRole('link', { name, exact: true });
  if (!(await link.isVisible())) await views.getByRole('button', { name: 'More' }).click();
  await link.click();
}

/** Makes a product as the person of that page, with items. Returns its key. */
export async function createProduct(page: Page, plan: Plan = {}, name = 'Test bench', key = freshKey()): Promise<string> {
  const made = await page.request.post('/api/create_product', {
    form: { key, name, kind: 'service', stage: 'growth', purpose: 'What tests work on.' },
  });
  expect(made.status(), await made.text()).toBe(200);
  const rows = Object.entries(plan).flatMap(([lane, titles]) => titles.map((title) => [title, lane]));
  if (rows.length > 0) {
    const text = [['Title', 'Lane'], ...rows].map((row) => row.map(quoted).join(',')).join('\n');
    await runImport(page, key, text, { Title: 'title', Lane: 'lane' });
  }
  return key;
}

/** Imports a file as the person of that page, all of it. */
export async function runImport(page: Page, key: string, text: string, mapping: Record<string, string>): Promise<void> {
  const answer = await page.request.post('/api/run_import', { data: { key, text, mapping } });
  expect(answer.status(), await answer.text()).toBe(200);
  const { problems } = (await answer.json()) as { problems: unknown[] };
  expect(problems, 'every row is taken').toEqual([]);
}

function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}

/** A product's board in one browser. */
export class Board {
  constructor(
    readonly page: Page,
    readonly key: string,
  ) {}

  /** Opens it and waits until it is live. */
  static async open(page: Page, key: string, path = ''): Promise<Board> {
    await page.goto(`/p/${key}${path}`);
    await hydrated(page);
    const board = new Board(page, key);
    await board.saved();
    return board;
  }

  get state(): Locator {
    return this.page.locator('.connection');
  }

  /** What is said to those who listen to the page. */
  get said(): Locator {
    return this.page.locator('p[role=status]');
  }

  get panel(): Locator {
    return this.page.locator('aside.item-panel');
  }

  get toast(): Locator {
    return this.page.locator('.toast');
  }

  /** Waits until the server has everything. */
  async saved(): Promise<void> {
    await expect(this.state).toHaveAttribute('data-state', 'saved');
  }

  lane(name: string): Locator {
    return this.page.getByRole('region', { name, exact: true });
  }

  /** The titles of a lane's cards, as the filter shows them. */
  titles(lane: string): Locator {
    return this.lane(lane).locator('.card:not([hidden]) .card__link');
  }

  get laneNames(): Locator {
    return this.page.locator('.board .lane__name');
  }

  card(title: string): Locator {
    return this.page.locator('.board .card').filter({ has: this.link(title) });
  }

  /** The part of a card that takes the focus and opens the item. */
  link(title: string): Locator {
    return this.page.getByRole('link', { name: title, exact: true });
  }

  /** Every lane named holds exactly these cards in this order. */
  async shows(plan: Plan): Promise<void> {
    for (const [lane, titles] of Object.entries(plan)) await expect(this.titles(lane)).toHaveText(titles);
  }

  /** Chooses in the menu of a card. */
  async choose(title: string, line: string): Promise<void> {
    await this.card(title).hover();
    await this.card(title).getByRole('button', { name: 'Actions' }).click();
    await this.page.getByRole('menuitem', { name: new RegExp(`^${line}\\b`) }).click();
  }

  /** Chooses in the menu of a lane. */
  async chooseForLane(lane: string, part: string, line: string): Promise<void> {
    await this.lane(lane).getByRole('button', { name: 'Lane actions' }).click();
    await this.page.getByRole('group', { name: part, exact: true }).getByRole('menuitem', { name: line, exact: true }).click();
  }

  /** Deletes a lane with cards, which go to another. */
  async deleteLane(lane: string, to: string): Promise<void> {
    await this.chooseForLane(lane, 'Lane', 'Delete lane…');
    await this.page.getByRole('group', { name: 'Delete, and move items to' }).getByRole('menuitem', { name: to, exact: true }).click();
  }

  async openItem(title: string): Promise<Locator> {
    await this.link(title).click();
    await expect(this.panel).toBeVisible();
    await expect(this.page).toHaveURL(/\/i\/[A-Z0-9]+-\d+(\?|$)/);
    return this.panel;
  }

  /** A point that means "before this card", or "after" it. */
  async beside(title: string, where: 'before' | 'after'): Promise<Point> {
    const card = this.card(title);
    await card.scrollIntoViewIfNeeded();
    const box = await boxOf(card);
    return { x: box.x + box.width / 2, y: box.y + box.height * (where === 'before' ? 0.2 : 0.8) };
  }

  /** The middle of a lane's list, for one without cards. */
  async middleOf(lane: string): Promise<Point> {
    const box = await boxOf(this.lane(lane));
    return { x: box.x + box.width / 2, y: box.y + 80 };
  }

  /** Presses on a card with the mouse and carries it to a point, without letting go. */
  async lift(title: string, to: Point): Promise<void> {
    const mouse = this.page.mouse;
    const from = centre(await boxOf(this.card(title)));
    await mouse.move(from.x, from.y);
    await mouse.down();
    await mouse.move(from.x + 4, from.y + 8, { steps: 2 });
    await expect(this.page.locator('.card--ghost')).toBeVisible();
    await mouse.move(to.x, to.y, { steps: 6 });
    await expect(this.page.locator('#drop-line')).toBeVisible();
  }

  /** Presses on a lane's header with the mouse and carries it to the left or right half of another lane, without letting go. */
  async liftLane(name: string, over: string, half: 'left' | 'right'): Promise<void> {
    const mouse = this.page.mouse;
    const header = await boxOf(this.lane(name).locator('.lane__name'));
    const there = await boxOf(this.lane(over));
    await mouse.move(header.x + 10, header.y + 10);
    await mouse.down();
    await mouse.move(header.x + 20, header.y + 14, { steps: 2 });
    await expect(this.page.locator('.lane--ghost')).toBeVisible();
    await mouse.move(there.x + there.width * (half === 'left' ? 0.2 : 0.8), there.y + 30, { steps: 6 });
    await expect(this.page.locator('#drop-line')).toBeVisible();
  }

  async drag(title: string, to: Point): Promise<void> {
    await this.lift(title, to);
    await this.page.mouse.up();
    await expect(this.page.locator('.card--ghost')).toHaveCount(0);
  }
}

export type Point = { x: number; y: number };

type Box = { x: number; y: number; width: number; height: number };

export async function boxOf(locator: Locator): Promise<Box> {
  const box = await locator.boundingBox();
  if (!box) throw new Error(`${locator} is not on the screen`);
  return box;
}

export function centre(box: Box): Point {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** A finger, as the browser gets it from a touch screen. */
export class Finger {
  private constructor(private readonly session: CDPSession) {}

  static async of(page: Page): Promise<Finger> {
    return new Finger(await page.context().newCDPSession(page));
  }

  async down(at: Point): Promise<void> {
    await this.send('touchStart', [at]);
  }

  async move(from: Point, to: Point, steps = 8): Promise<void> {
    for (let step = 1; step <= steps; step += 1) {
      const part = step / steps;
      await this.send('touchMove', [{ x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }]);
    }
  }

  async up(): Promise<void> {
    await this.send('touchEnd', []);
  }

  private async send(type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: Point[]): Promise<void> {
    await this.session.send('Input.dispatchTouchEvent', { type, touchPoints });
  }
}
