import { type Locator, type Page, expect } from '@playwright/test';
import { STILL, hydrated } from './test';

/** A phone held upright. */
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, ...STILL } as const;

/** What a set-up form says beside the usual. */
export type Draft = Record<string, string>;

/** Sets a session up as the person of that page, with these items, and opens it. Returns its path. */
export async function openSession(page: Page, key: string, numbers: number[], draft: Draft = {}): Promise<string> {
  return saveSession(page, key, numbers, draft, true);
}

/** The same, opened or not. */
export async function saveSession(page: Page, key: string, numbers: number[], draft: Draft, open: boolean): Promise<string> {
  const said = { title: 'Next quarter', mode: 'dots', tokens: '5', secrecy: 'sealed', reveal: 'at_close', audience: 'everybody', guests: 'on', ...draft };
  const form = new URLSearchParams({ open: String(open) });
  for (const [name, value] of Object.entries(said)) if (value !== '') form.append(`draft[${name}]`, value);
  for (const number of numbers) form.append('draft[items][]', `${key}-${number}`);
  const answer = await page.request.post('/api/save_voting', {
    data: form.toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  expect(answer.status(), await answer.text()).toBe(200);
  return (await answer.json()) as string;
}

/** Does something to a session as the person of that page. */
export async function run(page: Page, what: 'close_voting' | 'reveal_voting', path: string): Promise<void> {
  const answer = await page.request.post(`/api/${what}`, { form: { id: path.split('/')[2] ?? '' } });
  expect(answer.status(), await answer.text()).toBe(200);
}

/** A session's page in one browser. */
export class Ballot {
  constructor(readonly page: Page) {}

  static async open(page: Page, path: string): Promise<Ballot> {
    await page.goto(path);
    await hydrated(page);
    return new Ballot(page);
  }

  get form(): Locator {
    return this.page.locator('form.ballot');
  }

  get left(): Locator {
    return this.page.locator('.ballot__left');
  }

  get titles(): Locator {
    return this.page.locator('.ballot__title');
  }

  get receipt(): Locator {
    return this.page.locator('.proof__receipt code');
  }

  get state(): Locator {
    return this.page.locator('.proof__state');
  }

  get refusal(): Locator {
    return this.form.getByRole('alert');
  }

  /** What is said to those who listen to the page. */
  get said(): Locator {
    return this.page.locator('p[role=status].visually-hidden');
  }

  line(title: string): Locator {
    return this.page.locator('.ballot__line').filter({ has: this.page.getByText(title, { exact: true }) });
  }

  more(title: string): Locator {
    return this.page.getByRole('button', { name: `More for ${title}` });
  }

  number(title: string): Locator {
    return this.page.getByRole('spinbutton', { name: `For ${title}` });
  }

  place(title: string): Locator {
    return this.page.getByRole('combobox', { name: `Place of ${title}` });
  }

  get button(): Locator {
    return this.form.locator('.ballot__cast');
  }

  async cast(): Promise<void> {
    await this.button.click();
    await expect(this.state).toContainText('Your ballot is cast.');
  }
}

/** Presses `Tab` until something has the focus, as somebody without a mouse does. */
export async function tabTo(page: Page, what: Locator): Promise<void> {
  for (let presses = 0; presses < 120; presses += 1) {
    if (await what.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('Tab does not lead there');
}
