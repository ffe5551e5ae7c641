// What has to hold at every step of a history, whatever the steps are. Each check throws with the number of the
// invariant that is broken.
import { isDeepStrictEqual } from 'node:util';
import type { Reply } from '../../../src/actors/behaviour.ts';
import type { ReservationStatus } from '../../../src/actors/inventory/order-stock/model.ts';
import { isObject } from '../../../src/actors/shape.ts';
import type { Shop } from './shop.ts';
import type { Call } from './world.ts';

const next: Readonly<Record<ReservationStatus, readonly ReservationStatus[]>> = {
  pending: ['held', 'refused'],
  held: ['committed', 'released', 'expired'],
  committed: ['fulfilled', 'released'],
  released: [],
  expired: [],
  fulfilled: [],
  refused: [],
};

/** Of an attempt that commits: it is never held. */
const atOnce: readonly ReservationStatus[] = ['committed', 'refused'];

interface Kept {
  readonly fingerprint: string;
  readonly reply: Reply;
}

export class History {
  readonly #shop: Shop;
  readonly #statuses = new Map<string, ReservationStatus>();
  readonly #kept = new Map<string, Kept>();
  readonly #seen = new Set<Call>();

  constructor(shop: Shop) {
    this.#shop = shop;
  }

  check(): void {
    const [difference] = this.#shop.world.audit().differences;
    if (difference !== undefined) throw new Error(difference);
    for (const id of this.#shop.world.ids('order')) this.#checkStatuses(id);
    for (const call of this.#shop.world.calls) {
      if (call.reply === null || this.#seen.has(call)) continue;
      this.#seen.add(call);
      this.#checkReply(call, call.reply);
    }
  }

  /** I4: one terminal outcome, and only the ways of the life cycle lead there. */
  #checkStatuses(id: string): void {
    for (const { abandoned, number, request, status } of this.#shop.order(id).attempts) {
      const key = `${id} attempt ${number}`;
      if (abandoned) {
        this.#statuses.delete(key);
        continue;
      }
      const last = this.#statuses.get(key);
      const ways = last === 'pending' && request.commits === true ? atOnce : next[last ?? status];
      if (last !== undefined && last !== status && !ways.includes(status)) {
        throw new Error(`I4: ${key} goes from ${last} to ${status}`);
      }
      this.#statuses.set(key, status);
    }
  }

  /** I10: whatever is answered OK to a key is the only thing that is ever answered OK to it. */
  #checkReply(call: Call, reply: Reply): void {
    const key = keyOf(call);
    if (key === null || 'error' in reply) return;
    const kept = this.#kept.get(key.key);
    if (kept === undefined) this.#kept.set(key.key, { fingerprint: key.fingerprint, reply });
    else if (kept.fingerprint !== key.fingerprint || !isDeepStrictEqual(kept.reply, reply)) {
      throw new Error(
        `I10: ${key.key} is answered ${JSON.stringify(reply)} after ${JSON.stringify(kept.reply)}`,
      );
    }
  }
}

function keyOf({
  command,
  receipt,
  ref,
}: Call): { readonly key: string; readonly fingerprint: string } | null {
  if (receipt !== null) return receipt;
  if (!isObject(command) || command['type'] !== 'reserve') return null;
  return { key: `${ref.id} reserve ${String(command['key'])}`, fingerprint: String(command['fingerprint']) };
}
