// The demo as a whole, on real processes: the first orders of the year, with as much stock as they order and with less.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { parseOrderRecord, readRecords } from '../../src/cli/dataset.ts';
import { run } from '../../src/cli/demo.ts';
import { recordedIo, TemporaryFolder } from './support.ts';

vi.setConfig({ testTimeout: 300_000 });

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const year = join(checkout, 'datasets/online-retail/orders.ndjson.gz');
// Not process.execPath: vitest itself may run on a Node that cannot strip types.
const program = [join(checkout, 'node_modules/node/bin/node'), join(checkout, 'src/cli/main.ts')] as const;

/** The catalogue of the first records alone: what they order is all there is. */
async function catalogueOf(limit: number) {
  const units = new Map<string, number>();
  let orders = 0;
  let cancels = 0;
  for await (const record of readRecords(year, parseOrderRecord)) {
    if (record.line > limit) break;
    if (!('value' in record)) continue;
    const { lines, type } = record.value;
    if (type === 'order') orders += 1;
    else cancels += 1;
    for (const { sku, quantity } of lines)
      units.set(sku, (units.get(sku) ?? 0) + (type === 'order' ? quantity : 0));
  }
  const catalogue = Array.from(units, ([sku, ordered]) => ({ sku, name: sku, units_ordered: ordered }));
  return { orders, cancels, catalogue };
}

async function demo(limit: number, stockFactor: string) {
  using folder = new TemporaryFolder();
  const { catalogue, ...counts } = await catalogueOf(limit);
  const io = recordedIo();
  const path = folder.ndjson('catalogue.ndjson', catalogue);
  const argv = ['--limit', String(limit), '--stock-factor', stockFactor, '--catalogue', path];
  const code = await run(argv, io, program);
  const out = io.stdout.join('\n');
  const figures =
    /^orders +([\d,]+): ([\d,]+) delivered, ([\d,]+) back-ordered, ([\d,]+) cancelled, ([\d,]+) failed$/m;
  const [made = 0, delivered = 0, backOrdered = 0, cancelled = 0, failed = 0] = (figures.exec(out) ?? [])
    .slice(1)
    .map((text) => Number(text.replaceAll(',', '')));
  return { code, out, err: io.stderr.join('\n'), made, delivered, backOrdered, cancelled, failed, ...counts };
}

function expectBalanced({ code, out, err }: { code: number; out: string; err: string }): void {
  expect(out, err).toMatch(/^audit of the databases: 0 differences$/m);
  expect(out).toMatch(/^oversold: 0$/m);
  expect(out).toMatch(/^books balanced: yes$/m);
  expect(code, err).toBe(0);
}

test('with as much stock as is ordered, every order is delivered', async () => {
  const result = await demo(200, '1');
  expectBalanced(result);
  expect(result.made).toBe(result.orders);
  expect(result.delivered).toBe(result.orders);
  expect(result.out).toContain(`cancels      ${result.cancels}: ${result.cancels} returned, 0 failed`);
});

test('with less, every order is delivered, waits or is cancelled, none is lost, and the books balance', async () => {
  const result = await demo(200, '0.7');
  expectBalanced(result);
  expect(result.made).toBe(result.orders);
  expect(result.failed).toBe(0);
  expect(result.backOrdered).toBeGreaterThan(0);
  expect(result.delivered).toBeGreaterThan(0);
  expect(result.delivered + result.backOrdered + result.cancelled).toBe(result.orders);
});
