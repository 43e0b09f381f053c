import { Board, boxOf, createProduct } from '../support/board';
import { type Locator, type Page, expect, test } from '../support/test';

// Two people write one description at once. What both wrote is there for both, and each one's caret stays where it was.

type Desk = { board: Board; field: Locator };

/** Two people at the same description, which says this. */
async function desks(open: (role: 'owner' | 'editor') => Promise<Page>, start: string): Promise<[Desk, Desk]> {
  const pages = [await open('editor'), await open('owner')] as const;
  const key = await createProduct(pages[0], { Now: ['Alpha'] });
  const opened: Desk[] = [];
  for (const page of pages) {
    const board = await Board.open(page, key);
    const panel = await board.openItem('Alpha');
    await panel.getByRole('button', { name: 'Edit', exact: true }).click();
    opened.push({ board, field: panel.getByRole('textbox', { name: 'Description in Markdown' }) });
  }
  const [mine, theirs] = opened as [Desk, Desk];
  await mine.field.pressSequentially(start);
  await expect(theirs.field).toHaveValue(start);
  await mine.board.saved();
  return [mine, theirs];
}

/** Puts the caret right behind a part of the text. */
async function behind(field: Locator, part: string): Promise<void> {
  await field.evaluate((area: HTMLTextAreaElement, wanted) => {
    const at = area.value.indexOf(wanted) + wanted.length;
    area.focus();
    area.setSelectionRange(at, at);
  }, part);
}

/** What stands before the caret. */
function before(field: Locator): Promise<string> {
  return field.evaluate((area: HTMLTextAreaElement) => area.value.slice(0, area.selectionStart));
}

async function bothHold(desks: [Desk, Desk], text: string): Promise<void> {
  for (const { field, board } of desks) {
    await expect(field).toHaveValue(text);
    await board.saved();
  }
}

test('two people write at both ends and in the middle at once', async ({ open }) => {
  const both = await desks(open, 'One. Two.\nThree 😀.');
  const [mine, theirs] = both;
  await behind(mine.field, 'One.');
  await behind(theirs.field, 'Three 😀.');
  await Promise.all([
    mine.field.pressSequentially(' Mine, in the middle.', { delay: 40 }),
    theirs.field.pressSequentially(' Theirs, at the end.', { delay: 40 }),
  ]);
  await bothHold(both, 'One. Mine, in the middle. Two.\nThree 😀. Theirs, at the end.');
  expect(await before(mine.field)).toBe('One. Mine, in the middle.');
  expect(await before(theirs.field)).toBe('One. Mine, in the middle. Two.\nThree 😀. Theirs, at the end.');

  // At one place: whoever stands first, nothing is lost and nothing is mixed up.
  await behind(mine.field, 'Two.');
  await behind(theirs.field, 'Two.');
  await Promise.all([mine.field.pressSequentially(' AAAA'), theirs.field.pressSequentially(' BBBB')]);
  await expect(mine.field).toHaveValue(/Two\.( AAAA BBBB| BBBB AAAA)\nThree/);
  await bothHold(both, await mine.field.inputValue());

  // White space at the end is somebody's who goes on writing.
  await behind(mine.field, 'at the end.');
  await mine.field.pressSequentially('\n');
  await expect(theirs.field).toHaveValue(/at the end\.\n$/);
});

test('the caret and the selection of the other are shown, with a name', async ({ open }) => {
  const [mine, theirs] = await desks(open, 'One. Two. Three.');
  const name = 'Astrid Lunde';
  const caret = mine.board.panel.locator('.writing__caret');
  await behind(theirs.field, 'One.');
  await theirs.field.press('ArrowRight');
  await expect(caret).toHaveText(name);
  const placed = () => mine.board.panel.locator('.writing__mirror').evaluate((mirror) => {
    const range = document.createRange();
    range.setStart(mirror, 0);
    range.setEndBefore(mirror.querySelector('.writing__caret') as Element);
    return range.toString();
  });
  await expect.poll(placed).toBe('One. ');
  // It goes along with the text, and stays before what is typed there.
  await behind(mine.field, '');
  await mine.field.pressSequentially('Zero. ');
  await expect(theirs.field).toHaveValue(/^Zero\. One/);
  await expect.poll(placed).toBe('Zero. One. ');
  await theirs.field.press('Shift+End');
  await expect(mine.board.panel.locator('.writing__selected')).toHaveText('Two. Three.');
  await theirs.board.panel.getByRole('button', { name: 'Done' }).click();
  await expect(caret).toHaveCount(0);
});

test('the caret of the other stands where they write from right to left', async ({ open }) => {
  const [mine, theirs] = await desks(open, 'שלום עולם.');
  await behind(theirs.field, 'שלום');
  await theirs.field.press('End');
  const caret = mine.board.panel.locator('.writing__caret');
  await expect(caret).toHaveText('Astrid Lunde');
  const [text, place] = [await boxOf(mine.field), await boxOf(caret)];
  // The line begins at the right edge, and ends after two short words.
  expect(place.x).toBeGreaterThan(text.x + text.width / 2);
  expect(place.x).toBeLessThan(text.x + text.width - 40);
});

test('what is written without a network is merged on return', async ({ open, expectTrouble }) => {
  expectTrouble(/WebSocket|ERR_INTERNET_DISCONNECTED|Failed to load resource/);
  const both = await desks(open, 'One. Two. Three.');
  const [mine, theirs] = both;
  await mine.board.page.context().setOffline(true);
  await expect(mine.board.state).toHaveAttribute('data-state', 'offline');
  await behind(mine.field, 'One.');
  await mine.field.pressSequentially(' Written offline.');
  await behind(theirs.field, 'Three.');
  await theirs.field.pressSequentially(' Written meanwhile.');
  await theirs.board.saved();
  await mine.board.page.context().setOffline(false);
  await bothHold(both, 'One. Written offline. Two. Three. Written meanwhile.');
});

test('what one typed is taken back in one step, and what the other typed stays', async ({ open }) => {
  const both = await desks(open, 'One. Two.');
  const [mine, theirs] = both;
  await mine.board.panel.getByRole('button', { name: 'Done' }).click();
  await mine.board.panel.getByRole('button', { name: 'Edit', exact: true }).click();
  await behind(mine.field, 'One.');
  await mine.field.pressSequentially(' Mine,', { delay: 60 });
  await behind(theirs.field, 'Two.');
  await theirs.field.pressSequentially(' Theirs.', { delay: 60 });
  await behind(mine.field, 'Mine,');
  await mine.field.pressSequentially(' and more.', { delay: 60 });
  await bothHold(both, 'One. Mine, and more. Two. Theirs.');
  await mine.board.panel.getByRole('button', { name: 'Done' }).click();
  await mine.board.page.keyboard.press('Control+z');
  await expect(theirs.field).toHaveValue('One. Two. Theirs.');
  await expect(mine.board.panel.locator('.prose')).toHaveText('One. Two. Theirs.');
  await mine.board.page.keyboard.press('Control+Shift+z');
  await expect(theirs.field).toHaveValue('One. Mine, and more. Two. Theirs.');
});
