// Runs a handler over events, whichever way they come.
//
// 1. Events of one subject are handled one after another, in the order in which they were taken; the lane of a subject
//    outlives what its events come over, so that one that comes again waits for the first to be over.
// 2. NotNow is tried again without end, and holds its subject only. Whatever else is thrown is tried again attemptsMax
//    times in all; then the event is put aside, and its subject goes on once that is done.
// 3. No handler is interrupted; what has not begun is given up at once when it is abandoned or everything is closed.
import type { PublishedEvent } from '../events/event.ts';
import { type EventHandler, NotNow } from '../events/handler.ts';
import { ClosedError } from './closed.ts';
import { Fifo } from './fifo.ts';
import { type BackOff, backOffMs, systemTimers, type Timers } from './timers.ts';

export interface DeliveryLimits {
  /** Of an event whose handler throws, the first included. */
  readonly attemptsMax: number;
  readonly attempt: BackOff;
  readonly notNow: BackOff;
  /** For handlers under way when everything is closed. */
  readonly closeMsMax: number;
}

export const deliveryLimits: DeliveryLimits = {
  attemptsMax: 5,
  attempt: { msMin: 50, msMax: 1_000 },
  notNow: { msMin: 100, msMax: 3_000 },
  closeMsMax: 5_000,
};

/** Of a reason why an event is dead, in characters. */
const reasonLengthMax = 500;

export interface Dead {
  /** Why: one line, for people. */
  readonly dead: string;
  readonly attempts: number;
}

export interface Source {
  /** What the event came over: see abandon(). */
  readonly holder: object;
  /** Stores an event that is dead, before its subject goes on; tried again until it is done or abandoned. */
  putAside(dead: Dead): Promise<void>;
}

export interface DeliveryOptions {
  readonly handler: EventHandler;
  readonly limits?: Partial<DeliveryLimits>;
  readonly timers?: Timers;
}

/** Since the start. */
export interface DeliveryCounts {
  readonly handled: number;
  /** Tries after the first of an event. */
  readonly retried: number;
  readonly dead: number;
}

export class Delivery {
  readonly #handler: EventHandler;
  readonly #limits: DeliveryLimits;
  readonly #timers: Timers;
  /** By subject; the first of each is being handled. */
  readonly #lanes = new Map<string, Fifo<Task>>();
  /** Those that wait for NotNow, by since when, the longest first. */
  readonly #stuck = new Map<Task, number>();
  readonly #counts = { handled: 0, retried: 0, dead: 0 };
  #closing: Promise<void> | undefined;
  #lanesEnded: (() => void) | undefined;

  constructor({ handler, limits, timers = systemTimers }: DeliveryOptions) {
    this.#handler = handler;
    this.#limits = { ...deliveryLimits, ...limits };
    this.#timers = timers;
  }

  get counts(): DeliveryCounts {
    return { ...this.#counts };
  }

  /** How long a subject has been waiting for NotNow, the longest of them, in milliseconds; 0 where none is. */
  get stuckForMs(): number {
    for (const since of this.#stuck.values()) return this.#timers.monotonic() - since;
    return 0;
  }

  /**
   * Whoever calls bounds how many are not over.
   * @throws ClosedError where it was abandoned or everything closed before it was over: it is to be offered again
   */
  take(event: PublishedEvent, source?: Source): Promise<'done' | Dead> {
    if (this.#closing !== undefined) return Promise.reject(new ClosedError('the delivery'));
    const task = new Task(event, source);
    const lane = this.#lanes.get(event.subject);
    if (lane !== undefined) lane.push(task);
    else {
      const own = new Fifo<Task>();
      own.push(task);
      this.#lanes.set(event.subject, own);
      void this.#work(event.subject, own);
    }
    return task.outcome;
  }

  /** Of what came over it nothing is begun any more. */
  abandon(holder: object): void {
    this.#giveUp((task) => task.source?.holder === holder);
  }

  /** Waits for handlers under way, for a bounded time. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#giveUp(() => true);
    if (this.#lanes.size === 0) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#timers.after(this.#limits.closeMsMax, resolve);
      this.#lanesEnded = () => {
        cancel();
        resolve();
      };
    });
    for (const lane of this.#lanes.values()) lane.peek()?.reject();
  }

  #giveUp(isToGo: (task: Task) => boolean): void {
    for (const lane of this.#lanes.values()) {
      const first = lane.peek();
      for (const task of lane.remove((each) => each !== first && isToGo(each))) task.reject();
      if (first !== undefined && isToGo(first)) first.giveUp();
    }
  }

  async #work(subject: string, lane: Fifo<Task>): Promise<void> {
    for (let task = lane.peek(); task !== undefined; task = lane.peek()) {
      await this.#settle(task);
      lane.shift();
    }
    this.#lanes.delete(subject);
    if (this.#lanes.size === 0) this.#lanesEnded?.();
  }

  async #settle(task: Task): Promise<void> {
    const outcome = await this.#handle(task);
    if (outcome === 'done') {
      this.#counts.handled += 1;
      task.resolve(outcome);
    } else if (outcome !== 'given up' && (await this.#putAside(task, outcome))) {
      this.#counts.dead += 1;
      task.resolve(outcome);
    } else task.reject();
  }

  async #handle(task: Task): Promise<'done' | Dead | 'given up'> {
    let waits = 0;
    let failures = 0;
    for (;;) {
      const error = await this.#attempt(task.event);
      if (error === undefined) return this.#unstuck(task, 'done');
      let pauseMs: number;
      if (error.thrown instanceof NotNow) {
        if (waits === 0) this.#stuck.set(task, this.#timers.monotonic());
        waits += 1;
        pauseMs = backOffMs(this.#limits.notNow, waits);
      } else {
        failures += 1;
        if (failures >= this.#limits.attemptsMax) {
          return this.#unstuck(task, { dead: reasonOf(error.thrown), attempts: waits + failures });
        }
        pauseMs = backOffMs(this.#limits.attempt, failures);
      }
      if (!(await task.pause(this.#timers, pauseMs))) return this.#unstuck(task, 'given up');
      this.#counts.retried += 1;
    }
  }

  async #attempt(event: PublishedEvent): Promise<{ readonly thrown: unknown } | undefined> {
    try {
      await this.#handler.handle(event);
      return undefined;
    } catch (thrown) {
      return { thrown };
    }
  }

  #unstuck<T>(task: Task, outcome: T): T {
    this.#stuck.delete(task);
    return outcome;
  }

  /** @returns whether it is done */
  async #putAside(task: Task, dead: Dead): Promise<boolean> {
    for (let failures = 1; ; failures += 1) {
      try {
        await task.source?.putAside(dead);
        return true;
      } catch {
        // Whoever stores it has said why in the log.
        if (!(await task.pause(this.#timers, backOffMs(this.#limits.notNow, failures)))) return false;
      }
    }
  }
}

/** One event that is to be handled. */
class Task {
  readonly event: PublishedEvent;
  readonly source: Source | undefined;
  readonly #outcome = Promise.withResolvers<'done' | Dead>();
  #isGivenUp = false;
  #endPause: (() => void) | undefined;

  constructor(event: PublishedEvent, source: Source | undefined) {
    this.event = event;
    this.source = source;
  }

  get outcome(): Promise<'done' | Dead> {
    return this.#outcome.promise;
  }

  resolve(outcome: 'done' | Dead): void {
    this.#outcome.resolve(outcome);
  }

  reject(): void {
    this.#outcome.reject(new ClosedError('the delivery'));
  }

  giveUp(): void {
    this.#isGivenUp = true;
    this.#endPause?.();
  }

  /** @returns whether it is to be tried again: false where it was given up, at once */
  pause(timers: Timers, delayMs: number): Promise<boolean> {
    if (this.#isGivenUp) return Promise.resolve(false);
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        this.#endPause = undefined;
        resolve(!this.#isGivenUp);
      };
      const cancel = timers.after(delayMs, end);
      this.#endPause = end;
    });
  }
}

/** What was thrown in one line, without its stack. */
export function reasonOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  return text
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, reasonLengthMax);
}
