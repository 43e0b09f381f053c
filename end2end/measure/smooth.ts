import type { Page } from '@playwright/test';
import { type Row, quantiles } from './figures';

/** Of a display at 60 Hz, and a quarter of the main thread. */
const SMOOTH = { p95: 16.8, work: 25 };

/**
 * Runs something, and says how far apart the frames were that the page was asked for meanwhile, in milliseconds, and how many
 * of a hundred parts of that time its main thread worked, by Chromium's own count.
 */
export async function smoothness(page: Page, run: () => Promise<void>): Promise<{ gaps: number[]; work: number }> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const now = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    const named = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? 0;
    return { task: named('TaskDuration'), at: named('Timestamp') };
  };
  await page.evaluate(() => {
    window.drawn = [];
    window.drawing = true;
    const frame = (time: number) => {
      window.drawn.push(time);
      if (window.drawing) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  const before = await now();
  await run();
  const after = await now();
  const drawn = await page.evaluate(() => {
    window.drawing = false;
    return window.drawn;
  });
  await session.detach();
  const gaps = drawn.slice(1).map((time, index) => time - (drawn[index] ?? time));
  return { gaps, work: (100 * (after.task - before.task)) / (after.at - before.at) };
}

/** What {@link smoothness} found, as rows. */
export function smooth(name: string, { gaps, work }: { gaps: number[]; work: number }): Row[] {
  return [
    { name: `${name}: from frame to frame`, unit: 'ms', values: { ...quantiles(gaps, 50, 95), longest: Math.max(...gaps) }, goals: { p95: SMOOTH.p95 }, count: gaps.length },
    { name: `${name}: share of the main thread`, unit: '%', values: { all: work }, goals: { all: SMOOTH.work }, count: gaps.length },
  ];
}

/** Notes how long it takes from a key to the end of the first frame that shows what `window.painted` selects, as the key leaves it. */
export async function watchFrames(page: Page): Promise<void> {
  await page.evaluate(() => {
    addEventListener(
      'keydown',
      (event) => {
        const { painted } = window;
        if (!painted || ['Control', 'Escape'].includes(event.key)) return;
        window.painted = undefined;
        const field = () => document.querySelector<HTMLInputElement>('.palette:popover-open input')?.value;
        const before = field();
        const look = () => {
          // Later callbacks of this frame may still draw it: what is there when all of them are done is painted.
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => {
            const shown = document.querySelector(painted) && (before === undefined || field() !== before);
            if (shown) window.took = performance.now() - event.timeStamp;
            else requestAnimationFrame(look);
          };
          port2.postMessage(undefined);
        };
        requestAnimationFrame(look);
      },
      true,
    );
  });
}

declare global {
  interface Window {
    drawn: number[];
    drawing: boolean;
    painted: string | undefined;
    took: number | undefined;
  }
}
