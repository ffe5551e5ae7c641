// A tiny synchronous runtime for behaviours: several shards, exactly-once messages that lie in channels until a test
// delivers them, parked callers, receipts. It is strict where the real one relies on behaviours: everything is frozen,
// and every state, event and decision has to survive JSON.
import { isDeepStrictEqual } from 'node:util';
import type {
  Answer,
  AnyBehaviour,
  Context,
  Decision,
  Message,
  ReceiptKey,
  Ref,
  Reply,
} from '../../../src/actors/behaviour.ts';
import { inventoryBehaviours } from '../../../src/actors/inventory/behaviours.ts';
import { type AuditReport, audit, type Unrecorded } from '../../../src/actors/inventory/books.ts';
import { isObject } from '../../../src/actors/shape.ts';

/** A caller and what it was answered: null while it waits. */
export interface Call {
  readonly ref: Ref;
  readonly command: unknown;
  readonly receipt: ReceiptKey | null;
  reply: Reply | null;
}

interface Sent {
  readonly origin: Ref;
  readonly message: Message;
}

interface Answered extends Sent {
  readonly answer: Answer;
}

/** Something that may happen next: the head of a channel arrives. */
export interface Arrival {
  readonly type: 'message' | 'answer';
  readonly from: number;
  readonly to: number;
}

export class World {
  readonly shards: number;
  now = 1_000_000;
  readonly calls: Call[] = [];
  readonly #states = new Map<string, { readonly ref: Ref; state: unknown }>();
  readonly #events = new Map<string, unknown[]>();
  readonly #messages = new Map<string, Sent[]>();
  readonly #answers = new Map<string, Answered[]>();
  readonly #parked = new Map<string, Call[]>();
  readonly #receipts = new Map<string, { readonly fingerprint: string; readonly reply: Reply }>();
  readonly #movements = new Map<string, number>();

  constructor(shards = 4) {
    this.shards = shards;
  }

  /** `name@2` is on shard 2, whatever else by a sum over its characters. */
  shardOf(id: string): number {
    const named = /@(\d+)$/.exec(id);
    if (named !== null) return Number(named[1]) % this.shards;
    return [...id].reduce((sum, each) => sum + (each.codePointAt(0) ?? 0), 0) % this.shards;
  }

  ask(kind: string, id: string, command: unknown, receipt: ReceiptKey | null = null): Call {
    const call: Call = { ref: { kind, id }, command: frozen(command), receipt, reply: null };
    this.calls.push(call);
    this.#request(call);
    return call;
  }

  /** As ask, with everything that it causes. @throws where it is not answered then */
  settle(kind: string, id: string, command: unknown, receipt: ReceiptKey | null = null): Reply {
    const call = this.ask(kind, id, command, receipt);
    this.drain();
    if (call.reply === null) throw new Error(`nobody answers ${JSON.stringify(command)}`);
    return call.reply;
  }

  state(kind: string, id: string): unknown {
    return this.#states.get(key({ kind, id }))?.state ?? behaviourOf(kind).initial;
  }

  events(kind: string, id: string): readonly unknown[] {
    return this.#events.get(key({ kind, id })) ?? [];
  }

  ids(kind: string): readonly string[] {
    return [...this.#states.values()].filter(({ ref }) => ref.kind === kind).map(({ ref }) => ref.id);
  }

  arrivals(): readonly Arrival[] {
    return [
      ...[...this.#messages.keys()].map((channel) => arrivalOf('message', channel)),
      ...[...this.#answers.keys()].map((channel) => arrivalOf('answer', channel)),
    ];
  }

  arrive({ type, from, to }: Arrival): void {
    if (type === 'message') this.#deliver(shift(this.#messages, `${from}>${to}`), from, to);
    else this.#answer(shift(this.#answers, `${from}>${to}`));
  }

  /** Everything on its way arrives, in some order. @throws where it never ends */
  drain(): void {
    for (let steps = 0; ; steps += 1) {
      const [next] = this.arrivals();
      if (next === undefined) return;
      if (steps > 100_000) throw new Error('messages never end');
      this.arrive(next);
    }
  }

  /** Calls `due` of every actor whose time has come, as a timer would. */
  fireTimers(): void {
    for (const { ref, state } of [...this.#states.values()]) {
      const behaviour = behaviourOf(ref.kind);
      const at = behaviour.dueAt?.(state) ?? null;
      if (at === null || at > this.now) continue;
      this.#apply(ref, behaviour.due?.(state, this.#context(ref, null)) ?? {});
    }
  }

  waiting(): readonly Call[] {
    return [...this.#parked.values()].flat();
  }

  audit(): AuditReport {
    const unrecorded: Unrecorded[] = [...this.#answers.values()]
      .flat()
      .filter(({ origin }) => origin.kind === 'order')
      .map(({ answer, message, origin }) => ({ orderId: origin.id, tag: message.tag, message, answer }));
    return audit({
      items: this.ids('item').map((id) => ({ id, state: this.state('item', id) })),
      orders: this.ids('order').map((id) => ({ id, state: this.state('order', id) })),
      movements: this.#movements,
      unrecorded,
    });
  }

  /** @throws where an actor is not the fold of its events */
  checkFolds(): void {
    for (const { ref, state } of this.#states.values()) {
      const behaviour = behaviourOf(ref.kind);
      const fold = this.events(ref.kind, ref.id).reduce(
        (folded, event) => behaviour.evolve(folded, JSON.parse(JSON.stringify(event))),
        behaviour.initial,
      );
      if (!isDeepStrictEqual(fold, state)) throw new Error(`I3: ${key(ref)} is not the fold of its events`);
    }
  }

  #request(call: Call): void {
    const { receipt, ref } = call;
    const earlier = receipt === null ? undefined : this.#receipts.get(receipt.key);
    if (receipt !== null && earlier !== undefined) {
      call.reply =
        earlier.fingerprint === receipt.fingerprint
          ? earlier.reply
          : { error: { code: 'idempotency-key-reused', message: 'by the runtime' } };
      return;
    }
    const decision = behaviourOf(ref.kind).decide(
      this.state(ref.kind, ref.id),
      call.command,
      this.#context(ref, receipt),
    );
    if (decision.refuse === true) throw new Error('only a part of a message can be refused');
    if ((decision.reply === undefined) === (decision.park === undefined)) {
      throw new Error('a caller is either answered or parked');
    }
    this.#apply(ref, decision);
    if (decision.park !== undefined) push(this.#parked, `${key(ref)}#${decision.park}`, call);
    if (decision.reply === undefined) return;
    call.reply = decision.reply;
    if (receipt !== null && 'ok' in decision.reply) {
      this.#receipts.set(receipt.key, { fingerprint: receipt.fingerprint, reply: decision.reply });
    }
  }

  #deliver({ message, origin }: Sent, from: number, to: number): void {
    const before = new Map<string, unknown>();
    const decided: { readonly ref: Ref; readonly events: readonly unknown[] }[] = [];
    const replies: Reply[] = [];
    let refused = false;
    for (const { command, ref } of message.parts) {
      if (ref.kind !== 'directory' && this.shardOf(ref.id) !== to) throw new Error('sent to the wrong shard');
      const state = this.state(ref.kind, ref.id);
      const decision = surviving(
        behaviourOf(ref.kind).decide(state, frozen(command), this.#context(ref, null)),
      );
      if (decision.refuse === true) refused = true;
      if (decision.reply === undefined) throw new Error('a part has to be answered at once');
      replies.push(decision.reply);
      before.set(key(ref), state);
      const events = decision.events ?? [];
      this.#evolve(ref, events);
      decided.push({ ref, events });
    }
    for (const { ref, events } of decided) {
      if (refused) this.#states.set(key(ref), { ref, state: before.get(key(ref)) });
      else this.#record(ref, events);
    }
    push(this.#answers, `${to}>${from}`, { origin, message, answer: frozen({ refused, replies }) });
  }

  #answer({ answer, message, origin }: Answered): void {
    const behaviour = behaviourOf(origin.kind);
    const state = this.state(origin.kind, origin.id);
    this.#apply(origin, behaviour.answered?.(state, message.tag, answer, this.#context(origin, null)) ?? {});
  }

  #apply(ref: Ref, unchecked: Decision<unknown>): void {
    const decision = surviving(unchecked);
    this.#evolve(ref, decision.events ?? []);
    this.#record(ref, decision.events ?? []);
    const from = this.shardOf(ref.id);
    for (const message of decision.messages ?? []) {
      push(this.#messages, `${from}>${message.to}`, { origin: ref, message });
    }
    if (decision.receipt !== undefined) {
      const { fingerprint, key: receiptKey, reply } = decision.receipt;
      this.#receipts.set(receiptKey, { fingerprint, reply });
    }
    for (const { reply, token } of decision.wake ?? []) {
      const woken = this.#parked.get(`${key(ref)}#${token}`) ?? [];
      this.#parked.delete(`${key(ref)}#${token}`);
      for (const call of woken) {
        if (reply === undefined) this.#request(call);
        else call.reply = reply;
      }
    }
  }

  #evolve(ref: Ref, events: readonly unknown[]): void {
    if (events.length === 0) return;
    const behaviour = behaviourOf(ref.kind);
    const state = events.reduce(
      (before, event) => surviving(behaviour.evolve(before, event)),
      this.state(ref.kind, ref.id),
    );
    this.#states.set(key(ref), { ref, state });
  }

  #record(ref: Ref, events: readonly unknown[]): void {
    for (const event of events) {
      push(this.#events, key(ref), event);
      if (isObject(event) && event['type'] === 'level' && typeof event['delta'] === 'number') {
        const level = `${ref.id}/${event['warehouseId']}`;
        this.#movements.set(level, (this.#movements.get(level) ?? 0) + event['delta']);
      }
    }
  }

  #context(self: Ref, receipt: ReceiptKey | null): Context {
    return {
      self,
      now: this.now,
      shared: this.state('directory', String(this.shardOf(self.id))),
      shards: this.shards,
      shardOf: (id) => this.shardOf(id),
      receipt,
    };
  }
}

function behaviourOf(kind: string): AnyBehaviour {
  const behaviour = inventoryBehaviours.byKind.get(kind);
  if (behaviour === undefined) throw new Error(`no kind ${kind}`);
  return behaviour;
}

function key(ref: Ref): string {
  return `${ref.kind}/${ref.id}`;
}

function arrivalOf(type: Arrival['type'], channel: string): Arrival {
  const [from, to] = channel.split('>').map(Number);
  return { type, from: from ?? 0, to: to ?? 0 };
}

function push<T>(lists: Map<string, T[]>, at: string, value: T): void {
  const list = lists.get(at);
  if (list === undefined) lists.set(at, [value]);
  else list.push(value);
}

/** An empty channel goes, so that the channels left are those that have something on its way. */
function shift<T>(lists: Map<string, T[]>, at: string): T {
  const list = lists.get(at) ?? [];
  const first = list.shift();
  if (list.length === 0) lists.delete(at);
  if (first === undefined) throw new Error(`nothing is on its way from ${at}`);
  return first;
}

/** Frozen all the way down: who changes it in place throws. */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const each of Object.values(value)) frozen(each);
  }
  return value;
}

/** @throws where JSON would make something else of it */
function surviving<T>(value: T): T {
  if (Object.isFrozen(value)) return value;
  const copy: unknown = JSON.parse(JSON.stringify(value));
  if (!isDeepStrictEqual(copy, value)) throw new Error(`does not survive JSON: ${JSON.stringify(value)}`);
  return frozen(value);
}
