// What of a journal row an update stream shows: the changes of levels, with their place in the row.
import { isInteger, isText, objectOf } from '../../actors/shape.ts';
import { decodeRecord } from '../../runtime/record.ts';
import type { JournalRow } from '../../runtime/store.ts';

export interface LevelChange {
  /** Place of the event among all events of the row. */
  readonly index: number;
  readonly itemId: string;
  readonly event: LevelEvent;
}

/** The part of an item's event of type 'level' that is shown. */
interface LevelEvent {
  readonly type: string;
  readonly cause: string;
  readonly sku: string;
  readonly warehouseId: string;
  readonly quantity: number;
  readonly held: number;
  readonly allocated: number;
  readonly version: number;
  readonly at: number;
}

export interface FeedRow {
  readonly shard: number;
  readonly seq: number;
  /** Of everything in the row, shown or not. */
  readonly events: number;
  readonly changes: readonly LevelChange[];
}

const isLevelEvent = objectOf<LevelEvent>({
  type: isText,
  cause: isText,
  sku: isText,
  warehouseId: isText,
  quantity: isInteger,
  held: isInteger,
  allocated: isInteger,
  version: isInteger,
  at: isInteger,
});

/** @throws RecordError where the row was written by a newer release */
export function feedRowOf(row: JournalRow): FeedRow {
  const { events } = decodeRecord(row.events);
  const changes: LevelChange[] = [];
  for (const [index, { ref, event }] of events.entries()) {
    if (ref.kind !== 'item' || !isLevelEvent(event) || event.type !== 'level') continue;
    changes.push({ index, itemId: ref.id, event });
  }
  return { shard: row.shard, seq: row.seq, events: events.length, changes };
}
