// What becomes of a reservation: read, extended, released, committed. All of them may simply be repeated.
import type { OrderCommand, ReservationView } from '../../actors/inventory/order-stock/model.ts';
import {
  CommitReservationRequest,
  CommitReservationResponse,
  ExtendReservationRequest,
  GetReservationRequest,
  ReleaseStockRequest,
  ReleaseStockResponse,
  ReservationResponse,
} from '../../generated/synkro/inventory/v1/inventory.ts';
import { checked } from '../validate/check.ts';
import { ttlSeconds } from '../validate/numbers.ts';
import { reservationOf } from '../validate/references.ts';
import * as text from '../validate/text.ts';
import type { InventoryCall, InventoryMethod } from './deps.ts';
import { reservationMessage } from './present.ts';
import { orderRef } from './reserve.ts';
import { isReservationView } from './views.ts';

export const getReservation: InventoryMethod<GetReservationRequest, ReservationResponse> = {
  name: 'GetReservation',
  request: GetReservationRequest,
  response: ReservationResponse,
  async handle(request, call) {
    const { orderId, attempt } = checked((check) => reservationOf(check, request));
    const command: OrderCommand = { type: 'get', attempt };
    return {
      reservation: reservationMessage(await call.read(orderRef(orderId), command, isReservationView)),
    };
  },
};

export const extendReservation: InventoryMethod<ExtendReservationRequest, ReservationResponse> = {
  name: 'ExtendReservation',
  request: ExtendReservationRequest,
  response: ReservationResponse,
  async handle(request, call) {
    const { orderId, attempt, ttl } = checked((check) => ({
      ttl: check.field('ttl_seconds', request.ttlSeconds, ttlSeconds),
      ...reservationOf(check, request),
    }));
    const view = await change(call, orderId, { type: 'extend', attempt, ttlSeconds: ttl });
    return { reservation: reservationMessage(view) };
  },
};

export const releaseReservedStock: InventoryMethod<ReleaseStockRequest, ReleaseStockResponse> = {
  name: 'ReleaseReservedStock',
  request: ReleaseStockRequest,
  response: ReleaseStockResponse,
  async handle(request, call) {
    const { orderId, attempt, reason } = checked((check) => ({
      reason: check.field('reason', request.reason, text.reason),
      ...reservationOf(check, request),
    }));
    const view = await change(call, orderId, { type: 'release', attempt, reason });
    return { success: true, message: `reservation ${view.status}`, reservation: reservationMessage(view) };
  },
};

export const commitReservation: InventoryMethod<CommitReservationRequest, CommitReservationResponse> = {
  name: 'CommitReservation',
  request: CommitReservationRequest,
  response: CommitReservationResponse,
  async handle(request, call) {
    const { orderId, attempt } = checked((check) => reservationOf(check, request));
    const view = await change(call, orderId, { type: 'commit', attempt });
    return { success: true, message: `reservation ${view.status}`, reservation: reservationMessage(view) };
  },
};

function change(call: InventoryCall, orderId: string, command: OrderCommand): Promise<ReservationView> {
  return call.write(orderRef(orderId), command, null, isReservationView);
}
