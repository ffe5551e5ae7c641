// Performs what the actors of Logistics want done outside: each kind of effect by whoever can.
import type { Effect, Ref, Reply } from '../actors/behaviour.ts';
import { isMoney } from '../actors/logistics/money.ts';
import type {
  AuthorizeEffect,
  FollowUpEffect,
  MoveEffect,
  ReserveEffect,
} from '../actors/logistics/order/effects.ts';
import type { KnownLevel } from '../actors/logistics/queue/model.ts';
import type { WatchAnswer, WatchEffect } from '../actors/logistics/queue/queue.ts';
import { isFlag, isInteger, isText, listOf, objectOf, recordOf, type Shape } from '../actors/shape.ts';
import { Refused } from '../api/errors.ts';
import type { KeyStore } from '../api/logistics/vault.ts';
import type { PaymentGateway } from '../payments/gateway.ts';
import type { Clock } from '../runtime/clock.ts';
import type { EffectPerformer } from '../runtime/effects.ts';
import type { InventoryConnection } from './inventory/connection.ts';
import { LevelWatch } from './level-watch.ts';
import { PaymentEffects } from './payment.ts';
import { StockEffects } from './stock.ts';

export interface LogisticsOutside {
  readonly inventory: InventoryConnection;
  readonly gateway: PaymentGateway;
  readonly keys: Pick<KeyStore, 'destroy'>;
  readonly clock: Clock;
}

const isAuthorize = objectOf<AuthorizeEffect>({
  key: isText,
  paymentId: isText,
  amount: isMoney,
  method: isText,
  isRenewal: isFlag,
});
const isFollowUp = objectOf<FollowUpEffect>({ key: isText, transactionId: isText, amount: isMoney });
const isReserve = objectOf<ReserveEffect>({
  key: isText,
  items: listOf(objectOf<ReserveEffect['items'][number]>({ itemId: isText, quantity: isInteger })),
  customerId: isText,
});
const isMove = objectOf<MoveEffect>({
  key: isText,
  lines: listOf(
    objectOf<MoveEffect['lines'][number]>({ itemId: isText, warehouseId: isText, quantity: isInteger }),
  ),
});
const isWatch = objectOf<WatchEffect>({
  levels: recordOf(objectOf<KnownLevel>({ available: isInteger, version: isInteger })),
  isDoubted: isFlag,
});

export class LogisticsEffects implements EffectPerformer {
  readonly #outside: LogisticsOutside;
  readonly #payment: PaymentEffects;
  readonly #stock: StockEffects;
  readonly #watch: LevelWatch;

  constructor(outside: LogisticsOutside) {
    this.#outside = outside;
    this.#payment = new PaymentEffects(outside.gateway);
    this.#stock = new StockEffects(outside.inventory);
    this.#watch = new LevelWatch(outside.inventory, outside.clock);
  }

  async perform(ref: Ref, effect: Effect, signal: AbortSignal): Promise<Reply> {
    try {
      return { ok: await this.#perform(ref.id, effect, signal) };
    } catch (thrown) {
      if (thrown instanceof Refused) return { error: thrown.failure };
      throw thrown;
    }
  }

  async close(): Promise<void> {
    this.#watch.close();
    await Promise.all([this.#outside.gateway.close(), this.#outside.inventory.close()]);
  }

  async #perform(id: string, { kind, request }: Effect, signal: AbortSignal): Promise<unknown> {
    switch (kind) {
      case 'authorize':
        return this.#payment.authorize(id, expect(request, isAuthorize, kind), signal);
      case 'capture':
        return this.#payment.capture(expect(request, isFollowUp, kind), signal);
      case 'void':
        return this.#payment.void(expect(request, isFollowUp, kind), signal);
      case 'refund':
        return this.#payment.refund(expect(request, isFollowUp, kind), signal);
      case 'reserve':
        return this.#stock.reserve(id, expect(request, isReserve, kind));
      case 'giveBack':
        return this.#stock.giveBack(id);
      case 'fulfill':
        return this.#stock.fulfill(id, expect(request, isMove, kind));
      case 'restock':
        return this.#stock.restock(id, expect(request, isMove, kind));
      case 'watch': {
        const watched = expect(request, isWatch, kind);
        return { levels: await this.#watch.watch(id, watched, signal) } satisfies WatchAnswer;
      }
      case 'destroyKey':
        await this.#outside.keys.destroy(id);
        return null;
      default:
        throw new TypeError(`nobody performs ${kind}`);
    }
  }
}

function expect<T>(request: unknown, shape: Shape<T>, kind: string): T {
  if (!shape(request)) throw new TypeError(`this is no request of ${kind}`);
  return request;
}
