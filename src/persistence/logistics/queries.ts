// The reads of Logistics' edge: lists, the report, and the journal for those who follow it.
import { isOrderState } from '../../actors/logistics/order/state-guards.ts';
import type { OrderStatus } from '../../actors/logistics/order/transitions.ts';
import type {
  CustomerRow,
  CustomersQuestion,
  LogisticsQueries,
  OrderRow,
  OrdersQuestion,
  OrdersReportLine,
  OrdersReportQuestion,
} from '../../api/logistics/deps.ts';
import { type Client, type ConnectOptions, type Fragment, openClient, type Sql } from '../connect.ts';
import { readTail } from '../journal.ts';
import { journalHeads } from '../journal-heads.ts';
import { arrayText, fromInstant, toInstant } from '../values.ts';
import { parseState } from './state-text.ts';
import { listSupply } from './supply-list.ts';

export interface OpenLogisticsQueries extends LogisticsQueries {
  close(): Promise<void>;
}

/** Connects with the first statement. One for each ingress thread. */
export function createLogisticsQueries(options: ConnectOptions): OpenLogisticsQueries {
  const client = openClient('reads', options);
  return {
    listOrders: (question) => listOrders(client, question),
    listCustomers: (question) => listCustomers(client, question),
    ordersReport: (question) => ordersReport(client, question),
    listSupply: (question) => listSupply(client, question),
    journalHeads: () => journalHeads(client),
    readTail: (after, limit) => readTail(client, after, limit),
    close: () => client.close(),
  };
}

interface Found<Row> {
  readonly asOf: Date;
  readonly rows: readonly Row[];
}

async function listOrders(client: Client, question: OrdersQuestion) {
  const [found] = await client.run(
    'list orders',
    (sql) => sql<Found<{ readonly id: string; readonly state: string }>[]>`
      select tables_as_of() as "asOf", (
        select coalesce(
          json_agg(json_build_object('id', page.id, 'state', page.state) order by page.created_at desc, page.id desc), '[]'
        ) from (${ordersPage(sql, question)}) as page
      ) as rows`,
  );
  const rows = (found?.rows ?? []).flatMap(({ id, state }): OrderRow[] => {
    const { order } = parseState('order', isOrderState, state);
    return order === null ? [] : [{ id, order }];
  });
  return { rows, asOf: found?.asOf.getTime() ?? 0 };
}

/**
 * A page by the index of its customer, of its status, or of all: in its order, without a sort. Where both are given it is
 * the customer's (no index serves `is true`): those of a customer are few, and how many of a status there are changes
 * faster than it is counted.
 */
export function ordersPage(sql: Sql, question: OrdersQuestion): Fragment {
  const { customerId, status, after, limit } = question;
  return sql`
    select id, state, created_at from orders
    where ${createdWithin(sql, question)} and ${which(sql, customerId, status)}
      ${
        after === null
          ? sql``
          : sql`and (created_at, id) < (${toInstant(after.createdAt)}::text::timestamptz, ${after.id}::uuid)`
      }
    order by created_at desc, id desc limit ${limit}`;
}

function which(sql: Sql, customerId: string | null, status: OrderStatus | null): Fragment {
  if (customerId === null) return status === null ? sql`units > 0` : sql`status = ${status}`;
  const those = sql`customer_id = ${customerId}::uuid`;
  return status === null ? those : sql`${those} and (status = ${status}) is true`;
}

function createdWithin(
  sql: Sql,
  { createdAfter, createdBefore }: Pick<OrdersQuestion, 'createdAfter' | 'createdBefore'>,
): Fragment {
  return sql`true
    ${createdAfter === null ? sql`` : sql`and created_at > ${toInstant(createdAfter)}::text::timestamptz`}
    ${createdBefore === null ? sql`` : sql`and created_at < ${toInstant(createdBefore)}::text::timestamptz`}`;
}

interface CustomerJson {
  readonly id: string;
  readonly sealed: string;
  readonly created_at: string;
  readonly updated_at: string;
}

async function listCustomers(client: Client, question: CustomersQuestion) {
  const [found] = await client.run(
    'list customers',
    (sql) => sql<Found<CustomerJson>[]>`
      select tables_as_of() as "asOf", (
        select coalesce(json_agg(to_json(page) order by page.id), '[]') from (
          ${customersPage(sql, question)}
        ) as page
      ) as rows`,
  );
  const rows = (found?.rows ?? []).map(
    ({ id, sealed, created_at, updated_at }): CustomerRow => ({
      id,
      sealed,
      createdAt: fromInstant(created_at),
      updatedAt: fromInstant(updated_at),
    }),
  );
  return { rows, asOf: found?.asOf.getTime() ?? 0 };
}

/** By the index of words where they are rare, else in order of id. `not in`: without statistics, most of them are alive. */
export function customersPage(sql: Sql, { terms, afterId, limit }: CustomersQuestion): Fragment {
  return sql`
    select id, sealed, created_at, updated_at from customers
    where erasure not in ('erasing', 'erased')
      ${terms.length === 0 ? sql`` : sql`and terms @> ${arrayText(terms)}::text[]`}
      ${afterId === null ? sql`` : sql`and id > ${afterId}::uuid`}
    order by id limit ${limit}`;
}

async function ordersReport(client: Client, question: OrdersReportQuestion) {
  const [found] = await client.run(
    'orders report',
    (sql) => sql<Found<OrdersReportLine & { readonly status: OrderStatus }>[]>`
      select tables_as_of() as "asOf", (
        select coalesce(json_agg(to_json(line) order by line.status, line.currency), '[]') from (
          select status, currency, count(*) as orders, sum(units) as units, sum(total)::text as total,
            sum(captured)::text as captured, sum(refunded)::text as refunded
          from orders where ${createdWithin(sql, question)}
          group by status, currency
        ) as line
      ) as rows`,
  );
  return { rows: found?.rows ?? [], asOf: found?.asOf.getTime() ?? 0 };
}
