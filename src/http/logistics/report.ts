// The report of orders: how many are in which state, and what they come to. As JSON or as CSV.
import Type, { type Static } from 'typebox';
import type { LogisticsDeps } from '../../api/logistics/deps.ts';
import { getOrdersReport } from '../../api/logistics/report.ts';
import type {
  OrdersReportResponse,
  OrdersReportLine as WireLine,
} from '../../generated/synkro/logistics/v1/logistics.ts';
import { answer } from '../answer.ts';
import { Csv, type CsvRow, csvHeader, csvStream, csvType, format, wantsCsv } from '../csv.ts';
import { count, headers, query, time } from '../fields.ts';
import { isoTime } from '../given.ts';
import type { RouteGroup } from '../group.ts';
import { asOfHeader, problems } from '../openapi/answers.ts';
import { named } from '../openapi/named.ts';
import { Money, moneyJson } from './money.ts';
import { createdBetween } from './orders.ts';
import { OrderStatus, statusName } from './statuses.ts';

const OrdersReport = named(
  'OrdersReport',
  Type.Object(
    {
      lines: Type.Array(
        Type.Object({
          status: OrderStatus,
          orders: count('How many there are.'),
          units: count('Of all their lines.'),
          totalAmount: Money,
          capturedAmount: Money,
          refundedAmount: Money,
        }),
      ),
      reportTime: time('How old it is at most.'),
    },
    { description: 'A line for each status and currency.' },
  ),
);

const columns = [
  'status',
  'currency',
  'orders',
  'units',
  'totalAmount',
  'capturedAmount',
  'refundedAmount',
] as const;

export function orderReportRoutes(deps: LogisticsDeps): RouteGroup {
  return {
    tag: { name: 'Reports', description: 'What there is, counted up.' },
    routes(rest) {
      rest.get(
        '/v1/reports/orders',
        {
          exposeHeadRoute: false,
          schema: {
            operationId: 'getOrdersReport',
            summary: 'Report the orders',
            description:
              'How many orders there are by status and currency, and what they come to. As CSV: a row a line, amounts as decimal numbers in the currency of the row. From the tables, which lag by a moment.',
            headers,
            querystring: query({
              createdAfter: Type.Optional(time('Only orders made later than this.')),
              createdBefore: Type.Optional(time('Only orders made earlier than this.')),
              format,
            }),
            response: {
              200: {
                description: 'The report.',
                headers: asOfHeader,
                content: {
                  'application/json': { schema: OrdersReport },
                  [csvType]: { schema: Csv, example: `${columns.join(',')}\r\n` },
                },
              },
              ...problems(),
            },
          },
        },
        async (request, reply) => {
          const asked = createdBetween(request.query);
          const report = reportJson(await answer(getOrdersReport, asked, { request, reply }, deps));
          if (!wantsCsv(request.query.format, request.raw.headers.accept)) return report;
          reply.header('content-type', csvHeader);
          reply.header('content-disposition', 'attachment; filename="orders.csv"');
          return reply.send(csvStream(columns, onePage(report.lines.map(rowOf))));
        },
      );
    },
  };
}

function reportJson({ lines, reportTime }: OrdersReportResponse): Static<typeof OrdersReport> {
  return { lines: lines.map(lineJson), reportTime: isoTime(reportTime) };
}

function lineJson({ status, orders, units, ...amounts }: WireLine) {
  return {
    status: statusName(status),
    orders: Number(orders),
    units: Number(units),
    totalAmount: moneyJson(amounts.totalAmount),
    capturedAmount: moneyJson(amounts.capturedAmount),
    refundedAmount: moneyJson(amounts.refundedAmount),
  };
}

function rowOf({
  totalAmount,
  capturedAmount,
  refundedAmount,
  ...line
}: ReturnType<typeof lineJson>): CsvRow {
  return {
    ...line,
    currency: totalAmount.currency,
    totalAmount: totalAmount.amount,
    capturedAmount: capturedAmount.amount,
    refundedAmount: refundedAmount.amount,
  };
}

async function* onePage(rows: readonly CsvRow[]): AsyncGenerator<readonly CsvRow[]> {
  yield rows;
}
