// Moves of orders as Server-Sent Events.
import Type from 'typebox';
import type { Follower } from '../../api/feed/follower.ts';
import type { LogisticsDeps } from '../../api/logistics/deps.ts';
import { type OrderChange, streamOrderUpdates } from '../../api/logistics/updates.ts';
import type { OrderStatusEvent } from '../../generated/synkro/logistics/v1/logistics.ts';
import { eventHeaders, eventQuery, resumeTokenOf, streamAnswer } from '../events/event-schemas.ts';
import { sendEvents } from '../events/event-stream.ts';
import { query, uuid } from '../fields.ts';
import type { Edge, Rest } from '../group.ts';
import { problems } from '../openapi/answers.ts';
import { exampleIds, OrderEvent } from './order-schemas.ts';
import { eventJson } from './present.ts';

const example = `retry: 1000
id: WzEsWzQ3MTBdXQ

id: WzEsWzQ3MTBdLDAsMF0
event: confirmed
data: {"orderId":"${exampleIds.order}","customerId":"","previousStatus":"reserving_stock","newStatus":"confirmed","timestamp":"2026-01-31T12:00:00.000Z"}
`;

export function orderEvent(event: OrderStatusEvent) {
  const data = eventJson(event);
  return { event: data.newStatus, data };
}

export function orderEventRoutes(
  rest: Rest,
  edge: Edge,
  deps: LogisticsDeps,
  follower: Follower<OrderChange>,
): void {
  rest.get(
    '/v1/orders/events',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'streamOrders',
        summary: 'Follow orders',
        description:
          'Server-Sent Events of every move of an order from state to state, those of one order in order, none left out and none twice. `id:` is the resume token, `event:` the new status, `data:` JSON (OrderEvent). The first thing sent is an `id:` without data, so that a reconnect misses nothing. A token that is older than what is kept: 410; read the orders again, then follow without a token. A client that does not read is waited for, and cut off after two minutes.',
        headers: eventHeaders,
        querystring: query({
          customerId: Type.Optional(uuid('Only orders of this customer.')),
          orderId: Type.Optional(uuid('Only this order.')),
          ...eventQuery,
        }),
        response: { 200: streamAnswer(OrderEvent, example), ...problems('token-expired') },
      },
    },
    async (request, reply) => {
      const { customerId = '', orderId = '', lastEventId } = request.query;
      const { token, name } = resumeTokenOf({ request, reply }, lastEventId);
      const asked = { customerId, orderId, resumeToken: token };
      const names = { resume_token: name };
      const route = { stream: streamOrderUpdates, deps, follower, present: orderEvent, names };
      await sendEvents(route, asked, { request, reply }, edge);
    },
  );
}
