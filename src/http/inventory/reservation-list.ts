// Reservations as a list, which gRPC has not got: who holds this item, what an order has, what is held.
import type { ReservationStatus } from '../../actors/inventory/order-stock/model.ts';
import type { InventoryDeps, ReservationKey } from '../../api/inventory/deps.ts';
import { reservationMessage } from '../../api/inventory/present.ts';
import { checked } from '../../api/validate/check.ts';
import { cut, type Page as PageAsked, pageOf } from '../../api/validate/pages.ts';
import { itemOrNone, type NamedItem } from '../../api/validate/references.ts';
import * as rules from '../../api/validate/text.ts';
import type { Reservation } from '../../generated/synkro/inventory/v1/inventory.ts';
import type { Answerable } from '../answer.ts';
import { httpLimits } from '../limits.ts';
import { readKey } from '../page-keys.ts';

export interface ReservationsAsked {
  readonly item: NamedItem;
  readonly orderId: string;
  readonly status: ReservationStatus | null;
  readonly pageSize: number;
  readonly pageToken: string;
}

interface ReservationsPage {
  readonly reservations: readonly Reservation[];
  readonly nextPageToken: string;
}

/** A page may be short, or empty, and still have a next one: it looks at a bounded number of reservations. */
export const listReservations: Answerable<ReservationsAsked, ReservationsPage, InventoryDeps> = {
  name: 'ListReservations',
  async handle(request, call) {
    const { page, ...question } = checked((check) => {
      const itemId = itemOrNone(check, request.item, call.deps.itemIds);
      const orderId = request.orderId === '' ? null : check.field('order_id', request.orderId, rules.orderId);
      const { status } = request;
      const mark = ['ListReservations', itemId ?? '', orderId ?? '', status ?? ''];
      const asked = pageOf(check, request, mark);
      return { itemId, orderId, status, page: asked, after: readKey(check, asked.after, toKey) };
    });
    const { rows, asOf, examinedTo } = await call.deps.queries.listReservations({
      ...question,
      limit: page.size + 1,
      examineMax: httpLimits.reservationsExaminedMax,
    });
    const shown = cut(page, rows, fromKey);
    call.sendAsOf(asOf);
    return {
      reservations: shown.rows.map(reservationMessage),
      nextPageToken: shown.nextPageToken === '' ? tokenOf(page, examinedTo) : shown.nextPageToken,
    };
  },
};

function tokenOf(page: PageAsked, examinedTo: ReservationKey | null): string {
  return examinedTo === null ? '' : page.tokenAfter(fromKey(examinedTo));
}

const fromKey = ({ orderId, attempt }: ReservationKey) => JSON.stringify([orderId, attempt]);

function toKey([orderId, attempt, ...rest]: readonly unknown[]): ReservationKey | null {
  if (rest.length > 0 || typeof orderId !== 'string' || typeof attempt !== 'number') return null;
  return Number.isInteger(attempt) && attempt >= 0 && attempt < 2 ** 31 ? { orderId, attempt } : null;
}
