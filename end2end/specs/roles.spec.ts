import { randomUUID } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { Board, createProduct } from '../support/board';
import { type Snapshot, snapshot, speak } from '../support/live';
import { type Page, expect, test } from '../support/test';

// Who may do what: by the interface, and past it.

const PLAN = { Now: ['Alpha', 'Bravo'], Next: ['Charlie'] };

type Known = { item: string; other: string; now: string; next: string; comment: string };

/** Everything that changes a roadmap, with the names of what is there; votes and own comments left out. */
function edits({ item, other, now, next, comment }: Known): unknown[] {
  return [
    { create_item: { id: randomUUID(), lane: now, place: 'last', fields: { title: 'Smuggled', kind: 'feature', status: 'proposed' } } },
    { set_item: { id: item, change: { title: 'Smuggled' } } },
    { set_item: { id: item, change: { description: 'Smuggled' } } },
    { set_item: { id: item, change: { owner: null } } },
    { set_item: { id: item, change: { add_tag: 'smuggled' } } },
    { move_items: { ids: [item], lane: next, place: 'first' } },
    { delete_items: { ids: [item, other] } },
    { create_lane: { id: randomUUID(), name: 'Smuggled', place: 'first' } },
    { rename_lane: { id: now, name: 'Smuggled' } },
    { move_lane: { id: now, place: 'last' } },
    { delete_lane: { id: now, move_to: next } },
    { delete_comment: { id: comment } },
    { edit_comment: { id: comment, body: 'Smuggled' } },
    { batch: { ops: [{ set_item: { id: item, change: { title: 'Smuggled' } } }] } },
  ];
}

/** A product with votes of three people and a comment, and what is in it. */
async function prepared(owner: Page, editor: Page): Promise<{ key: string; known: Known; before: Snapshot }> {
  const key = await createProduct(owner, PLAN);
  await owner.goto(`/p/${key}`);
  await editor.goto(`/p/${key}`);
  const { product, snapshot: plain } = await snapshot(owner, key);
  const item = (title: string) => plain.document.items.find(({ fields }) => fields.title === title)!.id;
  const lane = (name: string) => plain.document.lanes.find((lane) => lane.name === name)!.id;
  const comment = randomUUID();
  const known = { item: item('Alpha'), other: item('Bravo'), now: lane('Now'), next: lane('Next'), comment };
  const did = await speak(owner, product.roadmap, [
    { upvote: { item: known.item } },
    { add_comment: { id: comment, item: known.item, body: 'What the owner said.' } },
  ]);
  expect(did.outcomes.every((outcome) => 'accepted' in outcome), JSON.stringify(did)).toBe(true);
  await speak(editor, product.roadmap, [{ upvote: { item: known.item } }]);
  return { key, known, before: await snapshot(owner, key) };
}

test('a viewer finds nothing on the board that would change it', async ({ open }) => {
  const [owner, editor, viewer] = [await open('owner'), await open('editor'), await open('viewer')];
  const { key, before } = await prepared(owner, editor);
  const board = await Board.open(viewer, key);
  await board.shows(PLAN);
  for (const name of ['Add item', 'Add lane', 'Lane actions', 'Actions', /upvote/i]) {
    await expect(viewer.getByRole('button', { name })).toHaveCount(0);
  }
  await expect(board.card('Alpha').locator('[title=Upvotes]')).toContainText('2');

  await board.link('Alpha').focus();
  for (const keys of ['c', 'v', 'x', 'm', 'Delete', 'Alt+ArrowDown', 'Alt+ArrowRight', 'Control+z']) await viewer.keyboard.press(keys);
  await expect(viewer.getByRole('textbox', { name: 'Title of the new item' })).toHaveCount(0);
  await expect(viewer.getByRole('menu')).toHaveCount(0);
  await expect(viewer.getByRole('toolbar', { name: 'Selected cards' })).toHaveCount(0);
  const from = (await board.card('Alpha').boundingBox())!;
  await viewer.mouse.move(from.x + 60, from.y + 10);
  await viewer.mouse.down();
  await viewer.mouse.move(from.x + 400, from.y + 60, { steps: 4 });
  await expect(viewer.locator('.card--ghost')).toHaveCount(0);
  await viewer.mouse.up();

  const panel = await board.openItem('Bravo');
  await expect(panel.getByRole('textbox', { name: 'Title' })).not.toBeEditable();
  await expect(panel.getByRole('combobox')).toHaveCount(0);
  for (const name of ['Move to bin', 'Edit', 'Comment']) {
    await expect(panel.getByRole('button', { name, exact: true })).toHaveCount(0);
  }
  await expect(panel).not.toContainText('Upvotes');
  await board.shows(PLAN);
  expect((await snapshot(owner, key)).snapshot).toEqual(before.snapshot);

  await viewer.goto(`/p/${key}/import`);
  await expect(viewer.getByText('Editors and owners can import items.')).toBeVisible();
  await expect(viewer.locator('input[type=file]')).toHaveCount(0);
  await viewer.goto('/');
  await expect(viewer.getByRole('heading', { name: 'Home' })).toBeVisible();
  await expect(viewer.getByText('New product')).toHaveCount(0);
  await viewer.goto('/people');
  await expect(viewer.getByText('Owners invite people and set their roles.')).toBeVisible();
  await expect(viewer.getByRole('combobox')).toHaveCount(0);
});

test('a stakeholder votes and comments, and finds nothing else', async ({ open }) => {
  const [owner, editor, stakeholder] = [await open('owner'), await open('editor'), await open('stakeholder')];
  const { key } = await prepared(owner, editor);
  const [board, theirs] = [await Board.open(stakeholder, key), await Board.open(owner, key)];
  for (const name of ['Add item', 'Add lane', 'Lane actions', 'Actions']) {
    await expect(stakeholder.getByRole('button', { name, exact: true })).toHaveCount(0);
  }
  await board.card('Alpha').getByRole('button', { name: 'Upvote, 2 so far' }).click();
  await expect(theirs.card('Alpha').locator('.vote__count')).toHaveText('3');
  await board.link('Alpha').focus();
  await stakeholder.keyboard.press('Delete');
  await stakeholder.keyboard.press('Alt+ArrowDown');

  const panel = await board.openItem('Alpha');
  await expect(panel.getByRole('textbox', { name: 'Title' })).not.toBeEditable();
  await expect(panel.locator('.comment').getByRole('button', { name: /^(Edit|Delete)$/ }), 'the owner wrote this').toHaveCount(0);
  await panel.getByRole('textbox', { name: 'New comment in Markdown' }).fill('Please soon.');
  await panel.getByRole('button', { name: 'Comment', exact: true }).click();
  await theirs.openItem('Alpha');
  await expect(theirs.panel.locator('.comment')).toHaveCount(2);
  await expect(theirs.panel.locator('.comment').last()).toContainText('Ruth Okafor');
  await expect(theirs.panel.locator('.item-panel__voters')).toHaveText('Astrid Lunde, Mei Tanaka, Ruth Okafor');
  await panel.locator('.comment').last().getByRole('button', { name: 'Delete' }).click();
  await expect(theirs.panel.locator('.comment')).toHaveCount(1);
  await theirs.shows(PLAN);
});

for (const role of ['viewer', 'stakeholder'] as const) {
  test(`operations a ${role} sends past the interface are refused and change nothing`, async ({ open }) => {
    const [owner, editor, page] = [await open('owner'), await open('editor'), await open(role)];
    const { key, known, before } = await prepared(owner, editor);
    await page.goto(`/p/${key}`);
    const ops = edits(known);
    if (role === 'viewer') {
      ops.push({ upvote: { item: known.item } }, { add_comment: { id: randomUUID(), item: known.item, body: 'Smuggled' } });
    }
    const { welcome, outcomes } = await speak(page, before.product.roadmap, ops);
    expect(welcome?.role).toBe(role);
    expect(outcomes).toHaveLength(ops.length);
    outcomes.forEach((outcome, index) => {
      const why = JSON.stringify(ops[index]);
      expect(outcome, why).toHaveProperty('refused');
      const own = why.startsWith('{"edit_comment"') || why.startsWith('{"delete_comment"');
      if (!(own && role === 'stakeholder')) expect(outcome, why).toEqual({ refused: { not_allowed: role } });
    });
    const after = await snapshot(owner, key);
    expect(after.snapshot, 'the document and its log are as they were').toEqual(before.snapshot);

    const refused = async (path: string, body: object) => {
      const answer = await page.request.post(path, body);
      expect(answer.status(), path).toBe(403);
      expect(await answer.text(), path).toMatch(/[A-Z][^.]+\./);
    };
    await refused('/api/run_import', { data: { key, text: 'Title\nSmuggled\n', mapping: { Title: 'title' } } });
    await refused('/api/create_product', { form: { key: 'SMUGGLED', name: 'Smuggled', kind: 'service', stage: 'growth', purpose: '' } });
    await refused('/api/invite', { form: { kind: 'personal', names: '', role: 'owner', uses: '', days: '' } });
    await refused('/api/set_role', { form: { user: after.members.find(({ name }) => name === 'Oskar Nyman')!.id, role: 'owner' } });
    expect((await snapshot(owner, key)).snapshot).toEqual(before.snapshot);
  });
}

test('a stakeholder is never told who else voted', async ({ open }) => {
  const [owner, editor, stakeholder] = [await open('owner'), await open('editor'), await open('stakeholder')];
  const { key, known, before } = await prepared(owner, editor);
  const ids = [before.user, before.members.find(({ name }) => name === 'Mei Tanaka')!.id];
  expect(before.snapshot.document.votes?.[known.item]?.voters?.toSorted(), 'the owner sees both').toEqual(ids.toSorted());

  await stakeholder.goto(`/p/${key}`);
  const roadmap = before.product.roadmap;
  const { outcomes } = await speak(stakeholder, roadmap, [{ upvote: { item: known.item } }]);
  expect(outcomes[0]).toHaveProperty('accepted');
  const seen = await snapshot(stakeholder, key);
  expect(seen.snapshot.document.votes?.[known.item]).toEqual({ count: 3, voters: [seen.user] });

  // Votes that come over the live channel while one listens.
  const { entries } = await speak(stakeholder, roadmap, [], 1);
  const votes = entries.filter((entry) => JSON.stringify(entry).includes('"upvote"')) as { actor: string; client: string; cseq: number }[];
  expect(votes).toHaveLength(3);
  const own = votes.filter(({ actor }) => actor === seen.user);
  expect(own).toHaveLength(1);
  for (const vote of votes.filter((vote) => !own.includes(vote))) {
    expect([vote.actor, vote.client, vote.cseq]).toEqual(['00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000', 0]);
  }

  // Neither does the page that the server renders, nor the history, tell it.
  await stakeholder.goto(`/p/${key}/i/${key}-1`);
  await expect(stakeholder.locator('aside.item-panel .item-panel__voters')).toHaveCount(0);
  const history = await stakeholder.request.post('/api/history', { data: { roadmap, before: null, item: null } });
  const { lines } = (await history.json()) as { lines: { actor: string; changes: unknown[] }[] };
  const told = lines.filter((line) => JSON.stringify(line.changes).includes('"upvoted"') && line.actor !== seen.user);
  expect(told.filter(({ actor }) => ids.includes(actor))).toEqual([]);
});

test('only pages of the very same origin reach the live channel, and only members', async ({ open, server, visit, expectTrouble }) => {
  const editor = await open('editor');
  const cookies = await editor.context().cookies();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  const upgrade = (origin: string | undefined) =>
    new Promise<number>((resolve, reject) => {
      const headers: Record<string, string> = {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': Buffer.from('sixteen bytes ok').toString('base64'),
        Cookie: cookie,
      };
      if (origin !== undefined) headers.Origin = origin;
      const asked = request(`${server.url}/live`, { headers });
      asked.on('upgrade', (answer: IncomingMessage, socket) => {
        socket.destroy();
        resolve(answer.statusCode ?? 0);
      });
      asked.on('response', (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      asked.on('error', reject);
      asked.end();
    });
  expect(await upgrade(server.url)).toBe(101);
  expect(await upgrade('https://evil.example')).toBe(403);
  expect(await upgrade(server.url.replace('http:', 'https:').replace('127.0.0.1', 'localhost'))).toBe(403);
  expect(await upgrade(`${server.url}0`)).toBe(403);
  expect(await upgrade('null')).toBe(403);
  expect(await upgrade(undefined)).toBe(403);

  // A form of another site.
  const foreign = await editor.request.post('/api/create_product', {
    headers: { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' },
    form: { key: 'EVIL', name: 'Evil', kind: 'service', stage: 'growth', purpose: '' },
  });
  expect(foreign.status()).toBe(403);

  expectTrouble(/WebSocket/);
  const stranger = await visit(server);
  await stranger.goto('/sign-in');
  const { snapshot: plain } = await snapshot(editor, 'ERP');
  const spoken = await speak(stranger, plain.roadmap, [{ upvote: { item: plain.document.items[0]!.id } }]);
  expect(spoken.welcome).toBeUndefined();
  expect(spoken.entries).toEqual([]);
  expect(spoken.closed).toBeDefined();
});
