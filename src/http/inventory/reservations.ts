// The routes of reservations: a basket is held, then committed, released, extended, or it expires.
import Type, { type Static } from 'typebox';
import type { InventoryDeps } from '../../api/inventory/deps.ts';
import {
  commitReservation,
  extendReservation,
  getReservation,
  releaseReservedStock,
} from '../../api/inventory/reservations.ts';
import { checkAndReserveStock } from '../../api/inventory/reserve.ts';
import { requestLimits as limits } from '../../api/limits.ts';
import {
  DrawStrategy,
  type StockReservationRequest,
  type StockReservationResponse,
} from '../../generated/synkro/inventory/v1/inventory.ts';
import { answer } from '../answer.ts';
import {
  body,
  headers,
  idempotentHeaders,
  itemReference,
  nextPageToken,
  orderId,
  pageOf,
  pageQuery,
  quantity,
  query,
  text,
  uuid,
} from '../fields.ts';
import type { Rest, RouteGroup } from '../group.ts';
import type { Names } from '../names.ts';
import { asOfHeader, json, locationHeader, problems, problemsWithBody } from '../openapi/answers.ts';
import { optionalBody } from '../openapi/marks.ts';
import { named } from '../openapi/named.ts';
import { RefusedWith } from '../problems/problem.ts';
import { referenceOf } from './named-item.ts';
import { availabilityJson, reservationJson, reservedJson } from './present.ts';
import { listReservations } from './reservation-list.ts';
import { exampleIds, Reservation, Reserved, statusFilter } from './schemas.ts';

const strategies = {
  priority: DrawStrategy.PRIORITY,
  fewest_warehouses: DrawStrategy.FEWEST_WAREHOUSES,
  single_warehouse: DrawStrategy.SINGLE_WAREHOUSE,
} as const;

const ttlSeconds = Type.Optional(
  Type.Integer({
    minimum: 1,
    maximum: limits.ttlSecondsMax,
    description: `How long it is held, in seconds; ${limits.ttlSecondsDefault} where it is absent.`,
  }),
);

const NewReservation = named(
  'NewReservation',
  body(
    {
      orderId,
      items: Type.Array(body({ ...itemReference, quantity: quantity('How much.') }), {
        minItems: 1,
        maxItems: limits.basketLinesMax,
        description: 'All or nothing; the same item on two lines counts as their sum.',
      }),
      warehouseId: Type.Optional(uuid('Only from here.')),
      ttlSeconds,
      customerId: Type.Optional(text(limits.customerIdCharactersMax, 'For whom.')),
      drawStrategy: Type.Optional(
        Type.Enum(['priority', 'fewest_warehouses', 'single_warehouse'], {
          description: 'Which warehouses are drawn from; priority where it is absent.',
        }),
      ),
      commit: Type.Optional(
        Type.Boolean({ description: 'Committed at once: it never expires, and ttlSeconds says nothing.' }),
      ),
    },
    { examples: [{ orderId: 'order-1', items: [{ sku: '85123A', quantity: 2 }], ttlSeconds: 600 }] },
  ),
);

function basket(given: Static<typeof NewReservation>): StockReservationRequest {
  return {
    orderId: given.orderId,
    items: given.items.map((line) => ({ ...referenceOf(line), quantity: BigInt(line.quantity) })),
    warehouseId: given.warehouseId ?? '',
    ttlSeconds: given.ttlSeconds ?? 0,
    customerId: given.customerId ?? '',
    idempotencyKey: '',
    requestId: '',
    drawStrategy: strategies[given.drawStrategy ?? 'priority'],
    commit: given.commit ?? false,
  };
}

const ReservationPath = Type.Object({
  id: Type.String({ description: 'Id of the reservation.', examples: [exampleIds.reservation] }),
});

const inPath: Names = { reservation_id: 'id' };

export function reservationRoutes(deps: InventoryDeps): RouteGroup {
  return {
    tag: {
      name: 'Reservations',
      description: 'Stock that is held for an order, until it expires or is committed.',
    },
    routes(rest) {
      reserveRoute(rest, deps);
      readRoutes(rest, deps);
      changeRoutes(rest, deps);
    },
  };
}

function reserveRoute(rest: Rest, deps: InventoryDeps): void {
  rest.post(
    '/v1/reservations',
    {
      schema: {
        operationId: 'reserveStock',
        summary: 'Reserve stock for an order',
        description:
          'All of the basket or none of it. At most one live reservation an order. Without a key the order’s id is the key; a new key after a refusal, release or expiry is a new attempt.',
        headers: idempotentHeaders,
        body: NewReservation,
        response: {
          201: json('It is held, or committed.', Reserved, { headers: locationHeader }),
          ...problemsWithBody(
            'insufficient-stock',
            'item-not-found',
            'warehouse-not-found',
            'warehouse-inactive',
            'reservation-exists',
            'reservation-state',
            'too-many-attempts',
            'idempotency-key-reused',
          ),
        },
      },
    },
    async (request, reply) => {
      const answered = await answer(checkAndReserveStock, basket(request.body), { request, reply }, deps);
      if (!answered.success) throw insufficient(answered);
      const made = reservedJson(answered);
      reply.code(201).header('location', `/v1/reservations/${encodeURIComponent(made.id)}`);
      return made;
    },
  );
}

function insufficient({ message, items, reservationId, attempt }: StockReservationResponse): RefusedWith {
  const details = { reservationId, attempt: String(attempt) };
  return new RefusedWith(
    { code: 'insufficient-stock', message, details },
    { items: availabilityJson(items) },
  );
}

function readRoutes(rest: Rest, deps: InventoryDeps): void {
  rest.get(
    '/v1/reservations/:id',
    {
      schema: {
        operationId: 'getReservation',
        summary: 'Read a reservation',
        description: 'From the order itself: never old.',
        headers,
        params: ReservationPath,
        response: { 200: json('The reservation.', Reservation), ...problems('reservation-not-found') },
      },
    },
    async (request, reply) => {
      const asked = { reservationId: request.params.id, orderId: '' };
      const { reservation } = await answer(getReservation, asked, { request, reply }, deps, inPath);
      return reservationJson(reservation);
    },
  );
  rest.get(
    '/v1/reservations',
    {
      schema: {
        operationId: 'listReservations',
        summary: 'List reservations',
        description:
          'In order of order and attempt. By `sku` or `itemId` alone: those that hold some of the item now, or have it allocated. A page may be short, and even empty, and still have a next one. From the tables, which lag by a moment.',
        headers,
        querystring: query({
          orderId: Type.Optional(orderId),
          ...itemReference,
          status: Type.Optional(statusFilter),
          ...pageQuery,
        }),
        response: {
          200: json(
            'A page of reservations.',
            Type.Object({ reservations: Type.Array(Reservation), nextPageToken }),
            { headers: asOfHeader },
          ),
          ...problems(),
        },
      },
    },
    async (request, reply) => {
      const { orderId: order = '', status, itemId, sku, ...page } = request.query;
      const item = { itemId: itemId ?? '', sku: sku ?? '' };
      const asked = { item, orderId: order, status: status ?? null, ...pageOf(page) };
      const listed = await answer(listReservations, asked, { request, reply }, deps);
      return {
        reservations: listed.reservations.map(reservationJson),
        nextPageToken: listed.nextPageToken,
      };
    },
  );
}

function changeRoutes(rest: Rest, deps: InventoryDeps): void {
  const response = {
    200: json('The reservation as it is now.', Reservation),
    ...problemsWithBody('reservation-not-found', 'reservation-state'),
  };
  rest.post(
    '/v1/reservations/:id/commit',
    {
      schema: {
        operationId: 'commitReservation',
        summary: 'Commit a reservation',
        description: 'What is held becomes allocated: it no longer expires. May simply be repeated.',
        headers: idempotentHeaders,
        params: ReservationPath,
        body: body({}, optionalBody),
        response,
      },
    },
    async (request, reply) => {
      const asked = { reservationId: request.params.id, orderId: '' };
      const { reservation } = await answer(commitReservation, asked, { request, reply }, deps, inPath);
      return reservationJson(reservation);
    },
  );
  rest.post(
    '/v1/reservations/:id/release',
    {
      schema: {
        operationId: 'releaseReservation',
        summary: 'Release a reservation',
        description:
          'What is held is free again. Not one that is committed: its allocations are given back by /v1/allocations/release. May simply be repeated.',
        headers: idempotentHeaders,
        params: ReservationPath,
        body: body(
          { reason: Type.Optional(text(limits.reasonCharactersMax, 'Stands in the journal.')) },
          { ...optionalBody, examples: [{ reason: 'the customer left' }] },
        ),
        response,
      },
    },
    async (request, reply) => {
      const asked = { reservationId: request.params.id, orderId: '', reason: request.body.reason ?? '' };
      const { reservation } = await answer(releaseReservedStock, asked, { request, reply }, deps, inPath);
      return reservationJson(reservation);
    },
  );
  rest.post(
    '/v1/reservations/:id/extend',
    {
      schema: {
        operationId: 'extendReservation',
        summary: 'Extend a reservation',
        description: 'It expires so many seconds from now. Only where it is held.',
        headers: idempotentHeaders,
        params: ReservationPath,
        body: body({ ttlSeconds }, { ...optionalBody, examples: [{ ttlSeconds: 600 }] }),
        response,
      },
    },
    async (request, reply) => {
      const { ttlSeconds: seconds = 0 } = request.body;
      const asked = { reservationId: request.params.id, orderId: '', ttlSeconds: seconds };
      const { reservation } = await answer(extendReservation, asked, { request, reply }, deps, inPath);
      return reservationJson(reservation);
    },
  );
}
