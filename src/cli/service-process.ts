// A service of the demo's own: this program's `serve` as a child process on the embedded PostgreSQL, with everything
// in one folder. Its log goes to a file there, so that it can outlive the demo (--keep) without a broken pipe.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFields } from './fields.ts';
import {
  auditMsMax,
  lineBytesMax,
  serviceLogPollMs,
  serviceLogTailLines,
  serviceReadyMsMax,
  serviceStopMsMax,
} from './limits.ts';
import { LineSplitter } from './lines.ts';
import { CommandError } from './options.ts';
import type { AuditFindings } from './replay/report.ts';

/** What starts this program again: `[node, main.ts]`, options of Node included. */
export type Program = readonly [command: string, ...args: string[]];

export function thisProgram(): Program {
  const [, main] = process.argv;
  if (main === undefined) throw new CommandError('cannot find the file that this program was started from');
  return [process.execPath, ...process.execArgv, main];
}

export interface Ports {
  readonly http: number;
  readonly grpc: number;
}

/** Settings that would lead the demo's service to someone's own database, broker, customers or money, or make it another service. */
const foreignSettings = [
  'INVENTORY_DATABASE_URL',
  'LOGISTICS_DATABASE_URL',
  'NOTIFICATIONS_DATABASE_URL',
  'INVENTORY_GRPC_URL',
  'LOGISTICS_GRPC_URL',
  'PAYMENT_GATEWAY_URL',
  'PAYMENT_SECRETS',
  'AMQP_URL',
  'REDIS_URL',
  'NOTIFICATION_WEBHOOK_URLS',
  'NOTIFICATION_WEBHOOK_SECRETS',
  'SMTP_URL',
  'CLIENT_REQUESTS_PER_SECOND',
  'ROLE',
];

export class ServiceProcess {
  readonly folder: string;
  readonly logFile: string;
  readonly #program: Program;
  readonly #child: ChildProcess;
  readonly #ended: Promise<string>;
  #end: string | undefined;

  private constructor(folder: string, logFile: string, program: Program, child: ChildProcess) {
    this.folder = folder;
    this.logFile = logFile;
    this.#program = program;
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      const end = (text: string): void => {
        this.#end ??= text;
        resolve(this.#end);
      };
      child.once('exit', (code, signal) => end(signal === null ? `exit code ${code}` : `signal ${signal}`));
      child.once('error', (error) => end(error.message));
    });
  }

  /** @param keep the service shall survive this process, and the signals of its terminal */
  static async start(
    folder: string,
    keep: boolean,
    program: Program = thisProgram(),
  ): Promise<ServiceProcess> {
    const logFile = join(folder, 'service.log');
    const log = await open(logFile, 'a');
    try {
      const [command, ...args] = program;
      const child = spawn(command, [...args, 'serve'], {
        env: serviceEnvironment(folder, { HTTP_PORT: '0', GRPC_PORT: '0', HOST: '127.0.0.1' }),
        stdio: ['ignore', log.fd, log.fd],
        detached: keep,
      });
      return new ServiceProcess(folder, logFile, program, child);
    } finally {
      await log.close();
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Resolves with how the process ended, once it has. */
  get ended(): Promise<string> {
    return this.#ended;
  }

  /** Waits for the ready line in the log. @throws CommandError with the end of the log */
  async ready(signal: AbortSignal): Promise<Ports> {
    const deadline = performance.now() + serviceReadyMsMax;
    for (;;) {
      const ports = await this.#readyLine();
      if (ports !== undefined) return ports;
      if (signal.aborted) throw new CommandError(String(signal.reason));
      if (this.#end !== undefined) {
        throw new CommandError(`the service ended before it was ready: ${this.#end}${await this.logTail()}`);
      }
      if (performance.now() > deadline) {
        throw new CommandError(
          `the service was not ready within ${serviceReadyMsMax / 1_000} s${await this.logTail()}`,
        );
      }
      await sleep(serviceLogPollMs);
    }
  }

  /** SIGTERM, and SIGKILL where that takes too long. @returns how it ended; `exit code 0` is a clean stop */
  async stop(): Promise<string> {
    if (this.#end !== undefined) return this.#end;
    this.#child.kill('SIGTERM');
    using timer = deadline(serviceStopMsMax, () => this.#child.kill('SIGKILL'));
    const end = await this.#ended;
    return timer.passed ? `no end within ${serviceStopMsMax / 1_000} s after SIGTERM` : end;
  }

  /** Lets this process end while the service goes on. */
  release(): void {
    this.#child.unref();
  }

  /** Runs `audit` on the service's databases, in a process of its own. */
  async audit(): Promise<AuditFindings> {
    const [command, ...args] = this.#program;
    const child = spawn(command, [...args, 'audit'], {
      env: serviceEnvironment(this.folder, {}),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: auditMsMax,
    });
    const output = Promise.all([collect(child.stdout), collect(child.stderr)]);
    const [code] = await once(child, 'close');
    const [stdout, stderr] = await output;
    if (code === 0) return { differences: [] };
    const lines = [...stdout, ...stderr];
    return {
      differences: (lines.length === 0 ? [`audit ended with ${String(code)}`] : lines).map((what) => ({
        what,
      })),
    };
  }

  /** The last lines of the log, to be put behind a message. */
  async logTail(): Promise<string> {
    const lines = (await readFile(this.logFile, 'utf8')).trimEnd().split('\n').slice(-serviceLogTailLines);
    return `; its log ends with:\n${lines.join('\n')}`;
  }

  async #readyLine(): Promise<Ports | undefined> {
    const splitter = new LineSplitter(lineBytesMax);
    for await (const chunk of createReadStream(this.logFile)) {
      if (!Buffer.isBuffer(chunk)) continue;
      for (const line of splitter.push(chunk)) {
        const ports = 'text' in line ? parseReadyLine(line.text) : undefined;
        if (ports !== undefined) return ports;
      }
    }
    return undefined;
  }
}

/** The ports of a `{"event":"ready","http":PORT,"grpc":PORT}` line, among whatever else its fields are. */
export function parseReadyLine(text: string): Ports | undefined {
  if (!text.includes('"ready"')) return undefined;
  try {
    const line: unknown = JSON.parse(text);
    if (!isFields(line) || line['event'] !== 'ready') return undefined;
    const { http, grpc } = line;
    return typeof http === 'number' && typeof grpc === 'number' ? { http, grpc } : undefined;
  } catch {
    return undefined;
  }
}

function serviceEnvironment(folder: string, own: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, ...own, DATA_DIR: join(folder, 'data') };
  for (const name of foreignSettings) delete env[name];
  return env;
}

async function collect(stream: NodeJS.ReadableStream): Promise<string[]> {
  const splitter = new LineSplitter();
  const lines: string[] = [];
  const keep = (found: Iterable<{ text: string } | { problem: string }>): void => {
    for (const line of found) if ('text' in line && line.text.trim() !== '') lines.push(line.text);
  };
  for await (const chunk of stream) keep(splitter.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk)));
  keep(splitter.end());
  return lines;
}

interface Deadline extends Disposable {
  readonly passed: boolean;
}

function deadline(ms: number, onPassed: () => void): Deadline {
  let passed = false;
  const timer = setTimeout(() => {
    passed = true;
    onPassed();
  }, ms);
  return {
    get passed() {
      return passed;
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
