import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, type Page, chromium } from '@playwright/test';
import { Board, createProduct } from '../support/board';
import { expect, hydrated, signIn, test } from '../support/test';

// What a device keeps: a board opened before opens again without a server, and edits outlive the browser they were made in.

const PLAN = { Now: ['Alpha', 'Bravo', 'Charlie'], Next: ['Delta'] };
const GONE = /WebSocket|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_FAILED|Failed to load resource|Failed to fetch/;

/** Waits until the page and its files are kept. */
async function kept(page: Page): Promise<void> {
  await page.waitForFunction(async () => {
    const files = await caches.open('cairn-files');
    return (await caches.match(location.pathname)) !== undefined && (await files.keys()).length > 3;
  });
}

test('edits made without a server survive a killed browser and arrive once', async ({ serve, visit, contextOptions, launchOptions, expectTrouble }) => {
  test.setTimeout(90_000);
  expectTrouble(GONE);
  const server = await serve({ demo: true });
  const profile = await mkdtemp(join(tmpdir(), 'cairn-profile-'));
  const launch = (): Promise<BrowserContext> =>
    chromium.launchPersistentContext(profile, { ...contextOptions, ...launchOptions, baseURL: server.url });
  const first = await launch();
  const page = await first.newPage();
  await signIn(page, 'editor');
  const key = await createProduct(page, PLAN);
  const mine = await Board.open(page, key);
  await kept(page);
  const owner = await visit(server);
  await signIn(owner, 'owner');

  await server.kill();
  await expect(mine.state).toHaveAttribute('data-state', 'offline');
  await mine.link('Alpha').focus();
  await page.keyboard.press('Alt+ArrowDown');
  await page.keyboard.press('c');
  await page.keyboard.type('Thought of on the train');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  const after = { Now: ['Bravo', 'Alpha', 'Charlie', 'Thought of on the train'], Next: ['Delta'] };
  await mine.shows(after);
  await expect(mine.state).toHaveText('Offline – 2 changes kept on this device');
  // Who trusts no browser saves them as a file.
  const waiting = page.getByRole('complementary', { name: 'Changes that wait' });
  await expect(waiting).toContainText('2 changes not sent yet.');
  const [saved] = await Promise.all([page.waitForEvent('download'), waiting.getByRole('link', { name: 'Save as a file' }).click()]);
  expect(saved.suggestedFilename()).toBe(`cairn-${key}-not-sent.txt`);
  const text = await readFile((await saved.path())!, 'utf8');
  expect(text).toContain('- Move “Alpha”\n- Add “Thought of on the train”');
  expect(text).toContain('"move_items"');
  // No chance to say goodbye.
  execFileSync('pkill', ['-KILL', '-f', profile]);
  await first.close().catch(() => undefined);

  const second = await launch();
  const again = await second.newPage();
  await again.goto(`/p/${key}`);
  await hydrated(again);
  const reopened = new Board(again, key);
  await reopened.shows(after);
  await expect(reopened.state).toHaveText('Offline – 2 changes kept on this device');
  await reopened.link('Charlie').focus();
  await again.keyboard.press('Alt+Home');
  const last = { Now: ['Charlie', 'Bravo', 'Alpha', 'Thought of on the train'], Next: ['Delta'] };
  await reopened.shows(last);
  await expect(reopened.state).toHaveText('Offline – 3 changes kept on this device');

  // The session ended with the browser. What was edited waits for the person to come back.
  await second.clearCookies();
  await server.launch();
  await expect(reopened.state).toHaveText('Signed out – reload the page to sign in again');
  await again.reload();
  await expect(again).toHaveURL(/\/sign-in\?next=/);
  await signIn(again, 'editor');
  await again.goto(`/p/${key}`);
  await hydrated(again);
  await reopened.saved();
  await reopened.shows(last);
  const theirs = await Board.open(owner, key);
  await theirs.shows(last);
  // What is on the server is not sent a second time.
  await again.reload();
  await hydrated(again);
  await reopened.saved();
  await reopened.shows(last);
  await theirs.shows(last);

  await again.getByRole('button', { name: 'Sign out' }).click();
  await expect(again).toHaveURL(/\/sign-in/);
  expect(await again.evaluate(async () => (await caches.keys()).length)).toBe(0);
  await second.close();
  await rm(profile, { recursive: true, force: true });
});

test('what a closed tab left is sent by the next, and a living one is left alone', async ({ serve, visit, expectTrouble }) => {
  expectTrouble(GONE);
  const server = await serve({ demo: true });
  const page = await visit(server);
  await signIn(page, 'editor');
  const key = await createProduct(page, PLAN);
  const one = await Board.open(page, key);
  await kept(page);
  const two = await Board.open(await page.context().newPage(), key);
  await server.kill();
  await expect(one.state).toHaveAttribute('data-state', 'offline');
  await expect(two.state).toHaveAttribute('data-state', 'offline');
  await one.link('Alpha').focus();
  await page.keyboard.press('Alt+ArrowDown');
  await two.link('Delta').focus();
  await two.page.keyboard.press('Alt+ArrowLeft');
  await expect(one.state).toHaveText('Offline – 1 change kept on this device');
  await expect(two.state).toHaveText('Offline – 1 change kept on this device');
  await two.page.close();

  const three = new Board(await page.context().newPage(), key);
  await three.page.goto(`/p/${key}`);
  await hydrated(three.page);
  await expect(three.state).toHaveText('Offline – 1 change kept on this device');
  await three.shows({ Now: ['Delta', 'Alpha', 'Bravo', 'Charlie'], Next: [] });

  await server.launch();
  await one.saved();
  await three.saved();
  for (const board of [one, three]) {
    await board.shows({ Now: ['Delta', 'Bravo', 'Alpha', 'Charlie'], Next: [] });
  }
});

/** Waits until what can be taken back is kept. */
async function undoKept(page: Page, label: string): Promise<void> {
  const found = (): Promise<boolean> =>
    page.evaluate(
      (wanted) =>
        new Promise<boolean>((resolve) => {
          const opening = indexedDB.open('cairn');
          opening.onsuccess = () => {
            const all = opening.result.transaction('kept').objectStore('kept').getAll();
            all.onsuccess = () => resolve(all.result.some((text: string) => text.includes(wanted)));
          };
        }),
      label,
    );
  await expect.poll(found).toBe(true);
}

test('what was done before a reload can be taken back, but not what others made of it since', async ({ open }) => {
  const page = await open('editor');
  const key = await createProduct(page, PLAN);
  const mine = await Board.open(page, key);
  await mine.link('Alpha').focus();
  await page.keyboard.press('Alt+ArrowRight');
  await mine.shows({ Now: ['Bravo', 'Charlie'], Next: ['Alpha', 'Delta'] });
  await undoKept(page, 'Moved “Alpha” to Next');
  await page.reload();
  await hydrated(page);
  await mine.saved();
  await page.keyboard.press('Control+z');
  await mine.shows(PLAN);
  await page.keyboard.press('Control+Shift+Z');
  await mine.shows({ Now: ['Bravo', 'Charlie'], Next: ['Alpha', 'Delta'] });

  const theirs = await Board.open(await open('owner'), key);
  await theirs.link('Alpha').focus();
  await theirs.page.keyboard.press('Alt+ArrowRight');
  await theirs.saved();
  await mine.shows({ Next: ['Delta'], Later: ['Alpha'] });
  await page.keyboard.press('Control+z');
  await expect(page.locator('.toast').last()).toContainText('Can’t undo: “Alpha” has changed since.');
  await mine.shows({ Next: ['Delta'], Later: ['Alpha'] });
});
