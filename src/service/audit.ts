// The audit of a database: reads everything as it stood at one moment, folds the journal that the tables lag behind,
// and lets the books be compared. It writes nothing, and may run while the service does.

import { inventoryBehaviours } from '../actors/inventory/behaviours.ts';
import { type AuditReport, openBooks } from '../actors/inventory/books.ts';
import { isObject } from '../actors/shape.ts';
import type { StoreLog } from '../persistence/connect.ts';
import { readForAudit } from '../persistence/inventory/audit-read.ts';
import { DurableChannels } from '../runtime/channels.ts';
import { decodeRecord } from '../runtime/record.ts';
import { keyOf } from '../runtime/residents.ts';
import type { JournalRow, StoredActor } from '../runtime/store.ts';

interface TailEvent {
  readonly seq: number;
  readonly event: unknown;
}

/** @throws StoreError where the database does not answer */
export async function auditDatabase(url: string, log: StoreLog): Promise<AuditReport> {
  const books = openBooks();
  const channels = new Map<number, DurableChannels>();
  const tail = new Map<string, { readonly ref: StoredActor['ref']; readonly events: TailEvent[] }>();
  const summedTo = new Map<string, number>();
  const folded = (kind: string, id: string, stored: StoredActor | undefined): unknown => {
    const behaviour = inventoryBehaviours.byKind.get(kind);
    const events = tail.get(keyOf({ kind, id }))?.events ?? [];
    let state = stored?.state ?? behaviour?.initial;
    for (const { seq, event } of events)
      if (seq > (stored?.seq ?? 0)) state = behaviour?.evolve(state, event);
    return state;
  };
  const add = (ref: StoredActor['ref'], state: unknown): void => {
    if (ref.kind === 'item') books.addItem(ref.id, state);
    else if (ref.kind === 'order') books.addOrder(ref.id, state);
  };
  const seen = new Set<string>();
  await readForAudit(
    { url, log },
    {
      head({ shard, channels: text }) {
        channels.set(shard, DurableChannels.decode(text));
      },
      journal(row) {
        foldRow(row, channels, tail);
      },
      state(actor) {
        seen.add(keyOf(actor.ref));
        add(actor.ref, folded(actor.ref.kind, actor.ref.id, actor));
      },
      movements({ itemId, warehouseId, sum, version }) {
        books.addMovement(`${itemId}/${warehouseId}`, sum);
        summedTo.set(`${itemId}/${warehouseId}`, version);
      },
    },
  );
  for (const [key, { ref, events }] of tail) {
    if (!seen.has(key)) add(ref, folded(ref.kind, ref.id, undefined));
    for (const { event } of events) addMovement(books, ref.id, event, summedTo);
  }
  for (const unrecorded of findUnrecorded(channels)) books.addUnrecorded(unrecorded);
  return books.close();
}

function foldRow(
  row: JournalRow,
  channels: ReadonlyMap<number, DurableChannels>,
  tail: Map<string, { readonly ref: StoredActor['ref']; readonly events: TailEvent[] }>,
): void {
  const record = decodeRecord(row.events);
  channels.get(row.shard)?.fold(record);
  for (const { ref, event } of record.events) {
    const key = keyOf(ref);
    const known = tail.get(key);
    if (known === undefined) tail.set(key, { ref, events: [{ seq: row.seq, event }] });
    else known.events.push({ seq: row.seq, event });
  }
}

/** A change of quantity that the tables' movements do not have yet. */
function addMovement(
  books: ReturnType<typeof openBooks>,
  itemId: string,
  event: unknown,
  summedTo: ReadonlyMap<string, number>,
): void {
  if (!isObject(event) || event['type'] !== 'level') return;
  const { warehouseId, version, delta } = event;
  if (typeof version !== 'number' || typeof delta !== 'number' || typeof warehouseId !== 'string') return;
  const key = `${itemId}/${warehouseId}`;
  if (version > (summedTo.get(key) ?? 0)) books.addMovement(key, delta);
}

/** Messages that were applied, and whose answers their senders had not recorded. */
function* findUnrecorded(channels: ReadonlyMap<number, DurableChannels>) {
  for (const [from, sender] of channels) {
    for (const [to, { waiting }] of sender.outgoing) {
      for (const { n, origin, message } of waiting.values()) {
        const answer = channels.get(to)?.incoming.get(from)?.answers.get(n);
        if (answer !== undefined && origin.kind === 'order')
          yield { orderId: origin.id, tag: message.tag, message, answer };
      }
    }
  }
}
