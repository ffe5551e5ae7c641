// What may be asked of an order: cancel it, ship it, deliver a shipment, take goods back, try refunds again.
import Type from 'typebox';
import type { LogisticsDeps } from '../../api/logistics/deps.ts';
import {
  cancelOrder,
  deliverShipment,
  retryRefunds,
  returnItems,
  updateOrderStatus,
} from '../../api/logistics/order-changes.ts';
import { answer } from '../answer.ts';
import { body, idempotentHeaders, uuid } from '../fields.ts';
import type { Rest } from '../group.ts';
import { json, problemsWithBody } from '../openapi/answers.ts';
import { optionalBody } from '../openapi/marks.ts';
import {
  Cancellation,
  NewReturn,
  NewShipment,
  newReturn,
  newShipment,
  returnNames,
  shipmentNames,
} from './order-requests.ts';
import { Order } from './order-schemas.ts';
import { orderPath } from './orders.ts';
import { orderResponseJson } from './present.ts';

const OrderPath = Type.Object(orderPath);
const ShipmentPath = Type.Object({ ...orderPath, sid: uuid('Id of the shipment.') });

const now = json('The order as it is now.', Order);
const usual = ['order-not-found', 'order-state', 'idempotency-key-reused'] as const;

export function orderChangeRoutes(rest: Rest, deps: LogisticsDeps): void {
  cancelRoute(rest, deps);
  shipmentRoutes(rest, deps);
  returnRoute(rest, deps);
  refundRoute(rest, deps);
}

function cancelRoute(rest: Rest, deps: LogisticsDeps): void {
  rest.post(
    '/v1/orders/:id/cancel',
    {
      schema: {
        operationId: 'cancelOrder',
        summary: 'Cancel an order',
        description:
          'Stock and money go back; answered when they have. Where some of it has left, what has not is cancelled, and the order is shipped without. Of an order that does not rest yet the cancellation is noted, and done when it does. May simply be repeated.',
        headers: idempotentHeaders,
        params: OrderPath,
        body: Cancellation,
        response: { 200: now, ...problemsWithBody(...usual) },
      },
    },
    async (request, reply) => {
      const { reason = '' } = request.body;
      const asked = { orderId: request.params.id, reason, idempotencyKey: '' };
      const names = { order_id: 'id' };
      return orderResponseJson(await answer(cancelOrder, asked, { request, reply }, deps, names));
    },
  );
}

function shipmentRoutes(rest: Rest, deps: LogisticsDeps): void {
  rest.post(
    '/v1/orders/:id/shipments',
    {
      schema: {
        operationId: 'shipOrder',
        summary: 'Ship an order, or some of it',
        description:
          'Makes one shipment for each warehouse that holds what is shipped; answered when the goods have left it. The order is shipped when all of it has left. Without a key a repeat of a part counts twice.',
        headers: idempotentHeaders,
        params: OrderPath,
        body: NewShipment,
        response: { 200: now, ...problemsWithBody(...usual, 'limit-reached') },
      },
    },
    async (request, reply) => {
      const asked = newShipment(request.params.id, request.body);
      const shipped = await answer(updateOrderStatus, asked, { request, reply }, deps, shipmentNames);
      return orderResponseJson(shipped);
    },
  );
  rest.post(
    '/v1/orders/:id/shipments/:sid/deliver',
    {
      schema: {
        operationId: 'deliverShipment',
        summary: 'Confirm that a shipment has arrived',
        description: 'When the last one has, the order is delivered. May simply be repeated.',
        headers: idempotentHeaders,
        params: ShipmentPath,
        body: body({}, optionalBody),
        response: { 200: now, ...problemsWithBody(...usual, 'shipment-not-found') },
      },
    },
    async (request, reply) => {
      const { id, sid } = request.params;
      const asked = { orderId: id, shipmentId: sid, idempotencyKey: '' };
      const names = { order_id: 'id', shipment_id: 'sid' };
      return orderResponseJson(await answer(deliverShipment, asked, { request, reply }, deps, names));
    },
  );
}

function returnRoute(rest: Rest, deps: LogisticsDeps): void {
  rest.post(
    '/v1/orders/:id/returns',
    {
      schema: {
        operationId: 'returnItems',
        summary: 'Take goods back',
        description:
          'Of what has left, and not come back before. Their price is refunded; answered when that is done. Without a key a repeat counts twice.',
        headers: idempotentHeaders,
        params: OrderPath,
        body: NewReturn,
        response: { 200: now, ...problemsWithBody(...usual, 'limit-reached') },
      },
    },
    async (request, reply) => {
      const asked = newReturn(request.params.id, request.body);
      return orderResponseJson(await answer(returnItems, asked, { request, reply }, deps, returnNames));
    },
  );
}

function refundRoute(rest: Rest, deps: LogisticsDeps): void {
  rest.post(
    '/v1/orders/:id/refunds/retry',
    {
      schema: {
        operationId: 'retryRefunds',
        summary: 'Try declined refunds again',
        description:
          'Every refund that the gateway declined is asked for once more; answered when it has said yes or no to each. Where none was declined nothing happens.',
        headers: idempotentHeaders,
        params: OrderPath,
        body: body({}, optionalBody),
        response: { 200: now, ...problemsWithBody('order-not-found', 'idempotency-key-reused') },
      },
    },
    async (request, reply) => {
      const asked = { orderId: request.params.id, idempotencyKey: '' };
      const names = { order_id: 'id' };
      return orderResponseJson(await answer(retryRefunds, asked, { request, reply }, deps, names));
    },
  );
}
