// What every store must hold to, the real one and the simulator's: whoever implements Store runs this suite.
import { afterEach, beforeEach, describe } from 'vitest';
import type { ShardHead, SnapshotRow, Store } from '../../src/runtime/store.ts';
import { journalContract } from './contract-journal.ts';
import { pendingContract } from './contract-pending.ts';
import { tablesContract } from './contract-tables.ts';

/** A database with the shards 0 to 3 and nothing in it, as two processes see it. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Another process's access to the same database. */
  readonly other: Store;
  /** Makes a process the owner of the database, whoever was before. @returns its owner epoch */
  own(): Promise<number>;
  close(): Promise<void>;
}

/** Rows of a service's own kinds. A number names an actor; ids of one kind are in the order of their numbers. */
export interface Samples {
  /** Of a kind without due times. @param value tells its states apart; the row's seq unless it is given */
  plain(number: number, shard: number, seq: number, value?: number): SnapshotRow;
  /** Of a kind that may be due. */
  due(number: number, shard: number, seq: number, dueAt: number | null): SnapshotRow;
  /** Of each kind that may want effects, in order of the kinds' names; none where the service has no such kind. */
  readonly pending: readonly PendingSample[];
}

export type PendingSample = (number: number, shard: number, seq: number, pending: boolean) => SnapshotRow;

export const shards = [0, 1, 2, 3];

export function storeContract(
  name: string,
  samples: Samples,
  makeStore: () => Promise<StoreUnderTest>,
): void {
  describe(name, () => {
    const under = new UnderTest();
    beforeEach(async () => under.start(await makeStore()));
    afterEach(() => under.stop());
    journalContract(under);
    tablesContract(under, samples);
    if (samples.pending.length > 0) pendingContract(under, samples.pending);
  });
}

/** What the cases of the suite share: a new database for each, owned, with every shard claimed once (epoch 1). */
export class UnderTest {
  ownerEpoch = 0;
  #current: StoreUnderTest | undefined;

  async start(made: StoreUnderTest): Promise<void> {
    this.#current = made;
    this.ownerEpoch = await this.own();
    await this.claimed();
  }

  async stop(): Promise<void> {
    await this.#current?.close();
    this.#current = undefined;
  }

  get store(): Store {
    return this.#made.store;
  }

  get other(): Store {
    return this.#made.other;
  }

  own(): Promise<number> {
    return this.#made.own();
  }

  /** Claims all shards for the owner. */
  async claimed(by: Store = this.store): Promise<readonly ShardHead[]> {
    const claim = await by.claim(this.ownerEpoch, shards);
    if (claim === 'displaced') throw new Error('the owner was displaced');
    return claim.heads;
  }

  /** What the journal has of all shards. */
  async journal(): Promise<readonly string[]> {
    const rows = await this.store.readTail(new Map(shards.map((shard) => [shard, 0])), 1_000);
    return rows.map(({ shard, seq, epoch }) => `${shard}/${seq} of epoch ${epoch}`);
  }

  get #made(): StoreUnderTest {
    if (this.#current === undefined) throw new Error('no store is under test');
    return this.#current;
  }
}
