// Lists of orders and customers, the report, and the journal for those who follow it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  CustomersQuestion,
  OrderRow,
  OrdersQuestion,
  SupplyQuestion,
} from '../../src/api/logistics/deps.ts';
import {
  createLogisticsQueries,
  type OpenLogisticsQueries,
} from '../../src/persistence/logistics/queries.ts';
import type { StoreUnderTest } from '../store/contract.ts';
import { silentLog } from '../store/real.ts';
import { head, journalRow, someTime } from '../store/samples.ts';
import { makeLogisticsDatabase, makeLogisticsStores, write } from './real.ts';
import {
  alert,
  customer,
  customerId,
  customerRow,
  itemId,
  order,
  orderId,
  orderRow,
  payment,
  queueRow,
  supply,
  supplyRow,
  warehouseId,
} from './samples.ts';

const yen = { currency: 'JPY', minor: '999999999999999' };

/** Two of one moment; three of one customer; two statuses, two currencies. */
const orders = [
  orderRow(1, { createdAt: someTime + 10, customerId: customerId(1) }),
  orderRow(2, { createdAt: someTime + 20, customerId: customerId(1), status: 'delivered' }),
  orderRow(3, { createdAt: someTime + 20, status: 'delivered' }),
  orderRow(4, { createdAt: someTime + 30, customerId: customerId(2), status: 'delivered', total: yen }),
  orderRow(5, {
    createdAt: someTime + 40,
    customerId: customerId(1),
    status: 'delivered',
    payments: [
      payment({
        status: 'captured',
        refunds: [
          { number: 1, amount: { currency: 'GBP', minor: '50' }, status: 'done', tries: 1, reason: '' },
        ],
      }),
    ],
  }),
  orderRow(6, { createdAt: someTime + 50, status: 'delivered', total: yen }),
];

const gone = { ...customer({ sealed: '', terms: [], fingerprint: '' }), erasure: 'erased' } as const;
const customers = [
  customerRow(1, customer({ sealed: 'one', terms: ['ada', 'byron'], updatedAt: someTime + 1 })),
  customerRow(2, customer({ sealed: 'two', terms: ['ada', '"quoted", {}'] })),
  customerRow(3, { ...customer({ sealed: 'three', terms: ['ada'] }), erasure: 'erasing' }),
  customerRow(4, gone),
  customerRow(5, customer({ sealed: 'five', terms: [] })),
];

const low = { alerts: { [warehouseId]: alert() } };
/** Their SKUs in another order than their ids; the second one is waited for. */
const supplies = [
  supplyRow(1, { sku: 'c', ...low }),
  supplyRow(2, { sku: 'b', refusals: 1 }),
  supplyRow(3, { sku: 'B', ...low }),
  supplyRow(4, { sku: 'a', ...low }),
  queueRow(2, {
    entries: [3, 4].map((quantity) => ({ orderId: orderId(quantity), quantity, state: 'granted' })),
  }),
  queueRow(9),
];

describe('the questions of Logistics', () => {
  let test: StoreUnderTest;
  let queries: OpenLogisticsQueries;

  beforeAll(async () => {
    const database = await makeLogisticsDatabase();
    test = makeLogisticsStores(database);
    queries = createLogisticsQueries({ url: database.url, log: silentLog });
    await test.store.claim(await test.own(), [0]);
    await write(test, [...orders, ...customers, ...supplies]);
  });

  afterAll(async () => {
    await queries.close();
    await test.close();
  });

  describe('listOrders', () => {
    const all: OrdersQuestion = {
      customerId: null,
      status: null,
      createdAfter: null,
      createdBefore: null,
      after: null,
      limit: 100,
    };
    const numberOf = (id: string) => Number(id.slice(-12));
    const ask = async (question: Partial<OrdersQuestion>) =>
      (await queries.listOrders({ ...all, ...question })).rows.map(({ id }) => numberOf(id));

    it('has all of them, newest first, whole, and says how old that is', async () => {
      const { rows, asOf } = await queries.listOrders(all);
      expect(rows.map(({ id }) => numberOf(id))).toEqual([6, 5, 4, 3, 2, 1]);
      expect(rows[5]).toEqual({
        id: orderId(1),
        order: order({ createdAt: someTime + 10, customerId: customerId(1) }),
      });
      expect(asOf).toBeGreaterThan(someTime);
    });

    it.each<[string, Partial<OrdersQuestion>, readonly number[]]>([
      ['a customer', { customerId: customerId(1) }, [5, 2, 1]],
      ['a status', { status: 'created' }, [1]],
      ['both', { customerId: customerId(1), status: 'delivered' }, [5, 2]],
      ['nobody', { customerId: customerId(7) }, []],
      ['what came after, that moment excluded', { createdAfter: someTime + 20 }, [6, 5, 4]],
      ['what came before, that moment excluded', { createdBefore: someTime + 20 }, [1]],
      ['what came between', { createdAfter: someTime + 10, createdBefore: someTime + 40 }, [4, 3, 2]],
      ['everything', { status: 'delivered', customerId: customerId(1), createdAfter: someTime + 20 }, [5]],
    ])('keeps to %s', async (_what, question, expected) => {
      expect(await ask(question)).toEqual(expected);
    });

    it.each<[string, Partial<OrdersQuestion>, readonly number[]]>([
      ['all', {}, [6, 5, 4, 3, 2, 1]],
      ['those of a customer', { customerId: customerId(1) }, [5, 2, 1]],
      ['those of a status', { status: 'delivered' }, [6, 5, 4, 3, 2]],
      ['those of a time', { createdAfter: someTime + 10, createdBefore: someTime + 50 }, [5, 4, 3, 2]],
    ])('goes on after any of %s', async (_what, question, expected) => {
      const seen: number[] = [];
      let after: OrdersQuestion['after'] = null;
      for (let pages = 0; pages <= orders.length; pages += 1) {
        const [row]: readonly OrderRow[] = (
          await queries.listOrders({ ...all, ...question, after, limit: 1 })
        ).rows;
        if (row === undefined) break;
        seen.push(numberOf(row.id));
        after = { createdAt: row.order.createdAt, id: row.id };
      }
      expect(seen).toEqual(expected);
    });

    it('goes on between two that are there: neither twice nor past one', async () => {
      expect(await ask({ after: { createdAt: someTime + 20, id: orderId(3) } })).toEqual([2, 1]);
      expect(await ask({ after: { createdAt: someTime + 25, id: orderId(0) } })).toEqual([3, 2, 1]);
    });
  });

  describe('listCustomers', () => {
    const all: CustomersQuestion = { terms: [], afterId: null, limit: 100 };
    const ask = async (question: Partial<CustomersQuestion>) =>
      (await queries.listCustomers({ ...all, ...question })).rows;

    it('has those that are not deleted, in order, as they are sealed', async () => {
      expect(await ask({})).toEqual([
        { id: customerId(1), sealed: 'one', createdAt: someTime, updatedAt: someTime + 1 },
        { id: customerId(2), sealed: 'two', createdAt: someTime, updatedAt: someTime },
        { id: customerId(5), sealed: 'five', createdAt: someTime, updatedAt: someTime },
      ]);
      expect((await queries.listCustomers(all)).asOf).toBeGreaterThan(someTime);
    });

    it.each<[readonly string[], readonly string[]]>([
      [['ada'], ['one', 'two']],
      [['ada', 'byron'], ['one']],
      [['"quoted", {}'], ['two']],
      [['ad'], []],
      [['ada', 'nobody'], []],
    ])('has those that all of %j lead to', async (terms, expected) => {
      expect((await ask({ terms })).map(({ sealed }) => sealed)).toEqual(expected);
    });

    it.each<[readonly string[], readonly string[]]>([
      [[], ['one', 'two', 'five']],
      [['ada'], ['one', 'two']],
    ])('goes on after any of them, with the terms %j', async (terms, expected) => {
      const seen: string[] = [];
      let afterId: string | null = null;
      for (let pages = 0; pages <= customers.length; pages += 1) {
        const [row]: Awaited<ReturnType<typeof ask>> = await ask({ terms, afterId, limit: 1 });
        if (row === undefined) break;
        seen.push(row.sealed);
        afterId = row.id;
      }
      expect(seen).toEqual(expected);
    });
  });

  describe('listSupply', () => {
    const all: SupplyQuestion = { isLow: null, after: null, limit: 100 };
    const ask = async (question: Partial<SupplyQuestion>) =>
      (await queries.listSupply({ ...all, ...question })).rows.map((row) => row.supply.sku);

    it('has all in order of SKU, byte by byte, whole, with what is waited for', async () => {
      const { rows, asOf } = await queries.listSupply(all);
      expect(rows).toEqual([
        { id: itemId(3), supply: supply({ sku: 'B', ...low }), waitingUnits: 0 },
        { id: itemId(4), supply: supply({ sku: 'a', ...low }), waitingUnits: 0 },
        { id: itemId(2), supply: supply({ sku: 'b', refusals: 1 }), waitingUnits: 7 },
        { id: itemId(1), supply: supply({ sku: 'c', ...low }), waitingUnits: 0 },
      ]);
      expect(asOf).toBeGreaterThan(someTime);
    });

    it('keeps to what is low, or is not', async () => {
      expect(await ask({ isLow: true })).toEqual(['B', 'a', 'c']);
      expect(await ask({ isLow: false })).toEqual(['b']);
    });

    it('goes on after any of them, and between two', async () => {
      expect(await ask({ after: { sku: 'a', id: itemId(4) }, limit: 1 })).toEqual(['b']);
      expect(await ask({ isLow: true, after: { sku: 'a', id: itemId(4) } })).toEqual(['c']);
      expect(await ask({ after: { sku: 'a', id: itemId(3) }, limit: 1 })).toEqual(['a']);
      expect(await ask({ after: { sku: 'c', id: itemId(1) } })).toEqual([]);
    });
  });

  describe('ordersReport', () => {
    const all = { createdAfter: null, createdBefore: null };

    it('has a line for each status and currency, with sums to the unit', async () => {
      const { rows, asOf } = await queries.ordersReport(all);
      const pounds = { currency: 'GBP', captured: '0', refunded: '0' };
      expect(rows).toEqual([
        { ...pounds, status: 'created', orders: 1, units: 5, total: '1250' },
        {
          status: 'delivered',
          currency: 'GBP',
          orders: 3,
          units: 15,
          total: '3750',
          captured: '1250',
          refunded: '50',
        },
        { ...pounds, currency: 'JPY', status: 'delivered', orders: 2, units: 10, total: '1999999999999998' },
      ]);
      expect(asOf).toBeGreaterThan(someTime);
    });

    it('keeps to a time, both ends excluded', async () => {
      const { rows } = await queries.ordersReport({
        createdAfter: someTime + 10,
        createdBefore: someTime + 30,
      });
      expect(rows).toMatchObject([{ status: 'delivered', currency: 'GBP', orders: 2 }]);
      expect((await queries.ordersReport({ ...all, createdBefore: someTime })).rows).toEqual([]);
    });
  });

  // Last, since it lets the journal run ahead of the tables.
  it('the journal is there for those who follow it, and lists say what they lack', async () => {
    await test.store.append([journalRow(0, 1, 1), journalRow(0, 2, 1)]);
    expect((await queries.journalHeads())[0]).toEqual({ shard: 0, trimmedTo: 0, seq: 2 });
    expect(await queries.readTail(new Map([[0, 1]]), 10)).toEqual([journalRow(0, 2, 1)]);
    expect((await queries.ordersReport({ createdAfter: null, createdBefore: null })).asOf).toBe(someTime + 1);
    await test.store.snapshot({ heads: [head(0, 1, 1)], rows: [], events: [] });
    expect((await queries.listCustomers({ terms: [], afterId: null, limit: 1 })).asOf).toBe(someTime + 2);
  });
});
