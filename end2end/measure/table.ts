import { execFileSync } from 'node:child_process';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';
import { FIGURES, type Row, quantile } from './figures';

const BEGIN = '<!-- figures: written by cargo xtask bench --browser -->';
const END = '<!-- end of figures of the browser -->';

/**
 * Makes one table of what all files measured, prints it, and puts it between the marks of the Markdown file named in
 * FIGURES. What failed is a row that says so.
 */
export default class Table implements Reporter {
  private readonly lines: string[] = [];

  onTestEnd(test: TestCase, result: TestResult): void {
    for (const { name, body } of result.attachments) {
      if (name === FIGURES && body) this.lines.push(...(JSON.parse(body.toString()) as Row[]).map(line));
    }
    if (result.status !== 'passed' && result.status !== 'skipped') {
      const why = (result.error?.message ?? result.status).replaceAll(/\u001b\[\d+m/g, '').split('\n')[0];
      this.lines.push(`| | ${test.title} | | | | **failed**: ${why?.replaceAll('|', '/')} |`);
    }
  }

  async onEnd(): Promise<void> {
    const table = [
      await machine(),
      '',
      '| | Figure | Goal | Measured | Times | |',
      '|---|---|---|---|---|---|',
      ...this.lines.sort(),
    ].join('\n');
    console.log(`\n${table}\n`);
    const file = process.env.FIGURES;
    if (!file) return;
    const text = await readFile(file, 'utf8');
    const [before, rest] = text.split(BEGIN);
    const after = rest?.split(END)[1];
    if (before === undefined || after === undefined) throw new Error(`${file} has no lines ${BEGIN} and ${END}`);
    await writeFile(file, `${before}${BEGIN}\n\n${table}\n\n${END}${after}`);
  }
}

function line({ id = '', name, unit, values, goals = {}, count }: Row): string {
  const shown = (from: Row['values'], sign = '') =>
    Object.entries(from).map(([which, value]) => `${which} ${sign}${number(value)} ${unit}`.trim()).join(', ');
  const met = Object.entries(goals).every(([which, most]) => (values[which] ?? Infinity) <= most);
  const verdict = Object.keys(goals).length === 0 ? '' : met ? 'met' : '**missed**';
  return `| ${id} | ${name} | ${shown(goals, '≤ ')} | ${shown(values)} | ${count} | ${verdict} |`;
}

function number(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toFixed(1)));
}

/** The machine and its disk, without which no latency means much. */
async function machine(): Promise<string> {
  const processors = cpus();
  const load = (await readFile('/proc/loadavg', 'utf8').catch(() => '')).split(' ')[0] ?? '';
  const fsync = quantile(await fdatasyncs(join(tmpdir(), `fsync-${process.pid}`)), 0.5);
  return [
    `Commit ${commit()}`,
    `${processors[0]?.model.trim()}, ${processors.length} cores`,
    `Linux ${release()}`,
    `load ${load}`,
    `fdatasync of 4 KiB ${fsync.toFixed(2)} ms`,
  ].join(' · ');
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

async function fdatasyncs(path: string): Promise<number[]> {
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
