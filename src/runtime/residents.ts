// The actors that a thread has in memory, and what of them is not yet in the tables.
import type { AnyBehaviour, Ref } from '../actors/behaviour.ts';

export class Resident {
  readonly ref: Ref;
  readonly shard: number;
  readonly behaviour: AnyBehaviour;
  /** What the thread has decided: may be ahead of the journal. */
  state: unknown;
  /** Journal position of the last durable event; 0 before the first. */
  durableSeq: number;
  /** Position that the stored row stands at. */
  savedSeq: number;
  /** Batches not yet durable that changed it. */
  uncommitted = 0;
  /** The turn that last used it. */
  lastTurn = 0;
  /** When the timers will look at it next; null: not at all. */
  timerAt: number | null = null;

  constructor(ref: Ref, shard: number, behaviour: AnyBehaviour, state: unknown, seq: number) {
    this.ref = ref;
    this.shard = shard;
    this.behaviour = behaviour;
    this.state = state;
    this.durableSeq = seq;
    this.savedSeq = seq;
  }

  /** Whether the tables hold all that there is of it, so that it may leave memory. */
  get isSaved(): boolean {
    return this.uncommitted === 0 && this.savedSeq >= this.durableSeq;
  }
}

export function keyOf(ref: Ref): string {
  return `${ref.kind}/${ref.id}`;
}

/** By kind, then by id: a look-up makes no string. */
export class Residents {
  readonly #byKind = new Map<string, Map<string, Resident>>();
  #size = 0;
  /** The turn of the last eviction: who was used after it is spared by the next, as long as others can go. */
  #evictedAt = 0;

  get size(): number {
    return this.#size;
  }

  *all(): Generator<Resident> {
    for (const byId of this.#byKind.values()) yield* byId.values();
  }

  get(ref: Ref): Resident | undefined {
    return this.#byKind.get(ref.kind)?.get(ref.id);
  }

  add(resident: Resident): void {
    const { kind, id } = resident.ref;
    let byId = this.#byKind.get(kind);
    if (byId === undefined) {
      byId = new Map();
      this.#byKind.set(kind, byId);
    }
    if (!byId.has(id)) this.#size++;
    byId.set(id, resident);
  }

  /**
   * Drops actors until no more than `max` are left: those first that were not used since the last eviction, and never
   * one that the tables lag behind, that `turn` is using, or that `keep` says must stay.
   */
  evict(max: number, turn: number, keep: (resident: Resident) => boolean): void {
    if (this.#size <= max) return;
    this.#drop(max, (resident) => resident.lastTurn > this.#evictedAt || mustStay(resident, turn, keep));
    this.#drop(max, (resident) => mustStay(resident, turn, keep));
    this.#evictedAt = turn;
  }

  #drop(max: number, stays: (resident: Resident) => boolean): void {
    for (const byId of this.#byKind.values()) {
      for (const [id, resident] of byId) {
        if (this.#size <= max) return;
        if (stays(resident)) continue;
        byId.delete(id);
        this.#size--;
      }
    }
  }
}

function mustStay(resident: Resident, turn: number, keep: (resident: Resident) => boolean): boolean {
  return !resident.isSaved || resident.lastTurn >= turn || keep(resident);
}
