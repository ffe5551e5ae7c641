// What orders and queues want done, done by a pretend payment gateway and a pretend Inventory.
import type { Reply } from '../../../../src/actors/behaviour.ts';
import type { Wanted } from '../../support/wanted.ts';
import { Gateway } from './gateway.ts';
import { Inventory } from './inventory.ts';
import { isAuthorize, isFollowUp, isMove, isReserve, isWatch, requestOf } from './requests.ts';

export class Outside {
  readonly gateway = new Gateway();
  readonly inventory = new Inventory();

  /** Null: there is nothing to tell yet (a watch without news). */
  perform({ effect, ref }: Wanted, now: number): Reply | null {
    const { kind, request } = effect;
    if (kind !== 'watch') return { ok: this.#act(kind, ref.id, request, now) };
    const levels = this.inventory.news(ref.id, requestOf(request, isWatch).levels);
    return levels === null ? null : { ok: { levels } };
  }

  #act(kind: string, orderId: string, request: unknown, now: number): unknown {
    const { gateway, inventory } = this;
    switch (kind) {
      case 'authorize':
        return gateway.authorize(orderId, requestOf(request, isAuthorize), now);
      case 'capture':
        return gateway.capture(requestOf(request, isFollowUp), now);
      case 'void':
        return gateway.void(requestOf(request, isFollowUp), now);
      case 'refund':
        return gateway.refund(requestOf(request, isFollowUp), now);
      case 'reserve':
        return inventory.reserve(orderId, requestOf(request, isReserve));
      case 'giveBack':
        return inventory.giveBack(orderId);
      case 'fulfill':
        return inventory.fulfill(orderId, requestOf(request, isMove));
      case 'restock':
        return inventory.restock(orderId, requestOf(request, isMove));
      default:
        throw new Error(`nobody performs ${kind}`);
    }
  }
}
