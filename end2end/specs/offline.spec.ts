import { Board, createProduct } from '../support/board';
import { hydrated, signIn } from '../support/test';
import { type Page, type Server, expect, test } from '../support/test';

// The page loses its server, says so, keeps what is edited, and brings it back.

const PLAN = { Now: ['Alpha', 'Bravo', 'Charlie'], Next: ['Delta'] };

type Ours = { server: Server; mine: Board; theirs: Board };

/** A server of its own with two people on one board. */
async function start(serve: (options: { demo: boolean }) => Promise<Server>, visit: (server: Server) => Promise<Page>): Promise<Ours> {
  const server = await serve({ demo: true });
  const [editor, owner] = [await visit(server), await visit(server)];
  await signIn(editor, 'editor');
  await signIn(owner, 'owner');
  const key = await createProduct(editor, PLAN);
  const [mine, theirs] = await Promise.all([Board.open(editor, key), Board.open(owner, key)]);
  return { server, mine, theirs };
}

const GONE = /WebSocket|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INTERNET_DISCONNECTED|Failed to load resource/;

test('edits made while the server is gone arrive once it is back, each once', async ({ serve, visit, expectTrouble }) => {
  expectTrouble(GONE);
  const { server, mine, theirs } = await start(serve, visit);
  await server.kill();
  await expect(mine.state).toHaveAttribute('data-state', 'offline');
  await expect(mine.state).toHaveText('Offline – trying to reconnect');
  await mine.link('Alpha').focus();
  await mine.page.keyboard.press('Alt+ArrowDown');
  await mine.shows({ Now: ['Bravo', 'Alpha', 'Charlie'] });
  await expect(mine.state).toHaveText('Offline – 1 change kept on this device');
  await mine.page.keyboard.press('c');
  await mine.page.keyboard.type('Written without a server');
  await mine.page.keyboard.press('Enter');
  await mine.page.keyboard.press('Escape');
  await mine.card('Delta').getByRole('button', { name: /^Upvote/ }).click();
  await expect(mine.state).toHaveText('Offline – 3 changes kept on this device');
  await expect(mine.state).toHaveAttribute('data-state', 'offline');
  await theirs.shows(PLAN);

  await server.launch();
  await mine.saved();
  await expect(mine.toast.filter({ hasText: 'offline' })).toContainText('3 changes made offline: all saved.');
  const after = { Now: ['Bravo', 'Alpha', 'Charlie', 'Written without a server'], Next: ['Delta'] };
  await mine.shows(after);
  await theirs.saved();
  await theirs.shows(after);
  await expect(theirs.card('Delta').locator('.vote__count')).toHaveText('1');
  await theirs.page.reload();
  await theirs.shows(after);

  // The same page goes on as if nothing had happened.
  await mine.link('Charlie').focus();
  await mine.page.keyboard.press('Alt+Home');
  await theirs.shows({ Now: ['Charlie', 'Bravo', 'Alpha', 'Written without a server'] });
});

test('a server that stops in order says goodbye, and its pages come back by themselves', async ({ serve, visit, expectTrouble }) => {
  expectTrouble(GONE);
  const { server, mine, theirs } = await start(serve, visit);
  await server.stop();
  await expect(mine.state).toHaveAttribute('data-state', 'offline');
  await expect(theirs.state).toHaveAttribute('data-state', 'offline');
  await theirs.link('Bravo').focus();
  await theirs.page.keyboard.press('Alt+ArrowRight');
  await server.launch();
  await mine.shows({ Now: ['Alpha', 'Charlie'], Next: ['Delta', 'Bravo'] });
  await mine.saved();
  await theirs.saved();
});

test('a change that cannot be kept any more goes back and says why', async ({ serve, visit, expectTrouble }) => {
  expectTrouble(GONE);
  const { server, mine, theirs } = await start(serve, visit);
  // The other page stays away longer: its edit is decided second.
  await server.kill();
  await expect(mine.state).toHaveAttribute('data-state', 'offline');
  await mine.page.context().setOffline(true);
  await mine.link('Bravo').focus();
  await mine.page.keyboard.press('Alt+ArrowUp');
  await mine.shows({ Now: ['Bravo', 'Alpha', 'Charlie'] });
  await server.launch();
  await theirs.saved();
  await theirs.link('Bravo').focus();
  await theirs.page.keyboard.press('Delete');
  await theirs.shows({ Now: ['Alpha', 'Charlie'] });
  await theirs.saved();
  await expect(mine.state).toHaveText('Offline – 1 change kept on this device');

  await mine.page.context().setOffline(false);
  await mine.saved();
  await mine.shows({ Now: ['Alpha', 'Charlie'] });
  const refusal = mine.page.locator('.toast--error');
  await expect(refusal).toHaveCount(1);
  await expect(refusal).toContainText('1 change made offline: 0 saved, 1 to review.');
  const needs = mine.page.getByRole('complementary', { name: 'Review changes' });
  await expect(needs).toContainText('“Bravo” ');
  await theirs.shows({ Now: ['Alpha', 'Charlie'], Next: ['Delta'] });
  await mine.page.reload();
  await mine.shows({ Now: ['Alpha', 'Charlie'], Next: ['Delta'] });

  // It is not forgotten before it is dealt with.
  await hydrated(mine.page);
  const left = mine.page.getByRole('complementary', { name: 'Review changes' });
  await expect(left).toContainText('1 change was not saved');
  await expect(left).toContainText('Move “Bravo”');
  await left.getByRole('button', { name: 'Restore and reapply' }).click();
  await expect(left).toBeHidden();
  await mine.saved();
  const again = { Now: ['Bravo', 'Alpha', 'Charlie'], Next: ['Delta'] };
  await mine.shows(again);
  await theirs.shows(again);
});

test('without a network the page says so, keeps edits, and sends them afterwards', async ({ serve, visit, expectTrouble }) => {
  expectTrouble(GONE);
  const { mine, theirs } = await start(serve, visit);
  await mine.page.context().setOffline(true);
  await expect(mine.state).toHaveAttribute('data-state', 'offline');
  await mine.link('Alpha').focus();
  await mine.page.keyboard.press('Alt+ArrowDown');
  await mine.shows({ Now: ['Bravo', 'Alpha', 'Charlie'] });
  await expect(mine.state).toHaveAttribute('data-state', 'offline');
  await mine.page.context().setOffline(false);
  await mine.saved();
  await theirs.shows({ Now: ['Bravo', 'Alpha', 'Charlie'], Next: ['Delta'] });
});

test('whoever is removed or demoted is told at once', async ({ serve, visit, expectTrouble }) => {
  expectTrouble(/WebSocket|status of 40[13]/);
  const { mine, theirs } = await start(serve, visit);
  const people = theirs.page;
  await people.goto('/people');
  await hydrated(people);
  await people.getByRole('combobox', { name: 'Role of Mei Tanaka' }).selectOption('viewer');
  await expect(people.locator('.toast')).toContainText('Mei Tanaka is now viewer.');
  await expect(mine.page.getByRole('button', { name: 'Add lane' })).toHaveCount(0);
  await mine.saved();
  await mine.shows(PLAN);

  await people.getByRole('button', { name: 'Remove Mei Tanaka' }).click();
  await people.getByRole('button', { name: 'Remove Mei Tanaka' }).click();
  await expect(people.locator('.toast')).toContainText('Mei Tanaka was removed and signed out.');
  await expect(mine.state).toHaveAttribute('data-state', 'offline');
  await mine.page.reload();
  await expect(mine.page).toHaveURL(/\/sign-in\?next=/);
});

// The server itself is on a full disk in the drill `disk`; here its words are put in its place.
test('a server whose disk is full says so, and nothing looks saved until there is space', async ({ serve, visit, expectTrouble }) => {
  expectTrouble(GONE);
  const server = await serve({ demo: true });
  const page = await visit(server);
  const words = "The server's disk is full. Your changes are kept here and saved as soon as there is space.";
  let full = false;
  await page.routeWebSocket(/\/live/, (socket) => {
    const behind = socket.connectToServer();
    socket.onMessage((message) => {
      if (full && `${message}`.startsWith('{"push"')) {
        socket.send(JSON.stringify({ bye: { reason: words, retry_ms: 500 } }));
        void socket.close({ code: 1013 });
      } else {
        behind.send(message);
      }
    });
  });
  await signIn(page, 'editor');
  const key = await createProduct(page, PLAN);
  const mine = await Board.open(page, key);
  full = true;
  await mine.link('Alpha').focus();
  await page.keyboard.press('Alt+ArrowDown');
  await expect(page.getByText(words)).toBeVisible();
  await mine.shows({ Now: ['Bravo', 'Alpha', 'Charlie'] });
  await expect(mine.state).not.toHaveText(/saved/i);
  full = false;
  await mine.saved();
  await page.reload();
  await mine.shows({ Now: ['Bravo', 'Alpha', 'Charlie'] });
});
