// A progress line on stderr: rewritten in place on a terminal, else a line every few seconds and one at the end.
import { count, type Io } from './io.ts';
import { progressIntervalMs, progressIntervalTtyMs } from './limits.ts';

export interface ProgressState {
  /** How far it is, in whatever `total` counts. */
  readonly done: number;
  /** Undefined where nobody knows, as with standard input. */
  readonly total: number | undefined;
  /** What the line says beside the percentage. */
  readonly text: string;
}

export class Progress {
  readonly #io: Io;
  readonly #label: string;
  readonly #state: (elapsedMs: number) => ProgressState;
  readonly #startedAt = performance.now();
  readonly #timer: NodeJS.Timeout;

  constructor(io: Io, label: string, state: (elapsedMs: number) => ProgressState) {
    this.#io = io;
    this.#label = label;
    this.#state = state;
    this.#timer = setInterval(() => this.#show(), io.errIsTty ? progressIntervalTtyMs : progressIntervalMs);
    this.#timer.unref();
  }

  /** Writes a line of its own above the progress line. */
  log(line: string): void {
    if (this.#io.errIsTty) this.#io.errRaw('\r\x1b[K');
    this.#io.err(line);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#show(true);
    if (this.#io.errIsTty) this.#io.errRaw('\n');
  }

  #show(ended = false): void {
    const elapsedMs = performance.now() - this.#startedAt;
    const line = `${this.#label}: ${progressText(this.#state(elapsedMs), elapsedMs, ended)}`;
    if (this.#io.errIsTty) this.#io.errRaw(`\r\x1b[K${line}`);
    else this.#io.err(line);
  }
}

/** The line itself: percentage, what is done, and the time left at the average rate so far. */
export function progressText(state: ProgressState, elapsedMs: number, ended = false): string {
  const share = state.total === undefined ? undefined : Math.min(1, state.done / Math.max(1, state.total));
  const text = share === undefined ? state.text : `${Math.floor(share * 100)} %, ${state.text}`;
  if (ended) return `${text}, ${seconds(elapsedMs)}`;
  if (share === undefined || state.done === 0) return text;
  return `${text}, ETA ${seconds((elapsedMs * (1 - share)) / share)}`;
}

function seconds(ms: number): string {
  const whole = Math.ceil(ms / 1_000);
  return whole < 60 ? `${whole} s` : `${count(Math.floor(whole / 60))} min ${whole % 60} s`;
}
