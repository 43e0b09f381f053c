import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { Board, boxOf, createProduct, runImport } from '../support/board';
import { STILL, expect, inBoth, test } from '../support/test';

// What leaves a roadmap, and everyday actions.

const MAPPING = { Title: 'title', Lane: 'lane', Start: 'start', End: 'end' };

/** A roadmap of items with days. */
async function plan(page: Page, rows: [title: string, start: string, end: string][]): Promise<string> {
  const key = await createProduct(page);
  const lines = rows.map(([title, start, end]) => `${title},Now,${start},${end}`);
  await runImport(page, key, [Object.keys(MAPPING).join(','), ...lines].join('\n'), MAPPING);
  return key;
}

test('a baseline lies below the bars, and its choice is in the address', async ({ open }) => {
  const page = await open('editor');
  const key = await plan(page, [['Alpha', '2027-04-01', '2027-06-30'], ['Bravo', '2027-07-01', '2027-09-30']]);
  await page.goto(`/p/${key}/past`);
  await page.getByLabel('Name this moment').fill('Plan of spring');
  await page.getByRole('button', { name: 'Save baseline' }).click();
  await expect(page.getByRole('link', { name: 'Plan of spring' })).toBeVisible();

  const timeline = await Board.open(page, key, '/timeline');
  const bar = (title: string) => page.getByRole('link', { name: new RegExp(`^${title}, `) });
  await bar('Alpha').focus();
  await page.keyboard.press('Alt+ArrowRight');
  await expect(bar('Alpha')).toHaveAccessibleName('Alpha, Proposed, 8 Apr – 7 Jul 2027');
  await expect(page.locator('.bar__ghost')).toHaveCount(0);
  await page.getByRole('combobox', { name: 'Baseline' }).selectOption('Plan of spring');
  await expect(page).toHaveURL(/baseline=[0-9a-f-]{36}/);
  await expect(page.locator('.bar__ghost')).toHaveCount(2);
  await expect(bar('Alpha')).toHaveAccessibleName(/Baseline: 1 Apr – 30 Jun 2027, now 7 days later$/);
  const [ghost, fill] = [await boxOf(page.locator('.bar__ghost').first()), await boxOf(bar('Alpha').locator('.bar__fill'))];
  expect(ghost.y).toBeGreaterThanOrEqual(fill.y + fill.height);
  expect(Math.round(ghost.height)).toBe(4);
  expect(ghost.x).toBeLessThan(fill.x);
  await timeline.saved();

  // A reload, and the address given to somebody who only reads, show the same.
  const reader = await open('viewer');
  await reader.goto(page.url());
  await expect(reader.locator('.bar__ghost')).toHaveCount(2);
  await expect(reader.getByRole('combobox', { name: 'Baseline' })).toHaveValue(/[0-9a-f-]{36}/);
  await reader.getByRole('combobox', { name: 'Baseline' }).selectOption('None');
  await expect(reader.locator('.bar__ghost')).toHaveCount(0);
});

/** Chooses a line of the menu of what leaves a timeline. */
async function exportAs(page: Page, line: string): Promise<void> {
  await page.getByRole('button', { name: 'Export' }).click();
  await page.getByRole('menuitem', { name: line, exact: true }).click();
}

test('a picture of the timeline is saved as SVG and as PNG', async ({ open }) => {
  const page = await open('viewer');
  const key = await plan(await open('editor'), [['Alpha & <Omega>', '2027-04-01', '2027-06-30'], ['Bravo', '2027-07-01', '2027-09-30']]);
  await Board.open(page, key, '/timeline?q=alpha');
  const [svg] = await Promise.all([page.waitForEvent('download'), exportAs(page, 'SVG')]);
  expect(svg.suggestedFilename()).toMatch(new RegExp(`^${key}-timeline-\\d{4}-\\d\\d-\\d\\d\\.svg$`));
  const drawing = await readFile(await svg.path(), 'utf8');
  expect(drawing).toContain('Alpha &amp; &lt;Omega&gt;');
  expect(drawing).toContain('· filtered');
  expect(drawing).toContain('Q2 2027 · Apr–Jun');
  expect(drawing).not.toContain('Bravo');
  expect(drawing).not.toContain('<script');

  const [png] = await Promise.all([page.waitForEvent('download'), exportAs(page, 'PNG')]);
  const bytes = await readFile(await png.path());
  expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  // Two pixels for one of the page.
  const width = Number(/ width="([\d.]+)"/.exec(drawing)?.[1]);
  expect(bytes.readUInt32BE(16)).toBe(Math.floor(2 * width));
  if (process.env.PICTURES) {
    await svg.saveAs(`${process.env.PICTURES}/timeline.svg`);
    await png.saveAs(`${process.env.PICTURES}/timeline.png`);
  }
});

test('a calendar reads the dates by a link until it is revoked', async ({ open, server }) => {
  const page = await open('viewer', STILL);
  const key = await plan(await open('editor'), [['Alpha', '2027-04-01', '2027-06-30']]);
  await Board.open(page, key, '/timeline');
  await exportAs(page, 'Link to all dates…');
  const dialog = page.getByRole('dialog', { name: 'Calendar link' });
  await expect(dialog).toBeVisible();
  await dialog.getByRole('button', { name: 'Make link' }).click();
  const field = dialog.getByRole('textbox', { name: 'Calendar link' });
  await expect(field).toHaveValue(/\/calendar\/[\w-]{43}\.ics$/);
  await inBoth(page);
  const link = await field.inputValue();
  // Without cookies, as a calendar asks.
  const calendar = await fetch(link);
  expect(calendar.headers.get('content-type')).toBe('text/calendar; charset=utf-8');
  const text = await calendar.text();
  expect(text).toContain('DTSTART;VALUE=DATE:20270401\r\nDTEND;VALUE=DATE:20270701\r\n');
  expect(text).toContain(`${server.url}/p/${key}/i/${key}-1`.slice(0, 40));

  await dialog.getByRole('link', { name: 'Revoke links on your account page.' }).click();
  const links = page.getByRole('region', { name: 'Calendar links' });
  await expect(links.getByRole('listitem')).toHaveCount(1);
  await inBoth(page);
  await links.getByRole('button', { name: /^Revoke/ }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Revoked.' })).toBeVisible();
  await expect(links.getByRole('listitem')).toHaveCount(0);
  expect((await fetch(link)).status).toBe(404);
});

test('an item is duplicated in one step, and copied as a link and as Markdown', async ({ open }) => {
  const page = await open('editor', { permissions: ['clipboard-read', 'clipboard-write'] });
  const key = await createProduct(page, { Now: ['Alpha', 'Bravo'], Next: ['Charlie'], Later: [] });
  const board = await Board.open(page, key);
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await board.link('Alpha').focus();
  await page.keyboard.press('d');
  await board.shows({ Now: ['Alpha', 'Alpha (copy)', 'Bravo'], Next: ['Charlie'] });
  await page.keyboard.press('ControlOrMeta+z');
  await board.shows({ Now: ['Alpha', 'Bravo'], Next: ['Charlie'] });

  await board.link('Alpha').focus();
  await page.keyboard.press('y');
  await expect(board.toast).toContainText('The link was copied.');
  const link = await copied();
  expect(link).toBe(`${new URL(page.url()).origin}/p/${key}/i/${key}-1`);
  await page.keyboard.press('m');
  await page.getByRole('menuitem', { name: 'Copy as Markdown' }).click();
  await expect.poll(copied).toContain(`## [${key}-1 Alpha](${link})\n\n- **Lane:** Now\n- **Status:** Proposed\n`);

  // Of several, in one step.
  await board.link('Alpha').click({ modifiers: ['ControlOrMeta'] });
  await board.link('Charlie').click({ modifiers: ['ControlOrMeta'] });
  await page.keyboard.press('Shift+Y');
  await expect.poll(copied).toContain('Charlie](');
  expect((await copied()).match(/^## /gm)).toHaveLength(2);
  await page.keyboard.press('ControlOrMeta+k');
  await page.getByRole('combobox', { name: 'Search or run a command' }).fill('duplicate');
  await page.keyboard.press('Enter');
  await board.shows({ Now: ['Alpha', 'Alpha (copy)', 'Bravo'], Next: ['Charlie', 'Charlie (copy)'] });
  await page.keyboard.press('ControlOrMeta+z');
  await board.shows({ Now: ['Alpha', 'Bravo'], Next: ['Charlie'] });
});

test('a lane has a limit that refuses nothing, and can be collapsed', async ({ open }) => {
  const page = await open('editor', STILL);
  const key = await createProduct(page, { Now: ['Alpha', 'Bravo'], Next: ['Charlie'], Later: [] });
  const board = await Board.open(page, key);
  const lane = (name: string) => page.getByRole('region', { name, exact: true });
  const menu = async (name: string, line: string) => {
    await lane(name).getByRole('button', { name: 'Lane actions' }).click();
    await page.getByRole('menuitem', { name: line }).click();
  };
  await menu('Now', 'Set limit…');
  const dialog = page.getByRole('dialog', { name: 'Limit' });
  await expect(dialog.getByRole('spinbutton')).toBeFocused();
  await dialog.getByLabel('Most items in Now').fill('0');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(dialog.getByRole('alert')).toContainText('Use a whole number');
  await inBoth(page);
  await dialog.getByLabel('Most items in Now').fill('2');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  const count = lane('Now').locator('.lane__count');
  await expect(count).toHaveText(/^2 \/ 2/);
  await expect(count).not.toHaveClass(/over/);
  await board.link('Charlie').focus();
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(count).toHaveText(/^3 \/ 2/);
  await expect(count).toHaveClass(/lane__count--over/);
  await board.saved();
  // Others see it, and one undo takes the move back, another the limit.
  const other = await Board.open(await open('viewer'), key);
  await expect(other.page.getByRole('region', { name: 'Now', exact: true }).locator('.lane__count')).toHaveText(/^3 \/ 2/);
  await page.keyboard.press('ControlOrMeta+z');
  await expect(count).toHaveText(/^2 \/ 2/);

  await lane('Now').getByRole('button', { name: 'Show cards' }).click();
  await expect(lane('Now').getByRole('button', { name: 'Show cards' })).toHaveAttribute('aria-expanded', 'false');
  await expect(board.link('Alpha')).toBeHidden();
  await expect(page).toHaveURL(/collapsed=[0-9a-f-]{36}/);
  await inBoth(page);
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/collapsed.png` });
  await page.reload();
  await expect(board.link('Alpha')).toBeHidden();
  await lane('Now').getByRole('button', { name: 'Show cards' }).click();
  await expect(board.link('Alpha')).toBeVisible();
});
