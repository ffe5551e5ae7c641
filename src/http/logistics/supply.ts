// What the shop has to order anew, as JSON in pages or as CSV in one piece, and what was heard of one item.
import Type, { type Static } from 'typebox';
import { compareText } from '../../actors/compare.ts';
import type { Supply as ActorSupply } from '../../actors/logistics/supply/model.ts';
import { deadlineAfter } from '../../api/call.ts';
import type { LogisticsDeps } from '../../api/logistics/deps.ts';
import {
  getSupply,
  listSupply,
  type SupplyAsked,
  type SupplyOfItem,
  type SupplyPage,
} from '../../api/logistics/supply.ts';
import { answer, ask } from '../answer.ts';
import { Csv, type CsvRow, csvHeader, csvStream, csvType, format, wantsCsv } from '../csv.ts';
import { count, headers, nextPageToken, pageOf, pageQuery, query, sku, time, uuid } from '../fields.ts';
import type { Rest, RouteGroup } from '../group.ts';
import { ItemPath, itemInPath, itemNamed } from '../inventory/named-item.ts';
import { httpLimits } from '../limits.ts';
import { asOfHeader, json, problems } from '../openapi/answers.ts';
import { named } from '../openapi/named.ts';

const Supply = named(
  'Supply',
  Type.Object(
    {
      itemId: uuid('Id of the item.'),
      sku,
      lowStock: Type.Boolean({ description: 'Whether stock is low in any warehouse.' }),
      levels: Type.Array(
        Type.Object({
          warehouseId: uuid('Id of the warehouse.'),
          lowStock: Type.Boolean({ description: 'Whether stock is low there.' }),
          available: count('Units that were available when it became so.'),
          threshold: count('What they fell below, or reached again.'),
          at: time('When that was.'),
        }),
        { description: 'Of the warehouses where stock is low, or was.' },
      ),
      waitingUnits: count('Units that back-orders wait for.'),
      expiredHolds: count('Holds that ended by themselves.'),
      expiredUnits: count('Units of the item that they held.'),
      refusals: count('Tries to reserve for which there was too little of it.'),
      refusedUnits: count('Units that they asked for beyond those there were.'),
      since: Type.Optional(time('When something was first heard of it.')),
      updatedAt: Type.Optional(time('When something was last heard of it.')),
    },
    { description: 'What is to be ordered anew of an item, and what was lost for want of it.' },
  ),
);

const columns = [
  'sku',
  'itemId',
  'warehouseId',
  'lowStock',
  'available',
  'threshold',
  'waitingUnits',
  'expiredHolds',
  'expiredUnits',
  'refusals',
  'refusedUnits',
] as const;

export function supplyRoutes(deps: LogisticsDeps): RouteGroup {
  return {
    tag: { name: 'Supply', description: 'What is to be ordered anew.' },
    routes(rest) {
      listRoute(rest, deps);
      readRoute(rest, deps);
    },
  };
}

function listRoute(rest: Rest, deps: LogisticsDeps): void {
  rest.get(
    '/v1/supply',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'listSupply',
        summary: 'List what is to be ordered anew',
        description:
          'In order of SKU: every item of which stock is or was low, a hold has expired or a reservation was refused. As CSV: a row a warehouse (one for an item without), all pages in one piece, `pageSize` and `pageToken` ignored; texts that a spreadsheet would run as formulas have an apostrophe before them, and an answer that breaks off is not whole. From the tables, which lag by a moment.',
        headers,
        querystring: query({
          low: Type.Optional(
            Type.Boolean({
              description: 'Only items of which stock is low, or only those of which it is not.',
            }),
          ),
          format,
          ...pageQuery,
        }),
        response: {
          200: {
            description: 'A page of items, or all of them as CSV.',
            headers: asOfHeader,
            content: {
              'application/json': {
                schema: Type.Object({ supply: Type.Array(Supply), nextPageToken }),
              },
              [csvType]: { schema: Csv, example: `${columns.join(',')}\r\n` },
            },
          },
          ...problems(),
        },
      },
    },
    async (request, reply) => {
      const { low, ...given } = request.query;
      const asked = { isLow: low ?? null, ...pageOf(given) };
      if (wantsCsv(given.format, request.raw.headers.accept)) {
        const first = { ...asked, pageSize: httpLimits.csvPageRows, pageToken: '' };
        const begun = await answer(listSupply, first, { request, reply }, deps);
        reply.header('content-type', csvHeader);
        reply.header('content-disposition', 'attachment; filename="supply.csv"');
        return reply.send(csvStream(columns, rowsFrom(first, begun, deps)));
      }
      const page = await answer(listSupply, asked, { request, reply }, deps);
      return { supply: page.rows.map(rowJson), nextPageToken: page.nextPageToken };
    },
  );
}

function readRoute(rest: Rest, deps: LogisticsDeps): void {
  rest.get(
    '/v1/supply/:id',
    {
      schema: {
        operationId: 'getSupply',
        summary: 'Read what is to be ordered anew of an item',
        description:
          'From what keeps count of the item itself: never older than the last event that was taken in.',
        headers,
        params: ItemPath,
        response: { 200: json('What was heard of it.', Supply), ...problems('item-not-found') },
      },
    },
    async (request, reply) => {
      const asked = itemNamed(request.params.id);
      return supplyJson(await answer(getSupply, asked, { request, reply }, deps, itemInPath));
    },
  );
}

function rowJson({ id, supply, waitingUnits }: SupplyPage['rows'][number]): Static<typeof Supply> {
  return supplyJson({ id, sku: supply.sku, supply, waitingUnits });
}

function supplyJson({ id, sku: code, supply, waitingUnits }: SupplyOfItem): Static<typeof Supply> {
  const levels = levelsOf(supply);
  return {
    itemId: id,
    sku: code,
    lowStock: levels.some(({ lowStock }) => lowStock),
    levels,
    waitingUnits,
    expiredHolds: supply?.expiredHolds ?? 0,
    expiredUnits: supply?.expiredUnits ?? 0,
    refusals: supply?.refusals ?? 0,
    refusedUnits: supply?.refusedUnits ?? 0,
    ...(supply === null ? {} : { since: isoTime(supply.since), updatedAt: isoTime(supply.updatedAt) }),
  };
}

function levelsOf(supply: ActorSupply | null) {
  return Object.entries(supply?.alerts ?? {})
    .sort(([a], [b]) => compareText(a, b))
    .map(([warehouseId, { isLow, available, threshold, at }]) => ({
      warehouseId,
      lowStock: isLow,
      available,
      threshold,
      at: isoTime(at),
    }));
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}

/** Each page is a call of its own, with its own deadline. */
async function* rowsFrom(
  first: SupplyAsked,
  begun: SupplyPage,
  deps: LogisticsDeps,
): AsyncGenerator<readonly CsvRow[]> {
  for (let page = begun; ; ) {
    yield page.rows.map(rowJson).flatMap(csvRowsOf);
    if (page.nextPageToken === '') return;
    const next = { ...first, pageToken: page.nextPageToken };
    const source = { deadline: deadlineAfter(Number.NaN), idempotencyKey: '', sendAsOf: () => {} };
    page = await ask(listSupply, next, deps, source, null);
  }
}

/** Times are in no column. */
function csvRowsOf({ levels, ...about }: Static<typeof Supply>): CsvRow[] {
  return levels.length === 0 ? [about] : levels.map((level) => ({ ...about, ...level }));
}
