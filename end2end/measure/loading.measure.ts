import type { BrowserContextOptions } from '@playwright/test';
import { type Page, test } from '../support/test';
import { importGoals, slowDown } from './boards';
import { type Row, quantiles, report } from './figures';

// How soon a board is seen and does what it is asked, for somebody who has never been there: nothing is cached.

const LOADS = 7;

/** "Fast 4G" of Chromium's developer tools: 165 ms and, in bytes a second, 9 and 1.5 Mbit/s of which nine tenths arrive. */
const FAST_4G = {
  offline: false,
  latency: 165,
  downloadThroughput: (9_000_000 / 8) * 0.9,
  uploadThroughput: (1_500_000 / 8) * 0.9,
};

/** Milliseconds since the visit began, and bytes of WASM that came until the board worked. */
type Visit = { paint: number; largest: number; works: number; wasm: number };

type Open = (role: 'editor', options?: BrowserContextOptions) => Promise<Page>;

test('a first visit over loopback', async ({ open }, testInfo) => {
  const key = await importGoals(await open('editor'));
  const visits = await visitAgain(open, key);
  const row = (id: string, name: string, times: number[], goal: number): Row => {
    return { id, name: `190 cards, nothing cached: ${name}`, unit: 'ms', values: quantiles(times, 50), goals: { p50: goal }, count: LOADS };
  };
  const wasm = visits.map((visit) => visit.wasm / 1000);
  await report(testInfo, [
    row('P12', 'first paint', visits.map((visit) => visit.paint), 80),
    row('P12', 'the board works', visits.map((visit) => visit.works), 500),
    { id: 'P11', name: 'WASM that comes until the board works', unit: 'kB', values: quantiles(wasm, 50), goals: { p50: 300 }, count: LOADS },
  ]);
});

test('a first visit over Fast 4G, processor 4 times slower', async ({ open }, testInfo) => {
  const key = await importGoals(await open('editor'));
  const visits = await visitAgain(open, key, async (page) => {
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.emulateNetworkConditions', FAST_4G);
    await slowDown(page, 4);
  });
  const name = (what: string) => `190 cards, Fast 4G, processor 4 times slower: ${what}`;
  const times = (which: 'largest' | 'works') => visits.map((visit) => visit[which]);
  await report(testInfo, [
    { id: 'P14', name: name('largest contentful paint'), unit: 'ms', values: quantiles(times('largest'), 75), goals: { p75: 1_500 }, count: LOADS },
    { name: name('the board works'), unit: 'ms', values: quantiles(times('works'), 75), count: LOADS },
  ]);
});

/** Each visit in a browser of its own; the first, in which the server compiles and reads files, does not count. */
async function visitAgain(open: Open, key: string, prepare = async (_: Page) => {}): Promise<Visit[]> {
  const visits: Visit[] = [];
  for (let visit = 0; visit <= LOADS; visit += 1) {
    const page = await open('editor');
    await page.addInitScript(() => {
      window.visit = { paint: 0, largest: 0, works: 0, wasm: 0 };
      const seen = (entries: PerformanceObserverEntryList) => {
        for (const { name, entryType, startTime } of entries.getEntries()) {
          if (name === 'first-paint') window.visit.paint = startTime;
          if (entryType === 'largest-contentful-paint') window.visit.largest = startTime;
        }
      };
      for (const type of ['paint', 'largest-contentful-paint']) new PerformanceObserver(seen).observe({ type, buffered: true });
      const observer = new MutationObserver(() => {
        if (!document.querySelector('html[data-hydrated] #board[data-works]')) return;
        window.visit.works = performance.now();
        observer.disconnect();
      });
      observer.observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-hydrated', 'data-works'] });
    });
    await prepare(page);
    await page.goto(`/p/${key}`);
    await page.waitForFunction(() => window.visit.works > 0);
    const measured = await page.evaluate(() => {
      const files = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
      // Small parts come together, in a file of their own. What is fetched ahead comes after the board works.
      const programs = files.filter(({ name, responseEnd }) => /\.(wasm|bin)$/.test(name) && responseEnd <= window.visit.works);
      return { ...window.visit, wasm: programs.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0) };
    });
    if (visit > 0) visits.push(measured);
    await page.context().close();
  }
  return visits;
}

declare global {
  interface Window {
    visit: Visit;
  }
}
