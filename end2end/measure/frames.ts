import type { Browser, Page } from '@playwright/test';

/** Where the time of a frame goes, in milliseconds of the page's main thread. */
export type Split = { scripting: number; style: number; layout: number; paint: number; other: number };

/** An edit as its maker saw it, in milliseconds since the input. */
export type Seen = {
  /** When the input happened, on the machine's clock. */
  at: number;
  /** A frame with the card at its new place has been drawn. */
  frame: number;
  /** Which frame after the input that was: 1 is the first. */
  nth: number;
};

declare global {
  interface Window {
    seen: Seen[];
    changes: number[];
  }
}

/**
 * Notes each move of a card by key or mouse: from the timestamp of the event to the end of the first frame whose document
 * has the card elsewhere. A message posted in a frame's callback is answered once its style, layout and paint are done.
 */
export async function watchOwnEdits(page: Page): Promise<void> {
  await page.evaluate(() => {
    window.seen = [];
    const place = (card: Element) => `${card.parentElement?.id} ${card.previousElementSibling?.id}`;
    const note = (event: Event, id: string) => {
      const begun = event.timeStamp;
      const card = () => document.getElementById(id);
      const before = place(card()!);
      const seen: Seen = { at: performance.timeOrigin + begun, frame: 0, nth: 0 };
      const afterFrame = () => {
        const moved = card() && place(card()!) !== before;
        requestAnimationFrame(() => {
          // Moved within the callbacks of this frame is early enough; later is not.
          seen.nth += 1;
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => {
            const now = performance.now();
            if (!moved && (!card() || place(card()!) === before)) return now - begun < 2_000 ? afterFrame() : undefined;
            seen.frame = now - begun;
            performance.measure('own edit', { start: begun, end: now });
            window.seen.push(seen);
          };
          port2.postMessage(undefined);
        });
      };
      afterFrame();
    };
    addEventListener(
      'keydown',
      (event) => {
        const card = (event.target as Element).closest('[data-item]');
        if (card && event.altKey && event.key.startsWith('Arrow')) note(event, card.id);
      },
      true,
    );
    addEventListener(
      'pointerup',
      (event) => {
        const card = document.querySelector('.card--dragging');
        if (card) note(event, card.id);
      },
      true,
    );
  });
}

/** Notes when the cards of a page that only looks on change places. */
export async function watchOthersEdits(page: Page): Promise<void> {
  await page.evaluate(() => {
    window.changes = [];
    const lists = document.querySelectorAll('.lane__cards');
    const observer = new MutationObserver(() => window.changes.push(performance.timeOrigin + performance.now()));
    for (const list of lists) observer.observe(list, { childList: true });
  });
}

type TraceEvent = { name: string; cat: string; ph: string; ts: number; dur?: number; pid: number; tid: number };

const KINDS: [keyof Split, string[]][] = [
  ['style', ['UpdateLayoutTree', 'RecalculateStyles', 'ParseAuthorStyleSheet', 'ScheduleStyleRecalculation']],
  ['layout', ['Layout', 'HitTest', 'IntersectionObserverController::computeIntersections']],
  ['paint', ['PrePaint', 'Paint', 'Layerize', 'Commit', 'UpdateLayer', 'CompositeLayers']],
  [
    'scripting',
    ['EventDispatch', 'FunctionCall', 'RunMicrotasks', 'FireAnimationFrame', 'TimerFire', 'v8.callFunction', 'V8.GCScavenger', 'MinorGC', 'MajorGC', 'WebSocketReceive', 'HandlePostMessage'],
  ],
];

/** Runs something under Chromium's own trace, and says where the main thread's time went between input and frame. */
export async function traced(browser: Browser, page: Page, run: () => Promise<void>): Promise<Split[]> {
  await browser.startTracing(page, {
    categories: ['devtools.timeline', 'blink.user_timing', 'v8', 'disabled-by-default-v8.gc', '-*'],
  });
  await run();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const marks = traceEvents.filter((event) => event.name === 'own edit' && event.cat.includes('blink.user_timing'));
  const begins = marks.filter((event) => event.ph === 'b');
  const ends = marks.filter((event) => event.ph === 'e');
  const thread = begins[0];
  if (!thread) throw new Error('the trace has no edit');
  const work = traceEvents
    .filter((event) => event.ph === 'X' && event.pid === thread.pid && event.tid === thread.tid && event.dur)
    .sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
  return begins.map((begin, index) => split(work, begin.ts, ends[index]?.ts ?? begin.ts));
}

/** Own time of each kind within a span: what an event's children take is theirs. */
function split(work: TraceEvent[], from: number, to: number): Split {
  const sums: Split = { scripting: 0, style: 0, layout: 0, paint: 0, other: 0 };
  const open: { kind: keyof Split; end: number }[] = [];
  let at = from;
  const until = (time: number) => {
    const now = Math.min(Math.max(time, at), to);
    const top = open.at(-1);
    if (top) sums[top.kind] += (now - at) / 1000;
    at = now;
  };
  const close = (time: number) => {
    for (let top = open.at(-1); top && top.end <= time; top = open.at(-1)) {
      until(top.end);
      open.pop();
    }
    until(time);
  };
  for (const event of work) {
    const end = event.ts + (event.dur ?? 0);
    if (end < from || event.ts > to) continue;
    close(event.ts);
    const named = KINDS.find(([, names]) => names.includes(event.name))?.[0];
    open.push({ kind: named ?? open.at(-1)?.kind ?? 'other', end });
  }
  close(to);
  return sums;
}
