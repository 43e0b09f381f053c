import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const START_WITHIN_MS = 20_000;
const STOP_WITHIN_MS = 10_000;
/** Lines of the server's log kept for a failing test. */
const LOG_LINES = 400;

export type ServerOptions = {
  /** Serve the sample organisation with its sign-in buttons. */
  demo?: boolean;
  /** More flags for `cairn serve`. */
  flags?: string[];
};

/** A real `cairn serve` on a port and in a data folder of its own. */
export class Server {
  private process: ChildProcess | undefined;
  private readonly lines: string[] = [];

  private constructor(
    readonly port: number,
    /** Where this server keeps its database. */
    readonly folder: string,
    private readonly options: ServerOptions,
  ) {}

  static async start(options: ServerOptions = {}): Promise<Server> {
    const folder = await mkdtemp(join(tmpdir(), 'cairn-end2end-'));
    const server = new Server(await freePort(), folder, options);
    try {
      await server.launch();
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get database(): string {
    return `sqlite://${join(this.folder, 'cairn.db')}`;
  }

  /** What the server said last. */
  get log(): string {
    return this.lines.join('\n');
  }

  /** Starts it again on the same port with the same data. */
  async launch(): Promise<void> {
    const flags = ['serve', '--addr', `127.0.0.1:${this.port}`, '--db', this.database, '--site', named('CAIRN_SITE')];
    if (this.options.demo) flags.push('--demo');
    const child = spawn(named('CAIRN_BIN'), [...flags, ...(this.options.flags ?? [])], {
      cwd: this.folder,
      env: plainEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.keep(text));
    }
    let trouble: string | undefined;
    child.once('error', (error) => (trouble = error.message));
    child.once('exit', (code, signal) => (trouble = `it stopped with ${signal ?? code}`));

    const deadline = Date.now() + START_WITHIN_MS;
    while (!(await this.answers())) {
      if (trouble) throw new Error(`cairn serve did not start: ${trouble}\n${this.log}`);
      if (Date.now() > deadline) throw new Error(`cairn serve does not answer on ${this.url}\n${this.log}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Asks it to finish in order, as an operator does. */
  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  /** Ends it in the middle of whatever it does, as a power cut would. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Stops it and removes its data. */
  async close(): Promise<void> {
    try {
      await this.stop();
    } finally {
      await rm(this.folder, { recursive: true, force: true });
    }
  }

  private async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<boolean>((resolve) => child.once('exit', () => resolve(true)));
    child.kill(signal);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), STOP_WITHIN_MS)));
    const inTime = await Promise.race([ended, late]);
    clearTimeout(timer);
    if (!inTime) {
      child.kill('SIGKILL');
      await ended;
      throw new Error(`cairn serve did not stop within ${STOP_WITHIN_MS} ms of ${signal}\n${this.log}`);
    }
  }

  private async answers(): Promise<boolean> {
    try {
      const answer = await fetch(this.url, { redirect: 'manual' });
      await answer.body?.cancel();
      return answer.status < 500;
    } catch {
      return false;
    }
  }

  private keep(text: string): void {
    this.lines.push(...text.split('\n').filter((line) => line !== ''));
    this.lines.splice(0, this.lines.length - LOG_LINES);
  }
}

function named(variable: string): string {
  const value = process.env[variable];
  if (!value) throw new Error(`${variable} is not set; start the tests with \`cargo xtask test browser\`.`);
  return value;
}

/** Without the settings of whoever runs the tests. */
function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CAIRN_')));
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
