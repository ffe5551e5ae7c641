// How many messages came to which end since the start, by channel.
import type { Channel } from '../persistence/notifications/store.ts';
import type { Outcome } from './outcome.ts';

/** later: attempts that did not get through and are to be repeated. */
export type CountsByOutcome = Readonly<Record<Outcome['is'], number>>;

export class Counts {
  readonly #counts: Record<Channel, Record<Outcome['is'], number>> = { webhook: none(), mail: none() };

  add(channel: Channel, outcome: Outcome['is'], times: number): void {
    this.#counts[channel][outcome] += times;
  }

  of(channel: Channel): CountsByOutcome {
    return { ...this.#counts[channel] };
  }
}

function none(): Record<Outcome['is'], number> {
  return { sent: 0, skipped: 0, failed: 0, later: 0 };
}
