// Logistics' behaviours with an Inventory of a few numbers: orders, queues, the messages between them and the effects that
// orders want, each happening when a test says so. For judging states, not for judging behaviours.
import type {
  Answer,
  AnyBehaviour,
  Context,
  Decision,
  Effect,
  Message,
  Ref,
  Reply,
} from '../../../src/actors/behaviour.ts';
import { logisticsBehaviours } from '../../../src/actors/logistics/behaviours.ts';
import { type LogisticsReport, openLogisticsBooks } from '../../../src/actors/logistics/books.ts';
import type { HeldOrder, Holding } from '../../../src/actors/logistics/books-stock.ts';
import type { MoveEffect, ReserveEffect } from '../../../src/actors/logistics/order/effects.ts';
import type { OrderCommand } from '../../../src/actors/logistics/order/messages.ts';
import type { NewOrder, Order, OrderState } from '../../../src/actors/logistics/order/model.ts';
import type { WatchAnswer } from '../../../src/actors/logistics/queue/queue.ts';

const warehouses = ['w1', 'w2'] as const;

interface Sent {
  readonly origin: Ref;
  readonly message: Message;
  answer: Answer | null;
}

interface Level {
  available: number;
  version: number;
}

export class LogisticsWorld {
  readonly shards = 3;
  now = 1_000_000;
  readonly #states = new Map<string, { readonly ref: Ref; state: unknown }>();
  /** In order of sending; with its answer once it was applied. */
  readonly #sent: Sent[] = [];
  readonly #levels = new Map<string, Record<(typeof warehouses)[number], Level>>();
  readonly #holdings = new Map<string, Map<string, { -readonly [K in keyof Holding]: Holding[K] }>>();
  readonly #done = new Set<string>();

  /** @param stock units of each item, all in w1 */
  constructor(stock: Readonly<Record<string, number>> = {}) {
    for (const [itemId, units] of Object.entries(stock))
      this.#levels.set(itemId, {
        w1: { available: units, version: 1 },
        w2: { available: 0, version: 1 },
      });
  }

  create(id: string, units: Readonly<Record<string, number>>, method = 'tok_approve'): void {
    const lines = Object.entries(units).map(([itemId, quantity], index) => ({
      lineId: String(index + 1),
      itemId,
      sku: itemId,
      quantity,
      unitMinor: '250',
    }));
    const total = lines.reduce((sum, { quantity }) => sum + quantity * 250, 0);
    const order: NewOrder = {
      customerId: '',
      lines,
      total: { currency: 'GBP', minor: String(total) },
      sealed: '',
      method,
      fingerprint: id,
      patience: { paymentMs: 1_000, stockMs: 100_000, unitsMax: 1_000 },
    };
    this.ask(id, { type: 'create', order, isIdOfKey: false });
  }

  ask(id: string, command: OrderCommand): void {
    this.#decide({ kind: 'order', id }, (behaviour, state, context) =>
      behaviour.decide(state, command, context),
    );
  }

  order(id: string): Order {
    const { order } = this.orderState(id);
    if (order === null) throw new Error(`no order ${id}`);
    return order;
  }

  orderState(id: string): OrderState {
    return JSON.parse(JSON.stringify(this.#state({ kind: 'order', id })));
  }

  queueState(itemId: string): unknown {
    return JSON.parse(JSON.stringify(this.#state({ kind: 'queue', id: itemId })));
  }

  restock(itemId: string, units: number): void {
    const level = this.#level(itemId, 'w2');
    level.available += units;
    level.version += 1;
  }

  /** Everything that may happen next: each a step of its own. */
  steps(): readonly (() => void)[] {
    return [...this.#arriving().map((sent) => () => this.#arrive(sent)), ...this.#effects()];
  }

  /** Of each pair of shards the first message, and the first answer: they come in order. */
  #arriving(): readonly Sent[] {
    const channels = new Map<string, Sent>();
    for (const sent of this.#sent) {
      const { answer, message, origin } = sent;
      const channel = `${this.#shardOf(origin.id)}/${message.to}/${answer === null}`;
      if (!channels.has(channel)) channels.set(channel, sent);
    }
    return [...channels.values()];
  }

  /** Everything happens that can, in some order. */
  settle(): void {
    for (let steps = 0; steps < 10_000; steps += 1) {
      const [next] = this.steps();
      if (next === undefined) return;
      next();
    }
    throw new Error('it never settles');
  }

  audit(changed: ReadonlyMap<string, unknown> = new Map()): LogisticsReport {
    const books = openLogisticsBooks();
    for (const { ref, state } of this.#states.values()) {
      const brought = changed.has(ref.id) ? changed.get(ref.id) : JSON.parse(JSON.stringify(state));
      if (ref.kind === 'order') books.addOrder(ref.id, brought);
      else books.addQueue(ref.id, brought);
    }
    for (const { origin, message } of this.#sent) books.addMessage(origin, message);
    return books.close();
  }

  held(orderId: string): HeldOrder {
    const holdings = [...(this.#holdings.get(orderId)?.values() ?? [])].map((holding) => ({ ...holding }));
    const isCommitted = holdings.some(({ allocated, fulfilled }) => allocated + fulfilled > 0);
    return { reservationId: isCommitted ? `rsv-${orderId}` : '', isMoving: false, holdings };
  }

  #arrive(sent: Sent): void {
    const { message, origin } = sent;
    if (sent.answer === null) {
      const replies = message.parts.map(({ ref, command }): Reply => {
        const reply = this.#decide(ref, (behaviour, state, context) =>
          behaviour.decide(state, command, context),
        );
        return reply ?? { ok: null };
      });
      sent.answer = { refused: false, replies };
      return;
    }
    const { answer } = sent;
    this.#sent.splice(this.#sent.indexOf(sent), 1);
    this.#decide(
      origin,
      (behaviour, state, context) => behaviour.answered?.(state, message.tag, answer, context) ?? {},
    );
  }

  #effects(): (() => void)[] {
    return [...this.#states.values()].flatMap(({ ref, state }) =>
      (behaviourOf(ref).effects?.(state) ?? []).flatMap((effect) => {
        const result = this.#perform(ref, effect);
        if (result === null) return [];
        return [
          () => {
            const reply = result();
            this.#decide(
              ref,
              (behaviour, now, context) => behaviour.resulted?.(now, effect.key, reply, context) ?? {},
            );
          },
        ];
      }),
    );
  }

  /** Null: nothing to tell yet. */
  #perform({ id }: Ref, { key, kind, request }: Effect): (() => Reply) | null {
    switch (kind) {
      case 'watch':
        return this.#news(id, request);
      case 'reserve':
        return () => ({ ok: this.#reserve(id, key, JSON.parse(JSON.stringify(request))) });
      case 'giveBack':
        return () => this.#once(`${id}/${key}`, () => this.#giveBack(id));
      case 'fulfill':
        return () => this.#once(`${id}/${key}`, () => this.#move(id, request, 'fulfilled'));
      case 'restock':
        return () => this.#once(`${id}/${key}`, () => this.#move(id, request, 'returned'));
      case 'authorize':
        return () => ({ ok: { outcome: 'approved', transactionId: key, until: null } });
      default:
        return () => ({ ok: { outcome: 'done' } });
    }
  }

  #once(key: string, act: () => void): Reply {
    if (!this.#done.has(key)) act();
    this.#done.add(key);
    return { ok: { outcome: 'done' } };
  }

  #news(itemId: string, request: unknown): (() => Reply) | null {
    const known: { levels: Record<string, Level> } = JSON.parse(JSON.stringify(request));
    const isNew = warehouses.some(
      (warehouseId) => this.#level(itemId, warehouseId).version > (known.levels[warehouseId]?.version ?? 0),
    );
    if (!isNew) return null;
    return () => {
      const levels = warehouses.map((warehouseId) => ({ warehouseId, ...this.#level(itemId, warehouseId) }));
      return { ok: { levels } satisfies WatchAnswer };
    };
  }

  #reserve(orderId: string, key: string, { items }: ReserveEffect): unknown {
    const short = items.filter(
      ({ itemId, quantity }) =>
        warehouses.reduce((sum, each) => sum + this.#level(itemId, each).available, 0) < quantity,
    );
    if (short.length > 0 && !this.#done.has(`${orderId}/${key}`))
      return { outcome: 'short', items: short.map(({ itemId }) => itemId), estimatedAt: null };
    const draws = items.flatMap(({ itemId, quantity }) => this.#draw(orderId, itemId, quantity));
    return { outcome: 'committed', reservationId: `rsv-${orderId}`, draws };
  }

  #draw(orderId: string, itemId: string, quantity: number) {
    let missing = quantity;
    return warehouses.flatMap((warehouseId) => {
      const level = this.#level(itemId, warehouseId);
      const taken = Math.min(missing, level.available);
      if (taken === 0) return [];
      missing -= taken;
      level.available -= taken;
      level.version += 1;
      this.#holding(orderId, itemId, warehouseId).allocated += taken;
      return [{ itemId, warehouseId, quantity: taken, levelVersion: level.version }];
    });
  }

  #giveBack(orderId: string): void {
    for (const holding of this.#holdings.get(orderId)?.values() ?? []) {
      const level = this.#level(holding.itemId, holding.warehouseId === 'w1' ? 'w1' : 'w2');
      level.available += holding.allocated;
      level.version += 1;
      holding.allocated = 0;
    }
  }

  #move(orderId: string, request: unknown, into: 'fulfilled' | 'returned'): void {
    const { lines }: MoveEffect = JSON.parse(JSON.stringify(request));
    for (const { itemId, warehouseId, quantity } of lines) {
      const holding = this.#holding(orderId, itemId, warehouseId);
      holding[into] += quantity;
      if (into === 'fulfilled') holding.allocated -= quantity;
      else this.#level(itemId, warehouseId === 'w1' ? 'w1' : 'w2').available += quantity;
    }
  }

  #holding(orderId: string, itemId: string, warehouseId: string) {
    const ofOrder = this.#holdings.get(orderId) ?? new Map();
    this.#holdings.set(orderId, ofOrder);
    const key = `${itemId}/${warehouseId}`;
    const made = ofOrder.get(key) ?? {
      itemId,
      warehouseId,
      held: 0,
      allocated: 0,
      fulfilled: 0,
      returned: 0,
    };
    ofOrder.set(key, made);
    return made;
  }

  #level(itemId: string, warehouseId: (typeof warehouses)[number]): Level {
    const levels = this.#levels.get(itemId);
    if (levels === undefined) throw new Error(`no item ${itemId}`);
    return levels[warehouseId];
  }

  #state(ref: Ref): unknown {
    return this.#states.get(`${ref.kind}/${ref.id}`)?.state ?? behaviourOf(ref).initial;
  }

  #decide(
    ref: Ref,
    decide: (behaviour: AnyBehaviour, state: unknown, context: Context) => Decision<unknown>,
  ): Reply | undefined {
    const behaviour = behaviourOf(ref);
    const { events = [], messages = [], reply } = decide(behaviour, this.#state(ref), this.#context(ref));
    const state = events.reduce((before, event) => behaviour.evolve(before, event), this.#state(ref));
    this.#states.set(`${ref.kind}/${ref.id}`, { ref, state });
    for (const message of messages) this.#sent.push({ origin: ref, message, answer: null });
    return reply;
  }

  #context(self: Ref): Context {
    return {
      self,
      now: this.now,
      shared: undefined,
      shards: this.shards,
      shardOf: (id) => this.#shardOf(id),
      receipt: null,
    };
  }

  #shardOf(id: string): number {
    return [...id].reduce((sum, each) => sum + (each.codePointAt(0) ?? 0), 0) % this.shards;
  }
}

function behaviourOf({ kind }: Ref): AnyBehaviour {
  const behaviour = logisticsBehaviours.byKind.get(kind);
  if (behaviour === undefined) throw new Error(`no behaviour ${kind}`);
  return behaviour;
}
