import { type Locator } from '@playwright/test';
import { type Page, axe, expect, hydrated, inBoth, test } from '../support/test';

// A picture of 40 by 30 pixels.
const PICTURE = 'iVBORw0KGgoAAAANSUhEUgAAACgAAAAeCAIAAADRv8uKAAAAK0lEQVR42u3NMQ0AAAgDsIlCEHKRhQw4mvRvqudExGKxWCwWi8VisVj8N15M0V+bwVvsbgAAAABJRU5ErkJggg==';

type File = { name: string; type: string; base64: string };
const plan: File = { name: 'The plan.png', type: 'image/png', base64: PICTURE };

/** A file as the clipboard or a drag brings it. */
async function bring(target: Locator, event: 'paste' | 'drop', file: File): Promise<void> {
  await target.evaluate(
    (element, { event, file }) => {
      const bytes = Uint8Array.from(atob(file.base64), (c) => c.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], file.name, { type: file.type }));
      const init = { bubbles: true, cancelable: true };
      if (event === 'paste') {
        element.dispatchEvent(new ClipboardEvent('paste', { ...init, clipboardData: data }));
      } else {
        element.dispatchEvent(new DragEvent('dragover', { ...init, dataTransfer: data }));
        element.dispatchEvent(new DragEvent('drop', { ...init, dataTransfer: data }));
      }
    },
    { event, file },
  );
}

async function openItem(page: Page, number: number): Promise<Locator> {
  await page.goto(`/p/ERP/i/ERP-${number}`);
  await hydrated(page);
  const panel = page.locator('.item-panel');
  await expect(panel).toBeVisible();
  return panel;
}

const description = (panel: Locator): Locator => panel.getByRole('textbox', { name: 'Description in Markdown' });

async function write(panel: Locator): Promise<Locator> {
  await panel.locator('section', { hasText: 'Description' }).first().getByRole('button', { name: 'Edit' }).click();
  await expect(description(panel)).toBeFocused();
  return description(panel);
}

/** A picture that has been loaded. */
async function isShown(picture: Locator): Promise<void> {
  await picture.scrollIntoViewIfNeeded();
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth)).toBe(40);
}

test('a picture that is pasted into a description is seen by others', async ({ open }) => {
  const editor = await open('editor');
  const viewer = await open('viewer');
  const panel = await openItem(editor, 3);
  const other = await openItem(viewer, 3);
  const area = await write(panel);
  await bring(area, 'paste', plan);
  await expect(area).toHaveValue(/!\[The plan\]\(\/files\/[0-9a-f]{64}\/The-plan\.png#40x30\)\n$/);
  await panel.getByRole('button', { name: 'Done' }).click();
  await isShown(panel.getByRole('img', { name: 'The plan' }));
  const picture = other.getByRole('img', { name: 'The plan' });
  await isShown(picture);
  await expect(picture).toHaveAttribute('width', '40');
  await inBoth(editor);

  // What describes it is edited as text.
  await write(panel);
  await area.evaluate((area: HTMLTextAreaElement) => {
    area.value = area.value.replace('The plan', 'Two quarters');
    area.dispatchEvent(new InputEvent('input', { bubbles: true }));
  });
  await panel.getByRole('button', { name: 'Done' }).click();
  await isShown(other.getByRole('img', { name: 'Two quarters' }));
});

test('a file is dropped on a comment, downloaded, and dropped on the panel', async ({ open }) => {
  const stakeholder = await open('stakeholder');
  const panel = await openItem(stakeholder, 4);
  const comment = panel.getByRole('textbox', { name: 'New comment in Markdown' });
  await comment.fill('See');
  await bring(comment, 'drop', { name: 'notes.txt', type: 'text/plain', base64: btoa('from the workshop') });
  await expect(comment).toHaveValue(/^See \[notes\.txt\]\(\/files\/[0-9a-f]{64}\/notes\.txt\) $/);
  await panel.getByRole('button', { name: 'Comment', exact: true }).click();
  const link = panel.getByRole('link', { name: 'notes.txt' });
  const [download] = await Promise.all([stakeholder.waitForEvent('download'), link.click()]);
  expect(download.suggestedFilename()).toBe('notes.txt');
  const stream = await download.createReadStream();
  expect((await stream.toArray()).join('')).toBe('from the workshop');
  await axe(stakeholder);

  const editor = await open('editor');
  const other = await openItem(editor, 4);
  await bring(other.locator('.item-panel__key'), 'drop', plan);
  await isShown(other.getByRole('img', { name: 'The plan' }));
  await editor.keyboard.press('Control+z');
  await expect(other.getByRole('img', { name: 'The plan' })).toHaveCount(0);
});

test('files are chosen by keyboard, and a refusal is a sentence', async ({ open }) => {
  const page = await open('editor');
  const panel = await openItem(page, 8);
  const area = await write(panel);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(panel.locator('.writing ~ .row').getByRole('button', { name: 'Attach file' })).toBeFocused();
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
  await chooser.setFiles([
    { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') },
    { name: 'large.bin', mimeType: 'application/zip', buffer: Buffer.alloc(10 * 1024 * 1024 + 1) },
  ]);
  await expect(area).toHaveValue(/\[a\.txt\]\(\/files\//);
  await expect(page.getByText('large.bin has more than 10 MiB. Choose a smaller file.').first()).toBeVisible();
});

test('a picture that is pasted offline is kept, shown here, and sent when the network is back', async ({ open, expectTrouble }) => {
  expectTrouble(/ERR_INTERNET_DISCONNECTED|WebSocket|Failed to load resource/);
  const editor = await open('editor');
  const viewer = await open('viewer');
  const panel = await openItem(editor, 6);
  const other = await openItem(viewer, 6);
  const state = editor.locator('.connection');
  await expect(state).toHaveAttribute('data-state', 'saved');
  await editor.context().setOffline(true);
  await expect(state).toHaveAttribute('data-state', 'offline');
  const area = await write(panel);
  await bring(area, 'paste', plan);
  await expect(area).toHaveValue(/!\[The plan\]\(\/files\//);
  await expect(editor.getByText('The plan.png is kept on this device and sent when you’re back online.').first()).toBeVisible();
  await panel.getByRole('button', { name: 'Done' }).click();
  await isShown(panel.getByRole('img', { name: 'The plan.png' }));
  await editor.context().setOffline(false);
  await expect(other.getByText('The picture “The plan” isn’t available').or(other.getByRole('img', { name: 'The plan' }))).toBeVisible();
  await isShown(other.getByRole('img', { name: 'The plan' }));
  await isShown(panel.getByRole('img', { name: 'The plan', exact: true }));
});
