// A shop: orders and queues on several shards, with a pretend payment gateway and a pretend Inventory. What is wanted done
// is performed when a test says so, and its result comes in when a test says so; a crash forgets both what is under way
// and what has come back, so that it is all performed again.
import type { Ref, Reply } from '../../../../src/actors/behaviour.ts';
import { logisticsBehaviours } from '../../../../src/actors/logistics/behaviours.ts';
import type { OrderCommand } from '../../../../src/actors/logistics/order/messages.ts';
import type { NewOrder, Order } from '../../../../src/actors/logistics/order/model.ts';
import { isOrderState } from '../../../../src/actors/logistics/order/state-guards.ts';
import { isQueueState } from '../../../../src/actors/logistics/queue/guards.ts';
import type { QueueState } from '../../../../src/actors/logistics/queue/model.ts';
import type { Wanted } from '../../support/wanted.ts';
import { type Call, World } from '../../support/world.ts';
import type { Method } from './gateway.ts';
import { Outside } from './outside.ts';

export const paymentMs = 60_000;
export const stockMs = 3_600_000;

export interface OrderOptions {
  readonly method?: Method;
  /** Minor units of every line. */
  readonly price?: number;
  readonly fingerprint?: string;
  readonly isIdOfKey?: boolean;
  readonly paymentMs?: number;
  readonly stockMs?: number;
  readonly unitsMax?: number;
}

/** A basket names items and units; as a list, the same item may stand on several lines. */
export type Basket = Readonly<Record<string, number>> | readonly (readonly [string, number])[];

export class Shop {
  readonly world: World;
  readonly outside = new Outside();
  /** Results that have not come in yet, by actor and key. */
  readonly #results = new Map<string, { readonly wanted: Wanted; readonly reply: Reply }>();

  /** @param stock units by item and warehouse; the order of the warehouses is that in which they are drawn from */
  constructor(stock: Readonly<Record<string, Readonly<Record<string, number>>>> = {}, shards = 3) {
    this.world = new World(shards, logisticsBehaviours);
    for (const [itemId, levels] of Object.entries(stock))
      for (const [warehouseId, units] of Object.entries(levels)) this.stock(itemId, warehouseId, units);
  }

  get gateway(): Outside['gateway'] {
    return this.outside.gateway;
  }

  get inventory(): Outside['inventory'] {
    return this.outside.inventory;
  }

  stock(itemId: string, warehouseId: string, units: number): void {
    this.inventory.stock(itemId, warehouseId, units);
  }

  create(id: string, basket: Basket, options: OrderOptions = {}): Call {
    const { isIdOfKey = false } = options;
    return this.world.ask('order', id, { type: 'create', order: newOrder(basket, options), isIdOfKey });
  }

  ask(id: string, command: OrderCommand, key: string | null = null): Call {
    const receipt = key === null ? null : { key: `${id}/${key}`, fingerprint: JSON.stringify(command) };
    return this.world.ask('order', id, command, receipt);
  }

  /** As ask, with everything that follows. @throws where it is not answered then */
  settleAsk(id: string, command: OrderCommand, key: string | null = null): Reply {
    const call = this.ask(id, command, key);
    this.settle();
    if (call.reply === null) throw new Error(`nobody answers ${JSON.stringify(command)}`);
    return call.reply;
  }

  order(id: string): Order {
    const state = this.world.state('order', id);
    if (!isOrderState(state) || state.order === null) throw new Error(`there is no order ${id}`);
    return state.order;
  }

  queue(itemId: string): QueueState {
    const state = this.world.state('queue', itemId);
    if (!isQueueState(state)) throw new Error(`the state of queue ${itemId} is none`);
    return state;
  }

  /** What is wanted and has not been performed. */
  performable(): readonly Wanted[] {
    return this.world.wanted().filter((wanted) => !this.#results.has(nameOf(wanted)));
  }

  /** What was performed, and whose results have not come in. */
  performed(): readonly Wanted[] {
    return [...this.#results.values()].map(({ wanted }) => wanted);
  }

  /** @param isAnswerLost it is done, and will have to be done again. @returns whether there was something to tell */
  perform(wanted: Wanted, isAnswerLost = false): boolean {
    const reply = this.outside.perform(wanted, this.world.now);
    if (reply === null) return false;
    if (!isAnswerLost) this.#results.set(nameOf(wanted), { wanted, reply });
    return true;
  }

  bringResult(wanted: Wanted): void {
    const result = this.#results.get(nameOf(wanted));
    if (result === undefined) throw new Error(`${nameOf(wanted)} was not performed`);
    this.#results.delete(nameOf(wanted));
    this.world.result(wanted.ref, wanted.effect.key, result.reply);
  }

  crash(): void {
    this.#results.clear();
    this.world.crash();
  }

  /** Everything arrives, is performed and comes back, while no time passes. @throws where it never ends */
  settle(isPerformed: (wanted: Wanted) => boolean = () => true): void {
    for (let rounds = 0; rounds < 10_000; rounds += 1) {
      this.world.drain();
      let isQuiet = true;
      for (const wanted of this.performable()) {
        if (!isPerformed(wanted) || !this.perform(wanted)) continue;
        isQuiet = false;
      }
      for (const wanted of this.performed()) {
        isQuiet = false;
        this.bringResult(wanted);
      }
      if (isQuiet) return;
    }
    throw new Error('it never settles');
  }

  /** Time passes; timers fire, and what follows happens. */
  pass(ms: number): void {
    this.world.now += ms;
    this.world.fireTimers();
    this.settle();
  }

  /** The gateway's webhooks are sent, again and again: every notice there is. */
  notify(): void {
    for (const { orderId, paymentId, answer } of this.gateway.notices(this.world.now))
      this.ask(orderId, { type: 'notice', paymentId, answer });
  }
}

export function newOrder(basket: Basket, options: OrderOptions = {}): NewOrder {
  const { price = 250 } = options;
  const pairs: readonly (readonly [string, number])[] = isList(basket) ? basket : Object.entries(basket);
  const lines = pairs.map(([itemId, quantity], index) => ({
    lineId: String(index + 1),
    itemId,
    sku: `sku-${itemId}`,
    quantity,
    unitMinor: String(price),
  }));
  const units = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return {
    customerId: 'ada',
    lines,
    total: { currency: 'GBP', minor: String(units * price) },
    sealed: 'sealed',
    method: options.method ?? 'approve',
    fingerprint: options.fingerprint ?? JSON.stringify(basket),
    patience: {
      paymentMs: options.paymentMs ?? paymentMs,
      stockMs: options.stockMs ?? stockMs,
      unitsMax: options.unitsMax ?? 1_000,
    },
  };
}

function isList(basket: Basket): basket is readonly (readonly [string, number])[] {
  return Array.isArray(basket);
}

function nameOf({ effect, ref }: { readonly ref: Ref; readonly effect: { readonly key: string } }): string {
  return `${ref.kind}/${ref.id} ${effect.key}`;
}
