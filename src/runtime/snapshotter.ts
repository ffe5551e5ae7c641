// Writes what is durable in the journal into the tables that people query, in the background. An actor that changed
// 10,000 times since the last write is one row.
//
// I3: what is written is a state as it stood when an append was cut that is durable now, never what the actor has come
// to since; and the shard's position is written with the last of its rows, never before.

import type { Clock } from './clock.ts';
import type { RuntimeLimits } from './limits.ts';
import type { Memory } from './memory.ts';
import type { Observer } from './observer.ts';
import type { Resident } from './residents.ts';
import type { DurableEvent, SnapshotHead, SnapshotRow, Store } from './store.ts';

interface Unsaved {
  readonly resident: Resident;
  readonly state: unknown;
  readonly seq: number;
}

export interface SnapshotterHost {
  readonly store: Store;
  readonly clock: Clock;
  readonly limits: RuntimeLimits;
  readonly observer: Observer;
  now(): number;
}

export class Snapshotter {
  readonly #host: SnapshotterHost;
  readonly #memory: Memory;
  #unsaved = new Map<Resident, Unsaved>();
  #ledger: DurableEvent[] = [];
  /** What is being written: no longer among the unsaved, and perhaps not yet in the tables. */
  #inFlight: ReadonlyMap<Resident, Unsaved> = new Map();
  #lagEvents = 0;
  #writing: Promise<'written' | 'fenced'> | undefined;

  constructor(host: SnapshotterHost, memory: Memory) {
    this.#host = host;
    this.#memory = memory;
  }

  /** Journal rows, of the shard that has the most, that no snapshot covers yet. */
  get lagRows(): number {
    let lag = 0;
    for (const shard of this.#memory.shards.values())
      lag = Math.max(lag, shard.durableSeq - shard.snapshotSeq);
    return lag;
  }

  /** Durable events that no snapshot covers yet: what a recovery would have to fold. */
  get lagEvents(): number {
    return this.#lagEvents;
  }

  get unsaved(): Iterable<Resident> {
    return [...this.#inFlight.keys(), ...this.#unsaved.keys()];
  }

  /** So many events have become durable. */
  recorded(events: number): void {
    this.#lagEvents += events;
  }

  changed(resident: Resident, state: unknown, seq: number): void {
    this.#unsaved.set(resident, { resident, state, seq });
  }

  ledger(event: DurableEvent): void {
    this.#ledger.push(event);
  }

  /**
   * Writes everything that was durable when it was called. Calls while one is under way share it.
   * @throws StoreError: nothing was lost, the next call writes it again
   */
  flush(): Promise<'written' | 'fenced'> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #write(): Promise<'written' | 'fenced'> {
    const startedAt = this.#host.clock.monotonic();
    const at = this.#host.now();
    const heads = [...this.#memory.shards.values()]
      .filter((shard) => shard.durableSeq > shard.snapshotSeq)
      .map((shard) => ({
        shard: shard.number,
        epoch: shard.epoch,
        snapshotSeq: shard.durableSeq,
        channels: shard.durable.encode(),
      }));
    if (heads.length === 0) return 'written';
    const unsaved = this.#unsaved;
    const ledger = this.#ledger;
    const events = this.#lagEvents;
    this.#inFlight = unsaved;
    this.#unsaved = new Map();
    this.#ledger = [];
    try {
      const outcome = await this.#writeChunks(heads, [...unsaved.values()], ledger);
      if (outcome === 'fenced') return outcome;
    } catch (error) {
      this.#putBack(unsaved, ledger);
      throw error;
    } finally {
      this.#inFlight = new Map();
    }
    this.#lagEvents -= events;
    for (const { resident, seq } of unsaved.values()) resident.savedSeq = Math.max(resident.savedSeq, seq);
    for (const { shard, snapshotSeq } of heads)
      this.#memory.shards.get(shard)?.snapshotReached(snapshotSeq, at);
    this.#host.observer.snapshotWritten(unsaved.size, this.#host.clock.monotonic() - startedAt);
    return 'written';
  }

  /** Rows may be written ahead of the position (recovery skips what a row already has); the position comes last. */
  async #writeChunks(
    heads: readonly SnapshotHead[],
    unsaved: readonly Unsaved[],
    ledger: readonly DurableEvent[],
  ): Promise<'written' | 'fenced'> {
    const size = this.#host.limits.snapshotRowsMax;
    const chunks = Math.max(1, Math.ceil(unsaved.length / size), Math.ceil(ledger.length / size));
    for (let chunk = 0; chunk < chunks; chunk++) {
      const isLast = chunk === chunks - 1;
      const outcome = await this.#host.store.snapshot({
        heads: isLast ? heads : heads.map((head) => this.#unmoved(head)),
        rows: unsaved.slice(chunk * size, (chunk + 1) * size).map(toRow),
        events: ledger.slice(chunk * size, (chunk + 1) * size),
      });
      if (outcome === 'fenced') return outcome;
    }
    return 'written';
  }

  /** The head without progress: where the position does not move, the store keeps the channels that belong to it. */
  #unmoved(head: SnapshotHead): SnapshotHead {
    return { ...head, snapshotSeq: this.#memory.shards.get(head.shard)?.snapshotSeq ?? 0 };
  }

  #putBack(unsaved: ReadonlyMap<Resident, Unsaved>, ledger: readonly DurableEvent[]): void {
    for (const [resident, entry] of unsaved)
      if (!this.#unsaved.has(resident)) this.#unsaved.set(resident, entry);
    this.#ledger = [...ledger, ...this.#ledger];
  }
}

function toRow({ resident, state, seq }: Unsaved): SnapshotRow {
  return {
    ref: resident.ref,
    shard: resident.shard,
    seq,
    state,
    dueAt: resident.behaviour.dueAt?.(state) ?? null,
    pending: (resident.behaviour.effects?.(state) ?? []).length > 0,
  };
}
