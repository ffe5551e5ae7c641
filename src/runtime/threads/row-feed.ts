// Hands rows that are durable to another thread, as long as that keeps up: what is on its way is bounded, and what does not go
// this way is read from the journal there.
import type { JournalRow } from '../store.ts';
import type { Link } from './link.ts';
import type { ShardToIngress } from './messages.ts';

/** Characters that may be on their way to one thread. */
const charactersMax = 4_000_000;

export class RowFeed {
  readonly #link: Pick<Link<ShardToIngress, unknown>, 'send'>;
  #underWay = 0;

  constructor(link: Pick<Link<ShardToIngress, unknown>, 'send'>) {
    this.#link = link;
  }

  offer(rows: readonly JournalRow[]): void {
    const fitting: JournalRow[] = [];
    for (const row of rows) {
      if (this.#underWay >= charactersMax) break;
      this.#underWay += row.events.length;
      fitting.push(row);
    }
    if (fitting.length > 0) this.#link.send({ type: 'rows', rows: fitting });
  }

  /** @param characters that have arrived */
  taken(characters: number): void {
    this.#underWay -= characters;
  }
}
