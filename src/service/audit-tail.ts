// What an audit makes of a journal that the tables lag behind: the events by actor, and the channels as they stand at its
// end. Of one service, at one moment.
import {
  type Answer,
  type Behaviours,
  InvariantViolation,
  type Message,
  type Ref,
} from '../actors/behaviour.ts';
import { DurableChannels } from '../runtime/channels.ts';
import { decodeRecord } from '../runtime/record.ts';
import { keyOf } from '../runtime/residents.ts';
import type { JournalRow, StoredActor } from '../runtime/store.ts';

interface TailEvent {
  readonly seq: number;
  readonly event: unknown;
}

interface TailActor {
  readonly ref: Ref;
  readonly events: TailEvent[];
}

/** A message that was sent, and whose answer its sender has not recorded. */
export interface Unanswered {
  readonly origin: Ref;
  readonly message: Message;
  /** Undefined: it was not applied either. */
  readonly answer: Answer | undefined;
}

export interface AuditTailOptions {
  /** Whether a state that was stored is one at all; what is none is handed on as it is. */
  readonly isState?: (ref: Ref, state: unknown) => boolean;
  /** Told where events do not fit a state, which is then left as it was before them. Without it that is thrown. */
  readonly onMisfit?: (ref: Ref, why: string) => void;
}

export class AuditTail {
  readonly #behaviours: Behaviours;
  readonly #options: AuditTailOptions;
  readonly #channels = new Map<number, DurableChannels>();
  readonly #actors = new Map<string, TailActor>();
  /** Those that the tables have. */
  readonly #stored = new Set<string>();

  constructor(behaviours: Behaviours, options: AuditTailOptions = {}) {
    this.#behaviours = behaviours;
    this.#options = options;
  }

  head({ shard, channels }: { readonly shard: number; readonly channels: string }): void {
    this.#channels.set(shard, DurableChannels.decode(channels));
  }

  journal(row: JournalRow): void {
    const record = decodeRecord(row.events);
    this.#channels.get(row.shard)?.fold(record);
    for (const { ref, event } of record.events) {
      const key = keyOf(ref);
      const known = this.#actors.get(key);
      if (known === undefined) this.#actors.set(key, { ref, events: [{ seq: row.seq, event }] });
      else known.events.push({ seq: row.seq, event });
    }
  }

  /** The state at the journal's end. @throws InvariantViolation */
  fold({ ref, seq, state }: StoredActor): unknown {
    this.#stored.add(keyOf(ref));
    if (this.#options.isState?.(ref, state) === false) return state;
    return this.#folded(ref, seq, state);
  }

  /**
   * Actors of this kind that only the journal knows, with their states. Call it when all stored ones were folded.
   * @param ids where only these were read from the tables: of others nobody knows whether they are there
   */
  *unstored(
    kind: string,
    ids?: ReadonlySet<string>,
  ): Generator<{ readonly id: string; readonly state: unknown }> {
    for (const [key, { ref }] of this.#actors)
      if (ref.kind === kind && ids?.has(ref.id) !== false && !this.#stored.has(key))
        yield { id: ref.id, state: this.#folded(ref, 0, this.#behaviours.byKind.get(kind)?.initial) };
  }

  *events(kind: string): Generator<{ readonly id: string; readonly event: unknown }> {
    for (const { ref, events } of this.#actors.values())
      if (ref.kind === kind) for (const { event } of events) yield { id: ref.id, event };
  }

  *unanswered(): Generator<Unanswered> {
    for (const [from, sender] of this.#channels)
      for (const [to, { waiting }] of sender.outgoing)
        for (const { n, origin, message } of waiting.values())
          yield { origin, message, answer: this.#channels.get(to)?.incoming.get(from)?.answers.get(n) };
  }

  #folded(ref: Ref, from: number, stored: unknown): unknown {
    const behaviour = this.#behaviours.byKind.get(ref.kind);
    const events = this.#actors.get(keyOf(ref))?.events ?? [];
    try {
      return events.reduce(
        (state, { seq, event }) => (seq > from ? behaviour?.evolve(state, event) : state),
        stored,
      );
    } catch (error) {
      const { onMisfit } = this.#options;
      if (!(error instanceof InvariantViolation) || onMisfit === undefined) throw error;
      onMisfit(ref, error.message);
      return stored;
    }
  }
}
