// What the edge is given in these tests: an asker that answers as it is told and remembers what it was asked, tables
// and a journal in memory.
import { pino } from 'pino';
import type { Ref, Reply } from '../../../src/actors/behaviour.ts';
import type { ItemView, LevelView } from '../../../src/actors/inventory/item/model.ts';
import type { ReservationView, ReserveView } from '../../../src/actors/inventory/order-stock/model.ts';
import type { JournalHead } from '../../../src/api/feed/rows.ts';
import type {
  InventoryDeps,
  ItemRow,
  MovementRow,
  Queries,
  ReservationKey,
  WarehouseRow,
} from '../../../src/api/inventory/deps.ts';
import { ItemIds } from '../../../src/api/item-ids.ts';
import type { Asker, AskOptions, CommitNotices } from '../../../src/runtime/ask.ts';
import { emptyRecord, encodeRecord } from '../../../src/runtime/record.ts';
import type { JournalRow } from '../../../src/runtime/store.ts';

export interface Asked {
  readonly ref: Ref;
  readonly command: unknown;
  readonly options: AskOptions;
}

export class FakeAsker implements Asker {
  readonly asked: Asked[] = [];
  answer: (asked: Asked) => Reply | Promise<Reply> = (asked) => ({ ok: usualAnswer(asked) });

  async ask(ref: Ref, command: unknown, options: AskOptions): Promise<Reply> {
    const asked = { ref, command, options };
    this.asked.push(asked);
    return await this.answer(asked);
  }
}

export const level: LevelView = {
  itemId: '0b02b3d2-eebd-5d07-828b-e553dd160151',
  sku: '85123A',
  warehouseId: '11111111-1111-4111-8111-111111111111',
  quantity: 10,
  held: 3,
  allocated: 2,
  version: 7,
  updatedAt: 1_700_000_000_000,
};

/** The same as the contract has it. */
export const wireLevel = {
  itemId: level.itemId,
  sku: '85123A',
  warehouseId: level.warehouseId,
  quantity: 10n,
  reserved: 5n,
  available: 5n,
  held: 3n,
  allocated: 2n,
  version: 7n,
  lastUpdated: new Date(level.updatedAt),
  policy: undefined,
  warehouseInactive: false,
  isLow: false,
};

export const item: ItemView = {
  id: level.itemId,
  details: {
    sku: '85123A',
    name: 'White hanging heart',
    description: '',
    category: 'decoration',
    attributes: { colour: 'white' },
    createdAt: 1_600_000_000_000,
    updatedAt: 1_700_000_000_000,
  },
  levels: [level, { ...level, warehouseId: '22222222-2222-4222-8222-222222222222', held: 0, allocated: 0 }],
  policies: {},
  inactive: [],
  low: [],
};

export const reserved: ReserveView = {
  success: true,
  reservationId: 'rsv-1-b3JkZXItMQ',
  attempt: 1,
  status: 'held',
  items: [
    {
      itemId: level.itemId,
      sku: level.sku,
      inStock: true,
      requested: 2,
      available: 5,
      draws: [{ warehouseId: level.warehouseId, quantity: 2, levelVersion: 8 }],
    },
  ],
  expiresAt: 1_700_000_900_000,
};

export const reservation: ReservationView = {
  reservationId: 'rsv-1-b3JkZXItMQ',
  orderId: 'order-1',
  attempt: 1,
  status: 'held',
  lines: [],
  createdAt: 1_700_000_000_000,
  expiresAt: 1_700_000_900_000,
};

export const warehouse = {
  id: level.warehouseId,
  name: 'North',
  location: 'Hull',
  isActive: true,
  customerId: '',
  priority: 1,
  createdAt: 1_600_000_000_000,
  updatedAt: 1_600_000_000_000,
};

/** What actors answer where all is well. */
export function usualAnswer({ ref, command }: Asked): unknown {
  const type: unknown = typeof command === 'object' && command !== null ? Reflect.get(command, 'type') : '';
  if (ref.kind === 'warehouse') return { ...warehouse, id: ref.id };
  if (ref.kind === 'order') {
    if (type === 'reserve') return reserved;
    if (type === 'allocate' || type === 'giveBack' || type === 'fulfill')
      return { success: true, levels: [level] };
    return reservation;
  }
  if (type === 'adjust') return level;
  if (type === 'transfer') return { levels: item.levels };
  if (type === 'setPolicy' && typeof command === 'object' && command !== null)
    return Reflect.get(command, 'policy');
  return { ...item, id: ref.id };
}

export const asOf = 1_700_000_123_456;

export const itemRow: ItemRow = { id: level.itemId, ...item.details };
export const warehouseRow: WarehouseRow = warehouse;

export const movement: MovementRow = {
  warehouseId: level.warehouseId,
  version: 7,
  delta: 10,
  quantity: 10,
  cause: 'adjusted',
  reason: 'received',
  reference: 'delivery 4711',
  at: level.updatedAt,
};

/** Tables that say what they are told, and a journal that is written by the test. */
export class FakeQueries implements Queries {
  items: readonly ItemRow[] = [itemRow];
  warehouses: readonly WarehouseRow[] = [warehouseRow];
  holders: readonly string[] = ['order-1', 'order-2'];
  /** Newest first. */
  movements: readonly MovementRow[] = [movement];
  /** In order of their orders' ids. */
  reservations: readonly ReservationView[] = [reservation];
  examinedTo: ReservationKey | null = null;
  readonly asked: unknown[] = [];
  readonly journal: JournalRow[] = [];
  readonly trimmedTo = new Map<number, number>();
  shards = 2;
  reads = 0;

  async listItems(question: Parameters<Queries['listItems']>[0]) {
    this.asked.push(question);
    const rows = this.items.filter(({ sku }) => question.afterSku === null || sku > question.afterSku);
    return { rows: rows.slice(0, question.limit), asOf };
  }

  async listWarehouses(question: Parameters<Queries['listWarehouses']>[0]) {
    this.asked.push(question);
    const rows = this.warehouses.filter(({ id }) => question.afterId === null || id > question.afterId);
    return { rows: rows.slice(0, question.limit), asOf };
  }

  async report(question: Parameters<Queries['report']>[0]) {
    this.asked.push(question);
    const rows = this.items
      .filter(({ sku }) => question.afterSku === null || sku > question.afterSku)
      .slice(0, question.limit)
      .map((row) => ({ item: row, levels: item.levels, totalAvailable: 15, lowStock: true }));
    return { rows, asOf, totalItems: 3, totalQuantity: 20, totalReserved: 5, lowStockCount: 1 };
  }

  async listMovements(question: Parameters<Queries['listMovements']>[0]) {
    this.asked.push(question);
    const { before, limit } = question;
    const rows = this.movements.filter(({ at }) => before === null || at < before.at);
    return { rows: rows.slice(0, limit), asOf };
  }

  async listReservations(question: Parameters<Queries['listReservations']>[0]) {
    this.asked.push(question);
    const { after, limit, orderId, status } = question;
    const rows = this.reservations.filter(
      (row) =>
        (after === null || row.orderId > after.orderId) &&
        (orderId === null || row.orderId === orderId) &&
        (status === null || row.status === status),
    );
    return { rows: rows.slice(0, limit), asOf, examinedTo: this.examinedTo };
  }

  async ordersHolding(itemId: string, warehouseId: string | null, limit: number) {
    this.asked.push({ itemId, warehouseId, limit });
    return { rows: this.holders.slice(0, limit), asOf };
  }

  async journalHeads(): Promise<readonly JournalHead[]> {
    return Array.from({ length: this.shards }, (_, shard) => {
      const trimmedTo = this.trimmedTo.get(shard) ?? 0;
      return { shard, trimmedTo, seq: Math.max(trimmedTo, ...this.#of(shard).map((row) => row.seq)) };
    });
  }

  async readTail(after: ReadonlyMap<number, number>, limit: number): Promise<readonly JournalRow[]> {
    this.reads += 1;
    return this.journal
      .filter((row) => row.seq > (after.get(row.shard) ?? Number.POSITIVE_INFINITY))
      .slice(0, limit);
  }

  /** Writes one row and says nothing of it. @returns its seq */
  append(shard: number, events: readonly (readonly [string, string, unknown])[]): number {
    const seq = Math.max(this.trimmedTo.get(shard) ?? 0, ...this.#of(shard).map((row) => row.seq)) + 1;
    const record = {
      ...emptyRecord,
      events: events.map(([kind, id, event]) => ({ ref: { kind, id }, event })),
    };
    this.journal.push({ shard, seq, epoch: 1, at: asOf, events: encodeRecord(record) });
    return seq;
  }

  #of(shard: number): JournalRow[] {
    return this.journal.filter((row) => row.shard === shard);
  }
}

export class FakeNotices implements CommitNotices {
  readonly listeners = new Set<(shard: number, seq: number) => void>();

  subscribe(listener: (shard: number, seq: number) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(shard: number, seq: number): void {
    for (const listener of this.listeners) listener(shard, seq);
  }
}

export interface Fakes extends InventoryDeps {
  readonly asker: FakeAsker;
  readonly queries: FakeQueries;
  readonly notices: FakeNotices;
  readonly logged: string[];
  readonly observed: { readonly method: string; readonly outcome: string; readonly seconds: number }[];
}

export const errorId = '99999999-9999-4999-8999-999999999999';

export function fakes(): Fakes {
  const logged: string[] = [];
  const observed: Fakes['observed'] = [];
  return {
    asker: new FakeAsker(),
    queries: new FakeQueries(),
    notices: new FakeNotices(),
    itemIds: new ItemIds(),
    logged,
    observed,
    log: pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) }),
    observe: (method, outcome, seconds) => void observed.push({ method, outcome, seconds }),
    newId: () => errorId,
  };
}
