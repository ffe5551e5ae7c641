// Hands rows that are durable to another thread, as long as that has room for them: what is on its way is bounded, and what does
// not go this way is read from the journal there.
import type { JournalRow } from '../store.ts';
import type { Link } from './link.ts';
import type { ShardToIngress } from './messages.ts';

/** Characters that who takes rows has room for at first, and makes room for again as they arrive. */
export const rowsRoom = 4_000_000;

export class RowFeed {
  readonly #link: Pick<Link<ShardToIngress, unknown>, 'send'>;
  #room = 0;

  constructor(link: Pick<Link<ShardToIngress, unknown>, 'send'>) {
    this.#link = link;
  }

  /** The last row may exceed the room: one that is longer than all of it goes alone. */
  offer(rows: readonly JournalRow[]): void {
    const fitting: JournalRow[] = [];
    for (const row of rows) {
      if (this.#room <= 0) break;
      this.#room -= row.events.length;
      fitting.push(row);
    }
    if (fitting.length > 0) this.#link.send({ type: 'rows', rows: fitting });
  }

  makeRoom(characters: number): void {
    this.#room += characters;
  }
}
