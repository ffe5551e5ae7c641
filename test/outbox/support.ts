/** A database whose journal a test writes, readers of it, and a sink that is done with a message when the test says so. */
import postgres from 'postgres';
import type { PublishedEvent } from '../../src/events/event.ts';
import { envelopesOf } from '../../src/events/mapping/envelopes.ts';
import type { OutboxLimits } from '../../src/outbox/limits.ts';
import { Outbox, type OutboxStore, type Sink } from '../../src/outbox/outbox.ts';
import { openClient } from '../../src/persistence/connect.ts';
import { openOutboxStore, openReaders } from '../../src/persistence/outbox.ts';
import { emptyRecord, encodeRecord } from '../../src/runtime/record.ts';
import type { JournalRow } from '../../src/runtime/store.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

export const silent = { info() {}, warn() {}, error() {} };

/** One row with so many messages of one item each, whose numbers the test need not care for. */
export function journalRow(shard: number, seq: number, messages = 1): JournalRow {
  const events = Array.from({ length: messages }, (_, index) => ({
    ref: { kind: 'item', id: itemId(shard, seq, index) },
    event: { type: 'deleted', at: seq, n: 1 },
  }));
  return {
    shard,
    seq,
    epoch: 1,
    at: 1_700_000_000_000 + seq,
    events: encodeRecord({ ...emptyRecord, events }),
  };
}

function itemId(shard: number, seq: number, index: number): string {
  const part = (value: number, length: number) => value.toString(16).padStart(length, '0');
  return `${part(shard, 8)}-0000-4000-8000-${part(seq, 6)}${part(index, 6)}`;
}

export class TestJournal {
  readonly database: TestDatabase;
  readonly sql: postgres.Sql;
  /** What stopped outboxes. */
  readonly broken: unknown[] = [];

  private constructor(database: TestDatabase) {
    this.database = database;
    this.sql = postgres(database.url, { max: 2, onnotice: () => undefined });
  }

  static async open(shards: number, readers: readonly string[]): Promise<TestJournal> {
    const journal = new TestJournal(await createDatabase());
    await journal.sql`insert into shards (shard) select generate_series(0, ${shards - 1}::int)`;
    await journal.readers(readers);
    return journal;
  }

  /** As a process does when it becomes the owner. */
  async readers(names: readonly string[]): Promise<void> {
    const client = openClient('work', { url: this.database.url, log: silent });
    const { epoch } = (await this.sql`select epoch::int from owner`)[0] ?? {};
    const isOwner = await openReaders(client, epoch, names).finally(() => client.close());
    if (!isOwner) throw new Error('not the owner');
  }

  async write(...rows: readonly JournalRow[]): Promise<readonly JournalRow[]> {
    for (const { shard, seq, epoch, at, events } of rows)
      await this.sql`insert into journal values (${shard}, ${seq}, ${epoch}, ${new Date(at)}, ${events})`;
    return rows;
  }

  async positions(reader: string): Promise<readonly number[]> {
    const rows = await this
      .sql`select seq::int from outbox_positions where reader = ${reader} order by shard`;
    return rows.map(({ seq }) => Number(seq));
  }

  store(reader: string): OutboxStore {
    return openOutboxStore({ url: this.database.url, log: silent }, reader);
  }

  outbox(
    reader: string,
    sink: Sink,
    more: { store?: OutboxStore; limits?: Partial<OutboxLimits> } = {},
  ): Promise<Outbox> {
    const store = more.store ?? this.store(reader);
    const limits = { advanceIntervalMs: 10, lookIntervalMs: 30_000, retryMs: 10, ...more.limits };
    const onBroken = (error: unknown) => this.broken.push(error);
    const eventsOf = (row: JournalRow) => envelopesOf('inventory', 's', row);
    return Outbox.open({ eventsOf, store, sink, log: silent, limits, onBroken });
  }

  async close(): Promise<void> {
    await this.sql.end({ timeout: 5 });
    await this.database.drop();
  }
}

/** Holds what it is given until the test lets go of it. */
export class HeldSink implements Sink {
  readonly given: PublishedEvent[] = [];
  readonly #waiting = new Map<string, () => void>();
  isOpen = false;

  take(event: PublishedEvent): Promise<void> {
    this.given.push(event);
    if (this.isOpen) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.set(event.id, resolve));
  }

  /** `shard.seq.index` */
  get places(): readonly string[] {
    return this.given.map(({ id }) => id.slice('s.'.length));
  }

  letGo(place: string): void {
    this.#waiting.get(`s.${place}`)?.();
    this.#waiting.delete(`s.${place}`);
  }

  letGoAll(): void {
    this.isOpen = true;
    for (const resolve of this.#waiting.values()) resolve();
    this.#waiting.clear();
  }
}
