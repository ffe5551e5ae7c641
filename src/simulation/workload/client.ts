// A client: one call after another, each repeated with the same key while its outcome is not known, until it is, or the
// client has lost patience. Now and then it repeats too early, so that two of the same are under way at once.
import type { Reply } from '../../actors/behaviour.ts';
import type { Random } from '../engine/random.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import { type Call, outcomeOf, type Try } from './history.ts';

export interface ClientHost {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly thinkMs: number;
  /** The next call of this client; undefined: there is nothing more to do. */
  next(): Call | undefined;
  /** Sends a try on its way. `reply` may be called late, or never. */
  send(call: Call, timeoutMs: number, started: (one: Try) => void, reply: (reply: Reply) => void): void;
  over(): void;
}

export class Client {
  readonly #host: ClientHost;

  constructor(host: ClientHost) {
    this.#host = host;
  }

  start(): void {
    const { scheduler, random, thinkMs } = this.#host;
    scheduler.after(random.exponential(thinkMs + 0.1), () => {
      const call = this.#host.next();
      if (call === undefined) this.#host.over();
      else this.#try(call, random.int(1, 10));
    });
  }

  #try(call: Call, patience: number): void {
    const { scheduler, random, send } = this.#host;
    const timeoutMs = random.pick([20, 100, 400, 1_000]);
    let isOver = false;
    let one: Try | undefined;
    const end = (reply: Reply | null): void => {
      // What comes after the client has given up counts as an answer all the same: it was given.
      if (one !== undefined && one.reply === null && reply !== null) {
        one.reply = reply;
        one.endedAt = scheduler.now;
      }
      if (isOver) return;
      isOver = true;
      if (outcomeOf(reply) !== 'unknown' || patience === 0) this.start();
      else scheduler.after(random.exponential(30), () => this.#try(call, patience - 1));
    };
    send(
      call,
      timeoutMs,
      (started) => {
        one = started;
      },
      end,
    );
    scheduler.after(timeoutMs, () => end(null));
  }
}
