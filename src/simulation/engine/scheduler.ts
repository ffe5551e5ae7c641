// Simulated time: one queue of events. Time stands still while anything can run, and jumps to the next event when
// nothing can; of events at the same moment the seed says which comes first.
//
// Between two events all microtasks run dry, so that promises settle as they would if the outside were slow. That is
// done by process.nextTick from within a microtask: Node runs every microtask before the next tick, at 0.5 µs an event
// where setImmediate would take several.
import type { Random } from './random.ts';

interface Event {
  readonly at: number;
  readonly tie: number;
  readonly order: number;
  task: (() => void) | undefined;
}

/** Many times what any run needs. */
const eventsMax = 2_000_000;

/** done: the condition holds. late: the time was up. idle: nothing is left to happen. */
export type Ended = 'done' | 'late' | 'idle';

export class Scheduler {
  readonly #random: Random;
  readonly #heap: Event[] = [];
  #now = 0;
  #order = 0;
  #happened = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Milliseconds since the simulation began. */
  get now(): number {
    return this.#now;
  }

  /** Events that have happened or are to happen. */
  get events(): number {
    return this.#order;
  }

  /**
   * @returns a function that calls it off
   * @throws RangeError where the delay is not a number of milliseconds
   */
  after(delayMs: number, task: () => void): () => void {
    if (!Number.isFinite(delayMs)) throw new RangeError(`a delay of ${delayMs} ms`);
    const event = {
      at: this.#now + Math.max(0, delayMs),
      tie: this.#random.uint32(),
      order: this.#order++,
      task,
    };
    this.#push(event);
    return () => {
      const called: Event = event;
      called.task = undefined;
    };
  }

  /** Lets things happen until the condition holds, `limitMs` of simulated time have passed, or an event throws. */
  run(isDone: () => boolean, limitMs: number): Promise<Ended> {
    const until = this.#now + limitMs;
    return new Promise((resolve, reject) => {
      const pump = (): void => {
        const ended = this.#next(isDone, until, reject);
        if (ended === undefined) queueMicrotask(next);
        else if (ended !== 'threw') resolve(ended);
      };
      const next = (): void => process.nextTick(pump);
      next();
    });
  }

  #next(isDone: () => boolean, until: number, threw: (error: unknown) => void): Ended | 'threw' | undefined {
    try {
      return isDone() ? 'done' : this.#step(until);
    } catch (error) {
      threw(error);
      return 'threw';
    }
  }

  #step(until: number): 'late' | 'idle' | undefined {
    for (;;) {
      const event = this.#heap[0];
      if (event === undefined) return 'idle';
      if (event.task !== undefined && event.at > until) {
        this.#now = until;
        return 'late';
      }
      this.#pop();
      if (event.task === undefined) continue;
      if (++this.#happened > eventsMax)
        throw new RangeError(`more than ${eventsMax} events: something goes round`);
      this.#now = event.at;
      event.task();
      return undefined;
    }
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(event);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isEarlier(event, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = index * 2 + 1;
      const left = heap[child];
      const right = heap[child + 1];
      if (left === undefined) break;
      let smaller = left;
      if (right !== undefined && isEarlier(right, left)) {
        smaller = right;
        child++;
      }
      if (!isEarlier(smaller, last)) break;
      heap[index] = smaller;
      index = child;
    }
    heap[index] = last;
  }
}

function isEarlier(a: Event, b: Event): boolean {
  if (a.at !== b.at) return a.at < b.at;
  return a.tie === b.tie ? a.order < b.order : a.tie < b.tie;
}
