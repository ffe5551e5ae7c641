// A tiny synchronous runtime for the behaviours of one service: several shards, exactly-once messages that lie in channels
// until a test delivers them, parked callers, receipts, effects whose results a test brings. It is strict where the real
// one relies on behaviours: everything is frozen, every state, event and decision has to survive JSON, and the keys of
// effects have to keep their promise.
import { isDeepStrictEqual } from 'node:util';
import type {
  AnyBehaviour,
  Behaviours,
  Context,
  Decision,
  ReceiptKey,
  Ref,
  Reply,
} from '../../../src/actors/behaviour.ts';
import { fail } from '../../../src/actors/failure.ts';
import { inventoryBehaviours } from '../../../src/actors/inventory/behaviours.ts';
import { type AuditReport, audit, type Unrecorded } from '../../../src/actors/inventory/books.ts';
import { isObject } from '../../../src/actors/shape.ts';
import { type Answered, type Arrival, Channels, push, type Sent } from './channels.ts';
import { frozen, stored, surviving } from './strict.ts';
import { type Wanted, WantedKeys } from './wanted.ts';

/** A caller and what it was answered: null while it waits. */
export interface Call {
  readonly ref: Ref;
  readonly command: unknown;
  readonly receipt: ReceiptKey | null;
  reply: Reply | null;
}

export class World {
  readonly shards: number;
  now = 1_000_000;
  readonly calls: Call[] = [];
  readonly #behaviours: Behaviours;
  readonly #states = new Map<string, { readonly ref: Ref; state: unknown }>();
  readonly #events = new Map<string, unknown[]>();
  readonly #channels = new Channels();
  readonly #keys = new WantedKeys();
  readonly #parked = new Map<string, Call[]>();
  readonly #receipts = new Map<string, { readonly fingerprint: string; readonly reply: Reply }>();
  readonly #movements = new Map<string, number>();

  constructor(shards = 4, behaviours: Behaviours = inventoryBehaviours) {
    this.shards = shards;
    this.#behaviours = behaviours;
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
    return this.#states.get(key({ kind, id }))?.state ?? this.#behaviourOf(kind).initial;
  }

  events(kind: string, id: string): readonly unknown[] {
    return this.#events.get(key({ kind, id })) ?? [];
  }

  ids(kind: string): readonly string[] {
    return [...this.#states.values()].filter(({ ref }) => ref.kind === kind).map(({ ref }) => ref.id);
  }

  arrivals(): readonly Arrival[] {
    return this.#channels.arrivals();
  }

  /** Messages whose answers their senders have not recorded. */
  underWay(): readonly Sent[] {
    return [...this.#channels.messages, ...this.#channels.answers];
  }

  arrive(arrival: Arrival): void {
    if (arrival.type === 'message') this.#deliver(this.#channels.takeMessage(arrival), arrival);
    else this.#answer(this.#channels.takeAnswer(arrival));
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
      const behaviour = this.#behaviourOf(ref.kind);
      const at = behaviour.dueAt?.(state) ?? null;
      if (at === null || at > this.now) continue;
      this.#apply(ref, behaviour.due?.(state, this.#context(ref, null)) ?? {});
    }
  }

  /** When the next timer fires; null: never. */
  nextDueAt(): number | null {
    const dues = [...this.#states.values()].flatMap(({ ref, state }) => {
      const at = this.#behaviourOf(ref.kind).dueAt?.(state) ?? null;
      return at === null ? [] : [at];
    });
    return dues.length === 0 ? null : Math.min(...dues);
  }

  /** What actors want done outside. */
  wanted(): readonly Wanted[] {
    return [...this.#states.values()].flatMap(({ ref, state }) =>
      (this.#behaviourOf(ref.kind).effects?.(state) ?? []).map((effect) => ({ ref, effect })),
    );
  }

  /** The result of an effect comes in. @returns whether anybody wanted it still */
  result(ref: Ref, effectKey: string, reply: Reply): boolean {
    const behaviour = this.#behaviourOf(ref.kind);
    const state = this.state(ref.kind, ref.id);
    if (!(behaviour.effects?.(state) ?? []).some((effect) => effect.key === effectKey)) return false;
    const decision = behaviour.resulted?.(state, effectKey, frozen(reply), this.#context(ref, null)) ?? {};
    this.#keys.answered(ref, effectKey);
    this.#apply(ref, decision);
    // Also where nothing was decided: the key may not be wanted any more.
    this.#keys.check(ref, behaviour.effects?.(this.state(ref.kind, ref.id)) ?? []);
    return true;
  }

  /** Whatever was only in memory is gone: states are folded anew from their events, callers are told that nobody knows. */
  crash(): void {
    for (const [name, { ref }] of [...this.#states]) this.#states.set(name, { ref, state: this.#fold(ref) });
    for (const call of this.waiting()) call.reply = fail('unavailable', 'a crash');
    this.#parked.clear();
  }

  waiting(): readonly Call[] {
    return [...this.#parked.values()].flat();
  }

  /** Of Inventory. */
  audit(): AuditReport {
    const unrecorded: Unrecorded[] = this.#channels.answers
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
    for (const { ref, state } of this.#states.values())
      if (!isDeepStrictEqual(this.#fold(ref), state))
        throw new Error(`I3: ${key(ref)} is not the fold of its events`);
  }

  #fold(ref: Ref): unknown {
    const behaviour = this.#behaviourOf(ref.kind);
    return this.events(ref.kind, ref.id).reduce(
      (folded, event) => frozen(behaviour.evolve(folded, frozen(stored(event)))),
      behaviour.initial,
    );
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
    const decision = this.#behaviourOf(ref.kind).decide(
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

  #deliver({ message, origin }: Sent, { from, to }: Arrival): void {
    const before = new Map<string, unknown>();
    const decided: { readonly ref: Ref; readonly decision: Decision<unknown> }[] = [];
    const replies: Reply[] = [];
    let refused = false;
    for (const { command, ref } of message.parts) {
      if (ref.kind !== 'directory' && this.shardOf(ref.id) !== to) throw new Error('sent to the wrong shard');
      const state = this.state(ref.kind, ref.id);
      const decision = surviving(
        this.#behaviourOf(ref.kind).decide(state, frozen(command), this.#context(ref, null)),
      );
      if (decision.refuse === true) refused = true;
      if (decision.reply === undefined) throw new Error('a part has to be answered at once');
      replies.push(decision.reply);
      if (!before.has(key(ref))) before.set(key(ref), state);
      this.#evolve(ref, decision.events ?? []);
      decided.push({ ref, decision });
    }
    for (const { ref, decision } of decided) {
      if (refused) this.#states.set(key(ref), { ref, state: before.get(key(ref)) });
      else this.#record(ref, decision.events ?? []);
    }
    this.#channels.answer(to, from, { origin, message, answer: frozen({ refused, replies }) });
    if (!refused) for (const { ref, decision } of decided) this.#follow(ref, decision);
  }

  #answer({ answer, message, origin }: Answered): void {
    const behaviour = this.#behaviourOf(origin.kind);
    const state = this.state(origin.kind, origin.id);
    this.#apply(origin, behaviour.answered?.(state, message.tag, answer, this.#context(origin, null)) ?? {});
  }

  #apply(ref: Ref, unchecked: Decision<unknown>): void {
    const decision = surviving(unchecked);
    this.#evolve(ref, decision.events ?? []);
    this.#record(ref, decision.events ?? []);
    this.#follow(ref, decision);
  }

  /** What follows from a decision whose events are recorded. */
  #follow(ref: Ref, decision: Decision<unknown>): void {
    const from = this.shardOf(ref.id);
    for (const message of decision.messages ?? []) this.#channels.send(from, { origin: ref, message });
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
    const behaviour = this.#behaviourOf(ref.kind);
    const state = events.reduce(
      (before, event) => surviving(behaviour.evolve(before, event)),
      this.state(ref.kind, ref.id),
    );
    this.#states.set(key(ref), { ref, state });
    this.#keys.check(ref, behaviour.effects?.(state) ?? []);
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
      shared: this.#behaviours.shared === null ? undefined : this.#sharedOf(self),
      shards: this.shards,
      shardOf: (id) => this.shardOf(id),
      receipt,
    };
  }

  #sharedOf(self: Ref): unknown {
    return this.state(this.#behaviours.shared ?? '', String(this.shardOf(self.id)));
  }

  #behaviourOf(kind: string): AnyBehaviour {
    const behaviour = this.#behaviours.byKind.get(kind);
    if (behaviour === undefined) throw new Error(`no kind ${kind}`);
    return behaviour;
  }
}

function key(ref: Ref): string {
  return `${ref.kind}/${ref.id}`;
}
