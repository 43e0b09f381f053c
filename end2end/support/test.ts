import { type BrowserContextOptions, type Page, expect, test as base } from '@playwright/test';
import axeCore from 'axe-core';
import { Server, type ServerOptions } from './server';

export { expect, type Page };
export { Server };

/** The people of the sample organisation, by what they may do. */
export type Role = 'owner' | 'editor' | 'stakeholder' | 'viewer';

declare global {
  interface Window {
    /** Where {@link axe} has looked. */
    axe: typeof axeCore;
  }
}

type StorageState = Exclude<BrowserContextOptions['storageState'], string | undefined>;

type WorkerFixtures = {
  /** A demo server, shared by the tests of a worker. */
  server: Server;
  /** Cookies of who has signed in already. */
  signedIn: Map<Role, StorageState>;
};

type TestFixtures = {
  /**
   * A browser of its own, signed in to the demo as that role. Every page of it is watched: a console error, an uncaught
   * exception or a failed request fails the test.
   */
  open: (role: Role, options?: BrowserContextOptions) => Promise<Page>;
  /** A server of its own for tests which stop it or need an empty one; closed when the test ends. */
  serve: (options?: ServerOptions) => Promise<Server>;
  /** A browser of its own for a server of `serve`, signed in nowhere and watched. */
  visit: (server: Server, options?: BrowserContextOptions) => Promise<Page>;
  /** Says which trouble a test brings about on purpose: a refused sign-in, a server that is gone. */
  expectTrouble: (pattern: RegExp) => void;
  trouble: Trouble;
};

/** What went wrong in the pages of a test. */
class Trouble {
  private readonly found: string[] = [];
  private readonly expected: RegExp[] = [];

  expect(pattern: RegExp): void {
    this.expected.push(pattern);
  }

  get unexpected(): string[] {
    return this.found.filter((what) => !this.expected.some((pattern) => pattern.test(what)));
  }

  watch(page: Page): void {
    page.on('console', (message) => {
      if (message.type() === 'error') this.found.push(`console: ${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => this.found.push(`exception: ${error.stack ?? error.message}`));
    page.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? '';
      // A page that is left gives up what it was still asking for, and the browser asks for the icon again by itself when the
      // address changes, without a network, too.
      if (reason !== 'net::ERR_ABORTED' && !request.url().endsWith('/icon.svg')) this.found.push(`request: ${request.method()} ${request.url()} ${reason}`);
    });
  }
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  server: [
    async ({}, use) => {
      const server = await Server.start({ demo: true });
      await use(server);
      await server.close();
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  signedIn: [async ({}, use) => use(new Map()), { scope: 'worker' }],

  baseURL: async ({ server }, use) => use(server.url),

  trouble: [
    async ({ server }, use, testInfo) => {
      const trouble = new Trouble();
      await use(trouble);
      if (testInfo.status !== testInfo.expectedStatus || trouble.unexpected.length > 0) {
        await testInfo.attach('server.log', { body: server.log, contentType: 'text/plain' });
      }
      expect(trouble.unexpected, 'nothing goes wrong in any page').toEqual([]);
      expect(panics(server), 'nothing panics in the server').toEqual([]);
    },
    { auto: true },
  ],

  expectTrouble: async ({ trouble }, use) => use((pattern) => trouble.expect(pattern)),

  page: async ({ page, trouble }, use) => {
    trouble.watch(page);
    await use(page);
  },

  visit: async ({ browser, trouble, contextOptions }, use) => {
    const contexts: Awaited<ReturnType<typeof browser.newContext>>[] = [];
    await use(async (server, options = {}) => {
      const context = await browser.newContext({ ...contextOptions, baseURL: server.url, ...options });
      contexts.push(context);
      context.on('page', (page) => trouble.watch(page));
      return context.newPage();
    });
    for (const context of contexts) await context.close();
  },

  open: async ({ server, signedIn, visit }, use) => {
    await use(async (role, options = {}) => {
      const storageState = signedIn.get(role);
      const page = await visit(server, { storageState, ...options });
      if (!storageState) {
        await signIn(page, role);
        signedIn.set(role, await page.context().storageState());
      }
      return page;
    });
  },

  serve: async ({}, use) => {
    const servers: Server[] = [];
    await use(async (options) => {
      const server = await Server.start(options);
      servers.push(server);
      return server;
    });
    for (const server of servers) await server.close();
    expect(servers.flatMap(panics), 'nothing panics in the server').toEqual([]);
  },
});

function panics(server: Server): string[] {
  return server.log.split('\n').filter((line) => line.includes(' panicked at '));
}

/** Signs in through the demo's button for that role. */
export async function signIn(page: Page, role: Role): Promise<void> {
  await page.goto('/sign-in');
  await hydrated(page);
  await page.getByRole('button', { name: new RegExp(`^${role}\\b`, 'i') }).click();
  await expect(page).not.toHaveURL(/\/sign-in/);
}

/** Waits until the page is alive: its WASM has taken over what the server rendered. */
export async function hydrated(page: Page): Promise<void> {
  await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
  if (await page.locator('#board').count()) {
    // Keys and dragging come with a part of the program that is loaded after that, and an item in full with another.
    await page.locator('#board[data-works][data-whole]').waitFor({ state: 'attached' });
  }
}

/** Nothing on the page stands in the way of assistive technology, as far as axe can tell; of all rules, or of some. */
export async function axe(page: Page, rules?: readonly string[]): Promise<void> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeCore.source);
  const found = await page.evaluate(async (rules) => {
    const runOnly = rules && { type: 'rule' as const, values: [...rules] };
    const { violations } = await window.axe.run({ resultTypes: ['violations'], ...(runOnly && { runOnly }) });
    return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary ?? help}`));
  }, rules);
  expect(found, 'axe finds nothing').toEqual([]);
}

/** Without motion, so that no colour is looked at on its way to another. */
export const STILL = { reducedMotion: 'reduce' } as const;

/** The rules of axe that colours decide. */
const COLOURS = ['color-contrast', 'link-in-text-block'] as const;

/** What a page looks like to axe in light, and its colours in dark: nothing else depends on those. */
export async function inBoth(page: Page): Promise<void> {
  const moves = await page.evaluate(() => !matchMedia('(prefers-reduced-motion: reduce)').matches);
  for (const colorScheme of ['light', 'dark'] as const) {
    await test.step(`${new URL(page.url()).pathname}, ${colorScheme}`, async () => {
      await page.emulateMedia({ colorScheme, ...STILL });
      await axe(page, colorScheme === 'dark' ? COLOURS : undefined);
    });
  }
  if (moves) await page.emulateMedia({ reducedMotion: 'no-preference' });
}

/** Opens a page and lets axe look at it in light and in dark. */
export async function look(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await hydrated(page);
  await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
  await inBoth(page);
}
