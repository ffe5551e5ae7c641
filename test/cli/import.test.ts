import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { run } from '../../src/cli/import.ts';
import { FakeService } from './fake-service.ts';
import { recordedIo, TemporaryFolder } from './support.ts';

async function startWithWarehouses(...names: string[]): Promise<FakeService> {
  const service = await new FakeService().start();
  for (const name of names) {
    service.warehouses.push({
      id: `id-${name}`,
      name,
      location: '',
      isActive: true,
      customerId: '',
      priority: 0,
    });
  }
  return service;
}

async function runImport(service: FakeService, name: string, content: string, ...more: string[]) {
  using folder = new TemporaryFolder();
  const io = recordedIo();
  const code = await run([folder.file(name, content), '--url', service.address, ...more], io);
  return { code, out: io.stdout.join('\n'), err: io.stderr.join('\n') };
}

function ndjson(...records: unknown[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

const cup = {
  sku: 'CUP',
  name: 'Cup',
  category: 'china',
  attributes: { colour: 'red', sizes: [1, 2] },
  stock: [
    { warehouse: 'London', quantity: 5 },
    { warehouse: 'id-Leeds', quantity: 7 },
  ],
};

describe('import', () => {
  test('creates items with their stock; the same file again changes nothing', async () => {
    await using service = await startWithWarehouses('London', 'Leeds');
    const first = await runImport(service, 'items.ndjson', ndjson(cup, { sku: 'MUG', name: 'Mug' }));
    expect(first.out).toBe('2 items created, 0 updated, 0 unchanged; 0 bad lines');
    expect(first.code).toBe(0);
    expect(service.level('CUP', 'id-London').quantity).toBe(5n);
    expect(service.level('CUP', 'id-Leeds').quantity).toBe(7n);
    const again = await runImport(service, 'items.ndjson.gz', ndjson(cup, { sku: 'MUG', name: 'Mug' }));
    expect(again.out).toBe('0 items created, 0 updated, 2 unchanged; 0 bad lines');
    expect(service.callsOf('bulkUpdateItems') + service.callsOf('adjustInventory')).toBe(0);
  });

  test('changes what differs, and sets stock by compare-and-set with reason counted', async () => {
    await using service = await startWithWarehouses('London', 'Leeds');
    await runImport(service, 'items.ndjson', ndjson(cup, { sku: 'MUG', name: 'Mug', description: 'kept' }));
    const changed = { ...cup, stock: [{ warehouse: 'London', quantity: 2 }] };
    const { out, code } = await runImport(
      service,
      'items.ndjson',
      ndjson(changed, { sku: 'MUG', name: 'Big mug' }),
    );
    expect(out).toBe('0 items created, 2 updated, 0 unchanged; 0 bad lines');
    expect(code).toBe(0);
    expect(service.items.get('MUG')).toMatchObject({ name: 'Big mug', description: 'kept' });
    expect(service.level('CUP', 'id-Leeds').quantity).toBe(7n);
    expect(service.calls.filter(({ method }) => method === 'adjustInventory')).toMatchObject([
      { request: { sku: 'CUP', delta: -3n, reason: 'counted', expectedQuantity: 5n } },
    ]);
  });

  test('every bad line is named by its number, and the good ones are kept', async () => {
    await using service = await startWithWarehouses('London', 'Twin', 'Twin');
    const lines = [
      JSON.stringify({ sku: 'A', name: 'good' }),
      '{',
      JSON.stringify({ sku: 'B', name: 'REFUSED' }),
      JSON.stringify({ sku: 'C', name: 'c', stock: [{ warehouse: 'Paris', quantity: 1 }] }),
      JSON.stringify({ sku: 'D', name: 'd', stock: [{ warehouse: 'Twin', quantity: 1 }] }),
      JSON.stringify({ sku: 'E', name: 'e', attributes: [] }),
      JSON.stringify({ sku: 'F', name: 'good too' }),
    ];
    const { code, out, err } = await runImport(service, 'items.ndjson', lines.join('\n'));
    expect(err).toMatch(/:2: not valid JSON/);
    expect(err).toMatch(/:3: name: is refused here/);
    expect(err).toMatch(/:4: there is no warehouse 'Paris'/);
    expect(err).toMatch(/:5: there are 2 warehouses 'Twin': use the id/);
    expect(err).toMatch(/:6: attributes must be a JSON object/);
    expect(out).toBe('2 items created, 0 updated, 0 unchanged; 5 bad lines');
    expect(code).toBe(1);
    expect([...service.items.keys()]).toEqual(['A', 'F']);
  });

  test('a count below what is reserved is a bad line of its own', async () => {
    await using service = await startWithWarehouses('London');
    const stock = (quantity: number) => [{ warehouse: 'London', quantity }];
    await runImport(
      service,
      'a.ndjson',
      ndjson({ sku: 'A', name: 'a', stock: stock(5) }, { sku: 'B', name: 'b', stock: stock(5) }),
    );
    service.level('A', 'id-London').reserved = 4n;
    const { code, out, err } = await runImport(
      service,
      'a.ndjson',
      ndjson({ sku: 'A', name: 'a', stock: stock(3) }, { sku: 'B', name: 'b', stock: stock(3) }),
    );
    expect(err).toMatch(/:1: AdjustInventory: FAILED_PRECONDITION: below what is reserved/);
    expect(out).toBe('0 items created, 1 updated, 0 unchanged; 1 bad line');
    expect(code).toBe(1);
  });

  test('someone who changes a level in between is not overwritten blindly', async () => {
    await using service = await startWithWarehouses('London');
    const record = (quantity: number) =>
      ndjson({ sku: 'A', name: 'a', stock: [{ warehouse: 'London', quantity }] });
    await runImport(service, 'a.ndjson', record(5));
    service.fault = (method, n) => {
      if (method === 'adjustInventory' && n === 1) service.level('A', 'id-London').quantity = 50n;
      return undefined;
    };
    const { out } = await runImport(service, 'a.ndjson', record(8));
    expect(out).toBe('0 items created, 1 updated, 0 unchanged; 0 bad lines');
    expect(service.level('A', 'id-London').quantity).toBe(8n);
    expect(service.callsOf('adjustInventory')).toBe(2);
  });

  test('lost answers are repeated to one effect', async () => {
    await using service = await startWithWarehouses('London', 'Leeds');
    service.fault = (_method, n) => (n % 2 === 1 ? { code: status.UNAVAILABLE, applied: true } : undefined);
    const first = await runImport(service, 'items.ndjson', ndjson(cup));
    expect(first.out).toBe('1 item created, 0 updated, 0 unchanged; 0 bad lines');
    const moved = { ...cup, stock: [{ warehouse: 'London', quantity: 1 }] };
    const second = await runImport(service, 'items.ndjson', ndjson(moved));
    expect(second.out).toBe('0 items created, 1 updated, 0 unchanged; 0 bad lines');
    expect(service.level('CUP', 'id-London').quantity).toBe(1n);
  });

  test('a service that refuses a whole bulk call for one item costs only that item', async () => {
    await using service = await startWithWarehouses();
    service.fault = (method) => {
      const request = service.calls.at(-1)?.request;
      const refused = method === 'bulkCreateItems' && JSON.stringify(request).includes('BAD');
      return refused ? { code: status.INVALID_ARGUMENT, applied: false } : undefined;
    };
    const records = ['A', 'B', 'BAD', 'C', 'D'].map((sku) => ({ sku, name: sku }));
    const { code, out, err } = await runImport(service, 'a.ndjson', ndjson(...records));
    expect(err).toMatch(/:3: .*INVALID_ARGUMENT/);
    expect(out).toBe('4 items created, 0 updated, 0 unchanged; 1 bad line');
    expect(code).toBe(1);
  });

  test('CSV: a line for each warehouse makes one item; a later line about the item wins', async () => {
    await using service = await startWithWarehouses('London', 'Leeds');
    const csv = [
      'sku,name,description,category,warehouse,quantity',
      'A,"Cup, red",,china,London,1',
      'B,Mug,,,London,2',
      'A,"Cup, red",,china,Leeds,3',
      'A,Cup,,china,London,9',
    ].join('\r\n');
    const { code, out } = await runImport(service, 'items.csv', csv);
    expect(out).toBe('2 items created, 1 updated, 0 unchanged; 0 bad lines');
    expect(code).toBe(0);
    expect(service.items.get('A')).toMatchObject({ name: 'Cup', category: 'china' });
    expect(service.level('A', 'id-London').quantity).toBe(9n);
    expect(service.level('A', 'id-Leeds').quantity).toBe(3n);
  });

  test('more than a batch, several in flight', async () => {
    await using service = await startWithWarehouses();
    const records = Array.from({ length: 2_500 }, (_, index) => ({ sku: `S${index}`, name: 'n' }));
    const { out } = await runImport(service, 'a.ndjson', ndjson(...records), '--concurrency', '2');
    expect(out).toBe('2,500 items created, 0 updated, 0 unchanged; 0 bad lines');
    expect(service.callsOf('bulkCreateItems')).toBe(3);
  });

  test('--create-warehouses makes what is missing, once', async () => {
    await using service = await startWithWarehouses('London');
    const { code } = await runImport(
      service,
      'a.ndjson',
      ndjson(cup, { ...cup, sku: 'C2' }).replaceAll('id-Leeds', 'York'),
      '--create-warehouses',
    );
    expect(code).toBe(0);
    expect(service.warehouses.map(({ name }) => name)).toEqual(['London', 'York']);
  });

  test.each([
    [[], 'FILE is missing'],
    [['/no/such/file'], "cannot read '/no/such/file'"],
    [['a', 'b'], "not 'b' too"],
    [['package.json', '--format', 'xml'], '--format'],
    [['package.json', '--concurrency', '0'], '--concurrency'],
  ])('bad option %j is named in one line', async (argv, named) => {
    const io = recordedIo();
    expect(await run(argv, io)).toBe(2);
    expect(io.stderr).toHaveLength(1);
    expect(io.stderr[0]).toContain(named);
  });
});
