// Sends what waits for one target, and writes down what became of it. A courier knows nothing of the others: a target that
// is away holds up only what is for it.
//
// 1. What is sent is written down before anything else is done with the target; where the database is away that is
//    tried until it is done. So a message is sent again only after a crash between the two, with the same id.
// 2. In order: a message is not passed by later ones of its lane. The lane is the whole target, or in the target each
//    subject.
// 3. While the target is away nothing is sent to it but one attempt after each pause.
import type { Logger } from 'pino';
import type { NotificationStore, WaitingRow } from '../persistence/notifications/store.ts';
import { StoreError } from '../runtime/store.ts';
import type { Deliver } from './deliver.ts';
import type { NotificationLimits } from './limits.ts';
import { backOffMs, type Later, type Outcome } from './outcome.ts';
import { Pauses } from './pauses.ts';

export interface CourierOptions {
  readonly target: string;
  /** Names the target in the log: a URL may hold a secret. */
  readonly label: string;
  /** target: strictly one after another. subject: so many at once, each subject in order. */
  readonly lane: 'target' | 'subject';
  readonly atOnceMax: number;
  readonly deliver: Deliver;
  readonly store: NotificationStore;
  readonly limits: NotificationLimits;
  readonly log: Logger;
  /** How many came to this end; later: attempts that are to be repeated. */
  readonly count: (outcome: Outcome['is'], times: number) => void;
  /** In [0, 1). */
  readonly random?: () => number;
}

/** What to do after a round: go on at once, wait for something to do, or leave the target alone. */
type Next = { readonly is: 'on' } | { readonly is: 'idle' | 'pause'; readonly ms: number };

interface Round {
  /** Nothing is begun later; milliseconds of the process. */
  readonly endsAt: number;
  /** How long to leave the target alone; null: it is not away. */
  awayMs: number | null;
  isTimeUp: boolean;
}

export class Courier {
  readonly target: string;
  readonly #options: CourierOptions;
  readonly #random: () => number;
  /** Of the current start. */
  #pauses = new Pauses();
  #ending = new AbortController();
  #running: Promise<void> | null = null;
  #awayInARow = 0;

  constructor(options: CourierOptions) {
    this.target = options.target;
    this.#options = options;
    this.#random = options.random ?? Math.random;
  }

  /** @param ownerEpoch of this process at the database. @throws TypeError where it has not been stopped */
  start(ownerEpoch: number): void {
    if (this.#running !== null) throw new TypeError('the courier has been started already');
    this.#pauses = new Pauses();
    this.#ending = new AbortController();
    this.#awayInARow = 0;
    this.#running = this.#run(ownerEpoch);
  }

  /** There may be something to do. */
  wake(): void {
    this.#pauses.wake();
  }

  /** Lets what is under way end, for a while. */
  async stop(): Promise<void> {
    this.#pauses.stop();
    const timer = setTimeout(() => this.#ending.abort(), this.#options.limits.stopMsMax);
    await this.#running;
    clearTimeout(timer);
    this.#running = null;
  }

  async #run(ownerEpoch: number): Promise<void> {
    for (let faults = 0; !this.#pauses.isStopped; ) {
      try {
        const next = await this.#round(ownerEpoch);
        faults = 0;
        if (next.is === 'idle') await this.#pauses.idle(next.ms);
        if (next.is === 'pause') await this.#pauses.pause(next.ms);
      } catch (error) {
        this.#options.log.warn({ err: error, target: this.#options.label }, 'notifications cannot be sent');
        await this.#pauses.pause(this.#backOff(faults));
        faults += 1;
      }
    }
  }

  async #round(ownerEpoch: number): Promise<Next> {
    const { store, lane, limits, atOnceMax, target } = this.#options;
    const question = { target, ownerEpoch, limit: limits.batchMax };
    const rows = await (lane === 'target' ? store.nextInOrder(question) : store.nextOfSubjects(question));
    const [head] = rows;
    if (head === undefined) return { is: 'idle', ms: limits.pollMs };
    if (head.dueInMs > 0) return { is: 'pause', ms: Math.min(head.dueInMs, limits.pollMs) };
    const round: Round = {
      endsAt: performance.now() + limits.roundMsMax,
      awayMs: null,
      isTimeUp: false,
    };
    const queue = rows.values();
    const hands = Array.from({ length: lane === 'target' ? 1 : atOnceMax }, () => this.#work(queue, round));
    // Until all of them have ended: the next round may find the same messages.
    const [fault] = (await Promise.allSettled(hands)).filter(({ status }) => status === 'rejected');
    if (fault?.status === 'rejected') throw fault.reason;
    if (round.awayMs === null) {
      this.#awayInARow = 0;
      return { is: 'on' };
    }
    await this.#giveUpOverdue();
    // It may have been this one message that the target cannot take: the next one tells.
    return round.isTimeUp ? { is: 'on' } : { is: 'pause', ms: round.awayMs };
  }

  async #work(queue: Iterator<WaitingRow>, round: Round): Promise<void> {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      if (this.#pauses.isStopped || round.awayMs !== null || performance.now() > round.endsAt) return;
      const outcome = await this.#attempt(next.value);
      // Ended by us, which says nothing of the target.
      if (this.#ending.signal.aborted && outcome.is !== 'sent') return;
      await this.#settle(next.value, outcome, round);
    }
  }

  /** @throws StoreError */
  async #attempt(row: WaitingRow): Promise<Outcome> {
    try {
      return await this.#options.deliver(row, this.#ending.signal);
    } catch (error) {
      if (error instanceof StoreError) throw error;
      const { log, label } = this.#options;
      log.error(
        { err: error, target: label, notification: row.id },
        'a notification failed by a fault of ours',
      );
      // Of this one alone: the others go on, and it can be tried again by hand.
      return { is: 'failed', reason: 'a fault of ours; the log has more' };
    }
  }

  async #settle({ id, attempts }: WaitingRow, outcome: Outcome, round: Round): Promise<void> {
    const { store, count } = this.#options;
    if (outcome.is === 'later') return await this.#putOff(id, attempts, outcome, round);
    await this.#written(async () => {
      if (outcome.is === 'sent') await store.markSent(id);
      else if (outcome.is === 'skipped') await store.markSkipped(id, outcome.reason);
      else await store.markFailed(id, outcome.reason);
    });
    count(outcome.is, 1);
  }

  async #putOff(id: number, attempts: number, later: Later, round: Round): Promise<void> {
    const { store, count, log, label, lane } = this.#options;
    const isAway = later.isTargetAway || lane === 'target';
    if (isAway && round.awayMs === null) {
      const tries = Math.max(this.#awayInARow, attempts);
      this.#awayInARow += 1;
      round.awayMs = Math.max(later.afterMs ?? this.#backOff(tries), this.#options.limits.retryMsMin);
      log.warn(
        { target: label, reason: later.reason, retryInMs: round.awayMs },
        'a notification target is away',
      );
    }
    const afterMs = isAway ? (round.awayMs ?? 0) : (later.afterMs ?? this.#backOff(attempts));
    let isTriedAgain = true;
    await this.#written(async () => {
      isTriedAgain = await store.markLater(id, later.reason, afterMs);
    });
    if (!isTriedAgain) round.isTimeUp = true;
    count(isTriedAgain ? 'later' : 'failed', 1);
  }

  async #giveUpOverdue(): Promise<void> {
    const { store, target, limits, count } = this.#options;
    for (let failed = limits.batchMax; failed === limits.batchMax && !this.#pauses.isStopped; ) {
      failed = await store.giveUp(target, 'the target was away for too long', limits.batchMax);
      count('failed', failed);
    }
  }

  /** Until it is written down, or sending stops. */
  async #written(write: () => Promise<void>): Promise<void> {
    for (let faults = 0; ; faults += 1) {
      try {
        return await write();
      } catch (error) {
        if (!(error instanceof StoreError) || this.#pauses.isStopped) throw error;
        this.#options.log.warn(
          { err: error, target: this.#options.label },
          'what became of a notification could not be written down; it will be tried again',
        );
        await this.#pauses.pause(this.#backOff(faults));
      }
    }
  }

  #backOff(tries: number): number {
    const { retryMsMin: min, retryMsMax: max } = this.#options.limits;
    return backOffMs(tries, { min, max }, this.#random());
  }
}
