// Update streams lose nothing, live or resumed, also across a kill; ReserveStream outlives its bad requests.
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as pb from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { basket, Inventory, rpc, together } from '../support/inventory.ts';
import { expectCleanAudit, type ServiceOptions, TestService } from '../support/service.ts';
import { until } from '../support/until.ts';
import { Watcher } from '../support/updates.ts';

let database: TestDatabase;
let options: ServiceOptions;
let service: TestService;
let inventory: Inventory;
let warehouseId: string;

beforeAll(async () => {
  database = await createDatabase();
  options = { data: database, env: { SHARD_THREADS: '2', OWNER_LEASE_MS: '500' } };
  service = await TestService.start(options);
  inventory = new Inventory((await service.ready()).grpc);
  warehouseId = await inventory.warehouse();
});

afterAll(async () => {
  inventory.close();
  await service.stop();
  await expectCleanAudit(database.url);
  await database.drop();
});

async function items(prefix: string, count: number): Promise<string[]> {
  const skus = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  await Promise.all(skus.map((sku) => inventory.item(sku, { [warehouseId]: 1_000 })));
  return skus;
}

/** `rounds` changes of each of the SKUs, several at a time. */
async function change(skus: readonly string[], rounds: number): Promise<void> {
  await together(skus.length * rounds, 16, async (index) => {
    const sku = skus[index % skus.length] ?? '';
    await inventory.call(rpc.adjust, { sku, warehouseId, delta: 1n });
  });
}

/** Each SKU's versions, in the order in which they came. */
function versionsOf(seen: readonly string[]): Map<string, number[]> {
  const versions = new Map<string, number[]>();
  for (const text of seen) {
    const [sku = '', version] = text.split('@');
    versions.set(sku, [...(versions.get(sku) ?? []), Number(version)]);
  }
  return versions;
}

function expectDense(seen: readonly string[], skus: readonly string[], count: number): void {
  const versions = versionsOf(seen);
  for (const sku of skus) {
    const got = versions.get(sku) ?? [];
    const [start = 0] = got;
    expect(got, sku).toEqual(Array.from({ length: count }, (_, index) => start + index));
  }
}

test('a live stream tells of each change of each level once and in order, and of no other item', async () => {
  const skus = await items('live', 8);
  const others = await items('others', 2);
  const ids = await Promise.all(
    skus.map(async (sku) => (await inventory.call(rpc.getItem, { sku })).item?.id ?? ''),
  );
  const watcher = new Watcher(inventory, { itemIds: ids });
  await watcher.started();
  await Promise.all([change(skus, 10), change(others, 10)]);
  await watcher.has(80);
  watcher.cancel();
  expect(watcher.events).toHaveLength(80);
  expectDense(watcher.seen, skus, 10);
  expect(new Set(watcher.events.map(({ eventId }) => eventId)).size).toBe(80);
});

test('a stream that is resumed from any token goes on just after it, also in another process', async () => {
  const skus = await items('resumed', 6);
  const first = new Watcher(inventory, {});
  await first.started();
  await change(skus, 5);
  await first.has(12);
  first.cancel();
  const { length } = first.events;
  // From the middle of what it has seen: what came after that token comes again, and then what it missed.
  const middle = Math.floor(length / 2);
  const resumeToken = first.events[middle]?.resumeToken ?? '';
  await change(skus, 5);

  await service.kill();
  service = await TestService.start(options);
  inventory.moveTo((await service.ready()).grpc);
  await change(skus, 5);
  const second = new Watcher(inventory, { resumeToken });
  const expected = skus.length * 15;
  await second.has(expected - middle - 1);
  second.cancel();
  const seen = [...first.seen.slice(0, middle + 1), ...second.seen];
  expect(seen).toHaveLength(expected);
  expectDense(seen, skus, 15);
});

test('a stream ends with UNAVAILABLE when its process stops, and not before', async () => {
  const watcher = new Watcher(inventory, {});
  await watcher.started();
  await service.stop();
  await until('the stream to end', () => watcher.error !== undefined);
  expect(watcher.error).toMatchObject({ code: 14 });
  service = await TestService.start(options);
  inventory.moveTo((await service.ready()).grpc);
});

test('ReserveStream: many at a time, each answered by its request_id, bad ones with their error', async () => {
  await items('streamed', 1);
  const answers = new Map<string, pb.ReserveStreamResponse>();
  const call = inventory.client.reserveStream();
  call.on('data', (answer: pb.ReserveStreamResponse) => answers.set(answer.requestId, answer));
  const ended = new Promise<void>((resolve, reject) => {
    call.on('end', resolve);
    call.on('error', reject);
  });
  const count = 1_200;
  for (let index = 0; index < count; index++) {
    const sku = index % 100 === 99 ? 'nowhere' : 'streamed-0';
    const quantity = index % 100 === 98 ? 0 : 1;
    const request = basket(`streamed-${index}`, { [sku]: quantity }, { requestId: `request-${index}` });
    call.write(pb.StockReservationRequest.create(request));
  }
  call.end();
  await ended;
  expect(answers.size).toBe(count);
  const outcomes = new Map<string, number>();
  for (const { result } of answers.values()) {
    const outcome =
      result?.$case === 'response' ? `success ${result.value.success}` : `status ${result?.value.code}`;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  expect(Object.fromEntries(outcomes)).toEqual({
    'success true': 1_000,
    'success false': 176,
    'status 3': 12,
    'status 5': 12,
  });
  expect(await inventory.level('streamed-0')).toMatchObject({ held: 1_000n, available: 0n });
});
