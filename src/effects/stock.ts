// What orders want of Inventory: reserve, give back, ship, restock. Each is safe to repeat: its key, or the state
// that it leads to, tells Inventory that it was asked before.
import { type Failure, failures } from '../actors/failure.ts';
import type { MoveEffect, ReserveEffect } from '../actors/logistics/order/effects.ts';
import type { FollowUpAnswer, ItemDraw, ReserveAnswer } from '../actors/logistics/order/messages.ts';
import { Refused } from '../api/errors.ts';
import { fulfillInventory, releaseInventory } from '../api/inventory/allocations.ts';
import type { InventoryMethod } from '../api/inventory/deps.ts';
import { getInventoryLevels } from '../api/inventory/levels.ts';
import type { InventoryPort } from '../api/inventory/port.ts';
import { checkAndReserveStock } from '../api/inventory/reserve.ts';
import { adjustInventory } from '../api/inventory/stock.ts';
import { allSettledInOrder } from '../api/parallel.ts';
import {
  AdjustInventoryRequest,
  FulfillInventoryRequest,
  GetInventoryLevelsRequest,
  ReleaseInventoryRequest,
  StockReservationRequest,
  type StockReservationResponse,
} from '../generated/synkro/inventory/v1/inventory.ts';
import { effectLimits as limits } from './limits.ts';

export class StockEffects {
  readonly #inventory: InventoryPort;

  constructor(inventory: InventoryPort) {
    this.#inventory = inventory;
  }

  /** Reserves for good, in one step: an order that is short has nothing, and one that is served has it all. */
  async reserve(orderId: string, effect: ReserveEffect): Promise<ReserveAnswer> {
    const request = StockReservationRequest.create({
      orderId,
      items: effect.items.map(({ itemId, quantity }) => ({ itemId, quantity: BigInt(quantity) })),
      customerId: effect.customerId,
      idempotencyKey: ownKey(effect.key),
      commit: true,
    });
    try {
      const reserved = await this.#call(checkAndReserveStock, request);
      if (!reserved.success) return await this.#short(reserved);
      return { outcome: 'committed', reservationId: reserved.reservationId, draws: drawsOf(reserved) };
    } catch (thrown) {
      return unreserved(failureOf(thrown), effect);
    }
  }

  async #short(reserved: StockReservationResponse): Promise<ReserveAnswer> {
    const short = reserved.items.filter(({ inStock }) => !inStock);
    const items = short.map(({ itemId }) => itemId);
    return { outcome: 'short', items, estimatedAt: await this.#estimate(items) };
  }

  /**
   * When what is on its way will have come, of all these items: the latest of their earliest arrivals; null where nobody
   * knows of one. Milliseconds since 1970.
   */
  async #estimate(itemIds: readonly string[]): Promise<number | null> {
    const asked = itemIds.slice(0, limits.estimatedItemsMax);
    const request = GetInventoryLevelsRequest.create({ itemIds: [...asked] });
    const { levels } = await this.#call(getInventoryLevels, request);
    const arrivals = new Map<string, number>();
    for (const { itemId, policy } of levels) {
      if (policy?.incomingAt === undefined || policy.incomingQuantity <= 0n) continue;
      const at = policy.incomingAt.getTime();
      arrivals.set(itemId, Math.min(at, arrivals.get(itemId) ?? at));
    }
    return itemIds.every((itemId) => arrivals.has(itemId)) ? Math.max(...arrivals.values()) : null;
  }

  /**
   * Everything that is allocated. That nothing is means that somebody else has given it back already.
   * @throws Error where Inventory refuses it for any other reason: goods that nobody gets must not be forgotten
   */
  async giveBack(orderId: string): Promise<FollowUpAnswer> {
    const request = ReleaseInventoryRequest.create({ orderId, idempotencyKey: ownKey('give-back') });
    try {
      await this.#call(releaseInventory, request);
      return done;
    } catch (thrown) {
      const failure = failureOf(thrown);
      if (isPassing(failure)) throw thrown;
      if (failure.code === 'allocation-not-found') return { outcome: 'declined', reason: failure.message };
      throw new Error(`Inventory does not take back what order ${orderId} has: ${failure.message}`);
    }
  }

  async fulfill(orderId: string, { key, lines }: MoveEffect): Promise<FollowUpAnswer> {
    return this.#follow(async () => {
      const request = FulfillInventoryRequest.create({
        orderId,
        lines: lines.map((line) => ({ ...line, sku: '', quantity: BigInt(line.quantity) })),
        idempotencyKey: ownKey(key),
      });
      await this.#call(fulfillInventory, request);
    });
  }

  /** Line by line, each with a key of its own: what was put back before a failure is not put back again. */
  async restock(orderId: string, { key, lines }: MoveEffect): Promise<FollowUpAnswer> {
    const results = await allSettledInOrder(
      lines,
      limits.restocksInFlightMax,
      ({ itemId, warehouseId, quantity }) =>
        this.#call(
          adjustInventory,
          AdjustInventoryRequest.create({
            itemId,
            warehouseId,
            delta: BigInt(quantity),
            reason: 'returned',
            reference: orderId,
            idempotencyKey: ownKey(`${orderId}:${key}:${warehouseId}`),
          }),
        ),
    );
    const failed = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    const passing = failed.find((thrown) => isPassing(failureOf(thrown)));
    if (passing !== undefined) throw passing;
    const [first] = failed;
    return first === undefined ? done : { outcome: 'declined', reason: failureOf(first).message };
  }

  async #follow(act: () => Promise<void>): Promise<FollowUpAnswer> {
    try {
      await act();
      return done;
    } catch (thrown) {
      const failure = failureOf(thrown);
      if (isPassing(failure)) throw thrown;
      return { outcome: 'declined', reason: failure.message };
    }
  }

  #call<Request, Response>(method: InventoryMethod<Request, Response>, request: Request): Promise<Response> {
    return this.#inventory.call(method, request, { waitMs: limits.inventoryMsMax });
  }
}

/** Callers of Inventory have keys of their own, and must not meet these. */
function ownKey(key: string): string {
  return `synkro-logistics:${key}`;
}

const done: FollowUpAnswer = { outcome: 'done' };

function drawsOf({ items }: StockReservationResponse): readonly ItemDraw[] {
  return items.flatMap(({ itemId, draws }) =>
    draws.map(({ warehouseId, quantity, levelVersion }) => ({
      itemId,
      warehouseId,
      quantity: Number(quantity),
      levelVersion: Number(levelVersion),
    })),
  );
}

/** @throws what is to be tried again */
function unreserved(failure: Failure, effect: ReserveEffect): ReserveAnswer {
  if (isPassing(failure)) throw new Refused(failure);
  if (failure.code === 'reservation-state') return { outcome: 'lost' };
  if (failure.code === 'item-not-found') {
    // An item deleted since it was ordered counts as short.
    const itemId = failure.details?.['itemId'];
    const known = effect.items.filter((item) => item.itemId === itemId);
    const items = (known.length > 0 ? known : effect.items).map((item) => item.itemId);
    return { outcome: 'short', items, estimatedAt: null };
  }
  return { outcome: 'refused', reason: failure.message };
}

function failureOf(thrown: unknown): Failure {
  if (thrown instanceof Refused) return thrown.failure;
  throw thrown;
}

function isPassing({ code }: Failure): boolean {
  return failures[code].repeatable || code === 'internal';
}
