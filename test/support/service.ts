/** The service as a process of its own: started, known by what it logs, stopped, killed, frozen. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, vi } from 'vitest';
import { auditDatabase } from '../../src/service/audit.ts';
import { until } from './until.ts';

export interface ServiceOptions {
  /** Where it keeps its data: an address, or the folder of an embedded server. */
  readonly data: { readonly url: string } | { readonly folder: string };
  readonly env?: Readonly<Record<string, string>>;
  /** A script of the tests' own, instead of `synkro`. */
  readonly entry?: URL;
  /** Instead of `serve`. */
  readonly command?: string;
}

export interface Ports {
  readonly http: number;
  readonly grpc: number;
}

/** A line of its log; what is no JSON, such as the trace of a crash, comes as `msg`. */
export type LogLine = Readonly<Record<string, unknown>>;

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const startMsMax = 60_000;
/** From spawn to the ready line, on a machine of two cores that has nothing else to do. */
const startMsUsual = 1_500;
const stopMsMax = 40_000;
const logLinesMax = 2_000;
const logLinesShown = 30;

// A busy machine makes processes slow to start, and a test starts several.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Whoever runs the tests may be stopped half-way: nothing that was started here outlives it. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class TestService {
  readonly #child: ChildProcess;
  readonly #lines: LogLine[] = [];
  readonly #closed: Promise<void>;
  readonly #spawnedAt = performance.now();
  #slowness = 1;
  #isClosed = false;

  /** Returns at once; see `ready`. */
  static spawn({ data, env = {}, entry, command = 'serve' }: ServiceOptions): TestService {
    const script = [entry === undefined ? `${checkout}/src/cli/main.ts` : fileURLToPath(entry), command];
    // Not process.execPath: vitest itself may run on a Node that cannot strip types.
    const child = spawn(`${checkout}/node_modules/node/bin/node`, script, {
      cwd: '/',
      env: {
        PATH: process.env['PATH'],
        HTTP_PORT: '0',
        GRPC_PORT: '0',
        SHARD_THREADS: '1',
        // Halves what a start costs.
        NODE_COMPILE_CACHE: `${checkout}/node_modules/.cache/synkro-tests`,
        ...('url' in data
          ? { ROLE: 'inventory', INVENTORY_DATABASE_URL: data.url }
          : { DATA_DIR: data.folder }),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new TestService(child);
  }

  /** Resolves when it serves. */
  static async start(options: ServiceOptions): Promise<TestService> {
    const service = TestService.spawn(options);
    await service.ready();
    return service;
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) throw new Error('the service has no pipes');
      createInterface({ input: stream }).on('line', (line) => this.#heard(line));
    }
    this.#closed = new Promise((resolve) => {
      child.once('close', () => {
        this.#isClosed = true;
        running.delete(child);
        resolve();
      });
    });
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('the service could not be started');
    return pid;
  }

  /**
   * How many times longer its first line took than it does on an idle machine, at least 1: a bound that a product's
   * promise sets for a machine with room grows by as much where others use the machine.
   */
  get slowness(): number {
    return this.#slowness;
  }

  get hasEnded(): boolean {
    return this.#isClosed;
  }

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** How often it has said that. */
  count(matches: (line: LogLine) => boolean): number {
    return this.#lines.filter(matches).length;
  }

  /** Waits for its ready line: the first, or the one after as many. */
  async ready(after = 0): Promise<Ports> {
    const line = await this.says('that it is ready', ({ event }) => event === 'ready', after);
    return portsOf(line);
  }

  /** @returns the line that matches after as many others that do */
  async says(what: string, matches: (line: LogLine) => boolean, after = 0): Promise<LogLine> {
    const find = (): LogLine | undefined => this.#lines.filter(matches)[after];
    try {
      await until(`a service to say ${what}`, () => this.#isClosed || find() !== undefined, startMsMax);
    } catch (error) {
      throw new Error(`${String(error)}\n${this.logTail()}`);
    }
    const line = find();
    if (line === undefined)
      throw new Error(`the service ended before it said ${what}: ${this.#end()}\n${this.logTail()}`);
    return line;
  }

  /** The last lines of its log. */
  logTail(): string {
    return this.#lines
      .slice(-logLinesShown)
      .map((line) => JSON.stringify(line))
      .join('\n');
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** `exit code 0` where it ended by itself. */
  async ended(): Promise<string> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopMsMax);
    await this.#closed;
    clearTimeout(timer);
    return this.#end();
  }

  /** SIGTERM, and fails where the end is not a clean one. */
  async stop(): Promise<void> {
    this.signal('SIGTERM');
    expect(await this.ended(), this.logTail()).toBe('exit code 0');
  }

  /** kill -9 */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.#closed;
  }

  #end(): string {
    const { exitCode, signalCode } = this.#child;
    return signalCode === null ? `exit code ${exitCode}` : `signal ${signalCode}`;
  }

  #heard(line: string): void {
    if (this.#lines.length === 0)
      this.#slowness = Math.max(1, (performance.now() - this.#spawnedAt) / startMsUsual);
    this.#lines.push(parseLine(line));
    if (this.#lines.length > logLinesMax) this.#lines.shift();
  }
}

export function portsOf({ http, grpc }: LogLine): Ports {
  if (typeof http !== 'number' || typeof grpc !== 'number') throw new Error('a log line without ports');
  return { http, grpc };
}

function parseLine(text: string): LogLine {
  try {
    const line: unknown = JSON.parse(text);
    if (typeof line === 'object' && line !== null && !Array.isArray(line)) return { ...line };
  } catch {
    // Not of the logger: it is shown as it is.
  }
  return { msg: text };
}

/** I1 and I2, from everything that the database holds at one moment. */
export async function expectCleanAudit(url: string): Promise<void> {
  const report = await auditDatabase(url, { warn: () => undefined });
  expect(report.differences).toEqual([]);
}

export async function readiness(port: number): Promise<{ readonly status: number; readonly why: unknown }> {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`);
  const body: unknown = await response.json();
  return {
    status: response.status,
    why: typeof body === 'object' && body !== null && 'why' in body ? body.why : null,
  };
}
