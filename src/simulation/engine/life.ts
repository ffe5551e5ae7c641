// The life of something that can die or be stopped: a process, and each of its threads. Whatever reaches it from
// outside (timers, answers of the database, messages) enters through its life: dropped when it is dead, put aside while
// it is stopped.
import type { Clock } from '../../runtime/clock.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

export class Life {
  readonly #within: Life | undefined;
  #isDead = false;
  #isStopped = false;
  #aside: (() => void)[] = [];

  /** @param within dies and stops with it */
  constructor(within?: Life) {
    this.#within = within;
  }

  get isDead(): boolean {
    return this.#isDead || (this.#within?.isDead ?? false);
  }

  get isStopped(): boolean {
    return this.#isStopped || (this.#within?.isStopped ?? false);
  }

  enter(task: () => void): void {
    if (this.isDead) return;
    if (this.#within?.isStopped === true) this.#within.enter(() => this.enter(task));
    else if (this.#isStopped) this.#aside.push(task);
    else task();
  }

  /** All its memory is gone, and nothing reaches it any more. */
  kill(): void {
    this.#isDead = true;
    this.#aside = [];
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** What came meanwhile reaches it now, in the order in which it came. */
  wake(scheduler: Scheduler): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    // A hair's breadth apart each, so that the seed does not mix what came in order.
    for (const [index, task] of this.#aside.splice(0).entries()) {
      scheduler.after(index * 1e-6, () => this.enter(task));
    }
  }
}

/** The clock of one process, as one of its threads sees it: started at its own time, timers a little late. */
export function clockOf(scheduler: Scheduler, life: Life, random: Random, startedAtMs: number): Clock {
  return {
    monotonic: () => scheduler.now + startedAtMs,
    after(delayMs, task) {
      let isOff = false;
      const cancel = scheduler.after(delayMs + random.float(), () =>
        life.enter(() => {
          if (!isOff) task();
        }),
      );
      return () => {
        isOff = true;
        cancel();
      };
    },
    defer(task) {
      scheduler.after(random.float() * 0.01, () => life.enter(task));
    },
  };
}
