import type { Page } from '@playwright/test';

/** What the server answers about one operation. */
export type Outcome = { accepted: { seq: number } } | { refused: unknown };

export type Welcome = { role: string; head: number; epoch: number; user: string };

export type Spoken = {
  /** Why the conversation ended early, if it did. */
  closed?: { code: number; bye?: string };
  welcome?: Welcome;
  outcomes: Outcome[];
  /** Entries that came, as they came. */
  entries: unknown[];
};

type Frame = {
  welcome?: Welcome;
  ack?: { results: { cseq: number; outcome: Outcome }[] };
  entries?: { entries: unknown[] };
  bye?: { reason: string };
  closed?: { code: number; reason: string };
  pong?: { head: number };
};

/**
 * Talks to the live channel from that page, past the interface: says hello with nothing, pushes the operations in one
 * go, and returns when each is answered. Entries are those that came in the same time.
 */
export async function speak(page: Page, roadmap: string, ops: unknown[], have = 0): Promise<Spoken> {
  return page.evaluate(
    ({ roadmap, ops, have }) =>
      new Promise<Spoken>((resolve, reject) => {
        const spoken: Spoken = { outcomes: [], entries: [] };
        const socket = new WebSocket(`ws://${location.host}/live`);
        const late = setTimeout(() => reject(new Error(`no answer; so far ${JSON.stringify(spoken)}`)), 15_000);
        const finish = () => {
          clearTimeout(late);
          socket.close();
          resolve(spoken);
        };
        const say = (message: unknown) => socket.send(JSON.stringify(message));
        let bye: string | undefined;
        socket.onopen = () =>
          say({ hello: { protocol: 6, roadmap, client: crypto.randomUUID(), epoch: 1, have, plain: true } });
        socket.onclose = (event) => {
          if (spoken.outcomes.length === ops.length && ops.length > 0) return;
          spoken.closed = { code: event.code, bye };
          finish();
        };
        socket.onmessage = (event) => {
          const frame = JSON.parse(String(event.data)) as Frame | 'refetch';
          if (frame === 'refetch') return;
          if (frame.pong) return finish();
          if (frame.welcome) {
            spoken.welcome = frame.welcome;
            if (ops.length > 0) say({ push: { ops: ops.map((op, index) => ({ cseq: index + 1, op })) } });
            else say('ping');
          }
          if (frame.entries) spoken.entries.push(...frame.entries.entries);
          if (frame.bye) bye = frame.bye.reason;
          if (frame.closed) {
            spoken.closed = { code: frame.closed.code, bye: frame.closed.reason };
            finish();
          }
          if (frame.ack) {
            spoken.outcomes.push(...frame.ack.results.map((result) => result.outcome));
            if (spoken.outcomes.length === ops.length) finish();
          }
        };
      }),
    { roadmap, ops, have },
  );
}

/** The document and people of a product, as that page's person may see them. */
export type Snapshot = {
  role: string;
  user: string;
  members: { id: string; name: string }[];
  product: { roadmap: string };
  snapshot: {
    roadmap: string;
    head: number;
    document: {
      lanes: { id: string; name: string }[];
      items: { id: string; number: number; lane: string; fields: Record<string, unknown>; deleted?: unknown }[];
      comments?: { id: string; item: string; body: string }[];
      more_comments?: Record<string, number>;
      votes?: Record<string, { count: number; voters?: string[] }>;
    };
  };
};

export async function snapshot(page: Page, key: string): Promise<Snapshot> {
  const answer = await page.request.post('/api/load_board', { data: { key } });
  if (!answer.ok()) throw new Error(`${answer.status()}: ${await answer.text()}`);
  return (await answer.json()) as Snapshot;
}
