// I3: whatever a snapshot writes is the fold of the journal up to its position, and when a shard's position moves,
// every actor's row has come at least as far.
import { DurableChannels } from '../../runtime/channels.ts';
import { keyOf } from '../../runtime/residents.ts';
import type { SnapshotHead, SnapshotRow, SnapshotWrite } from '../../runtime/store.ts';
import type { Database } from '../engine/database.ts';
import { sameValue } from './compare.ts';
import { type Journal, momentAt } from './journal.ts';
import type { Verdict } from './verdict.ts';

/** A shard as its last snapshot left it; of the answers it has all that were ever kept. */
interface Position {
  seq: number;
  readonly channels: DurableChannels;
}

export class Snapshots {
  readonly #verdict: Verdict;
  readonly #journal: Journal;
  readonly #database: Database;
  readonly #positions = new Map<number, Position>();

  constructor(verdict: Verdict, journal: Journal, database: Database) {
    this.#verdict = verdict;
    this.#journal = journal;
    this.#database = database;
  }

  written({ heads, rows }: SnapshotWrite): void {
    for (const row of rows) this.#row(row);
    for (const head of heads) {
      const position = this.#positions.get(head.shard) ?? { seq: 0, channels: new DurableChannels() };
      if (head.snapshotSeq <= position.seq) continue;
      this.#positions.set(head.shard, position);
      this.#moved(head, position);
    }
  }

  #row({ ref, shard, seq, state }: SnapshotRow): void {
    const actor = this.#journal.actor(ref);
    const moment = actor && momentAt(actor, seq);
    this.#verdict.check(
      'I3',
      actor?.shard === shard && seq <= this.#journal.lastSeq(shard) && sameValue(moment?.state, state),
      () =>
        `${keyOf(ref)} is written at ${seq} as it was not then (it stands at ${moment?.seq ?? 'nothing'})`,
      () => ({ written: state, folded: moment?.state }),
    );
  }

  #moved(head: SnapshotHead, position: Position): void {
    const { shard, snapshotSeq } = head;
    const end = this.#journal.lastSeq(shard);
    this.#verdict.check(
      'I3',
      snapshotSeq <= end,
      () => `shard ${shard}: a snapshot at ${snapshotSeq}, and the journal ends at ${end}`,
    );
    for (const [index, record] of this.#journal.records(shard, position.seq, snapshotSeq).entries()) {
      position.channels.fold(record);
      const seq = position.seq + index + 1;
      for (const { ref } of record.events) {
        const stored = this.#database.storedSeq(keyOf(ref));
        this.#verdict.check(
          'I3',
          stored >= seq,
          () => `shard ${shard} stands at ${snapshotSeq}, but ${keyOf(ref)} at ${stored}, not ${seq}`,
        );
      }
    }
    position.seq = snapshotSeq;
    const written = DurableChannels.decode(head.channels);
    this.#verdict.check(
      'I3',
      this.#sameChannels(shard, written, position.channels),
      () => `shard ${shard}: the channels of the snapshot at ${snapshotSeq} are not those of the journal`,
      () => ({ written: head.channels, folded: position.channels.encode() }),
    );
  }

  /** Kept answers may be gone once their sender has recorded them; all else is as the journal has it. */
  #sameChannels(shard: number, written: DurableChannels, folded: DurableChannels): boolean {
    if (!sameValue(outgoingOf(written), outgoingOf(folded))) return false;
    if (written.incoming.size !== folded.incoming.size) return false;
    return [...folded.incoming].every(([from, { applied, answers }]) => {
      const incoming = written.incoming.get(from);
      const answeredTo = this.#journal.answeredTo(from, shard);
      return (
        incoming?.applied === applied &&
        [...incoming.answers.keys()].every((n) => answers.has(n)) &&
        [...answers].every(([n, answer]) => {
          const kept = incoming.answers.get(n);
          return kept === undefined ? n <= answeredTo : sameValue(kept, answer);
        })
      );
    });
  }
}

function outgoingOf({ outgoing }: DurableChannels): unknown {
  return [...outgoing]
    .sort(([a], [b]) => a - b)
    .map(([to, { next, answeredTo, waiting }]) => [to, next, answeredTo, [...waiting.values()]]);
}
