import { randomUUID } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Board, createProduct } from '../support/board';
import { snapshot, speak } from '../support/live';
import { type Page, expect, hydrated, test } from '../support/test';

// The board with 190 items as people see it. With CAIRN_SHOTS set the pictures of the documentation are made anew;
// otherwise they go where nothing keeps them, and only prove that the board can be drawn.

const GOALS = new URL('../fixtures/rust-project-goals.csv', import.meta.url);
const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const MAPPING = { Key: 'key', Period: 'append', Title: 'title', Flagship: 'tag_if_yes', Teams: 'tags', Start: 'start', End: 'end', 'Tracking issue': 'append' };

/** A number below `below` that looks drawn and is always the same. */
function drawn(index: number, below: number): number {
  return (Math.imul(index + 1, 2_654_435_761) >>> 16) % below;
}

/** What makes the plain rows look like a roadmap that people work on. */
async function furnish(page: Page, key: string): Promise<void> {
  const text = await readFile(GOALS, 'utf8');
  const [head, ...rows] = text.trimEnd().split(/\r?\n/);
  const kinds = ['innovation', 'retention', 'run', 'retire'];
  const owners = ['Mei Tanaka', 'Ingrid Solberg', 'Tomasz Wilk', 'Ruth Okafor', ''];
  const lane = (row: string, index: number) => {
    if (row.includes(',2026,')) return index % 3 === 0 ? 'Later' : 'Next';
    return row.includes(',2025h2,') ? 'Now' : 'Done';
  };
  const dressed = rows.map((row, index) =>
    [row, lane(row, index), kinds[drawn(index, 6)] ?? 'retention', drawn(index + 500, 28) + 2, owners[drawn(index + 900, 5)]].join(','),
  );
  const answer = await page.request.post('/api/run_import', {
    data: {
      key,
      text: [`${head},Lane,Investment,Effort,Owner`, ...dressed].join('\n'),
      mapping: { ...MAPPING, Lane: 'lane', Investment: 'investment', Effort: 'effort', Owner: 'owner' },
    },
  });
  expect(answer.status(), await answer.text()).toBe(200);
}

/** The item that has its panel open, and what was said about it. */
const SHOWN = 80;
const SAID = {
  editor: 'Design is **agreed**. What is left:\n\n- review by two teams\n- a note for the release',
  stakeholder: 'We would use this from the first day. Can we try it *before* the release?',
};

const VIEWS = [
  { name: 'desktop', viewport: { width: 1440, height: 900 } },
  { name: 'phone', viewport: { width: 390, height: 844 } },
] as const;

test('the board of 190 items, light and dark, on a desk and on a phone', async ({ open }, testInfo) => {
  test.setTimeout(120_000);
  const folder = process.env.CAIRN_SHOTS ? IMAGES : testInfo.outputPath();
  await mkdir(folder, { recursive: true });
  const maker = await open('editor');
  const key = await createProduct(maker, {}, 'Rust project goals', 'RUST');
  await furnish(maker, key);
  await maker.goto(`/p/${key}`);
  const { snapshot: plain } = await snapshot(maker, key);
  const numbered = (number: number) => plain.document.items.find((item) => item.number === number)!.id;
  for (const [turn, role] of (['owner', 'editor', 'stakeholder'] as const).entries()) {
    const voter = await open(role);
    await voter.goto(`/p/${key}`);
    const voted = plain.document.items.filter(({ number }) => drawn(number + turn * 300, 3) === 0);
    const ops: unknown[] = voted.slice(0, 60).map(({ id }) => ({ upvote: { item: id } }));
    if (role !== 'owner') ops.push({ add_comment: { id: randomUUID(), item: numbered(SHOWN), body: SAID[role] } });
    const { outcomes } = await speak(voter, plain.roadmap, ops, plain.head);
    expect(outcomes.filter((outcome) => 'refused' in outcome)).toEqual([]);
    await voter.context().close();
  }
  await maker.context().close();

  const shoot = async (page: Page, name: string) => {
    const path = `${folder}/${name}.png`;
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
    const { size } = await stat(path);
    expect(size, `${name} shows something`).toBeGreaterThan(15_000);
    expect(size, `${name} stays small`).toBeLessThan(400_000);
  };
  for (const { name, viewport } of VIEWS) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await open('editor', { viewport, colorScheme, reducedMotion: 'reduce', hasTouch: name === 'phone' });
      const board = await Board.open(page, key);
      await expect(page.locator('.board .card')).toHaveCount(190);
      const beyond = await page.evaluate(() => {
        const { scrollWidth, scrollHeight } = document.documentElement;
        return { right: Math.max(0, scrollWidth - innerWidth), below: Math.max(0, scrollHeight - innerHeight) };
      });
      expect(beyond, 'lanes scroll, the page does not').toEqual({ right: 0, below: 0 });
      await shoot(page, `board-${colorScheme}-${name}`);
      if (name === 'desktop' && colorScheme === 'light') {
        await page.goto(`/p/${key}/i/${key}-${SHOWN}`);
        await hydrated(page);
        await board.saved();
        await expect(board.panel.locator('.comment')).toHaveCount(2);
        await shoot(page, 'item-panel');
      }
      await page.context().close();
    }
  }
});
