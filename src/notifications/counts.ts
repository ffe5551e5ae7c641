// How many messages came to which end since the start, by channel.
import type { NotificationChannel } from '../api/notifications/deps.ts';
import type { Outcome } from './outcome.ts';

/** later: attempts that did not get through and are to be repeated. */
export type CountsByOutcome = Readonly<Record<Outcome['is'], number>>;

export class Counts {
  readonly #counts: Record<NotificationChannel, Record<Outcome['is'], number>> = {
    webhook: none(),
    mail: none(),
  };

  add(channel: NotificationChannel, outcome: Outcome['is'], times: number): void {
    this.#counts[channel][outcome] += times;
  }

  of(channel: NotificationChannel): CountsByOutcome {
    return { ...this.#counts[channel] };
  }
}

function none(): Record<Outcome['is'], number> {
  return { sent: 0, skipped: 0, failed: 0, later: 0 };
}
