// The routes of orders: made, read, listed.
import Type from 'typebox';
import { createOrder, createOrderAsync } from '../../api/logistics/create-order.ts';
import type { LogisticsDeps } from '../../api/logistics/deps.ts';
import { getOrder, getOrderHistory, listOrders } from '../../api/logistics/orders.ts';
import { OrderStatus } from '../../generated/synkro/logistics/v1/logistics.ts';
import { answer } from '../answer.ts';
import { type Exchange, preferencesIn } from '../exchange.ts';
import {
  headers,
  idempotentHeaders,
  nextPageToken,
  pageOf,
  pageQuery,
  query,
  time,
  uuid,
} from '../fields.ts';
import type { Rest } from '../group.ts';
import type { Names } from '../names.ts';
import { asOfHeader, json, locationHeader, problems, problemsWithBody } from '../openapi/answers.ts';
import { NewOrder, newOrder, newOrderNames } from './order-requests.ts';
import { Order, OrderHistory } from './order-schemas.ts';
import { historyJson, orderJson, orderResponseJson } from './present.ts';
import { statusFilter, statusMessage } from './statuses.ts';

export const orderPath = { id: uuid('Id of the order.') };
const OrderPath = Type.Object(orderPath);

/** The order in the path. */
const inPath: Names = { order_id: 'id' };

const creationHeaders = Type.Object({
  'Idempotency-Key': idempotentHeaders.properties['Idempotency-Key'],
  Prefer: Type.Optional(
    Type.String({
      description:
        '`wait=SECONDS` (1 to 600): how long the answer may take; 10 for an order to rest where it is absent. `respond-async`: answered as soon as the order is durable; with `wait` as well, where it does not rest by then.',
      examples: ['respond-async'],
    }),
  ),
});

export function orderRoutes(rest: Rest, deps: LogisticsDeps): void {
  createRoute(rest, deps);
  listRoute(rest, deps);
  readRoutes(rest, deps);
}

function createRoute(rest: Rest, deps: LogisticsDeps): void {
  rest.post(
    '/v1/orders',
    {
      schema: {
        operationId: 'createOrder',
        summary: 'Place an order',
        description:
          'Looks its items up, authorizes the payment, reserves the stock, captures. Answered when the order rests: confirmed, back_ordered or cancelled (a declined payment is no error: the order says so). Where that takes longer than the client waits: 202 with what was reached, and the order goes on by itself. With a key, or an `orderId`, it may simply be repeated.',
        headers: creationHeaders,
        body: NewOrder,
        response: {
          201: json('The order, at rest.', Order, { headers: locationHeader }),
          202: json('The order, under way: to be read at Location, or followed.', Order, {
            headers: locationHeader,
          }),
          ...problemsWithBody(
            'item-not-found',
            'customer-not-found',
            'order-exists',
            'idempotency-key-reused',
          ),
        },
      },
    },
    async (request, reply) => {
      const exchange = { request, reply };
      const isAsync = isAnsweredAtOnce(exchange);
      const method = isAsync ? createOrderAsync : createOrder;
      const made = await answer(method, newOrder(request.body), exchange, deps, newOrderNames);
      const isUnderWay = isAsync || !made.atRest;
      if (isUnderWay) sayAsync(exchange);
      const order = orderResponseJson(made);
      reply.code(isUnderWay ? 202 : 201).header('location', `/v1/orders/${order.id}`);
      return order;
    },
  );
}

/** Who says how long he would wait for the whole is answered early only then (RFC 7240, 4.3). */
function isAnsweredAtOnce(exchange: Exchange): boolean {
  const { respondAsync, waitSeconds } = preferencesIn(exchange);
  return respondAsync && waitSeconds === null;
}

function sayAsync(exchange: Exchange): void {
  const { respondAsync, waitSeconds } = preferencesIn(exchange);
  if (!respondAsync) return;
  const wait = waitSeconds === null ? '' : `, wait=${waitSeconds}`;
  exchange.reply.header('preference-applied', `respond-async${wait}`);
}

function listRoute(rest: Rest, deps: LogisticsDeps): void {
  rest.get(
    '/v1/orders',
    {
      schema: {
        operationId: 'listOrders',
        summary: 'List orders',
        description: 'The newest first. From the tables, which lag by a moment.',
        headers,
        querystring: query({
          customerId: Type.Optional(uuid('Only those of this customer.')),
          status: Type.Optional(statusFilter),
          createdAfter: Type.Optional(time('Only those made later than this.')),
          createdBefore: Type.Optional(time('Only those made earlier than this.')),
          ...pageQuery,
        }),
        response: {
          200: json('A page of orders.', Type.Object({ orders: Type.Array(Order), nextPageToken }), {
            headers: asOfHeader,
          }),
          ...problems(),
        },
      },
    },
    async (request, reply) => {
      const { customerId = '', status, ...given } = request.query;
      const asked = {
        ...pageOf(given),
        ...createdBetween(given),
        customerId,
        status: status === undefined ? OrderStatus.UNSPECIFIED : statusMessage(status),
      };
      const page = await answer(listOrders, asked, { request, reply }, deps);
      return { orders: page.orders.map(orderJson), nextPageToken: page.nextPageToken };
    },
  );
}

/** Both ends are excluded. */
export function createdBetween(query: { readonly createdAfter?: string; readonly createdBefore?: string }) {
  const { createdAfter, createdBefore } = query;
  return {
    createdAfter: createdAfter === undefined ? undefined : new Date(createdAfter),
    createdBefore: createdBefore === undefined ? undefined : new Date(createdBefore),
  };
}

function readRoutes(rest: Rest, deps: LogisticsDeps): void {
  rest.get(
    '/v1/orders/:id',
    {
      schema: {
        operationId: 'getOrder',
        summary: 'Read an order',
        description: 'From the order itself: never old.',
        headers,
        params: OrderPath,
        response: { 200: json('The order.', Order), ...problems('order-not-found') },
      },
    },
    async (request, reply) => {
      const asked = { orderId: request.params.id };
      return orderResponseJson(await answer(getOrder, asked, { request, reply }, deps, inPath));
    },
  );
  rest.get(
    '/v1/orders/:id/history',
    {
      schema: {
        operationId: 'getOrderHistory',
        summary: 'Read the history of an order',
        description: 'Every move from state to state, by whom and why. From the order itself: never old.',
        headers,
        params: OrderPath,
        response: { 200: json('Its history.', OrderHistory), ...problems('order-not-found') },
      },
    },
    async (request, reply) => {
      const asked = { orderId: request.params.id };
      const { entries } = await answer(getOrderHistory, asked, { request, reply }, deps, inPath);
      return historyJson(entries);
    },
  );
}
