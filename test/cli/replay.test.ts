import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { run } from '../../src/cli/replay.ts';
import { FakeService } from './fake-service.ts';
import { recordedIo, TemporaryFolder } from './support.ts';

const catalogue = [
  { sku: 'A', name: 'a', unit_price_minor: 1, units_ordered: 10 },
  { sku: 'a', name: 'differs by case', unit_price_minor: 1, units_ordered: 4 },
  { sku: 'B', name: 'b', unit_price_minor: 1, units_ordered: 7 },
];

function order(id: string, ...lines: [sku: string, qty: number][]) {
  return {
    type: 'order',
    id,
    ts: '',
    customer: null,
    country: '',
    lines: lines.map(([sku, qty]) => ({ sku, qty })),
  };
}

function cancel(id: string, ...lines: [sku: string, qty: number][]) {
  return { ...order(id, ...lines), type: 'cancel' };
}

const year = [
  order('1', ['A', 3], ['A', 2], ['B', 7]),
  order('2', ['a', 4]),
  cancel('C3', ['A', 1], ['B', 2], ['B', 1]),
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

/** Fails every second call of every method; the answer is lost where the call is made again and again. */
function everySecondLost(applied: boolean) {
  return (_method: string, n: number) => (n % 2 === 1 ? { code: status.UNAVAILABLE, applied } : undefined);
}

describe('replay', () => {
  test('plays orders and cancels, and the books balance', async () => {
    await using service = await new FakeService().start();
    const { code, out, err } = await replay(service, year, '--concurrency', '1');
    expect(out).toContain('orders       3: 3 fulfilled, 0 refused, 0 failed');
    expect(out).toContain('cancels      1: 1 returned, 0 failed');
    expect(out).toMatch(/^oversold: 0$/m);
    expect(out).toMatch(/^books balanced: yes$/m);
    expect(err).toContain('4/4 records');
    expect(code).toBe(0);
    expect(service.warehouses.map(({ name, priority }) => [name, priority])).toEqual([
      ['London', 0],
      ['Leeds', 1],
      ['Glasgow', 2],
    ]);
    const total = (sku: string) =>
      [...(service.levels.get(sku)?.values() ?? [])].reduce((sum, level) => sum + level.quantity, 0n);
    expect([total('A'), total('a'), total('B')]).toEqual([0n, 0n, 3n]);
    const adjustments = service.calls.filter(({ method }) => method === 'adjustInventory');
    expect(adjustments.map(({ request }) => request)).toMatchObject(
      [1, 2, 3].map((line) => ({
        reason: 'returned',
        reference: 'C3',
        idempotencyKey: `C3/${line}`,
        warehouseId: service.warehouses[0]?.id,
      })),
    );
  });

  test('records are started in the order of the file', async () => {
    await using service = await new FakeService().start();
    const records = Array.from({ length: 50 }, (_, index) => order(`o${index}`, ['A', 1]));
    const { code } = await replay(service, records, '--concurrency', '1', '--limit', '20');
    expect(code).toBe(0);
    const reserved = service.calls.filter(({ method }) => method === 'checkAndReserveStock');
    expect(reserved.map(({ request }) => request)).toMatchObject(
      records.slice(0, 20).map(({ id }) => ({ orderId: id })),
    );
  });

  test('a refused order is counted and changes nothing', async () => {
    await using service = await new FakeService().start();
    const { code, out } = await replay(service, [order('1', ['A', 1], ['B', 8]), order('2', ['A', 10])]);
    expect(out).toContain('2: 1 fulfilled, 1 refused, 0 failed');
    expect(code).toBe(0);
  });

  test('the stock factor is exact', async () => {
    await using service = await new FakeService().start();
    const { out } = await replay(service, year, '--stock-factor', '1.1', '--concurrency', '1');
    // 11 + 5 + 8, where doubles would make 12 of 1.1 x 10.
    expect(out).toContain('3 items, 24 units in 3 warehouses');
  });

  test.each([false, true])(
    'calls without an answer are repeated to one effect (applied: %s)',
    async (applied) => {
      await using service = await new FakeService().start();
      service.fault = everySecondLost(applied);
      const { code, out } = await replay(service, year, '--concurrency', '1');
      expect(out).toContain('3: 3 fulfilled');
      expect(out).toMatch(/repeats {6}[1-9]/);
      expect(out).toContain('books balanced: yes');
      expect(code).toBe(0);
    },
  );

  test('a definite error fails its record only, and is told', async () => {
    await using service = await new FakeService().start();
    const { code, out, err } = await replay(service, [order('1', ['NOWHERE', 1]), order('2', ['A', 1])]);
    expect(err).toContain("order 1: CheckAndReserveStock: NOT_FOUND: no item 'NOWHERE'");
    expect(out).toContain('2: 1 fulfilled, 0 refused, 1 failed');
    expect(code).toBe(0);
  });

  test('an error inside the service leaves the outcome unknown: exit code 1', async () => {
    await using service = await new FakeService().start();
    service.fault = (method, n) =>
      method === 'commitReservation' && n === 1 ? { code: status.INTERNAL, applied: false } : undefined;
    const { code, out } = await replay(
      service,
      [order('1', ['A', 1]), order('2', ['A', 1])],
      '--concurrency',
      '1',
    );
    expect(out).toContain('unanswered   1 of the failed');
    expect(out).toContain("books: SKU 'A': 1 still reserved, where all is fulfilled");
    expect(out).toContain('books balanced: no');
    expect(code).toBe(1);
  });

  test('a service that loses a unit is found out', async () => {
    await using service = await new FakeService().start();
    service.leakUnits = 1n;
    const { code, out } = await replay(service, [order('1', ['A', 1])]);
    expect(out).toContain(
      "books: SKU 'A': 10 at the start + 0 returned - 1 fulfilled = 9, but the levels say 8",
    );
    expect(out).toContain('books balanced: no');
    expect(code).toBe(1);
  });

  test('a service that oversells is found out', async () => {
    await using service = await new FakeService().start();
    service.oversells = true;
    const { code, out } = await replay(service, [order('1', ['A', 13])]);
    expect(out).toContain('oversold: 3');
    expect(code).toBe(1);
  });

  test('a service that holds something already is refused, unchanged', async () => {
    await using service = await new FakeService().start();
    expect((await replay(service, year)).code).toBe(0);
    const before = service.calls.length;
    const { code, out, err } = await replay(service, year);
    expect(err).toContain('already holds items or warehouses; a replay needs an empty database');
    expect(out).toBe('');
    expect(code).toBe(1);
    expect(service.calls.slice(before).map(({ method }) => method)).toEqual(['listWarehouses', 'listItems']);
  });

  test('bad lines are named and left out', async () => {
    await using service = await new FakeService().start();
    const { code, out, err } = await replay(service, [order('1', ['A', 0]), order('2', ['A', 1])]);
    expect(err).toMatch(/orders\.ndjson\.gz:1: lines\[0\]\.qty must be a whole number from 1/);
    expect(out).toContain('bad lines    1, left out');
    expect(out).toContain('1: 1 fulfilled');
    expect(code).toBe(0);
  });

  test.each([
    [['--no-such'], '--no-such'],
    [['--limit', '0'], '--limit'],
    [['--concurrency', 'x'], '--concurrency'],
    [['--stock-factor', '-1'], '--stock-factor'],
    [['--stock-factor=1e3'], '--stock-factor'],
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
