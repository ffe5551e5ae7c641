/**
 * Every event that the mapping yields of a journal, read from its first row on, by subject; and what of it is to be acted
 * on, worked out here anew and not by the code under test.
 */
import { hash } from 'node:crypto';
import postgres from 'postgres';
import type { PublishedEvent } from '../../../src/events/event.ts';
import { envelopesOf, formatSource, type Service } from '../../../src/events/mapping/envelopes.ts';

/** What an event is known by: its place, its id, and a hash of everything that it says. */
export interface Entry {
  readonly sequence: number;
  readonly id: string;
  readonly hash: string;
}

export function entryOf(event: PublishedEvent): Entry {
  return { sequence: event.sequence, id: event.id, hash: hash('sha256', canonical(event), 'base64') };
}

/** As text that does not depend on the order of properties. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

export interface Losses {
  readonly expiredHolds: number;
  readonly expiredUnits: number;
  readonly refusals: number;
  readonly refusedUnits: number;
}

const noLosses: Losses = { expiredHolds: 0, expiredUnits: 0, refusals: 0, refusedUnits: 0 };

export class Ledger {
  readonly bySubject = new Map<string, Entry[]>();
  readonly byType = new Map<string, number>();
  /** By item. */
  readonly losses = new Map<string, Losses>();
  /** By item and warehouse: the newest event that says whether stock is low. */
  readonly alerts = new Map<string, { readonly sequence: number; readonly isLow: boolean }>();
  /** Ids of the events that somebody is notified of, by subject, in order. */
  readonly notified = new Map<string, string[]>();

  get size(): number {
    return sum([...this.byType.values()]);
  }

  /**
   * Takes in a whole journal.
   * @throws Error where its beginning is not there any more
   */
  async read(service: Service, databaseUrl: string): Promise<void> {
    const sql = postgres(databaseUrl, { max: 1 });
    try {
      const [identity] = await sql<{ readonly id: string }[]>`select id::text from identity`;
      const source = formatSource(service, identity?.id ?? '');
      const next = new Map<number, number>();
      const rows = sql<
        { readonly shard: number; readonly seq: string; readonly at: Date; readonly events: string }[]
      >`
        select shard, seq::text, at, events from journal order by journal.shard, journal.seq`;
      for await (const page of rows.cursor(500))
        for (const { shard, at, events, ...row } of page) {
          const seq = Number(row.seq);
          const expected = next.get(shard) ?? 1;
          if (seq !== expected) throw new Error(`row ${expected} of shard ${shard} is not there any more`);
          next.set(shard, seq + 1);
          for (const event of envelopesOf(service, source, { shard, seq, at: at.getTime(), events }))
            this.#add(event);
        }
    } finally {
      await sql.end();
    }
  }

  #add(event: PublishedEvent): void {
    appendTo(this.bySubject, event.subject, entryOf(event));
    this.byType.set(event.type, (this.byType.get(event.type) ?? 0) + 1);
    if (isNotified(event)) appendTo(this.notified, event.subject, event.id);
    if (event.type === 'InventoryExpired') {
      const items = Map.groupBy(event.data.lines, ({ itemId }) => itemId);
      for (const [itemId, lines] of items)
        this.#lose(itemId, { expiredHolds: 1, expiredUnits: sum(lines.map(({ quantity }) => quantity)) });
    } else if (event.type === 'InventoryRefused') {
      const items = Map.groupBy(event.data.short, ({ itemId }) => itemId);
      for (const [itemId, short] of items) {
        const missing = short.map(({ requested, available }) => Math.max(0, requested - available));
        this.#lose(itemId, { refusals: 1, refusedUnits: sum(missing) });
      }
    } else if (event.type === 'LowStock' || event.type === 'BackInStock') {
      const { itemId, warehouseId } = event.data;
      const { sequence, type } = event;
      this.alerts.set(`${itemId} ${warehouseId}`, { sequence, isLow: type === 'LowStock' });
    }
  }

  #lose(itemId: string, more: Partial<Losses>): void {
    const before = this.losses.get(itemId) ?? noLosses;
    const { expiredHolds = 0, expiredUnits = 0, refusals = 0, refusedUnits = 0 } = more;
    this.losses.set(itemId, {
      expiredHolds: before.expiredHolds + expiredHolds,
      expiredUnits: before.expiredUnits + expiredUnits,
      refusals: before.refusals + refusals,
      refusedUnits: before.refusedUnits + refusedUnits,
    });
  }
}

const notifiedStatuses: readonly string[] = ['confirmed', 'back_ordered', 'delivered'];
const notifiedTypes: readonly string[] = [
  'ShipmentDispatched',
  'OrderCancelled',
  'PaymentFailed',
  'LowStock',
  'BackInStock',
];

/** As docs/NOTIFICATIONS.md has it. */
function isNotified(event: PublishedEvent): boolean {
  return event.type === 'OrderStatusChanged'
    ? notifiedStatuses.includes(event.data.to)
    : notifiedTypes.includes(event.type);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

export function appendTo<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
