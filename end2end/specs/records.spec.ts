import type { Locator } from '@playwright/test';
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
  await form.getByLabel('Name').fill(name);
  await form.getByLabel('Lead').selectOption({ label: 'Mei Tanaka' });
  await form.getByRole('checkbox', { name: 'Ruth Okafor' }).check();
  await form.getByRole('button', { name: 'Add' }).click();
  await expect(cell(editor, name, 'Lead')).toHaveText('Mei Tanaka');
  await expect(cell(owner, name, 'Members')).toHaveText('Ruth Okafor');

  // Both have the form open as it was; each changes another field.
  await row(editor, name).locator('summary').click();
  await row(owner, name).locator('summary').click();
  await row(editor, name).getByLabel('Disciplines').fill('Rust');
  await row(editor, name).getByRole('button', { name: 'Save' }).click();
  await expect(cell(editor, name, 'Disciplines')).toHaveText('Rust');
  await row(owner, name).getByLabel('Lead').selectOption({ label: 'Astrid Lunde' });
  await row(owner, name).getByLabel('Reason').fill('Mei moves on');
  await row(owner, name).getByRole('button', { name: 'Save' }).click();
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
    await page.locator('.records__new form').getByLabel('Name').fill(name);
    await page.locator('.records__new form').getByRole('button', { name: 'Add' }).click();
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
  await form.getByLabel('Name').fill(name);
  await form.getByLabel('Choices').fill('North\nSouth');
  await axe(page);
  await form.getByRole('button', { name: 'Add' }).click();
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
