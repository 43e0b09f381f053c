import { Board, createProduct } from '../support/board';
import { type Page, axe, expect, hydrated, test } from '../support/test';

// Who sees a product, and what they may do in it.

const PLAN = { Now: ['Alpha'], Next: ['Bravo'] };

async function openAccess(owner: Page, key: string): Promise<void> {
  await owner.goto(`/p/${key}/settings`);
  await hydrated(owner);
  await owner.getByRole('link', { name: 'Access', exact: true }).click();
  await expect(owner.getByRole('heading', { name: 'Access' })).toBeVisible();
}

async function show(owner: Page, to: RegExp): Promise<void> {
  await owner.getByRole('radio', { name: to }).check();
  await owner.locator('.access__visibility').getByRole('button', { name: 'Save', exact: true }).click();
  await hydrated(owner);
  await expect(owner.getByRole('radio', { name: to })).toBeChecked();
}

test('a product is hidden from all but who was chosen, and an open board follows', async ({ open, expectTrouble }) => {
  expectTrouble(/404/);
  const [owner, editor, viewer] = [await open('owner'), await open('editor'), await open('viewer')];
  const key = await createProduct(owner, PLAN);
  const board = await Board.open(editor, key);
  await board.shows(PLAN);

  await openAccess(owner, key);
  await axe(owner);
  await show(owner, /Only chosen/);
  // The board says so at once; the product is in no list and at no address.
  await expect(editor.getByText(`There is no product ${key} here.`, { exact: false }).first()).toBeVisible();
  await expect(editor.locator('.card')).toHaveCount(0);
  for (const path of [`/p/${key}`, `/p/${key}/history`, `/p/${key}/settings`, `/p/${key}/access`]) {
    const answer = await editor.goto(path);
    expect(answer?.status(), path).toBe(404);
  }
  await editor.goto('/');
  await expect(editor.locator(`a[href="/p/${key}"]`)).toHaveCount(0);
  await owner.goto('/');
  await expect(owner.locator('.rail').getByText('For chosen people and groups only')).toHaveCount(1);

  // Who reads in the workspace edits here.
  await openAccess(owner, key);
  const give = owner.locator('.access__give');
  const name = await viewer.locator('.rail__who').first().innerText();
  await give.getByLabel('Person or group').selectOption({ label: name.split('\n')[0]!.trim() });
  await give.getByLabel('Role').selectOption('Editor');
  await give.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(owner.locator('.access__row')).toHaveCount(2);
  await axe(owner);
  const theirs = await Board.open(viewer, key);
  await theirs.shows(PLAN);
  await expect(viewer.getByRole('button', { name: 'Add item' }).first()).toBeVisible();

  await owner.getByRole('button', { name: /^Remove / }).click();
  await expect(owner.locator('.access__row')).toHaveCount(1);
  await expect(viewer.getByText(`There is no product ${key} here.`, { exact: false }).first()).toBeVisible();
});

test('only owners decide who sees a product', async ({ open, expectTrouble }) => {
  expectTrouble(/403/);
  const [owner, editor] = [await open('owner'), await open('editor')];
  const key = await createProduct(owner, PLAN);
  await editor.goto(`/p/${key}/settings`);
  await hydrated(editor);
  await expect(editor.getByRole('link', { name: 'Access', exact: true })).toHaveCount(0);
  const answer = await editor.goto(`/p/${key}/access`);
  expect(answer?.status()).toBe(403);
});

test('the page of a product’s access works without scripts and on a phone', async ({ open, expectTrouble }) => {
  expectTrouble(/\.js csp$/);
  const owner = await open('owner');
  const key = await createProduct(owner, PLAN);
  const plain = await open('owner', { javaScriptEnabled: false, viewport: { width: 390, height: 800 } });
  await plain.goto(`/p/${key}/access`);
  await plain.getByRole('radio', { name: /Only chosen/ }).check();
  await plain.locator('.access__visibility').getByRole('button', { name: 'Save', exact: true }).click();
  await expect(plain.getByRole('radio', { name: /Only chosen/ })).toBeChecked();
  const overflow = await plain.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
});
