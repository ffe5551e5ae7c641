// A child process of the benchmarks that is talked to: it is started, its messages are waited for, it is stopped. What it
// writes is kept only for error messages; a child that ends unasked fails whoever waits for it.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Shape } from '../src/actors/shape.ts';
import { benchLimits as limits } from './limits.ts';

interface Waiter {
  readonly accept: (message: unknown) => boolean;
  readonly reject: (error: Error) => void;
}

export class Child {
  static readonly #living = new Set<Child>();
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #inbox: unknown[] = [];
  readonly #waiters = new Set<Waiter>();
  #output: string[] = [];
  #end: string | undefined;
  #isStopping = false;

  /** @param env besides ours; not arguments, which everybody on the machine could read */
  constructor(name: string, module: URL, env: Readonly<Record<string, string>> = {}) {
    this.#name = name;
    this.#process = fork(module, {
      env: { ...process.env, ...env },
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    Child.#living.add(this);
    for (const stream of [this.#process.stdout, this.#process.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => this.#keep(text));
    this.#process.on('message', (message: unknown) => this.#receive(message));
    this.#process.once('error', (error) => this.#ended(error.message));
    this.#process.once('exit', (code, signal) => this.#ended(signal ?? `exit code ${code}`));
  }

  /** For an interrupted run: nothing of ours is left behind. */
  static killAll(): void {
    for (const child of Child.#living) child.#process.kill('SIGKILL');
  }

  send(message: object): void {
    if (this.#end === undefined) this.#process.send(message);
  }

  /** The first message, of those not taken yet, that has the shape. @throws Error when the child ends, or in time */
  wait<T>(what: string, shape: Shape<T>, msMax: number): Promise<T> {
    const at = this.#inbox.findIndex(shape);
    const [found] = at < 0 ? [] : this.#inbox.splice(at, 1);
    if (shape(found)) return Promise.resolve(found);
    if (this.#end !== undefined) return Promise.reject(this.#error(what));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new Error(`${this.#name}: no ${what} within ${msMax} ms${this.#tail()}`));
      }, msMax);
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        act();
      };
      const waiter: Waiter = {
        accept: (message) => {
          if (!shape(message)) return false;
          settle(() => resolve(message));
          return true;
        },
        reject: (error) => settle(() => reject(error)),
      };
      this.#waiters.add(waiter);
    });
  }

  /** Asks it to stop and waits for its end. @throws Error where it does not end cleanly, or not in time */
  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#end === undefined) {
      const ended = once(this.#process, 'exit');
      const timer = setTimeout(() => this.#process.kill('SIGKILL'), limits.hostStopMsMax);
      this.send({ type: 'stop' });
      await ended;
      clearTimeout(timer);
    }
    if (this.#end !== 'exit code 0') throw this.#error('clean stop');
  }

  kill(): void {
    this.#isStopping = true;
    this.#process.kill('SIGKILL');
  }

  #receive(message: unknown): void {
    for (const waiter of this.#waiters) if (waiter.accept(message)) return;
    this.#inbox.push(message);
    if (this.#inbox.length > limits.inboxMax) this.#inbox.shift();
  }

  #ended(how: string): void {
    if (this.#end !== undefined) return;
    this.#end = how;
    Child.#living.delete(this);
    for (const waiter of [...this.#waiters]) waiter.reject(this.#error('an answer'));
  }

  #error(what: string): Error {
    const how = this.#isStopping ? 'was stopped' : 'ended';
    return new Error(`${this.#name}: waited for ${what}, but it ${how}: ${this.#end}${this.#tail()}`);
  }

  #keep(text: string): void {
    this.#output = [...this.#output, ...text.trimEnd().split('\n')].slice(-limits.outputLinesMax);
  }

  #tail(): string {
    return this.#output.length === 0 ? '' : `; its last lines:\n${this.#output.join('\n')}`;
  }
}
