import type { Locator, Page } from '@playwright/test';
import { Board, createProduct } from '../support/board';
import { expect, test } from '../support/test';

// What items depend on: said in the panel, and refused where it cannot be.

function panel(page: Page): Locator {
  return page.locator('.item-panel .dependencies');
}

/** Says how the open item depends on another. */
async function depend(page: Page, how: string, on: string): Promise<void> {
  await panel(page).getByLabel('How it depends').selectOption(how);
  const field = panel(page).getByRole('combobox', { name: 'Item it depends on' });
  await field.fill(on);
  await field.press('Enter');
}

test('an item depends on others, of another product too', async ({ open, expectTrouble }) => {
  const page = await open('editor');
  expectTrouble(/status of 422/);
  const crm = await createProduct(page, { Now: ['Customers'] });
  const erp = await createProduct(page, { Now: ['Ledger', 'Invoices'] });
  const board = await Board.open(page, erp);
  await board.openItem('Invoices');
  await depend(page, 'Blocked by', `${erp}-1`);
  await expect(panel(page).getByRole('link', { name: `${erp}-1 Ledger` })).toBeVisible();
  await depend(page, 'Blocks', `${crm}-1`);
  await expect(panel(page).getByRole('link', { name: `${crm}-1 Customers` })).toBeVisible();

  await panel(page).getByRole('link', { name: `${erp}-1 Ledger` }).click();
  await expect(panel(page).getByRole('link', { name: `${erp}-2 Invoices` })).toBeVisible();
  await depend(page, 'Blocked by', `${crm}-1`);
  await expect(panel(page).getByRole('alert')).toHaveText(
    `This would be a cycle: ${crm}-1 → ${erp}-1 → ${erp}-2 → ${crm}-1. Remove one of these first.`,
  );
  await depend(page, 'Related to', `${erp}-1`);
  await expect(panel(page).getByRole('alert')).toContainText('can’t depend on itself');

  await panel(page).getByRole('button', { name: `Remove the dependency on ${erp}-2` }).click();
  await expect(panel(page).getByRole('link')).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(panel(page).getByRole('link', { name: `${erp}-2 Invoices` })).toBeVisible();
});
