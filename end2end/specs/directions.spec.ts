import { randomUUID } from 'node:crypto';
import { Board, runImport } from '../support/board';
import { snapshot, speak } from '../support/live';
import { type Page, type Server, expect, hydrated, test } from '../support/test';
import { Ballot, openSession, run, saveSession } from '../support/voting';

// What people write in Hebrew or Arabic runs from right to left wherever it stands, and the page around it does not.

const KEY = 'RTL';
const WORKSPACE = 'קבוצת הנמל';
const OWNER = 'אסתר כהן';
const VIEWER = 'דנה לוי';
const INVITED = 'محمد علي';
const GUEST = 'عمر حداد';
const CUSTOMER = 'مزرعة الوادي';
const SOURCE = 'שיחה מאתמול';
const PRODUCT = 'מערכת ההזמנות';
const PURPOSE = 'כל ההזמנות של הקבוצה';
const LANE = 'בקרוב';
const RENAMED = 'הרבעון';
const FAR = 'مستقبل';
const ITEM = 'חיפוש מהיר';
const OTHER = 'وضع داكن';
const GONE = 'מצב לא מקוון';
const TAG = 'אבטחה';
const DESCRIPTION = 'תיאור קצר';
const REWRITTEN = 'תיאור ארוך יותר';
const COMMENT = 'תגובה ראשונה';
const BASELINE = 'תוכנית הסתיו';
const SEGMENT = 'מחסנים';
const SESSION = 'מה קודם?';
const QUESTION = 'מה עוזר לכם ברבעון הבא?';
const SECOND = 'ما التالي؟';
const DRAFT = 'טיוטה';

/** What a page shows in these scripts, and what of it takes its direction from the text around it. */
async function foreign(page: Page): Promise<{ texts: string[]; wrong: string[] }> {
  return page.evaluate(() => {
    const letters = /\p{Script=Hebrew}|\p{Script=Arabic}/u;
    /** Whether the element, or what it stands in up to its block, finds its direction by itself. */
    const isDirected = (element: Element): boolean => {
      for (let at: Element | null = element; at; at = at.parentElement) {
        const { display, unicodeBidi } = getComputedStyle(at);
        if (at.getAttribute('dir') === 'auto' || at.matches('bdi') || unicodeBidi === 'plaintext') return true;
        if (display !== 'inline' && display !== 'contents') return false;
      }
      return false;
    };
    const [texts, wrong]: [string[], string[]] = [[], []];
    const look = (element: Element, text: string) => {
      if (!letters.test(text)) return;
      texts.push(text);
      if (!isDirected(element)) wrong.push(`<${element.tagName.toLowerCase()} class="${element.className}">${text.trim()}`);
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode as Text;
      const element = text.parentElement;
      // What nobody sees has no direction, and what a field holds is looked at below.
      if (element && !element.closest('script, style, noscript, textarea, .visually-hidden')) look(element, text.data);
    }
    for (const field of document.querySelectorAll<HTMLInputElement>('input:not([type=hidden]), textarea')) look(field, field.value);
    return { texts, wrong };
  });
}

/** These texts are on the page that is open, and each text of people has a direction of its own. */
async function reads(page: Page, what: string, expected: string[]): Promise<void> {
  await test.step(what, async () => {
    const missing = async () => {
      const { texts } = await foreign(page);
      return expected.filter((text) => !texts.some((found) => found.includes(text)));
    };
    await expect.poll(missing, `${what}: what people wrote is shown`).toEqual([]);
    expect.soft((await foreign(page)).wrong, `${what}: each text finds its own direction`).toEqual([]);
  });
}

async function at(page: Page, path: string, expected: string[]): Promise<void> {
  await page.goto(path);
  await hydrated(page);
  await reads(page, path, expected);
}

async function post(page: Page, what: string, form: Record<string, string>): Promise<void> {
  const answer = await page.request.post(`/api/${what}`, { form });
  expect(answer.status(), await answer.text()).toBe(200);
}

/** A workspace with one product, and its owner's page. */
async function found(server: Server, visit: (server: Server) => Promise<Page>): Promise<Page> {
  const owner = await visit(server);
  await post(owner, 'set_up', { workspace: WORKSPACE, name: OWNER, email: 'ester@port.example', password: 'correct horse battery' });
  await post(owner, 'create_product', { key: KEY, name: PRODUCT, kind: 'service', stage: 'growth', purpose: PURPOSE });
  const rows = [['Title', 'Lane', 'Tags', 'Description'], [ITEM, LANE, TAG, DESCRIPTION], [OTHER, 'Now', '', ''], [GONE, 'Now', '', '']];
  const mapping = { Title: 'title', Lane: 'lane', Tags: 'tags', Description: 'description' };
  await runImport(owner, KEY, rows.map((row) => row.join(',')).join('\n'), mapping);
  const { snapshot: { head } } = await snapshot(owner, KEY);
  await post(owner, 'name_baseline', { key: KEY, seq: String(head), name: BASELINE });
  return owner;
}

/** Lets somebody in by a link, and leaves another link open. */
async function letIn(owner: Page, visit: () => Promise<Page>): Promise<Page> {
  const form = { kind: 'personal', names: `${VIEWER}\n${INVITED}`, role: 'viewer', uses: '', days: '7' };
  const made = await owner.request.post('/api/invite', { form });
  expect(made.status(), await made.text()).toBe(200);
  const [first] = (await made.json()) as { link: string }[];
  const viewer = await visit();
  await viewer.goto(first!.link);
  await hydrated(viewer);
  await reads(viewer, 'an invitation', [WORKSPACE, OWNER, VIEWER]);
  await viewer.getByLabel('E-mail').fill('dana@port.example');
  await viewer.getByLabel('Password').fill('another good one');
  await viewer.getByRole('button', { name: 'Join' }).click();
  await expect(viewer).not.toHaveURL(/\/invite\//);
  return viewer;
}

/** Changes of every kind that history tells in words of people. */
async function change(owner: Page): Promise<void> {
  await owner.goto('/');
  const { product, members, snapshot: { document } } = await snapshot(owner, KEY);
  const item = (title: string) => document.items.find(({ fields }) => fields.title === title)!.id;
  const lane = (name: string) => document.lanes.find((lane) => lane.name === name)!.id;
  const { outcomes } = await speak(owner, product.roadmap, [
    { upvote: { item: item(ITEM) } },
    { add_comment: { id: randomUUID(), item: item(ITEM), body: COMMENT } },
    { set_item: { id: item(ITEM), change: { owner: members.find(({ name }) => name === VIEWER)!.id } } },
    { set_item: { id: item(ITEM), change: { description: REWRITTEN } } },
    { move_items: { ids: [item(OTHER)], lane: lane(LANE), place: 'last' } },
    { rename_lane: { id: lane(LANE), name: RENAMED } },
    { rename_lane: { id: lane('Later'), name: FAR } },
    { delete_items: { ids: [item(GONE)] } },
  ]);
  expect(outcomes.every((outcome) => 'accepted' in outcome), JSON.stringify(outcomes)).toBe(true);
}

test('texts from right to left have their own direction on every page', async ({ serve, visit }) => {
  test.setTimeout(180_000);
  const server = await serve();
  const owner = await found(server, visit);
  const viewer = await letIn(owner, () => visit(server));
  await change(owner);
  await at(await visit(server), '/sign-in', [WORKSPACE]);

  // Groups, and a vote that members, a guest and a customer take part in.
  await post(owner, 'save_segment', { kind: 'department', name: SEGMENT, weight: '2' });
  await at(owner, '/segments', [SEGMENT, OWNER, VIEWER]);
  await owner.getByRole('combobox', { name: `Department of ${OWNER}` }).selectOption({ label: SEGMENT });
  await owner.locator('.segments__people').getByRole('button', { name: 'Save', exact: true }).click();
  await expect(owner.locator('.segments__segment')).toContainText('1 member');
  const first = await openSession(owner, KEY, [1, 2], { title: SESSION, question: QUESTION, split: 'department' });
  const id = first.split('/')[2]!;
  const ballot = await Ballot.open(owner, first);
  await ballot.more(ITEM).click();
  await ballot.cast();
  await owner.request.post('/api/make_entry', { data: { id, name: GUEST, segment: null } });
  await owner.goto(`${first}/customer`);
  await hydrated(owner);
  await owner.getByLabel('Customer').fill(CUSTOMER);
  await owner.getByLabel('Source').fill(SOURCE);
  await reads(owner, 'a ballot for a customer', [SESSION, CUSTOMER, SOURCE, SEGMENT, ITEM, OTHER]);
  await ballot.more(OTHER).click();
  await ballot.more(OTHER).click();
  await ballot.button.click();
  await expect(owner).toHaveURL(new RegExp(`${first}$`));
  await at(owner, first, [SESSION, QUESTION, ITEM, OTHER, OWNER, GUEST, CUSTOMER, SOURCE, SEGMENT]);
  await run(owner, 'close_voting', first);
  await at(owner, `${first}/results`, [SESSION, QUESTION, ITEM, OTHER, SEGMENT]);
  await at(owner, `${first}/present`, [SESSION, QUESTION, ITEM, OTHER]);
  const order = await owner.request.post('/api/take_order', { data: { id, despite_quorum: false } });
  expect(order.status(), await order.text()).toBe(200);

  // A second one is under way, and a third is being set up.
  const second = await openSession(owner, KEY, [1, 2], { title: SECOND, secrecy: 'open' });
  await at(owner, '/', [WORKSPACE, OWNER, PRODUCT, PURPOSE, SECOND]);
  await at(owner, '/voting', [SESSION, SECOND]);
  await at(owner, `/p/${KEY}/voting`, [PRODUCT, SESSION, SECOND]);
  await Ballot.open(owner, second);
  await ballot.more(ITEM).click();
  await ballot.cast();
  await at(owner, `${second}/present`, [SECOND, ITEM, OTHER]);
  const draft = await saveSession(owner, KEY, [1, 2], { title: DRAFT, question: QUESTION }, false);
  await at(owner, draft, [DRAFT, QUESTION, ITEM, OTHER]);
  await at(owner, `${draft}/setup`, [DRAFT, QUESTION, ITEM, OTHER, PRODUCT, RENAMED, SEGMENT]);

  // The board and what opens over it.
  const board = await Board.open(owner, KEY);
  await reads(owner, 'the board', [WORKSPACE, OWNER, VIEWER, PRODUCT, RENAMED, FAR, ITEM, OTHER, TAG, SECOND]);
  const panel = await board.openItem(ITEM);
  await panel.getByRole('button', { name: 'History' }).click();
  await reads(owner, 'an item', [ITEM, VIEWER, REWRITTEN, DESCRIPTION, COMMENT, SESSION, TAG]);
  await panel.getByRole('button', { name: 'Edit', exact: true }).first().click();
  await expect(panel.getByRole('textbox', { name: 'Description in Markdown' })).toHaveValue(REWRITTEN);
  await reads(owner, 'a description that is being written', [REWRITTEN]);
  await panel.getByRole('button', { name: 'Done' }).click();
  await panel.getByRole('link', { name: 'Close' }).click();
  await board.card(OTHER).hover();
  await board.card(OTHER).getByRole('button', { name: 'Actions' }).click();
  await reads(owner, 'the menu of a card', [FAR]);
  await owner.getByRole('menuitem', { name: FAR }).click();
  await reads(owner, 'a notice', [`Moved “${OTHER}” to ${FAR}`]);
  await board.saved();

  // What is around the board.
  await at(owner, `/p/${KEY}/history`, [PRODUCT, OWNER, VIEWER, ITEM, OTHER, GONE, RENAMED, COMMENT, REWRITTEN, `Reason: Result of the vote “${SESSION}”`]);
  const { snapshot: { head } } = await snapshot(owner, KEY);
  await owner.goto(`/p/${KEY}/past`);
  await owner.getByRole('link', { name: BASELINE }).click();
  await hydrated(owner);
  await reads(owner, 'the past', [PRODUCT, BASELINE, LANE, RENAMED, FAR, ITEM, OTHER, GONE, TAG, OWNER, DESCRIPTION, REWRITTEN]);
  await at(owner, `/p/${KEY}/past?at=${head}`, [OWNER, ITEM]);
  await at(owner, `/p/${KEY}/bin`, [PRODUCT, GONE, OWNER]);
  await at(owner, `/p/${KEY}/settings`, [PRODUCT, PURPOSE]);
  await at(viewer, `/p/${KEY}/settings`, [PRODUCT, PURPOSE]);
  await at(viewer, `/p/${KEY}/i/${KEY}-1`, [ITEM, VIEWER, REWRITTEN, COMMENT, RENAMED]);
  await viewer.close();
  await at(owner, '/account', [OWNER]);

  // The second result stands beside the first.
  await run(owner, 'close_voting', second);
  await at(owner, `${second}/results?compare=${id}`, [SECOND, SESSION, ITEM, OTHER]);

  await at(owner, '/people', [OWNER, VIEWER, INVITED]);
  const { members } = await snapshot(owner, KEY);
  await post(owner, 'remove_member', { user: members.find(({ name }) => name === VIEWER)!.id });
  await at(owner, '/people', [OWNER, VIEWER, INVITED]);
  await post(owner, 'archive_product', { key: KEY, archived: 'true' });
  await at(owner, '/', [PRODUCT]);
});

test('a file from right to left is shown as it is before it is imported', async ({ serve, visit }) => {
  const server = await serve();
  const owner = await found(server, visit);
  await owner.goto(`/p/${KEY}/import`);
  await hydrated(owner);
  const headers = { title: 'כותרת', lane: 'שלב', owner: 'אחראי', end: 'סוף' };
  const row = ['פריט חדש', 'שלב חדש', 'משה', 'מחר'];
  const text = [Object.values(headers), row].map((cells) => cells.join(',')).join('\n');
  await owner.locator('#import-file').setInputFiles({ name: 'רשימה.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  for (const [target, header] of Object.entries(headers)) {
    await owner.getByRole('combobox', { name: `Import ${header} as`, exact: true }).selectOption(target);
  }
  await expect(owner.getByRole('button', { name: 'Import 1 item' })).toBeEnabled();
  await reads(owner, 'the preview of an import', [PRODUCT, 'רשימה.csv', ...Object.values(headers), ...row]);
  await owner.getByText('Paste text instead').click();
  await owner.getByLabel(/^Comma-separated text/).fill(text);
  await reads(owner, 'a text that was pasted', [text]);
  await owner.getByRole('button', { name: 'Import 1 item' }).click();
  await expect(owner.getByRole('heading', { name: '1 item added' })).toBeVisible();
  await reads(owner, 'what was imported', [PRODUCT, 'מחר']);
});
