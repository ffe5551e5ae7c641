// Messages between the threads of one process. They keep their order between two threads, as a MessagePort's do,
// unless the run says otherwise; they may be lost, repeated and delayed.
import type { PeerMessage, UpNotice } from '../../runtime/transport.ts';
import type { Random } from '../engine/random.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import type { Latency, Odds } from './swarm.ts';
import type { Faults } from './tally.ts';

export interface NetworkHost {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly latency: Latency;
  readonly odds: Odds;
  readonly faults: Faults;
  /** Hands a message to whatever is thread `to` when it arrives. */
  deliver(to: number, message: PeerMessage | UpNotice): void;
}

/** No two messages of a pair of threads arrive at once. */
const gapMs = 1e-6;

export class Network {
  readonly #host: NetworkHost;
  readonly #lastArrival = new Map<string, number>();

  constructor(host: NetworkHost) {
    this.#host = host;
  }

  send(from: number, to: number, message: PeerMessage | UpNotice): void {
    const { faults, odds, random } = this.#host;
    const text = JSON.stringify(message);
    if (faults.isOn && random.chance(odds.lost)) {
      faults.note('message lost');
      return;
    }
    this.#carry(`${from}>${to}`, to, text);
    if (faults.isOn && random.chance(odds.repeated)) {
      faults.note('message repeated');
      this.#carry(`${from}>${to}`, to, text);
    }
  }

  #carry(pair: string, to: number, text: string): void {
    const { faults, latency, odds, random, scheduler } = this.#host;
    let at = scheduler.now + random.exponential(latency.messageMs);
    if (faults.isOn && random.chance(odds.overtakes)) {
      faults.note('message overtook');
      at += random.float() * 50;
    } else {
      at = Math.max(at, (this.#lastArrival.get(pair) ?? 0) + gapMs);
      this.#lastArrival.set(pair, at);
    }
    scheduler.after(at - scheduler.now, () => this.#host.deliver(to, JSON.parse(text)));
  }
}
