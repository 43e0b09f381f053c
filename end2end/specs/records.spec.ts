import type { Locator, WebSocketRoute } from '@playwright/test';
import { type Page, axe, expect, hydrated, test } from '../support/test';

// Records: teams made, changed by two at once, undone, moved to the bin and restored.

function row(page: Page, name: string): Locator {
  return page.locator('.records__table tbody tr').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
}

/** What a team has in a column, without the form beside it. */
function cell(page: Page, name: string, label: string): Locator {
  return row(page, name).locator(`td[data-label="${label}"]`);
}

function fresh(): string {
  return `Team ${Math.random().toString(36).slice(2, 8)}`;
}

async function openTeams(page: Page): Promise<void> {
  await page.goto('/teams');
  await hydrated(page);
}

test('a team is made, others see it at once, and what two change merges', async ({ open }) => {
  const [editor, owner] = [await open('editor'), await open('owner')];
  const name = fresh();
  await openTeams(owner);
  await openTeams(editor);
  await axe(editor);
  await editor.getByText('New team', { exact: true }).click();
  const form = editor.locator('.records__new form');
  await form.getByLabel('Name', { exact: true }).fill(name);
  await form.getByLabel('Lead').selectOption({ label: 'Mei Tanaka' });
  await form.getByRole('checkbox', { name: 'Ruth Okafor' }).check();
  await form.getByRole('button', { name: /^Create / }).click();
  await expect(cell(editor, name, 'Lead')).toHaveText('Mei Tanaka');
  await expect(cell(owner, name, 'Members')).toHaveText('Ruth Okafor');

  // Both have the form open as it was; each changes another field.
  await row(editor, name).locator('summary').click();
  await row(owner, name).locator('summary').click();
  await row(editor, name).getByLabel('Disciplines').fill('Rust');
  await row(editor, name).getByRole('button', { name: 'Save', exact: true }).click();
  await expect(cell(editor, name, 'Disciplines')).toHaveText('Rust');
  await row(owner, name).getByLabel('Lead').selectOption({ label: 'Astrid Lunde' });
  await row(owner, name).getByLabel('Reason').fill('Mei moves on');
  await row(owner, name).getByRole('button', { name: 'Save', exact: true }).click();
  await expect(cell(owner, name, 'Disciplines')).toHaveText('Rust');
  await expect(cell(owner, name, 'Lead')).toHaveText('Astrid Lunde');
  await expect(cell(editor, name, 'Lead')).toHaveText('Astrid Lunde');

  await row(editor, name).getByRole('link', { name: `History of ${name}` }).click();
  const events = editor.locator('.records__event');
  await expect(events.first()).toContainText('lead: Mei Tanaka → Astrid Lunde');
  await expect(events.first()).toContainText('Reason: Mei moves on');
  await axe(editor);
  await events.first().getByRole('button', { name: /Undo/ }).click();
  await expect(events.first()).toContainText('lead: Astrid Lunde → Mei Tanaka');
  await events.nth(1).getByRole('button', { name: /Undo/ }).click();
  await expect(editor.getByRole('alert')).toContainText("Can't undo: the lead has changed since.");
});

test('a team goes to the bin and comes back, and a name is taken once', async ({ open }) => {
  const page = await open('editor');
  const name = fresh();
  const make = async () => {
    await openTeams(page);
    await page.getByText('New team', { exact: true }).click();
    await page.locator('.records__new form').getByLabel('Name', { exact: true }).fill(name);
    await page.locator('.records__new form').getByRole('button', { name: /^Create / }).click();
  };
  await make();
  await expect(row(page, name)).toBeVisible();
  await make();
  await expect(page.getByRole('alert')).toContainText(`There is a team “${name}” already.`);
  await row(page, name).locator('summary').click();
  await row(page, name).getByRole('button', { name: `Move ${name} to bin` }).click();
  await expect(row(page, name)).toHaveCount(0);
  await page.getByRole('link', { name: 'Bin', exact: true }).click();
  await page.getByRole('button', { name: `Restore ${name}` }).click();
  await expect(row(page, name)).toBeVisible();
});

test('a field asks for what belongs to its type, and the page says which view it is', async ({ open }) => {
  const page = await open('owner');
  const name = fresh();
  await page.goto('/fields');
  await hydrated(page);
  const views = page.getByRole('navigation', { name: 'Views' });
  await expect(views.getByRole('link', { name: 'Fields' })).toHaveAttribute('aria-current', 'page');
  await page.getByText('New field', { exact: true }).click();
  const form = page.locator('.records__new form');
  await expect(form.getByLabel('Type')).toHaveValue('text');
  await expect(form.getByLabel('Unit')).toBeHidden();
  await form.getByLabel('Type').selectOption('Number');
  await expect(form.getByLabel('Unit')).toBeVisible();
  await expect(form.getByLabel('Choices')).toBeHidden();
  await form.getByLabel('Type').selectOption('One choice');
  await form.getByLabel('Name', { exact: true }).fill(name);
  await form.getByLabel('Choices').fill('North\nSouth');
  await axe(page);
  await form.getByRole('button', { name: /^Create / }).click();
  await expect(cell(page, name, 'Type')).toHaveText('One choice');
  await expect(cell(page, name, 'Choices')).toHaveText('North\nSouth');
  await views.getByRole('link', { name: 'History' }).click();
  await expect(views.getByRole('link', { name: 'History' })).toHaveAttribute('aria-current', 'page');
  // Other tests have a workspace without it.
  await page.goto('/fields');
  await hydrated(page);
  await row(page, name).locator('summary').click();
  await row(page, name).getByRole('button', { name: `Move ${name} to bin` }).click();
  await expect(row(page, name)).toHaveCount(0);
});

test('who may not write teams reads them', async ({ open }) => {
  const page = await open('stakeholder');
  await openTeams(page);
  await expect(page.getByText('New team')).toHaveCount(0);
  await axe(page);
});

/** Makes a team. */
async function make(page: Page, name: string): Promise<void> {
  await page.getByText('New team', { exact: true }).click();
  await page.locator('.records__new form').getByLabel('Name', { exact: true }).fill(name);
  await page.locator('.records__new form').getByRole('button', { name: /^Create / }).click();
  await expect(row(page, name)).toBeVisible();
  await hydrated(page);
}

/** Changes one field of a team. */
async function change(page: Page, name: string, label: string, to: string): Promise<void> {
  await row(page, name).locator('summary').click();
  await row(page, name).getByLabel(label).fill(to);
  await row(page, name).getByRole('button', { name: 'Save', exact: true }).click();
  await expect(row(page, name).locator('details[open]')).toHaveCount(0);
  await hydrated(page);
}

/** Counts how often a page asks for the list. */
function asked(page: Page): () => number {
  let count = 0;
  page.on('request', (request) => {
    if (request.url().endsWith('/api/records')) count += 1;
  });
  return () => count;
}

/** The sockets of a page, which can be cut and let through again. */
async function cable(page: Page): Promise<{ cut: () => Promise<void>; mend: () => Promise<void>; opened: () => number }> {
  let isCut = false;
  let count = 0;
  const open = new Set<WebSocketRoute>();
  await page.routeWebSocket(/\/live$/, (socket) => {
    if (isCut) {
      void socket.close({ code: 4000 });
      return;
    }
    count += 1;
    open.add(socket);
    socket.connectToServer();
  });
  return {
    cut: async () => {
      isCut = true;
      for (const socket of open) await socket.close({ code: 4000 });
      open.clear();
    },
    mend: async () => {
      isCut = false;
      // As a browser does that finds its network again.
      await page.evaluate(() => dispatchEvent(new Event('online')));
    },
    opened: () => count,
  };
}

test('two browsers see each other’s changes over the socket, and what they missed', async ({ open }) => {
  const [editor, owner] = [await open('editor'), await open('owner')];
  const [name, other] = [fresh(), fresh()];
  const wire = await cable(owner);
  await openTeams(owner);
  await openTeams(editor);
  await expect.poll(wire.opened).toBe(1);
  const requests = asked(owner);
  await make(editor, name);
  await expect(row(owner, name)).toBeVisible();
  await change(editor, name, 'Disciplines', 'Rust');
  await expect(cell(owner, name, 'Disciplines')).toHaveText('Rust');
  await change(owner, name, 'Disciplines', 'Rust, SQL');
  await expect(cell(editor, name, 'Disciplines')).toHaveText('Rust, SQL');

  const before = wire.opened();
  await wire.cut();
  await change(editor, name, 'Disciplines', 'Java');
  await make(editor, other);
  await expect(cell(owner, name, 'Disciplines')).toHaveText('Rust, SQL');
  await wire.mend();
  await expect(cell(owner, name, 'Disciplines')).toHaveText('Java');
  await expect(row(owner, other)).toBeVisible();
  expect(wire.opened()).toBeGreaterThan(before);

  await row(editor, other).locator('summary').click();
  await row(editor, other).getByRole('button', { name: `Move ${other} to bin` }).click();
  await expect(row(owner, other)).toHaveCount(0);
  expect(requests(), 'the list is never loaded again').toBe(0);
});

test('what others change leaves a form alone that is open', async ({ open }) => {
  const [editor, owner] = [await open('editor'), await open('owner')];
  const [name, other] = [fresh(), fresh()];
  await openTeams(editor);
  await make(editor, name);
  await openTeams(owner);
  await row(owner, name).locator('summary').click();
  const typed = row(owner, name).getByLabel('Disciplines');
  await typed.pressSequentially('Half a w');
  await change(editor, name, 'Name', `${name} x`);
  await make(editor, other);
  await expect(row(owner, `${name} x`)).toBeVisible();
  await owner.keyboard.type('ord');
  await expect(row(owner, `${name} x`).getByLabel('Disciplines')).toHaveValue('Half a word');
  await expect(row(owner, `${name} x`).getByLabel('Name', { exact: true })).toHaveValue(name);
  await expect(row(owner, other), 'rows stay where they are').toHaveCount(0);

  const summary = row(owner, `${name} x`).locator('summary');
  await summary.click();
  await expect(row(owner, other)).toBeVisible();
  await summary.click();
  await expect(row(owner, `${name} x`).getByLabel('Name', { exact: true })).toHaveValue(`${name} x`);
  await expect(row(owner, `${name} x`).getByLabel('Disciplines')).toHaveValue('Half a word');
});
