// One worker thread under watch: it is started, watched for life, started again when it ends, and stopped.
//
// Life cycle: starting -> running -> (waiting -> starting -> running)* -> stopped. A thread that ends although nobody
// asked is started again after a back-off; after `restartsInARowMax` without a healthy spell the supervisor is told to
// give up. A thread whose event loop stands still is ended and counts as ended. (A database that does not answer never
// ends a thread: it recovers inside.) One that the others can do without is started again for ever.
import { type Transferable, Worker } from 'node:worker_threads';
import type { Control, Report } from './messages.ts';

export interface SupervisionLimits {
  readonly restartsInARowMax: number;
  readonly restartBackoffMsMin: number;
  readonly restartBackoffMsMax: number;
  /** A thread that has run so long starts its count anew. */
  readonly healthyAfterMs: number;
  readonly beatIntervalMs: number;
  /** An event loop that has not turned for so long is taken for dead. */
  readonly stallMsMax: number;
  readonly stopMsMax: number;
  /** What a request makes is garbage soon: with room for more of it, less of it is copied before that. */
  readonly youngGenerationMb: number;
}

export const defaultSupervisionLimits: SupervisionLimits = {
  restartsInARowMax: 10,
  restartBackoffMsMin: 50,
  restartBackoffMsMax: 5_000,
  healthyAfterMs: 30_000,
  beatIntervalMs: 200,
  stallMsMax: 5_000,
  stopMsMax: 20_000,
  youngGenerationMb: 64,
};

export interface SupervisedOptions {
  readonly name: string;
  readonly module: URL;
  readonly limits: SupervisionLimits;
  /** What the thread is given at each start, besides `beats`. */
  workerData(): Record<string, unknown>;
  /** The thread exists and can be sent to, but may not be ready. */
  onStart(): void;
  onReport(report: Report): void;
  /** It has ended unasked; it will be started again. */
  onEnd(why: string): void;
  /** Null: never, the others can do without it. */
  readonly onGiveUp: ((why: string) => void) | null;
}

export class Supervised {
  readonly #options: SupervisedOptions;
  #worker: Worker | undefined;
  #beats = new Int32Array(new SharedArrayBuffer(4));
  #watch: NodeJS.Timeout | undefined;
  #restart: NodeJS.Timeout | undefined;
  #restarts = 0;
  #isStopping = false;
  #ended: (() => void) | undefined;
  #waiting = new Map<Report['type'], (() => void)[]>();

  constructor(options: SupervisedOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get isRunning(): boolean {
    return this.#worker !== undefined;
  }

  /** Does nothing once it was stopped. */
  start(): void {
    if (this.#isStopping) return;
    const startedAt = performance.now();
    this.#beats = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(this.#options.module, {
      name: this.#options.name,
      resourceLimits: { maxYoungGenerationSizeMb: this.#options.limits.youngGenerationMb },
      workerData: {
        ...this.#options.workerData(),
        beats: this.#beats,
        beatIntervalMs: this.#options.limits.beatIntervalMs,
      },
    });
    this.#worker = worker;
    let why = 'it exited';
    worker.on('error', (error: unknown) => {
      why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    });
    worker.on('message', (report: Report) => {
      for (const resolve of this.#waiting.get(report.type)?.splice(0) ?? []) resolve();
      this.#options.onReport(report);
    });
    worker.on('exit', (code) => this.#onExit(worker, `${why} (code ${code})`, performance.now() - startedAt));
    this.#watchBeats(worker);
    this.#options.onStart();
  }

  send(message: Control, transfer: readonly Transferable[] = []): void {
    this.#worker?.postMessage(message, transfer);
  }

  /** Sends a control message and waits for the report that answers it, or until the bound has passed. */
  async request(message: Control, answer: Report['type']): Promise<void> {
    if (this.#worker === undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#options.limits.stopMsMax);
      const waiting = this.#waiting.get(answer) ?? [];
      this.#waiting.set(answer, waiting);
      waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
      this.send(message);
    });
  }

  /** Asks the thread to stop and waits for its end; one that does not end in time is ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#restart);
    const worker = this.#worker;
    if (worker === undefined) return;
    const ended = new Promise<void>((resolve) => {
      this.#ended = resolve;
    });
    this.send({ type: 'stop' });
    const timer = setTimeout(() => void worker.terminate(), this.#options.limits.stopMsMax);
    await ended;
    clearTimeout(timer);
  }

  #onExit(worker: Worker, why: string, ranMs: number): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    clearInterval(this.#watch);
    for (const resolvers of this.#waiting.values()) for (const resolve of resolvers.splice(0)) resolve();
    this.#ended?.();
    if (this.#isStopping) return;
    const { limits } = this.#options;
    this.#restarts = ranMs > limits.healthyAfterMs ? 0 : this.#restarts + 1;
    this.#options.onEnd(why);
    const { onGiveUp } = this.#options;
    if (onGiveUp !== null && this.#restarts > limits.restartsInARowMax) {
      onGiveUp(why);
      return;
    }
    const backoffMs = Math.min(
      limits.restartBackoffMsMin * 2 ** (this.#restarts - 1),
      limits.restartBackoffMsMax,
    );
    this.#restart = setTimeout(() => this.start(), backoffMs);
  }

  /** Time in which this thread itself stood still (a stopped process, a starved machine) is not held against the other. */
  #watchBeats(worker: Worker): void {
    const { beatIntervalMs, stallMsMax } = this.#options.limits;
    let last = -1;
    let stalledMs = 0;
    clearInterval(this.#watch);
    this.#watch = setInterval(() => {
      const beat = Atomics.load(this.#beats, 0);
      stalledMs = beat === last ? stalledMs + beatIntervalMs : 0;
      last = beat;
      if (stalledMs < stallMsMax) return;
      stalledMs = 0;
      this.#options.onReport({ type: 'stalled' });
      void worker.terminate();
    }, beatIntervalMs);
  }
}
