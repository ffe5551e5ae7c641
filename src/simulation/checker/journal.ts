// The committed journal, folded as it grows: every actor's state at every position. What the tables, the answers and
// the threads' memory say is compared with it.
import type { AnyBehaviour, Behaviours, Ref } from '../../actors/behaviour.ts';
import { InvariantViolation } from '../../actors/behaviour.ts';
import { receiptBehaviour } from '../../runtime/receipts.ts';
import { decodeRecord, type ShardRecord } from '../../runtime/record.ts';
import { keyOf } from '../../runtime/residents.ts';
import type { JournalRow } from '../../runtime/store.ts';
import type { Verdict } from './verdict.ts';

/** A state that an actor had after one event. */
export interface Moment {
  readonly seq: number;
  /** Which append it came with, of all shards', from 1. */
  readonly commit: number;
  readonly state: unknown;
}

export interface ActorHistory {
  readonly ref: Ref;
  readonly shard: number;
  readonly initial: unknown;
  readonly moments: Moment[];
}

export interface FoldedEvent {
  readonly ref: Ref;
  readonly event: unknown;
  readonly before: unknown;
  readonly after: unknown;
  readonly row: JournalRow;
}

interface ShardHistory {
  lastSeq: number;
  lastEpoch: number;
  /** By seq, from 1. */
  readonly records: ShardRecord[];
  /** By the shard that messages go to. */
  readonly next: Map<number, number>;
  readonly answeredTo: Map<number, number>;
}

export class Journal {
  readonly #behaviours: Behaviours;
  readonly #verdict: Verdict;
  readonly #actors = new Map<string, ActorHistory>();
  readonly #shards = new Map<number, ShardHistory>();
  /** Ledger events, as the tables are to hold them. */
  readonly ledger: { readonly shard: number; readonly seq: number; readonly text: string }[] = [];
  commits = 0;

  constructor(behaviours: Behaviours, verdict: Verdict) {
    this.#behaviours = behaviours;
    this.#verdict = verdict;
  }

  get actors(): Iterable<ActorHistory> {
    return this.#actors.values();
  }

  actor(ref: Ref): ActorHistory | undefined {
    return this.#actors.get(keyOf(ref));
  }

  state(ref: Ref): unknown {
    const actor = this.actor(ref);
    return actor === undefined ? this.behaviour(ref.kind).initial : stateOf(actor);
  }

  lastSeq(shard: number): number {
    return this.#shards.get(shard)?.lastSeq ?? 0;
  }

  behaviour(kind: string): AnyBehaviour {
    const behaviour = kind === receiptBehaviour.kind ? receiptBehaviour : this.#behaviours.byKind.get(kind);
    if (behaviour === undefined) throw new RangeError(`no behaviour is called ${kind}`);
    return behaviour;
  }

  /** Rows that were committed together. */
  append(rows: readonly JournalRow[]): FoldedEvent[] {
    this.commits++;
    return rows.flatMap((row) => this.#row(row));
  }

  /** A shard's records after one position, up to another. */
  records(shard: number, after: number, upTo: number): readonly ShardRecord[] {
    return this.#shards.get(shard)?.records.slice(after, upTo) ?? [];
  }

  /** Up to which message to another shard a shard has recorded the answers. */
  answeredTo(shard: number, to: number): number {
    return this.#shards.get(shard)?.answeredTo.get(to) ?? 0;
  }

  /** Messages that have no answer yet: from, to and number. */
  get unanswered(): string[] {
    return [...this.#shards].flatMap(([from, { answeredTo, next }]) =>
      [...next].flatMap(([to, n]) => ((answeredTo.get(to) ?? 0) + 1 < n ? [`${from}>${to} #${n - 1}`] : [])),
    );
  }

  #row(row: JournalRow): FoldedEvent[] {
    const shard = this.#shard(row.shard);
    this.#verdict.check(
      'I12',
      row.seq === shard.lastSeq + 1 && row.epoch >= shard.lastEpoch,
      () =>
        `shard ${row.shard}: row ${row.seq} of epoch ${row.epoch} after row ${shard.lastSeq} of epoch ${shard.lastEpoch}`,
    );
    shard.lastSeq = Math.max(shard.lastSeq, row.seq);
    shard.lastEpoch = Math.max(shard.lastEpoch, row.epoch);
    const record = decodeRecord(row.events);
    shard.records.push(record);
    for (const { to, next, answeredTo } of record.outgoing) {
      shard.next.set(to, next);
      shard.answeredTo.set(to, answeredTo);
    }
    return record.events.map(({ ref, event }) => this.#event(row, ref, event));
  }

  #event(row: JournalRow, ref: Ref, event: unknown): FoldedEvent {
    const behaviour = this.behaviour(ref.kind);
    const actor = this.#actorAt(row.shard, ref, behaviour);
    const before = stateOf(actor);
    const after = this.#evolve(behaviour, before, event, row);
    actor.moments.push({ seq: row.seq, commit: this.commits, state: after });
    if (behaviour.isLedger?.(event) === true) {
      this.ledger.push({
        shard: row.shard,
        seq: row.seq,
        text: JSON.stringify({ ref, shard: row.shard, seq: row.seq, event }),
      });
    }
    return { ref, event, before, after, row };
  }

  #evolve(behaviour: AnyBehaviour, before: unknown, event: unknown, row: JournalRow): unknown {
    try {
      return behaviour.evolve(before, event);
    } catch (error) {
      if (!(error instanceof InvariantViolation)) throw error;
      this.#verdict.violated(error.invariant, `the journal does not fold: ${error.message}`, { row, event });
      return before;
    }
  }

  #actorAt(shard: number, ref: Ref, behaviour: AnyBehaviour): ActorHistory {
    const key = keyOf(ref);
    const known = this.#actors.get(key);
    if (known !== undefined) return known;
    const made: ActorHistory = { ref, shard, initial: behaviour.initial, moments: [] };
    this.#actors.set(key, made);
    return made;
  }

  #shard(number: number): ShardHistory {
    const known = this.#shards.get(number);
    if (known !== undefined) return known;
    const made: ShardHistory = {
      lastSeq: 0,
      lastEpoch: 0,
      records: [],
      next: new Map(),
      answeredTo: new Map(),
    };
    this.#shards.set(number, made);
    return made;
  }
}

export function stateOf(actor: ActorHistory): unknown {
  const last = actor.moments.at(-1);
  return last === undefined ? actor.initial : last.state;
}

/** The last moment at or before a position of its shard. */
export function momentAt(actor: ActorHistory, seq: number): Moment | undefined {
  return actor.moments.findLast((moment) => moment.seq <= seq);
}

/** Every state that the actor had between a moment and now, the one it had then included. */
export function statesSince(actor: ActorHistory, commit: number): unknown[] {
  const later = actor.moments.filter((moment) => moment.commit > commit);
  const then = actor.moments.findLast((moment) => moment.commit <= commit);
  return [then === undefined ? actor.initial : then.state, ...later.map((moment) => moment.state)];
}
