// One turn: runs behaviours on the work that was taken in, and gathers what they decide in the batch.
//
// Synchronous from start to end: every actor that the work needs is in memory before it begins. Messages between
// shards of this thread are handled within the same turn, so that sender and receiver share one append; one whose
// actors are not in memory, or that is ahead of its turn in its channel, waits.
import {
  type Answer,
  type Context,
  type Decision,
  InvariantViolation,
  type Part,
  type Ref,
  type Reply,
} from '../actors/behaviour.ts';
import { fail } from '../actors/failure.ts';
import type { Memory } from './memory.ts';
import { type ReceiptEvent, receiptKind, receiptRef, replyOf } from './receipts.ts';
import type { Sent } from './record.ts';
import type { Resident } from './residents.ts';
import type { Shard } from './shard.ts';
import type { PeerMessage } from './transport.ts';
import { type Caller, type Placed, requestNeeds, type Work } from './work.ts';

export interface TurnHost {
  /** Milliseconds since 1970, by the database's clock. */
  now(): number;
  monotonic(): number;
  readonly shardCount: number;
  shardOf(id: string): number;
  /** To a shard of another thread. Only what is durable already may go this way. */
  send(message: PeerMessage): void;
  /** A behaviour threw something that is not a broken invariant. @returns an id that is in the log with it */
  reportFault(error: unknown, ref: Ref): string;
}

export class Turn {
  readonly #memory: Memory;
  readonly #host: TurnHost;
  readonly #queue: Work[] = [];
  /** Work whose actors are not in memory: to be loaded before the next turn. */
  readonly deferred: Work[] = [];

  constructor(memory: Memory, host: TurnHost) {
    this.#memory = memory;
    this.#host = host;
  }

  /** @throws InvariantViolation: nothing of this memory may be used any more */
  run(work: readonly Work[]): void {
    for (const item of work) {
      this.#queue.push(item);
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) this.#handle(next);
    }
  }

  /** The actors that this work cannot be done without. */
  static needs(memory: Memory, work: Work): Placed[] {
    if (work.type === 'request') return requestNeeds(work.caller.request);
    if (work.type === 'due' || work.type === 'result') return [{ ref: work.ref, shard: work.shard }];
    const { message } = work;
    const live = memory.shards.get(message.to)?.live;
    if (live === undefined || message.type === 'acknowledge') return [];
    if (message.type === 'message') {
      // A repeat gets the kept answer; were its actors loaded first, repeats could come in faster than they are dealt with.
      if (message.sent.n <= live.in(message.from).applied) return [];
      return message.sent.message.parts.map(({ ref }) => ({ ref, shard: message.to }));
    }
    const sent = live.out(message.from).waiting.get(message.n);
    return sent === undefined ? [] : [{ ref: sent.origin, shard: message.to }];
  }

  #handle(work: Work): void {
    if (!Turn.needs(this.#memory, work).every(({ ref }) => this.#use(ref) !== undefined)) {
      this.deferred.push(work);
    } else if (work.type === 'request') {
      this.#request(work.caller);
    } else if (work.type === 'due') {
      this.#due(work.ref);
    } else if (work.type === 'result') {
      this.#result(work);
    } else {
      this.#peer(work.message);
    }
  }

  #use(ref: Ref): Resident | undefined {
    const resident = this.#memory.residents.get(ref);
    if (resident !== undefined) resident.lastTurn = this.#memory.turn;
    return resident;
  }

  #request(caller: Caller): void {
    const { request } = caller;
    const actor = this.#use(request.ref);
    const shard = this.#memory.shards.get(request.shard);
    if (actor === undefined || shard === undefined) throw new Error(`${request.ref.kind} is not in memory`);
    if (request.deadline <= this.#host.monotonic()) {
      caller.reply(fail('deadline-exceeded', 'the deadline had passed before the work was begun'));
      return;
    }
    const earlier = this.#earlierReply(caller);
    if (earlier !== undefined) {
      this.#memory.batch.reply(shard, caller, earlier);
      return;
    }
    const decision = this.#decide(
      actor,
      (context) => actor.behaviour.decide(actor.state, request.command, context),
      request.receipt,
    );
    if ('error' in decision) {
      this.#memory.batch.reply(shard, caller, decision);
      return;
    }
    this.#apply(actor, shard, decision);
    if (decision.park !== undefined) this.#memory.parked.add(actor.ref, decision.park, caller);
    if (decision.reply === undefined) return;
    this.#memory.batch.reply(shard, caller, decision.reply);
    if (request.receipt !== null && request.receipt.isCheckOnly !== true && 'ok' in decision.reply)
      this.#keepReceipt(shard, { ...request.receipt, reply: decision.reply });
  }

  #earlierReply({ request }: Caller): Reply | undefined {
    if (request.receipt === null) return undefined;
    const state = this.#use(receiptRef(request.receipt))?.state;
    return isReceipt(state) ? replyOf(state, request.receipt) : undefined;
  }

  #due(ref: Ref): void {
    const actor = this.#use(ref);
    const shard = actor && this.#memory.shards.get(actor.shard);
    if (actor === undefined || shard === undefined || actor.behaviour.due === undefined) return;
    actor.timerAt = null;
    const dueAt = actor.behaviour.dueAt?.(actor.state) ?? null;
    if (dueAt === null || dueAt > this.#host.now()) {
      this.#memory.remind(actor);
      return;
    }
    const decision = this.#decide(
      actor,
      (context) => actor.behaviour.due?.(actor.state, context) ?? {},
      null,
    );
    if ('error' in decision) throw new InvariantViolation('I5', `${ref.kind} cannot do what is due`);
    this.#apply(actor, shard, decision);
  }

  /** A result that the state does not wait for any more (the order was cancelled, say) is none of anybody's. */
  #result({ ref, key, result }: Extract<Work, { readonly type: 'result' }>): void {
    const actor = this.#use(ref);
    const shard = actor && this.#memory.shards.get(actor.shard);
    if (actor === undefined || shard === undefined) return;
    const { behaviour } = actor;
    if (!(behaviour.effects?.(actor.state) ?? []).some((effect) => effect.key === key)) return;
    const decision = this.#decide(
      actor,
      (context) => behaviour.resulted?.(actor.state, key, result, context) ?? {},
      null,
    );
    if ('error' in decision) throw new InvariantViolation('I6', `${ref.kind} cannot take in a result`);
    this.#apply(actor, shard, decision);
  }

  /** Runs a behaviour. What it throws fails the command and changes nothing, unless it is a broken invariant. */
  #decide(
    actor: Resident,
    run: (context: Context) => Decision<unknown>,
    receipt: Context['receipt'],
  ): Decision<unknown> | { error: ReturnType<typeof fail>['error'] } {
    try {
      return run({
        self: actor.ref,
        now: this.#host.now(),
        shared: this.#memory.shared(actor.shard),
        shards: this.#host.shardCount,
        shardOf: (id) => this.#host.shardOf(id),
        receipt,
      });
    } catch (error) {
      if (error instanceof InvariantViolation) throw error;
      return fail(
        'internal',
        `a fault of ours; the log has it under ${this.#host.reportFault(error, actor.ref)}`,
      );
    }
  }

  #apply(actor: Resident, shard: Shard, decision: Decision<unknown>): void {
    this.#record(actor, shard, decision.events ?? []);
    this.#follow(actor, shard, decision);
  }

  /** What follows from a decision whose events are recorded. */
  #follow(actor: Resident, shard: Shard, decision: Decision<unknown>): void {
    for (const message of decision.messages ?? []) this.#send(actor, shard, message);
    if (decision.receipt !== undefined) this.#keepReceipt(shard, decision.receipt);
    for (const { token, reply } of decision.wake ?? []) {
      for (const caller of this.#memory.parked.take(actor.ref, token)) {
        if (reply === undefined) this.#queue.push({ type: 'request', caller });
        else this.#memory.batch.reply(shard, caller, reply);
      }
    }
  }

  #record(actor: Resident, shard: Shard, events: readonly unknown[]): void {
    if (events.length === 0) return;
    let state = actor.state;
    for (const event of events) state = actor.behaviour.evolve(state, event);
    actor.state = state;
    for (const event of events) this.#memory.batch.event(shard, actor, event);
    this.#memory.remind(actor);
  }

  #keepReceipt(
    shard: Shard,
    receipt: { readonly key: string; readonly fingerprint: string; readonly reply: Reply },
  ): void {
    const placed = { ref: receiptRef(receipt), shard: shard.number };
    const resident = this.#use(placed.ref) ?? this.#memory.install(placed, undefined);
    const event: ReceiptEvent = {
      fingerprint: receipt.fingerprint,
      reply: receipt.reply,
      at: this.#host.now(),
    };
    this.#record(resident, shard, [event]);
  }

  #send(actor: Resident, shard: Shard, message: Sent['message']): void {
    const out = shard.live.out(message.to);
    const sent: Sent = { n: out.next++, origin: actor.ref, message };
    out.waiting.set(sent.n, sent);
    this.#memory.batch.sent(shard, message.to, sent.n);
    if (this.#memory.shards.has(message.to)) {
      this.#queue.push({
        type: 'peer',
        message: { type: 'message', from: shard.number, to: message.to, sent },
      });
    }
  }

  #peer(message: PeerMessage): void {
    const shard = this.#memory.shards.get(message.to);
    if (shard === undefined) return;
    if (message.type === 'message') this.#message(shard, message.from, message.sent);
    else if (message.type === 'answer') this.#answer(shard, message.from, message.n, message.answer);
    else shard.durable.acknowledge(message.from, message.n);
  }

  #message(shard: Shard, from: number, sent: Sent): void {
    const channel = shard.live.in(from);
    if (sent.n <= channel.applied) {
      this.#repeated(shard, from, sent.n);
      return;
    }
    if (sent.n > channel.applied + 1) {
      shard.early.set(`m/${from}/${sent.n}`, { type: 'message', from, to: shard.number, sent });
      return;
    }
    channel.applied = sent.n;
    const answer = this.#applyParts(shard, sent.message.parts);
    this.#memory.batch.applied(shard, from, sent.n, answer);
    if (this.#memory.shards.has(from)) {
      this.#queue.push({
        type: 'peer',
        message: { type: 'answer', from: shard.number, to: from, n: sent.n, answer },
      });
    }
    this.#next(shard, `m/${from}/${sent.n + 1}`);
  }

  /** A repeat gets the kept answer; where there is none yet, the answer is on its way with the next append. */
  #repeated(shard: Shard, from: number, n: number): void {
    const answer = shard.durable.incoming.get(from)?.answers.get(n);
    if (answer === undefined) return;
    const message: PeerMessage = { type: 'answer', from: shard.number, to: from, n, answer };
    if (this.#memory.shards.has(from)) this.#queue.push({ type: 'peer', message });
    else this.#host.send(message);
  }

  /** All parts or none: what was evolved for a refused message is put back as it was. */
  #applyParts(shard: Shard, parts: readonly Part[]): Answer {
    const before = new Map<Resident, unknown>();
    const decided: { readonly actor: Resident; readonly decision: Decision<unknown> }[] = [];
    const replies: Reply[] = [];
    let refused = false;
    for (const { ref, command } of parts) {
      const actor = this.#use(ref);
      if (actor === undefined) throw new Error(`${ref.kind} is not in memory`);
      const decision = this.#decide(
        actor,
        (context) => actor.behaviour.decide(actor.state, command, context),
        null,
      );
      if ('error' in decision || decision.refuse === true) refused = true;
      replies.push('error' in decision ? decision : (decision.reply ?? { ok: null }));
      if (refused || 'error' in decision) continue;
      if (!before.has(actor)) before.set(actor, actor.state);
      for (const event of decision.events ?? []) actor.state = actor.behaviour.evolve(actor.state, event);
      decided.push({ actor, decision });
    }
    for (const [actor, state] of before) if (refused) actor.state = state;
    if (refused) return { refused, replies };
    for (const { actor, decision } of decided) {
      const events = decision.events ?? [];
      for (const event of events) this.#memory.batch.event(shard, actor, event);
      if (events.length > 0) this.#memory.remind(actor);
      this.#follow(actor, shard, decision);
    }
    return { refused, replies };
  }

  #answer(shard: Shard, from: number, n: number, answer: Answer): void {
    const channel = shard.live.out(from);
    if (n <= channel.answeredTo) {
      this.#acknowledge(shard, from);
      return;
    }
    if (n > channel.answeredTo + 1) {
      shard.early.set(`a/${from}/${n}`, { type: 'answer', from, to: shard.number, n, answer });
      return;
    }
    const sent = channel.waiting.get(n);
    const actor = sent && this.#use(sent.origin);
    if (sent === undefined || actor === undefined)
      throw new InvariantViolation('I12', `an answer to message ${n}, which was not sent`);
    channel.answeredTo = n;
    channel.waiting.delete(n);
    this.#memory.batch.settled(shard, from, n);
    const decision = this.#decide(
      actor,
      (context) => actor.behaviour.answered?.(actor.state, sent.message.tag, answer, context) ?? {},
      null,
    );
    if ('error' in decision)
      throw new InvariantViolation('I6', `${sent.origin.kind} cannot take in an answer`);
    this.#apply(actor, shard, decision);
    this.#next(shard, `a/${from}/${n + 1}`);
  }

  /** The answer came again, so the other side has not heard that it was recorded. */
  #acknowledge(shard: Shard, from: number): void {
    if (this.#memory.shards.has(from)) return;
    const n = shard.durable.outgoing.get(from)?.answeredTo ?? 0;
    if (n > 0) this.#host.send({ type: 'acknowledge', from: shard.number, to: from, n });
  }

  #next(shard: Shard, key: string): void {
    const message = shard.early.get(key);
    if (message === undefined) return;
    shard.early.delete(key);
    this.#queue.push({ type: 'peer', message });
  }
}

function isReceipt(state: unknown): state is ReceiptEvent | null {
  return state === null || (typeof state === 'object' && 'fingerprint' in state && 'reply' in state);
}

export { receiptKind };
