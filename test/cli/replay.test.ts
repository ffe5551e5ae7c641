import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { uuidv5 } from '../../src/actors/ids.ts';
import { run } from '../../src/cli/replay.ts';
import { OrderStatus } from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { FakeService } from './fake-service.ts';
import { recordedIo, TemporaryFolder } from './support.ts';

const catalogue = [
  { sku: 'A', name: 'a', unit_price_minor: 1, units_ordered: 10 },
  { sku: 'a', name: 'differs by case', unit_price_minor: 1, units_ordered: 4 },
  { sku: 'B', name: 'b', unit_price_minor: 1, units_ordered: 7 },
];

type Lines = [sku: string, qty: number][];

function order(id: string, ...lines: Lines) {
  return {
    type: 'order',
    id,
    ts: '',
    customer: null,
    country: 'EIRE',
    lines: lines.map(([sku, qty]) => ({ sku, qty, unit_price_minor: 125 })),
  };
}

function cancel(id: string, ...lines: Lines) {
  return { ...order(id, ...lines), type: 'cancel' };
}

function of(customer: string, record: ReturnType<typeof order>) {
  return { ...record, customer };
}

const year = [
  of('17850', order('1', ['A', 3], ['A', 2], ['B', 7])),
  order('2', ['a', 4]),
  of('17850', cancel('C3', ['A', 4], ['B', 2], ['B', 1], ['a', 1])),
  order('4', ['A', 6]),
];

async function replay(service: FakeService, records: unknown[], ...more: string[]) {
  using folder = new TemporaryFolder();
  const io = recordedIo();
  const orders = folder.ndjson('orders.ndjson.gz', records);
  const argv = ['--orders', orders, '--catalogue', folder.ndjson('catalogue.ndjson', catalogue)];
  const code = await run([...argv, '--url', service.address, ...more], io);
  return { code, out: io.stdout.join('\n'), err: io.stderr.join('\n') };
}

function requestsOf(service: FakeService, method: string): unknown[] {
  return service.calls.filter((call) => call.method === method).map(({ request }) => request);
}

/** Fails every second call of every method; the answer is lost where the call is made again and again. */
function everySecondLost(applied: boolean) {
  return (_method: string, n: number) => (n % 2 === 1 ? { code: status.UNAVAILABLE, applied } : undefined);
}

describe('replay', () => {
  test('plays orders to their delivery and cancels as returns, and the books balance', async () => {
    await using service = await new FakeService().start();
    const { code, out, err } = await replay(service, year, '--concurrency', '1');
    expect(out).toContain('orders       3: 3 delivered, 0 back-ordered, 0 cancelled, 0 failed');
    expect(out).toContain('cancels      1: 1 returned, 0 failed');
    expect(out).toContain('returns      3 lines, 7 units of orders that were delivered');
    expect(out).toContain('adjustments  1 line, 1 unit that match no purchase');
    expect(out).toContain('money        GBP 27.50 captured, GBP 8.75 refunded\n');
    expect(out).toContain('customers    1 created, 2 orders of guests');
    expect(out).toMatch(/^oversold: 0$/m);
    expect(out).toMatch(/^books balanced: yes$/m);
    expect(err).toContain('4/4 records');
    expect(code).toBe(0);
    expect(service.warehouses.map(({ name, priority }) => [name, priority])).toEqual([
      ['London', 0],
      ['Leeds', 1],
      ['Glasgow', 2],
    ]);
    expect(['A', 'a', 'B'].map((sku) => service.stock.total(sku))).toEqual([3n, 1n, 3n]);
  });

  test('orders are made by the data set’s own numbers, with their customer, address and prices', async () => {
    await using service = await new FakeService().start();
    await replay(service, year.slice(0, 2), '--concurrency', '1', '--payment-method', 'tok_twice');
    const customerId = uuidv5('customer/17850');
    expect([...service.logistics.customers.keys()]).toEqual([customerId]);
    expect(requestsOf(service, 'createOrder')).toMatchObject([
      {
        orderId: uuidv5('1'),
        customerId,
        paymentMethod: 'tok_twice',
        shippingAddress: { recipientName: 'Customer 17850', countryCode: 'IE' },
        items: [
          { sku: 'A', quantity: 3n, unitPrice: { currencyCode: 'GBP', units: 1n, nanos: 250_000_000 } },
          { sku: 'A', quantity: 2n },
          { sku: 'B', quantity: 7n },
        ],
        idempotencyKey: '1',
      },
      { orderId: uuidv5('2'), customerId: '' },
    ]);
    expect(requestsOf(service, 'updateOrderStatus')).toMatchObject(
      ['1', '2'].flatMap((id) => [
        { orderId: uuidv5(id), newStatus: OrderStatus.SHIPPED, idempotencyKey: `${id}/ship` },
        { orderId: uuidv5(id), newStatus: OrderStatus.DELIVERED, idempotencyKey: `${id}/deliver` },
      ]),
    );
  });

  test('what is given back is returned by its lines; what matches no purchase is put back into stock', async () => {
    await using service = await new FakeService().start();
    await replay(service, year, '--concurrency', '1');
    expect(requestsOf(service, 'returnItems')).toMatchObject([
      {
        orderId: uuidv5('1'),
        items: [
          { lineId: '1', quantity: 3n },
          { lineId: '2', quantity: 1n },
          { lineId: '3', quantity: 3n },
        ],
        restock: true,
        idempotencyKey: 'C3',
      },
    ]);
    expect(requestsOf(service, 'adjustInventory')).toMatchObject([
      {
        sku: 'a',
        delta: 1n,
        reason: 'returned',
        reference: 'C3',
        idempotencyKey: 'C3/1',
        warehouseId: service.warehouses[0]?.id,
      },
    ]);
  });

  test('what is given back waits for the orders of its customer that are under way', async () => {
    await using service = await new FakeService().start();
    // The delivery has to be asked for again, after a while; the cancel comes at once.
    service.fault = (method, n) =>
      method === 'updateOrderStatus' && n <= 2
        ? { code: status.UNAVAILABLE, applied: false, retryAfterMs: 300 }
        : undefined;
    const records = [
      of('1', order('1', ['A', 5])),
      of('1', cancel('C2', ['A', 5])),
      of('2', cancel('C3', ['B', 1])),
    ];
    const { code, out } = await replay(service, records, '--concurrency', '8');
    expect(out).toContain('returns      1 line, 5 units');
    expect(out).toContain('adjustments  1 line, 1 unit that');
    expect(code).toBe(0);
    const methods = service.calls.map(({ method }) => method);
    expect(methods.indexOf('adjustInventory')).toBeLessThan(methods.indexOf('returnItems'));
  });

  test('records are started in the order of the file', async () => {
    await using service = await new FakeService().start();
    const records = Array.from({ length: 50 }, (_, index) => order(`o${index}`, ['A', 1]));
    const { code, out } = await replay(service, records, '--concurrency', '1', '--limit', '10');
    expect(out).toContain('10: 10 delivered');
    expect(code).toBe(0);
    expect(requestsOf(service, 'createOrder')).toMatchObject(
      records.slice(0, 10).map(({ id }) => ({ orderId: uuidv5(id) })),
    );
  });

  test('the stock factor is exact', async () => {
    await using service = await new FakeService().start();
    const { out } = await replay(service, year, '--stock-factor', '1.1', '--concurrency', '1');
    // 11 + 5 + 8, where doubles would make 12 of 1.1 x 10.
    expect(out).toContain('3 items, 24 units in 3 warehouses');
  });

  test('an order that does not rest yet is waited for, by the same call', async () => {
    await using service = await new FakeService().start();
    service.logistics.restlessAnswers = 3;
    const { code, out } = await replay(service, [order('1', ['A', 1])]);
    expect(out).toContain('1: 1 delivered');
    expect(service.callsOf('createOrder')).toBe(4);
    expect(code).toBe(0);
  });

  test('declined: cancelled, with the reason, and nothing is taken', async () => {
    await using service = await new FakeService().start();
    const { code, out, err } = await replay(
      service,
      year,
      '--payment-method',
      'tok_decline',
      '--concurrency',
      '1',
    );
    expect(out).toContain('3: 0 delivered, 0 back-ordered, 3 cancelled, 0 failed');
    expect(out).toContain('adjustments  4 lines, 8 units');
    expect(err).toContain('order 1: cancelled: the payment was declined');
    expect(out).toContain('GBP 0.00 captured');
    expect(code).toBe(0);
  });
});

describe('orders that wait', () => {
  test('wait to the end where nothing comes back, and are counted', async () => {
    await using service = await new FakeService().start();
    const records = [order('1', ['A', 8]), order('2', ['A', 4]), order('3', ['B', 7])];
    const { code, out } = await replay(service, records, '--concurrency', '1');
    expect(out).toContain('3: 2 delivered, 1 back-ordered, 0 cancelled, 0 failed');
    expect(out).toContain('books balanced: yes');
    expect(code).toBe(0);
  });

  test('are shipped in the end where goods came back meanwhile', async () => {
    await using service = await new FakeService().start();
    const records = [
      of('1', order('1', ['A', 8])),
      order('2', ['A', 4]),
      of('1', cancel('C3', ['A', 2])),
      order('4', ['A', 3]),
    ];
    const { code, out } = await replay(service, records, '--concurrency', '1');
    expect(out).toContain('3: 2 delivered, 1 back-ordered, 0 cancelled, 0 failed');
    expect(service.logistics.orders.get(uuidv5('2'))?.status).toBe(OrderStatus.DELIVERED);
    expect(service.logistics.orders.get(uuidv5('4'))?.status).toBe(OrderStatus.BACK_ORDERED);
    expect(code).toBe(0);
  });

  test('are looked at until nothing changes', async () => {
    await using service = await new FakeService().start();
    service.logistics.servesAfterLooks = 2;
    const records = [of('1', order('1', ['A', 8])), order('2', ['A', 4]), of('1', cancel('C3', ['A', 2]))];
    const { code, out } = await replay(service, records, '--concurrency', '1');
    expect(out).toContain('2: 2 delivered, 0 back-ordered');
    expect(code).toBe(0);
  });

  test('though there is enough for everybody: the books do not balance', async () => {
    await using service = await new FakeService().start();
    service.logistics.servesAfterLooks = 1_000;
    const reserve = service.stock.reserve.bind(service.stock);
    service.stock.reserve = (lines) => (lines.some(({ sku }) => sku === 'B') ? null : reserve(lines));
    const { code, out } = await replay(service, [order('1', ['A', 1]), order('2', ['B', 7])]);
    expect(out).toContain('2: 1 delivered, 1 back-ordered');
    expect(out).toContain(`books: order ${uuidv5('2')}: it waits, though there was enough of all its items`);
    expect(out).toContain('books balanced: no');
    expect(code).toBe(1);
  });
});

describe('faults', () => {
  test.each([false, true])(
    'calls without an answer are repeated to one effect (applied: %s)',
    async (applied) => {
      await using service = await new FakeService().start();
      service.fault = everySecondLost(applied);
      const { code, out } = await replay(service, year, '--concurrency', '1');
      expect(out).toContain('3: 3 delivered');
      expect(out).toContain('returns      3 lines, 7 units');
      expect(out).toMatch(/repeats {6}[1-9]/);
      expect(out).toContain('books balanced: yes');
      expect(code).toBe(0);
    },
  );

  test('a definite error fails its record only, and is told', async () => {
    await using service = await new FakeService().start();
    const { code, out, err } = await replay(service, [order('1', ['NOWHERE', 1]), order('2', ['A', 1])]);
    expect(err).toContain("order 1: CreateOrder: NOT_FOUND: no item 'NOWHERE'");
    expect(out).toContain('2: 1 delivered, 0 back-ordered, 0 cancelled, 1 failed');
    expect(code).toBe(0);
  });

  test('a customer that cannot be made fails the orders of that customer only', async () => {
    await using service = await new FakeService().start();
    service.fault = (method) =>
      method === 'createCustomer' ? { code: status.INVALID_ARGUMENT, applied: false } : undefined;
    const { code, out } = await replay(service, [of('1', order('1', ['A', 1])), order('2', ['A', 1])]);
    expect(out).toContain('2: 1 delivered, 0 back-ordered, 0 cancelled, 1 failed');
    expect(code).toBe(0);
  });

  test('an error inside the service leaves the outcome unknown: exit code 1', async () => {
    await using service = await new FakeService().start();
    service.fault = (method, n) =>
      method === 'updateOrderStatus' && n === 1 ? { code: status.INTERNAL, applied: true } : undefined;
    const { code, out } = await replay(
      service,
      [order('1', ['A', 1]), order('2', ['A', 1])],
      '--concurrency',
      '1',
    );
    expect(out).toContain('unanswered   1 of the failed');
    expect(out).toContain(
      "books: SKU 'A': 10 at the start + 0 returned - 1 shipped = 9, but the levels say 8",
    );
    expect(out).toContain('books balanced: no');
    expect(code).toBe(1);
  });

  test('an order that was confirmed and could not be shipped still holds its units', async () => {
    await using service = await new FakeService().start();
    service.fault = (method, n) =>
      method === 'updateOrderStatus' && n === 1
        ? { code: status.FAILED_PRECONDITION, applied: false }
        : undefined;
    const { code, out } = await replay(
      service,
      [order('1', ['A', 1]), order('2', ['A', 1])],
      '--concurrency',
      '1',
    );
    expect(out).toContain('2: 1 delivered, 0 back-ordered, 0 cancelled, 1 failed');
    expect(out).toContain('books balanced: yes');
    expect(code).toBe(0);
  });

  test('a service that loses a unit is found out', async () => {
    await using service = await new FakeService().start();
    service.logistics.leakUnits = 1n;
    const { code, out } = await replay(service, [order('1', ['A', 1])]);
    expect(out).toContain(
      "books: SKU 'A': 10 at the start + 0 returned - 1 shipped = 9, but the levels say 8",
    );
    expect(out).toContain('books balanced: no');
    expect(code).toBe(1);
  });

  test('a service that takes too much money is found out', async () => {
    await using service = await new FakeService().start();
    service.logistics.overchargeMinor = 5n;
    const { code, out } = await replay(service, [order('1', ['A', 1])]);
    expect(out).toContain(`books: order ${uuidv5('1')}: it is worth 125, and 130 were captured`);
    expect(code).toBe(1);
  });

  test('a service that oversells is found out', async () => {
    await using service = await new FakeService().start();
    service.stock.oversells = true;
    const { code, out } = await replay(service, [order('1', ['A', 13])]);
    expect(out).toContain('oversold: 3');
    expect(code).toBe(1);
  });

  test('a service that holds something already is refused, unchanged', async () => {
    await using service = await new FakeService().start();
    expect((await replay(service, year)).code).toBe(0);
    const before = service.calls.length;
    const { code, out, err } = await replay(service, year);
    expect(err).toContain('already holds items, warehouses or orders; a replay needs empty databases');
    expect(out).toBe('');
    expect(code).toBe(1);
    expect(service.calls.slice(before).map(({ method }) => method)).toEqual([
      'listWarehouses',
      'listItems',
      'listOrders',
    ]);
  });

  test('bad lines, and ids that were there before, are named and left out', async () => {
    await using service = await new FakeService().start();
    const records = [order('1', ['A', 0]), order('2', ['A', 1]), order('2', ['A', 1])];
    const { code, out, err } = await replay(service, records);
    expect(err).toMatch(/orders\.ndjson\.gz:1: lines\[0\]\.qty must be a whole number from 1/);
    expect(err).toMatch(/orders\.ndjson\.gz:3: the id '2' stands on an earlier line too/);
    expect(out).toContain('bad lines    2, left out');
    expect(out).toContain('1: 1 delivered');
    expect(code).toBe(0);
  });

  test.each([
    [['--no-such'], '--no-such'],
    [['--limit', '0'], '--limit'],
    [['--concurrency', 'x'], '--concurrency'],
    [['--stock-factor', '-1'], '--stock-factor'],
    [['--stock-factor=1e3'], '--stock-factor'],
    [['--payment-method='], '--payment-method'],
    [['--orders', '/no/such/file'], '--orders'],
    [['--url', 'nowhere'], '--url'],
    [['--keep'], '--keep'],
    [['extra'], 'extra'],
  ])('bad option %j is named in one line', async (argv, named) => {
    const io = recordedIo();
    expect(await run(argv, io)).toBe(2);
    expect(io.stderr).toHaveLength(1);
    expect(io.stderr[0]).toContain(named);
  });
});
