// The way between a thread and the database: it takes time, and things happen on it. A statement that has left lands
// even when the thread that sent it is dead, stopped or displaced by then.
import { StoreError } from '../../runtime/store.ts';
import type { Life } from '../engine/life.ts';
import type { Random } from '../engine/random.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import type { Statement, Wire } from '../engine/sim-store.ts';
import type { Latency, Odds } from './swarm.ts';
import type { Faults } from './tally.ts';

/** After so long the client gives up on an answer: the outcome is unknown. */
const statementMsMax = 400;
/** How much later than that a late statement may land. */
const lateMsMax = 1_500;

export interface WireHost {
  readonly scheduler: Scheduler;
  readonly life: Life;
  readonly random: Random;
  readonly latency: Latency;
  readonly odds: Odds;
  readonly faults: Faults;
  /** Whether the database answers at all. */
  isAway(): boolean;
  /** An append has come to the middle of its way or to its end: a good moment for something to befall its sender. */
  reached(point: AppendPoint): void;
}

export type AppendPoint = 'begun' | 'done';

type Fate = 'arrives' | 'rejected' | 'unknownBefore' | 'unknownAfter' | 'late';

export class FaultyWire implements Wire {
  readonly #host: WireHost;

  constructor(host: WireHost) {
    this.#host = host;
  }

  run<T>(statement: Statement<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const fate = this.#fate(statement);
      const there = this.#way();
      if (fate === 'arrives' || fate === 'unknownAfter') {
        this.#execute(
          statement,
          there,
          (result) => {
            if (fate === 'arrives') this.#back(() => resolve(result));
            else this.#back(() => reject(unknown(statement)));
          },
          () => this.#back(() => reject(unknown(statement))),
        );
      } else if (fate === 'late') {
        this.#execute(statement, statementMsMax + this.#host.random.float() * lateMsMax);
        this.#after(statementMsMax, () => reject(unknown(statement)));
      } else {
        const kind = fate === 'rejected' ? 'rejected' : 'unknown';
        this.#after(there, () => reject(new StoreError(kind, `${statement.name}: ${kind}`)));
      }
    });
  }

  #fate(statement: Statement<unknown>): Fate {
    const { faults, odds, random } = this.#host;
    if (!faults.isOn) return 'arrives';
    if (random.chance(odds.rejected)) {
      faults.note('statement rejected');
      return 'rejected';
    }
    if (random.chance(odds.unknownBefore)) {
      faults.note('statement unknown, without effect');
      return 'unknownBefore';
    }
    if (!statement.isWrite) return 'arrives';
    if (random.chance(odds.unknownAfter)) {
      faults.note('statement unknown, with effect');
      return 'unknownAfter';
    }
    if (!random.chance(odds.late)) return 'arrives';
    faults.note('statement late');
    return 'late';
  }

  /** Lands, whatever has become of the sender. */
  #execute<T>(
    statement: Statement<T>,
    delayMs: number,
    done: (result: T) => void = () => {},
    away: () => void = () => {},
  ): void {
    const { scheduler, latency, random, isAway, faults } = this.#host;
    scheduler.after(delayMs, () => {
      if (isAway()) {
        faults.note('database away');
        away();
        return;
      }
      if (statement.begin === undefined) {
        done(statement.finish());
        return;
      }
      statement.begin();
      scheduler.after(random.float() * latency.appendMsMax, () => {
        done(statement.finish());
        this.#host.reached('done');
      });
      this.#host.reached('begun');
    });
  }

  #way(): number {
    const { latency, random } = this.#host;
    // Now and then a statement takes far longer than the others, and yet arrives in time.
    const slow = random.chance(0.01) ? random.float() * (statementMsMax / 4) : 0;
    return Math.min(random.exponential(latency.statementMs), statementMsMax / 4) + slow;
  }

  #back(task: () => void): void {
    this.#after(this.#way(), task);
  }

  #after(delayMs: number, task: () => void): void {
    const { scheduler, life } = this.#host;
    scheduler.after(delayMs, () => life.enter(task));
  }
}

function unknown(statement: Statement<unknown>): StoreError {
  return new StoreError('unknown', `${statement.name}: no answer`);
}
