// The stock report, as JSON in pages or as CSV in one piece.
import Type, { type Static } from 'typebox';
import { deadlineAfter } from '../../api/call.ts';
import type { InventoryDeps } from '../../api/inventory/deps.ts';
import { getInventoryReport } from '../../api/inventory/levels.ts';
import { requestLimits as limits } from '../../api/limits.ts';
import type {
  GetInventoryReportRequest,
  InventoryReportLine,
  InventoryReportResponse,
} from '../../generated/synkro/inventory/v1/inventory.ts';
import { answer, ask } from '../answer.ts';
import { Csv, type CsvRow, csvHeader, csvStream, csvType, format, wantsCsv } from '../csv.ts';
import {
  count,
  headers,
  nextPageToken,
  pageOf,
  pageQuery,
  quantity,
  query,
  text,
  time,
  uuid,
} from '../fields.ts';
import { given } from '../given.ts';
import type { RouteGroup } from '../group.ts';
import { httpLimits } from '../limits.ts';
import { asOfHeader, problems } from '../openapi/answers.ts';
import { named } from '../openapi/named.ts';
import { itemJson, levelJson } from './present.ts';
import { Item, Level } from './schemas.ts';

const StockReport = named(
  'StockReport',
  Type.Object(
    {
      lines: Type.Array(
        Type.Object({
          item: Item,
          levels: Type.Array(Level),
          totalAvailable: count('Over the levels of the line.'),
          lowStock: Type.Boolean(),
        }),
      ),
      totalItems: count('Of everything that the filter lets through, as the other totals.'),
      totalQuantity: count('What lies in the warehouses.'),
      totalReserved: count('What of it is reserved.'),
      lowStockCount: count('Items of which stock is low.'),
      reportTime: time('How old it is at most.'),
      nextPageToken,
    },
    { description: 'What there is of each item, and the totals.' },
  ),
);

const ReportQuery = query({
  warehouseId: Type.Optional(uuid('Only what lies there.')),
  category: Type.Optional(text(limits.categoryCharactersMax, 'Only items of this category.')),
  lowStockOnly: Type.Optional(Type.Boolean({ description: 'Only items of which stock is low.' })),
  threshold: Type.Optional(
    quantity('Low is what has less than this available; where it is absent, what a level’s own policy says.'),
  ),
  format,
  ...pageQuery,
});

function asked(given: Static<typeof ReportQuery>): GetInventoryReportRequest {
  return {
    warehouseId: given.warehouseId ?? '',
    category: given.category ?? '',
    lowStockOnly: given.lowStockOnly ?? false,
    threshold: BigInt(given.threshold ?? 0),
    ...pageOf(given),
  };
}

export function reportRoutes(deps: InventoryDeps): RouteGroup {
  return {
    tag: { name: 'Reports', description: 'What there is, counted up.' },
    routes(rest) {
      rest.get(
        '/v1/reports/stock',
        {
          exposeHeadRoute: false,
          schema: {
            operationId: 'getStockReport',
            summary: 'Report the stock',
            description:
              'In order of SKU. As CSV: a row a level (one for an item without), all pages in one piece, `pageSize` and `pageToken` ignored; texts that a spreadsheet would run as formulas have an apostrophe before them, and an answer that breaks off is not whole. From the tables, which lag by a moment.',
            headers,
            querystring: ReportQuery,
            response: {
              200: {
                description: 'A page of the report, or all of it as CSV.',
                headers: asOfHeader,
                content: {
                  'application/json': { schema: StockReport },
                  [csvType]: { schema: Csv, example: `${columns.join(',')}\r\n` },
                },
              },
              ...problems('warehouse-not-found'),
            },
          },
        },
        async (request, reply) => {
          const exchange = { request, reply };
          const report = asked(request.query);
          if (wantsCsv(request.query.format, request.raw.headers.accept)) {
            const first = { ...report, pageSize: httpLimits.csvPageRows, pageToken: '' };
            const begun = await answer(getInventoryReport, first, exchange, deps);
            reply.header('content-type', csvHeader);
            reply.header('content-disposition', 'attachment; filename="stock.csv"');
            return reply.send(csvStream(columns, rowsFrom(first, begun, deps)));
          }
          return reportJson(await answer(getInventoryReport, report, exchange, deps));
        },
      );
    },
  };
}

function reportJson({ lines, ...report }: InventoryReportResponse): Static<typeof StockReport> {
  return {
    lines: lines.map((line) => ({
      item: itemJson(line.item),
      levels: line.levels.map(levelJson),
      totalAvailable: Number(line.totalAvailable),
      lowStock: line.lowStock,
    })),
    totalItems: Number(report.totalItems),
    totalQuantity: Number(report.totalQuantity),
    totalReserved: Number(report.totalReserved),
    lowStockCount: Number(report.lowStockCount),
    reportTime: given(report.reportTime).toISOString(),
    nextPageToken: report.nextPageToken,
  };
}

const columns = [
  'sku',
  'name',
  'category',
  'itemId',
  'warehouseId',
  'quantity',
  'reserved',
  'available',
  'held',
  'allocated',
  'lowStock',
] as const;

/** Each page is a call of its own, with its own deadline. */
async function* rowsFrom(
  first: GetInventoryReportRequest,
  begun: InventoryReportResponse,
  deps: InventoryDeps,
): AsyncGenerator<readonly CsvRow[]> {
  for (let page = begun; ; ) {
    yield page.lines.flatMap(rowsOf);
    if (page.nextPageToken === '') return;
    const next = { ...first, pageToken: page.nextPageToken };
    const source = { deadline: deadlineAfter(Number.NaN), idempotencyKey: '', sendAsOf: () => {} };
    page = await ask(getInventoryReport, next, deps, source, null);
  }
}

function rowsOf({ item, levels, lowStock }: InventoryReportLine): CsvRow[] {
  const { id: itemId, sku, name, category } = given(item);
  const about = { sku, name, category, itemId, lowStock };
  if (levels.length === 0) return [about];
  return levels.map((level) => {
    const { warehouseId, quantity: lies, reserved, available, held, allocated } = levelJson(level);
    return { ...about, warehouseId, quantity: lies, reserved, available, held, allocated };
  });
}
