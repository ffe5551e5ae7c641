// The committed world: what PostgreSQL would hold. Each method is one statement, or one step of one, and happens at one
// instant. Values are kept as text, so that nothing in memory is ever shared with whoever wrote or reads it.
import type { Ref } from '../../actors/behaviour.ts';
import { compareText } from '../../actors/compare.ts';
import { keyOf } from '../../runtime/residents.ts';
import type { JournalRow, SnapshotWrite, Store, StoredActor } from '../../runtime/store.ts';

interface ShardRow {
  epoch: number;
  snapshotSeq: number;
  trimmedTo: number;
  channels: string;
}

interface ActorRow {
  readonly ref: Ref;
  readonly shard: number;
  readonly seq: number;
  readonly state: string;
  readonly dueAt: number | null;
  readonly pending: boolean;
}

/** Who watches what is committed. Called at the instant at which it is. */
export interface DatabaseWatcher {
  appended(rows: readonly JournalRow[]): void;
  snapshot(write: SnapshotWrite): void;
}

export class Database {
  readonly #now: () => number;
  readonly #shards = new Map<number, ShardRow>();
  readonly #journal = new Map<number, Map<number, JournalRow>>();
  readonly #actors = new Map<string, ActorRow>();
  readonly #ledger = new Set<string>();
  #ownerEpoch = 0;
  watcher: DatabaseWatcher | undefined;

  /** @param now milliseconds since 1970: the database's clock */
  constructor(shardCount: number, now: () => number) {
    this.#now = now;
    for (let shard = 0; shard < shardCount; shard++) {
      this.#shards.set(shard, { epoch: 0, snapshotSeq: 0, trimmedTo: 0, channels: '' });
      this.#journal.set(shard, new Map());
    }
  }

  get now(): number {
    return this.#now();
  }

  /** @returns the epoch of the new owner */
  takeOwnership(): number {
    return ++this.#ownerEpoch;
  }

  claim(ownerEpoch: number, shards: readonly number[]): Awaited<ReturnType<Store['claim']>> {
    if (ownerEpoch !== this.#ownerEpoch) return 'displaced';
    const heads = [...new Set(shards)]
      .sort((a, b) => a - b)
      .flatMap((shard) => {
        const row = this.#shards.get(shard);
        if (row === undefined) return [];
        row.epoch++;
        return [{ shard, ...row }];
      });
    return { heads, now: Math.floor(this.#now()) };
  }

  readTail(after: ReadonlyMap<number, number>, limit: number): readonly JournalRow[] {
    return [...after]
      .sort(([a], [b]) => a - b)
      .flatMap(([shard, seq]) => [...this.#rowsOf(shard).values()].filter((row) => row.seq > seq))
      .sort((a, b) => a.shard - b.shard || a.seq - b.seq)
      .slice(0, limit);
  }

  /** What an append sees when it begins: the epochs and `trimmedTo` as they stand then. */
  passesFence(rows: readonly JournalRow[]): boolean {
    return rows.every(({ shard, epoch, seq }) => {
      const row = this.#shards.get(shard);
      return row !== undefined && row.epoch === epoch && seq > row.trimmedTo;
    });
  }

  /** What an append does in the end, maybe after another epoch has begun: the primary key settles it. */
  insert(rows: readonly JournalRow[]): 'appended' | 'conflict' {
    if (rows.some(({ shard, seq }) => this.#rowsOf(shard).has(seq))) return 'conflict';
    for (const row of rows) this.#rowsOf(row.shard).set(row.seq, { ...row });
    this.watcher?.appended(rows);
    return 'appended';
  }

  confirm(shards: readonly { readonly shard: number; readonly epoch: number }[]): boolean {
    return shards.every(({ shard, epoch }) => this.#shards.get(shard)?.epoch === epoch);
  }

  load(refs: readonly Ref[]): readonly StoredActor[] {
    return [...new Set(refs.map(keyOf))].flatMap((key) => {
      const row = this.#actors.get(key);
      return row === undefined ? [] : [toStored(row)];
    });
  }

  due(shards: readonly number[], before: number, limit: number): Awaited<ReturnType<Store['due']>> {
    return [...this.#actors.values()]
      .flatMap(({ ref, shard, dueAt }) =>
        dueAt !== null && dueAt <= before && shards.includes(shard) ? [{ ref, dueAt }] : [],
      )
      .sort((a, b) => a.dueAt - b.dueAt || compareText(a.ref.id, b.ref.id))
      .slice(0, limit);
  }

  pending(
    shards: readonly number[],
    after: ActorRow['ref'] | null,
    limit: number,
  ): Awaited<ReturnType<Store['pending']>> {
    const order = (a: ActorRow['ref'], b: ActorRow['ref']) =>
      compareText(a.kind, b.kind) || compareText(a.id, b.id);
    return [...this.#actors.values()]
      .filter(
        ({ ref, shard, pending }) =>
          pending && shards.includes(shard) && (after === null || order(ref, after) > 0),
      )
      .map(({ ref }) => ref)
      .sort(order)
      .slice(0, limit);
  }

  snapshot(write: SnapshotWrite): 'written' | 'fenced' {
    if (!this.confirm(write.heads)) return 'fenced';
    for (const { ref, shard, seq, state, dueAt, pending } of write.rows) {
      const key = keyOf(ref);
      if ((this.#actors.get(key)?.seq ?? -1) >= seq) continue;
      this.#actors.set(key, { ref, shard, seq, state: JSON.stringify(state), dueAt, pending });
    }
    for (const event of write.events) this.#ledger.add(JSON.stringify(event));
    for (const { shard, snapshotSeq, channels } of write.heads) {
      const row = this.#shards.get(shard);
      if (row !== undefined && row.snapshotSeq < snapshotSeq) Object.assign(row, { snapshotSeq, channels });
    }
    this.watcher?.snapshot(write);
    return 'written';
  }

  trim(
    heads: readonly { readonly shard: number; readonly epoch: number; readonly olderThan: number }[],
    limit: number,
  ): number {
    let deleted = 0;
    for (const { shard, epoch, olderThan } of heads) {
      const row = this.#shards.get(shard);
      if (row === undefined || row.epoch !== epoch) continue;
      const rows = [...this.#rowsOf(shard).values()].sort((a, b) => a.seq - b.seq);
      const barred = rows.filter((each) => each.seq <= row.trimmedTo);
      const old = rows
        .filter((each) => each.seq > row.trimmedTo && each.seq <= row.snapshotSeq)
        .slice(0, limit)
        .findLast((each) => each.at < olderThan);
      for (const { seq } of barred.slice(0, limit - deleted)) {
        this.#rowsOf(shard).delete(seq);
        deleted++;
      }
      if (old !== undefined) row.trimmedTo = old.seq;
    }
    return deleted;
  }

  // For checkers: what the tables hold.

  stored(ref: Ref): StoredActor | undefined {
    const row = this.#actors.get(keyOf(ref));
    return row === undefined ? undefined : toStored(row);
  }

  storedSeq(key: string): number {
    return this.#actors.get(key)?.seq ?? 0;
  }

  snapshotSeq(shard: number): number {
    return this.#shards.get(shard)?.snapshotSeq ?? 0;
  }

  /** Ledger entries as JSON text of their events. */
  get ledger(): ReadonlySet<string> {
    return this.#ledger;
  }

  #rowsOf(shard: number): Map<number, JournalRow> {
    const rows = this.#journal.get(shard);
    if (rows === undefined) throw new RangeError(`there is no shard ${shard}`);
    return rows;
  }
}

function toStored({ ref, seq, state }: ActorRow): StoredActor {
  const parsed: unknown = JSON.parse(state);
  return { ref: { ...ref }, seq, state: parsed };
}
