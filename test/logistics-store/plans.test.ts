// Lists are read by an index, in its order, and touch little more than what they show: also among 100,000 orders, on a far
// page, and before the server has counted anything.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isObject } from '../../src/actors/shape.ts';
import type { CustomersQuestion, OrdersQuestion, SupplyQuestion } from '../../src/api/logistics/deps.ts';
import { type Client, type Fragment, openClient, type Sql } from '../../src/persistence/connect.ts';
import { customersPage, ordersPage } from '../../src/persistence/logistics/queries.ts';
import { supplyPage } from '../../src/persistence/logistics/supply-list.ts';
import { silentLog } from '../store/real.ts';
import { someTime } from '../store/samples.ts';
import { createLogisticsDatabase, type TestDatabase } from '../support/database.ts';
import { customerId, itemId, orderId } from './samples.ts';

const orderCount = 100_000;
const customerCount = 20_000;
const supplyCount = 20_000;
const pageSize = 50;

interface Plan {
  /** Of the nodes, outermost first, with the index of those that have one. */
  readonly nodes: readonly string[];
  /** Rows that were looked at, whether or not they were shown. */
  readonly touched: number;
}

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createLogisticsDatabase();
  client = openClient('reads', { url: database.url, log: silentLog });
  await client.run('no counting', (sql) => sql`alter table orders set (autovacuum_enabled = off)`);
  await client.run('no counting', (sql) => sql`alter table customers set (autovacuum_enabled = off)`);
  await client.run('no counting', (sql) => sql`alter table supply set (autovacuum_enabled = off)`);
  await client.run('make orders', makeOrders);
  await client.run('make customers', makeCustomers);
  await client.run('make supplies', makeSupplies);
});

afterAll(async () => {
  await client.close();
  await database.drop();
});

/** One a millisecond. Customer 0 has half of them, of the others each a hundred; one in a hundred is back-ordered. */
function makeOrders(sql: Sql) {
  return sql`
    insert into orders (
      id, customer_id, status, currency, total, captured, refunded, units, created_at, updated_at, pending, state,
      shard, seq
    )
    select replace(${orderId(0)}, '000000000000', lpad(n::text, 12, '0'))::uuid,
      replace(
        ${customerId(0)}, '000000000000', lpad((case when n % 2 = 0 then 0 else n % 1000 end)::text, 12, '0')
      )::uuid,
      case when n % 100 = 1 then 'backOrdered' else 'delivered' end, 'GBP', 100, 100, 0, 1,
      ${new Date(someTime).toISOString()}::text::timestamptz + n * interval '1 millisecond', now(), false, '{}', 0, 1
    from generate_series(1, ${orderCount}::int) as n`;
}

/** Everybody has the word 'all', and a word of their own. */
function makeCustomers(sql: Sql) {
  return sql`
    insert into customers (id, sealed, terms, fingerprint, erasure, created_at, updated_at, pending, shard, seq)
    select replace(${customerId(0)}, '000000000000', lpad(n::text, 12, '0'))::uuid, 'sealed',
      array['all', 'word' || n], '', 'none', now(), now(), false, 0, 1
    from generate_series(1, ${customerCount}::int) as n`;
}

/** One in a hundred is low. */
function makeSupplies(sql: Sql) {
  return sql`
    insert into supply (
      item_id, sku, is_low, expired_holds, expired_units, refusals, refused_units, since, updated_at, state, shard, seq
    )
    select replace(${itemId(0)}, '000000000000', lpad(n::text, 12, '0'))::uuid, 'SKU-' || lpad(n::text, 6, '0'),
      n % 100 = 1, 0, 0, 0, 0, now(), now(), '{}', 0, 1
    from generate_series(1, ${supplyCount}::int) as n`;
}

function explain(page: (sql: Sql) => Fragment): Promise<Plan> {
  return client.run('explain', async (sql) => {
    const [found] = await sql`explain (analyze, format json) ${page(sql)}`;
    const answer: unknown = found?.['QUERY PLAN'];
    const top: unknown = Array.isArray(answer) ? answer[0] : undefined;
    const nodes = isObject(top) ? nodesOf(top['Plan']) : [];
    if (nodes.length === 0) throw new Error('no plan');
    return {
      nodes: nodes.map((node) => [node['Node Type'], node['Index Name']].filter(Boolean).join(' ')),
      touched: Math.max(...nodes.map(touchedBy)),
    };
  });
}

type Node = Readonly<Record<string, unknown>>;

function nodesOf(node: unknown): readonly Node[] {
  if (!isObject(node)) return [];
  const below: unknown = node['Plans'];
  return [node, ...(Array.isArray(below) ? below.flatMap(nodesOf) : [])];
}

function touchedBy(node: Node): number {
  const rows = ['Actual Rows', 'Rows Removed by Filter', 'Rows Removed by Index Recheck'];
  return rows.reduce((sum, name) => sum + Number(node[name] ?? 0), 0);
}

const all: OrdersQuestion = {
  customerId: null,
  status: null,
  createdAfter: null,
  createdBefore: null,
  after: null,
  limit: pageSize,
};
const everything: SupplyQuestion = { isLow: null, after: null, limit: pageSize };
const everybody: CustomersQuestion = { terms: [], afterId: null, limit: pageSize };

/** Half-way. */
const after = { createdAt: someTime + orderCount / 2, id: orderId(orderCount / 2) };
const within = { createdAfter: someTime + 40_000, createdBefore: someTime + 60_000 };

describe.each(['before the server has counted anything', 'once it has'])('%s', (when) => {
  beforeAll(async () => {
    if (when === 'once it has') await client.run('count', (sql) => sql`analyze orders, customers, supply`);
  });

  it.each<[string, Partial<OrdersQuestion>, string]>([
    ['all', {}, 'orders_newest'],
    ['all, far on', { after }, 'orders_newest'],
    ['all of a time', within, 'orders_newest'],
    ['those of a customer', { customerId: customerId(7) }, 'orders_by_customer'],
    ['those of a customer who has many', { customerId: customerId(0), after }, 'orders_by_customer'],
    ['those of a common status', { status: 'delivered' }, 'orders_by_status'],
    ['those of a common status, far on', { status: 'delivered', after }, 'orders_by_status'],
    ['those of a rare status', { status: 'backOrdered' }, 'orders_by_status'],
    ['those of a rare status, far on', { status: 'backOrdered', after }, 'orders_by_status'],
    ['those of a rare status and a time', { status: 'backOrdered', ...within }, 'orders_by_status'],
  ])('orders: %s', async (_what, question, index) => {
    const { nodes, touched } = await explain((sql) => ordersPage(sql, { ...all, ...question }));
    expect(nodes).toEqual(['Limit', `Index Scan ${index}`]);
    expect(touched).toBeLessThanOrEqual(pageSize);
  });

  it('orders: those of a customer and a status are looked for among those of the customer', async () => {
    const question = { ...all, customerId: customerId(7), status: 'delivered' } as const;
    const { nodes, touched } = await explain((sql) => ordersPage(sql, question));
    expect(nodes.at(-1)).toMatch(/orders_by_customer$/);
    expect(touched).toBeLessThanOrEqual(orderCount / 1_000);
  });

  it.each<[string, Partial<SupplyQuestion>, string]>([
    ['all', {}, 'supply_by_sku'],
    ['all, far on', { after: { sku: 'SKU-010000', id: itemId(10_000) } }, 'supply_by_sku'],
    ['what is low', { isLow: true }, 'supply_low'],
    ['what is low, far on', { isLow: true, after: { sku: 'SKU-010000', id: itemId(10_000) } }, 'supply_low'],
  ])('supply: %s', async (_what, question, index) => {
    const { nodes, touched } = await explain((sql) => supplyPage(sql, { ...everything, ...question }));
    expect(nodes).toEqual(['Limit', `Index Scan ${index}`]);
    expect(touched).toBeLessThanOrEqual(pageSize);
  });

  it.each<[string, Partial<CustomersQuestion>]>([
    ['all', {}],
    ['all, far on', { afterId: customerId(customerCount / 2) }],
    ['those with a word of their own', { terms: ['word777'] }],
    ['those with a common word and one of their own', { terms: ['all', 'word777'] }],
    ['those with no such word', { terms: ['nothing'] }],
  ])('customers: %s', async (_what, question) => {
    const { nodes, touched } = await explain((sql) => customersPage(sql, { ...everybody, ...question }));
    expect(nodes).not.toContain('Seq Scan');
    expect(touched).toBeLessThanOrEqual(pageSize);
  });
});

it('orders: a status that was common when the server counted, and is gone since, makes no long search', async () => {
  await client.run(
    'move on',
    (sql) => sql`update orders set status = 'shipped' where status = 'backOrdered'`,
  );
  const { touched } = await explain((sql) => ordersPage(sql, { ...all, status: 'backOrdered' }));
  expect(touched).toBe(0);
});

it('customers: a word that everybody has makes no long search once the server has counted', async () => {
  const { touched } = await explain((sql) => customersPage(sql, { ...everybody, terms: ['all'] }));
  expect(touched).toBeLessThanOrEqual(pageSize);
});
