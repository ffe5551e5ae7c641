// What a behaviour is: the contract between the actors and whatever runs them.
//
// A behaviour is pure and synchronous. It reads the clock from its context only and does no I/O; what it wants done
// outside (tell other actors, let a caller wait, be woken at a time) it returns as data. States, events and messages
// are plain JSON values and are never changed in place, so a state may be kept by reference as what stood at a moment.
// This file knows of no thread, no journal and no stock.
import type { Failure } from './failure.ts';

/** Names one actor. Its shard follows from the id alone. */
export interface Ref {
  readonly kind: string;
  readonly id: string;
}

/** What a command is answered with: a value, or a failure without any effect. */
export type Reply = { readonly ok: unknown } | { readonly error: Failure };

/** An idempotency key within its scope (method and addressed entity), and what the request said. */
export interface ReceiptKey {
  readonly key: string;
  /** A digest of the request's content: the same key with another one is refused. */
  readonly fingerprint: string;
}

/** As it comes with a command. */
export interface AskedKey extends ReceiptKey {
  /** The actor keeps the key itself, by what it makes: the answer is not kept, and only another use of the key is in the way. */
  readonly isCheckOnly?: boolean;
}

/** One actor's share of a message. */
export interface Part {
  readonly ref: Ref;
  readonly command: unknown;
}

/**
 * Sent to actors of one shard, exactly once. Its parts are handled in one turn: all of them, or, where any part is
 * refused, none. Its answer comes back to the sender's `answered`.
 */
export interface Message {
  readonly to: number;
  readonly tag: string;
  readonly parts: readonly Part[];
}

/** What became of a message: one reply for each part, in order. Where it is refused nothing was changed. */
export interface Answer {
  readonly refused: boolean;
  readonly replies: readonly Reply[];
}

/** Lets those that are parked under a token go on: with this reply, or, without one, by deciding their command again. */
export interface Wake {
  readonly token: string;
  readonly reply?: Reply;
}

/**
 * Something that an actor wants done outside, as part of its state: performed at least once after the state is durable,
 * also after a crash, until its result has been taken in. The request carries what lets the other side know a repeat.
 */
export interface Effect {
  /** Unique among all that the actor ever wants: the same key is the same request. */
  readonly key: string;
  /** Says who performs it. */
  readonly kind: string;
  readonly request: unknown;
  /** It only waits for news, for as long as that takes, and so takes up no place among those under way. */
  readonly isWatch?: boolean;
}

export interface Decision<Event> {
  readonly events?: readonly Event[];
  readonly messages?: readonly Message[];
  /** The answer to the command. It leaves when everything that it could depend on is durable. */
  readonly reply?: Reply;
  /** Instead of a reply: the caller waits under this token until a later decision of this actor wakes it. */
  readonly park?: string;
  readonly wake?: readonly Wake[];
  /** Keeps the answer to a keyed command that was parked. (That of a direct reply is kept without being asked.) */
  readonly receipt?: ReceiptKey & { readonly reply: Reply };
  /** As a part of a message: refuses the whole message, and nothing else of the decision counts. The reply says why. */
  readonly refuse?: boolean;
}

export interface Context {
  readonly self: Ref;
  /** Milliseconds since 1970, UTC, by the database's clock. Never goes back within a process. */
  readonly now: number;
  /** The state of this shard's shared actor (settings that every shard keeps a copy of); undefined where there is none. */
  readonly shared: unknown;
  readonly shards: number;
  /** The shard that an actor's id belongs to. */
  shardOf(id: string): number;
  /** The idempotency key of the command, where it has one. */
  readonly receipt: ReceiptKey | null;
}

/**
 * One kind of actor. Methods are declared as methods, so that behaviours of different states stand in one registry.
 * A decision that throws `InvariantViolation` stops the shard; anything else thrown fails the command and changes
 * nothing.
 */
export interface Behaviour<State, Command, Event> {
  readonly kind: string;
  /** The state of an actor that nothing was ever recorded of. */
  readonly initial: State;
  decide(state: State, command: Command, context: Context): Decision<Event>;
  evolve(state: State, event: Event): State;
  /** The answer to a message that this actor sent. */
  answered?(state: State, tag: string, answer: Answer, context: Context): Decision<Event>;
  /** When `due` is to be called, in milliseconds since 1970; null: never. */
  dueAt?(state: State): number | null;
  due?(state: State, context: Context): Decision<Event>;
  /** What is to be done outside as long as the state is this one. */
  effects?(state: State): readonly Effect[];
  /**
   * The result of an effect that the state still wants. It is final: what could not be done for the moment is tried again
   * without asking. After the decision the state no longer wants this key.
   */
  resulted?(state: State, key: string, result: Reply, context: Context): Decision<Event>;
  /** Other actors that the command will reach: those of the same thread are loaded together with this one. */
  touches?(command: Command): readonly Ref[];
  /** Whether the event belongs in a ledger, a table that is derived from events rather than from states. */
  isLedger?(event: Event): boolean;
}

export type AnyBehaviour = Behaviour<unknown, unknown, unknown>;

/**
 * The kinds of one service. `shared` is the kind of which every shard has one actor, whose id is the shard's number; null
 * where the service shares nothing.
 */
export interface Behaviours {
  readonly byKind: ReadonlyMap<string, AnyBehaviour>;
  readonly shared: string | null;
}

/** Something that cannot be, is. Whoever finds it stops: the shard is thrown away and recovered, loudly. */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation';
  readonly invariant: string;

  /** @param invariant the number in docs/RELIABILITY.md, such as 'I1' */
  constructor(invariant: string, message: string) {
    super(`${invariant}: ${message}`);
    this.invariant = invariant;
  }
}
