// Recorded rows of the journal, again and again: each copy is that of other orders, with ids of the same length, so that every
// event is as the product wrote it and none belongs to the subject of another.
import type { JournalRow } from '../../../src/runtime/store.ts';

const digits = 6;

/** What the ids of the orders of a copy begin with; those of the recording are copy 0. */
export function copyPrefix(copy: number): string {
  return `copy${copy.toString().padStart(digits, '0')}-`;
}

/**
 * Copy by copy, each shard's rows in order from seq 1 on without gaps.
 * @param rows of copy 0, each shard's in order
 */
export function* copiesOf(rows: readonly JournalRow[], copies: number): Generator<readonly JournalRow[]> {
  const seqs = new Map<number, number>();
  for (let copy = 0; copy < copies; copy++) {
    const prefix = copyPrefix(copy);
    yield rows.map((row) => {
      const seq = (seqs.get(row.shard) ?? 0) + 1;
      seqs.set(row.shard, seq);
      return { ...row, seq, events: row.events.replaceAll(copyPrefix(0), prefix) };
    });
  }
}
