import { open, readFile, rm } from 'node:fs/promises';
import { cpus, release } from 'node:os';
import { join } from 'node:path';

export type Row = { name: string; goal?: number; count: number; p50: number; p95: number };

/** The value below which this share of the values lies. */
export function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(Math.max(Math.ceil(sorted.length * share), 1), sorted.length) - 1];
  if (value === undefined) throw new Error('nothing was measured');
  return value;
}

/** Prints the rows as a table, with the machine and its disk, without which no latency means much. */
export async function report(folder: string, rows: Row[]): Promise<void> {
  const processors = cpus();
  const load = (await readFile('/proc/loadavg', 'utf8').catch(() => '')).split(' ')[0] ?? '';
  const fsync = quantile(await fdatasyncs(folder), 0.5);
  const lines = [
    `${processors[0]?.model.trim()}, ${processors.length} cores · Linux ${release()} · load ${load} · fdatasync of 4 KiB ${fsync.toFixed(2)} ms`,
    '',
    '| Figure | Goal for p95 | p50 | p95 | Edits | |',
    '|---|---|---|---|---|---|',
    ...rows.map(({ name, goal, count, p50, p95 }) => {
      const verdict = goal === undefined ? '' : p95 <= goal ? 'met' : '**missed**';
      const wanted = goal === undefined ? '' : `≤ ${goal} ms`;
      return `| ${name} | ${wanted} | ${p50.toFixed(1)} ms | ${p95.toFixed(1)} ms | ${count} | ${verdict} |`;
    }),
  ];
  console.log(`\n${lines.join('\n')}\n`);
}

async function fdatasyncs(folder: string): Promise<number[]> {
  const path = join(folder, 'fsync');
  const file = await open(path, 'w');
  const block = Buffer.alloc(4096, 7);
  const times: number[] = [];
  for (let index = 0; index < 200; index += 1) {
    const begun = performance.now();
    await file.write(block, 0, block.length, index * block.length);
    await file.datasync();
    times.push(performance.now() - begun);
  }
  await file.close();
  await rm(path);
  return times;
}
