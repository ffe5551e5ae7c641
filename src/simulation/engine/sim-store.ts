// The Store in memory, with PostgreSQL's semantics. How a statement travels, and what happens to it on the way, is the
// wire's business (see ../faults/wire.ts).
import type { Ref } from '../../actors/behaviour.ts';
import type { JournalRow, SnapshotWrite, Store } from '../../runtime/store.ts';
import type { Database } from './database.ts';

/** One statement. What it sends is serialized before it leaves, as it would be for a real server. */
export interface Statement<T> {
  readonly name: string;
  /** Whether it changes anything, so that a repeat of it matters. */
  readonly isWrite: boolean;
  /** What it sees first; other statements may come between this and `finish`. */
  begin?(): void;
  finish(): T;
}

export interface Wire {
  run<T>(statement: Statement<T>): Promise<T>;
}

/** Nothing goes wrong, and it takes no time. */
export const directWire: Wire = {
  async run(statement) {
    statement.begin?.();
    return statement.finish();
  },
};

export class SimStore implements Store {
  readonly #database: Database;
  readonly #wire: Wire;

  constructor(database: Database, wire: Wire) {
    this.#database = database;
    this.#wire = wire;
  }

  claim(ownerEpoch: number, shards: readonly number[]): ReturnType<Store['claim']> {
    const sent = [...shards];
    return this.#wire.run({
      name: 'claim',
      isWrite: true,
      finish: () => this.#database.claim(ownerEpoch, sent),
    });
  }

  readTail(after: ReadonlyMap<number, number>, limit: number): Promise<readonly JournalRow[]> {
    const sent = new Map(after);
    return this.#wire.run({
      name: 'readTail',
      isWrite: false,
      finish: () => this.#database.readTail(sent, limit).map((row) => ({ ...row })),
    });
  }

  append(rows: readonly JournalRow[]): ReturnType<Store['append']> {
    const sent = rows.map((row) => ({ ...row })).sort((a, b) => a.shard - b.shard || a.seq - b.seq);
    let passes = false;
    return this.#wire.run<'appended' | 'fenced' | 'conflict'>({
      name: 'append',
      isWrite: true,
      begin: () => {
        passes = this.#database.passesFence(sent);
      },
      finish: () => (passes ? this.#database.insert(sent) : 'fenced'),
    });
  }

  confirm(shards: readonly { readonly shard: number; readonly epoch: number }[]): Promise<boolean> {
    const sent = shards.map((each) => ({ ...each }));
    return this.#wire.run({
      name: 'confirm',
      isWrite: false,
      finish: () => this.#database.confirm(sent),
    });
  }

  load(refs: readonly Ref[]): ReturnType<Store['load']> {
    const sent = refs.map((ref) => ({ ...ref }));
    return this.#wire.run({ name: 'load', isWrite: false, finish: () => this.#database.load(sent) });
  }

  due(shards: readonly number[], before: number, limit: number): ReturnType<Store['due']> {
    const sent = [...shards];
    return this.#wire.run({
      name: 'due',
      isWrite: false,
      finish: () => this.#database.due(sent, before, limit),
    });
  }

  pending(
    shards: readonly number[],
    after: Parameters<Store['pending']>[1],
    limit: number,
  ): ReturnType<Store['pending']> {
    const sent = [...shards];
    return this.#wire.run({
      name: 'pending',
      isWrite: false,
      finish: () => this.#database.pending(sent, after, limit),
    });
  }

  snapshot(write: SnapshotWrite): ReturnType<Store['snapshot']> {
    const sent: SnapshotWrite = JSON.parse(JSON.stringify(write));
    return this.#wire.run({
      name: 'snapshot',
      isWrite: true,
      finish: () => this.#database.snapshot(sent),
    });
  }

  trim(heads: Parameters<Store['trim']>[0], limit: number): Promise<number> {
    const sent = heads.map((each) => ({ ...each }));
    return this.#wire.run({
      name: 'trim',
      isWrite: true,
      finish: () => this.#database.trim(sent, limit),
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
