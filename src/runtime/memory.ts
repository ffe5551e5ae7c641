// All that a shard thread has in memory. It is made by recovery and thrown away as a whole when an append's outcome is
// not known or the shards are lost: nothing ever goes on from what the journal might not have.
import type { Behaviours, Ref } from '../actors/behaviour.ts';
import { Batch } from './batch.ts';
import { Parked } from './parked.ts';
import { receiptBehaviour } from './receipts.ts';
import { Resident, Residents } from './residents.ts';
import { Schedule } from './schedule.ts';
import type { Shard } from './shard.ts';
import type { Caller, Placed, Work } from './work.ts';

/** The tables are ahead of the memory: another epoch owns the shard, and nothing of this memory may be used any more. */
export class OvertakenError extends Error {
  override readonly name = 'OvertakenError';
}

export class Memory {
  readonly shards: ReadonlyMap<number, Shard>;
  readonly residents = new Residents();
  readonly parked = new Parked();
  readonly schedule = new Schedule();
  readonly behaviours: Behaviours;
  /** Told of every actor that comes into memory, once this memory serves. */
  onInstall: ((resident: Resident) => void) | undefined;
  batch = new Batch();
  /** Work that has arrived and not been begun. */
  inbox: Work[] = [];
  /** What the turn under way has taken in. */
  inHand: readonly Work[] = [];
  turn = 0;
  /**
   * Due times up to here are watched, in milliseconds since 1970. What is due later is found in the tables when its time
   * comes near: most holds end long before they are due, and would only fill the schedule.
   */
  dueUntil = Number.POSITIVE_INFINITY;

  constructor(shards: readonly Shard[], behaviours: Behaviours) {
    this.shards = new Map(shards.map((shard) => [shard.number, shard]));
    this.behaviours = behaviours;
  }

  /** @throws Error where the actor's kind is none of this service's */
  behaviour(kind: string) {
    const behaviour = kind === receiptBehaviour.kind ? receiptBehaviour : this.behaviours.byKind.get(kind);
    if (behaviour === undefined) throw new Error(`no behaviour is called ${kind}`);
    return behaviour;
  }

  /**
   * Takes an actor into memory as the tables have it; without a stored state it is one that nothing is known of.
   * @throws OvertakenError where somebody else has written it: only what is durable here could have got there from here
   */
  install(placed: Placed, stored: { readonly seq: number; readonly state: unknown } | undefined): Resident {
    const shard = this.shards.get(placed.shard);
    if (stored !== undefined && shard !== undefined && stored.seq > shard.durableSeq) {
      throw new OvertakenError(
        `${placed.ref.kind} stands at ${stored.seq}, and shard ${shard.number} at ${shard.durableSeq}`,
      );
    }
    const behaviour = this.behaviour(placed.ref.kind);
    const resident = new Resident(
      placed.ref,
      placed.shard,
      behaviour,
      stored?.state ?? behaviour.initial,
      stored?.seq ?? 0,
    );
    resident.lastTurn = this.turn;
    this.residents.add(resident);
    this.remind(resident);
    this.onInstall?.(resident);
    return resident;
  }

  /** Sees to it that the actor is looked at when its state says that it is due. */
  remind(resident: Resident): void {
    const at = resident.behaviour.dueAt?.(resident.state) ?? null;
    if (at === null || at > this.dueUntil) return;
    if (resident.timerAt !== null && resident.timerAt <= at) return;
    resident.timerAt = at;
    this.schedule.push({ at, ref: resident.ref, shard: resident.shard });
  }

  /** The state of the shard's copy of the shared settings. */
  shared(shard: number): unknown {
    const ref = this.sharedRef(shard);
    return ref === null ? undefined : this.residents.get(ref)?.state;
  }

  sharedRef(shard: number): Ref | null {
    const { shared } = this.behaviours;
    return shared === null ? null : { kind: shared, id: String(shard) };
  }

  /** Lets saved actors go until no more than `max` are left. The shared ones stay. */
  evict(max: number): void {
    this.residents.evict(max, this.turn, ({ ref }) => ref.kind === this.behaviours.shared);
  }

  /** Whether there is nothing that was begun and is not over. */
  get isIdle(): boolean {
    if (this.inbox.length > 0 || this.inHand.length > 0 || !this.batch.isEmpty) return false;
    return [...this.shards.values()].every(({ live }) =>
      [...live.outgoing.values()].every(({ waiting }) => waiting.size === 0),
    );
  }

  /** Everyone who has not been answered. */
  takeCallers(): Caller[] {
    const inbox = [...this.inHand, ...this.inbox].flatMap((work) =>
      work.type === 'request' ? [work.caller] : [],
    );
    this.inHand = [];
    this.inbox = [];
    return [...inbox, ...this.parked.takeAll(), ...this.batch.callers];
  }
}
