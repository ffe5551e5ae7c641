// StreamInventoryUpdates under load: subscribers that come and go, one that is slow, and a kill -9 of the process. Each sees
// every change of every level once and in order, whatever happened to its connection.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type * as pb from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { Inventory, present } from '../support/inventory.ts';
import { ReserveLoad } from '../support/load.ts';
import { expectCleanAudit, type ServiceOptions, TestService } from '../support/service.ts';
import { until } from '../support/until.ts';
import { isUpdate, type Updates, watch } from '../support/updates.ts';

const skus = ['hot', 'warm', 'cold'];
const warehouses: string[] = [];

let database: TestDatabase;
let options: ServiceOptions;
let service: TestService;
let inventory: Inventory;

beforeAll(async () => {
  database = await createDatabase();
  options = { data: database, env: { SHARD_THREADS: '2', OWNER_LEASE_MS: '500' } };
  service = await TestService.start(options);
  inventory = new Inventory((await service.ready()).grpc);
  warehouses.push(await inventory.warehouse(), await inventory.warehouse());
  for (const sku of skus)
    await inventory.item(sku, Object.fromEntries(warehouses.map((id) => [id, 100_000])));
});

afterAll(async () => {
  inventory.close();
  await service.stop();
  await expectCleanAudit(database.url);
  await database.drop();
});

/** Stays subscribed, by however many streams. */
class Subscriber {
  /** By level: the versions, in the order in which they came. */
  readonly seen = new Map<string, number[]>();
  streams = 0;
  readonly #changesPerStream: number;
  readonly #turnsPerChange: number;
  #token = '';
  #isOver = false;
  #updates: Updates | undefined;
  readonly #running: Promise<void>;

  /** @param changesPerStream after so many it leaves and resumes. @param turnsPerChange how slowly it reads */
  constructor(changesPerStream: number, turnsPerChange: number) {
    this.#changesPerStream = changesPerStream;
    this.#turnsPerChange = turnsPerChange;
    this.#running = this.#run();
  }

  get isSubscribed(): boolean {
    return this.#token !== '';
  }

  async end(): Promise<void> {
    this.#isOver = true;
    this.#updates?.cancel();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      this.streams++;
      this.#updates = watch(inventory, { resumeToken: this.#token });
      try {
        await this.#read(this.#updates);
      } catch {
        // The process was killed, or is not back yet: the last token goes on.
        await nextTurn();
      }
    }
  }

  async #read(updates: Updates): Promise<void> {
    let changes = 0;
    for await (const event of updates) {
      if (!isUpdate(event)) throw new Error('no update');
      this.#take(event);
      for (let turn = 0; turn < this.#turnsPerChange; turn++) await nextTurn();
      changes++;
      if (changes > this.#changesPerStream) return;
    }
  }

  #take({ resumeToken, inventoryLevel }: pb.InventoryUpdateEvent): void {
    this.#token = resumeToken;
    if (inventoryLevel === undefined) return;
    const level = `${inventoryLevel.sku} in ${inventoryLevel.warehouseId}`;
    const versions = this.seen.get(level) ?? [];
    this.seen.set(level, versions);
    versions.push(Number(inventoryLevel.version));
  }
}

/** By level: its version now. */
async function versions(): Promise<ReadonlyMap<string, number>> {
  const levels = await inventory.levels(...skus);
  return new Map(
    levels.map(({ sku, warehouseId, version }) => [`${sku} in ${warehouseId}`, Number(version)]),
  );
}

test('everybody sees every change once and in order', async () => {
  const before = await versions();
  const subscribers = [
    new Subscriber(Number.POSITIVE_INFINITY, 0),
    new Subscriber(50, 0),
    new Subscriber(7, 0),
    new Subscriber(200, 20),
  ];
  await until('all to be subscribed', () => subscribers.every(({ isSubscribed }) => isSubscribed));
  const load = new ReserveLoad(inventory, { clients: 16, skus, prefix: 'load' });
  await until('some answers', () => load.told.length >= 400 || load.hasFailed);
  await service.kill();
  service = await TestService.start(options);
  inventory.moveTo((await service.ready()).grpc);
  const soFar = load.told.length;
  await until('some more answers', () => load.told.length >= soFar + 400 || load.hasFailed);
  await load.end();

  const after = await versions();
  const isThere = ({ seen }: Subscriber) =>
    [...after].every(([level, version]) => (seen.get(level)?.at(-1) ?? before.get(level)) === version);
  await until(
    'all to have seen the last change',
    () => subscribers.every(isThere),
    60_000,
    () =>
      JSON.stringify([[...after], ...subscribers.map(({ seen }) => [...seen].map(([, its]) => its.at(-1)))]),
  );
  await Promise.all(subscribers.map((subscriber) => subscriber.end()));
  for (const { seen } of subscribers) {
    for (const [level, last] of after) {
      const first = present(before.get(level)) + 1;
      expect(seen.get(level) ?? [], level).toEqual(
        Array.from({ length: last - first + 1 }, (_, i) => first + i),
      );
    }
  }
  const [, often = 0, mostOften = 0] = subscribers.map(({ streams }) => streams);
  expect(often).toBeGreaterThan(5);
  expect(mostOften).toBeGreaterThan(often);
});
