// Orders as they are: read one by one from their actors, or listed from the tables.
import type { OrderView } from '../../actors/logistics/order/model.ts';
import { orderView } from '../../actors/logistics/order/views.ts';
import {
  GetOrderHistoryRequest,
  GetOrderRequest,
  ListOrdersRequest,
  ListOrdersResponse,
  OrderHistoryResponse,
  OrderResponse,
} from '../../generated/synkro/logistics/v1/logistics.ts';
import type { RequestType } from '../method.ts';
import { type Check, checked } from '../validate/check.ts';
import { time } from '../validate/numbers.ts';
import { cut, pageOf } from '../validate/pages.ts';
import { isUuid, uuid, uuidOptional } from '../validate/text.ts';
import { timestampProblem } from '../validate/timestamps.ts';
import type { LogisticsCall, LogisticsMethod, OrderRow } from './deps.ts';
import { openOrders } from './personal.ts';
import { historyMessage, orderMessage } from './present.ts';
import { statusOptional } from './statuses.ts';
import { isOrderView } from './views.ts';

export const orderRef = (id: string) => ({ kind: 'order', id });

/** With everything opened that still can be. */
export async function orderResponse(call: LogisticsCall, view: OrderView): Promise<OrderResponse> {
  const { order } = await opened(call, view);
  return { order, atRest: view.isResting };
}

async function opened(call: LogisticsCall, sealed: OrderView) {
  const [found = { view: sealed, personal: null }] = await openOrders(call.deps.vault, [sealed]);
  const { view, personal } = found;
  return { view, order: orderMessage(view, personal) };
}

export const getOrder: LogisticsMethod<GetOrderRequest, OrderResponse> = {
  name: 'GetOrder',
  request: GetOrderRequest,
  response: OrderResponse,
  async handle(request, call) {
    const id = checked((check) => check.field('order_id', request.orderId, uuid));
    return orderResponse(call, await call.read(orderRef(id), { type: 'get' }, isOrderView));
  },
};

export const getOrderHistory: LogisticsMethod<GetOrderHistoryRequest, OrderHistoryResponse> = {
  name: 'GetOrderHistory',
  request: GetOrderHistoryRequest,
  response: OrderHistoryResponse,
  async handle(request, call) {
    const id = checked((check) => check.field('order_id', request.orderId, uuid));
    const sealed = await call.read(orderRef(id), { type: 'get' }, isOrderView);
    const { view } = await opened(call, sealed);
    return { entries: historyMessage(view) };
  },
};

/** @param after, before the numbers of the request's fields `created_after` and `created_before` */
export function withCreatedTimes<T>(type: RequestType<T>, after: number, before: number): RequestType<T> {
  return {
    encode: (message) => type.encode(message),
    decode: (input) => type.decode(input),
    problemOf: (bytes) =>
      timestampProblem(bytes, 'created_after', [after]) ??
      timestampProblem(bytes, 'created_before', [before]),
  };
}

/** When orders were created: both ends are excluded. */
export function createdTimes(
  check: Check,
  given: { readonly createdAfter: Date | undefined; readonly createdBefore: Date | undefined },
) {
  return {
    createdAfter: check.field('created_after', given.createdAfter, time),
    createdBefore: check.field('created_before', given.createdBefore, time),
  };
}

export const listOrders: LogisticsMethod<ListOrdersRequest, ListOrdersResponse> = {
  name: 'ListOrders',
  request: withCreatedTimes(ListOrdersRequest, 5, 6),
  response: ListOrdersResponse,
  async handle(request, call) {
    const { page, ...question } = checked((check) => questionOf(check, request));
    const { rows, asOf } = await call.deps.queries.listOrders({ ...question, limit: page.size + 1 });
    const shown = cut(page, rows, keyOf);
    const views = shown.rows.map(({ id, order }) => orderView(id, order));
    const opened = await openOrders(call.deps.vault, views);
    call.sendAsOf(asOf);
    return {
      orders: opened.map(({ view, personal }) => orderMessage(view, personal)),
      nextPageToken: shown.nextPageToken,
    };
  },
};

function questionOf(check: Check, request: ListOrdersRequest) {
  const filter = {
    customerId: check.field('customer_id', request.customerId, uuidOptional),
    status: check.field('status', request.status, statusOptional),
    ...createdTimes(check, request),
  };
  const { customerId, status, createdAfter, createdBefore } = filter;
  const question = [customerId ?? '', status ?? '', createdAfter ?? '', createdBefore ?? ''];
  const page = pageOf(check, request, ['ListOrders', ...question], (key) => placeOf(key) !== null);
  return { ...filter, after: page.after === null ? null : placeOf(page.after), page };
}

/** Where in the list a row stands: by time of creation, then by id. */
function keyOf({ id, order }: OrderRow): string {
  return `${order.createdAt}/${id}`;
}

function placeOf(key: string): { readonly createdAt: number; readonly id: string } | null {
  const match = /^(\d{1,14})\/([0-9a-f-]{36})$/.exec(key);
  const id = match?.[2] ?? '';
  return isUuid(id) ? { createdAt: Number(match?.[1]), id } : null;
}
