// Events of Inventory as a broker delivers them: in bursts, again and again, to a process that is killed in between. What is
// counted is exact to the unit, and the service reads it out.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { itemIdOfSku } from '../../src/actors/ids.ts';
import { isInteger, isObject } from '../../src/actors/shape.ts';
import type { PublishedEvent } from '../../src/events/event.ts';
import { auditServices } from '../../src/service/audit.ts';
import { expiry, item, levelEvent, line, north, refusal, south } from '../effects/support/events.ts';
import {
  createDatabase,
  createLogisticsDatabase,
  createNotificationsDatabase,
  type TestDatabase,
} from '../support/database.ts';
import { TestService } from '../support/service.ts';

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const skus = Array.from({ length: 12 }, (_, n) => `supply-${String(n).padStart(2, '0')}`);
const skuOf = (n: number) => skus[n % skus.length] ?? '';
/** Deliveries under way at a time. */
const inFlightMax = 24;

let databases: Readonly<Record<'inventory' | 'logistics' | 'notifications', TestDatabase>>;
beforeAll(async () => {
  databases = {
    inventory: await createDatabase(),
    logistics: await createLogisticsDatabase(),
    notifications: await createNotificationsDatabase(),
  };
});
afterAll(() => Promise.all(Object.values(databases).map((each) => each.drop())));

/** A process that takes in events; see order-processing-child.ts. */
class Child {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (outcome: string) => void>();
  #lastN = 0;

  static async start(): Promise<Child> {
    const child = new Child();
    await new Promise<string>((resolve, reject) => {
      child.#waiting.set(-1, resolve);
      child.#process.once('exit', (code) => reject(new Error(`the process ended with ${code}`)));
    });
    return child;
  }

  private constructor() {
    this.#process = fork(`${checkout}/test/support/order-processing-child.ts`, [databases.logistics.url], {
      execPath: `${checkout}/node_modules/node/bin/node`,
      execArgv: [],
    });
    this.#process.on('message', (message: unknown) => {
      if (!isObject(message) || !isInteger(message['n'])) return;
      this.#waiting.get(message['n'])?.(String(message['outcome']));
      this.#waiting.delete(message['n']);
    });
    this.#process.once('exit', () => {
      for (const resolve of this.#waiting.values()) resolve('killed');
      this.#waiting.clear();
    });
  }

  /** What became of it: `killed` where nobody knows. */
  deliver(event: PublishedEvent): Promise<string> {
    const n = ++this.#lastN;
    return new Promise((resolve) => {
      this.#waiting.set(n, resolve);
      this.#process.send({ n, event }, (error) => {
        if (error === null || !this.#waiting.delete(n)) return;
        resolve('killed');
      });
    });
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }
}

/** Every third an expiry of two items in two warehouses, a refusal of two items, and an alert. */
const events: readonly PublishedEvent[] = Array.from({ length: 360 }, (_, n) => {
  const [one, other] = [skuOf(n), skuOf(n + 5)];
  if (n % 3 === 0) return expiry(`o-${n}`, [line(one, 2), line(other, 3), line(one, 1, south)]);
  if (n % 3 === 1)
    return refusal(
      `o-${n}`,
      [one, other].map((sku, index) => ({ ...item(sku), requested: 10 + index, available: 4 })),
    );
  const type = n % 2 === 0 ? 'LowStock' : 'BackInStock';
  return levelEvent(type, one, n + 1, { available: n, warehouseId: n % 4 < 2 ? north : south });
});

/**
 * Delivers these, and many of them once more, until each has been taken in: at least once, as a broker does.
 * @returns how many were taken in before the process was killed, or all
 */
async function deliverAll(child: Child, pending: Set<PublishedEvent>, killAfter: number): Promise<number> {
  const deliveries = [...pending]
    .flatMap((event, index) => (index % 3 === 0 ? [event, event] : [event]))
    .values();
  let taken = 0;
  let killed: Promise<void> | undefined;
  const deliver = async () => {
    for (const event of deliveries) {
      if (killed !== undefined) return;
      const outcome = await child.deliver(event);
      if (outcome === 'killed') return;
      expect(['taken', 'not-now']).toContain(outcome);
      if (outcome === 'taken') {
        pending.delete(event);
        taken += 1;
      }
      if (taken >= killAfter) killed ??= child.kill();
    }
  };
  await Promise.all(Array.from({ length: inFlightMax }, deliver));
  await (killed ?? child.kill());
  return taken;
}

interface Counts {
  expiredHolds: number;
  expiredUnits: number;
  refusals: number;
  refusedUnits: number;
}

/** What each event comes to once. */
function expectedOf(sku: string): Counts {
  const counts: Counts = { expiredHolds: 0, expiredUnits: 0, refusals: 0, refusedUnits: 0 };
  for (const { type, data } of events) {
    if (type === 'InventoryExpired') {
      const lines = data.lines.filter((each) => each.sku === sku);
      if (lines.length > 0) counts.expiredHolds += 1;
      counts.expiredUnits += lines.reduce((sum, { quantity }) => sum + quantity, 0);
    } else if (type === 'InventoryRefused') {
      for (const { requested, available } of data.short.filter((each) => each.sku === sku)) {
        counts.refusals += 1;
        counts.refusedUnits += requested - available;
      }
    }
  }
  return counts;
}

function expectedLevels(sku: string): readonly object[] {
  return [north, south].flatMap((warehouseId) => {
    const alerts = events.flatMap((event) =>
      (event.type === 'LowStock' || event.type === 'BackInStock') &&
      event.data.sku === sku &&
      event.data.warehouseId === warehouseId
        ? [event]
        : [],
    );
    const newest = alerts.reduce<(typeof alerts)[number] | undefined>(
      (best, each) => (best === undefined || each.sequence > best.sequence ? each : best),
      undefined,
    );
    if (newest === undefined) return [];
    const { available, threshold } = newest.data;
    const lowStock = newest.type === 'LowStock';
    return [{ warehouseId, lowStock, available, threshold, at: newest.time }];
  });
}

test('bursts with repeats, and kill -9 in between: each event counts once, for each of its items', async () => {
  const pending = new Set(events);
  const kills = [40, 75, 110, Number.POSITIVE_INFINITY];
  for (const killAfter of kills) {
    const taken = await deliverAll(await Child.start(), pending, killAfter);
    expect(taken).toBeGreaterThanOrEqual(Math.min(killAfter, pending.size));
  }
  expect(pending.size).toBe(0);
  // Everything once more, to a process that has it from the tables or the journal.
  await deliverAll(await Child.start(), new Set(events), Number.POSITIVE_INFINITY);

  const service = await TestService.start({
    data: databases.inventory,
    env: {
      ROLE: 'all',
      LOGISTICS_DATABASE_URL: databases.logistics.url,
      NOTIFICATIONS_DATABASE_URL: databases.notifications.url,
      OWNER_LEASE_MS: '500',
    },
  });
  const { http } = await service.ready();
  const get = async (path: string): Promise<unknown> =>
    (await fetch(`http://127.0.0.1:${http}${path}`)).json();
  const expected = skus.map((sku) => ({
    ...expectedOf(sku),
    itemId: itemIdOfSku(sku),
    sku,
    levels: expectedLevels(sku),
    waitingUnits: 0,
  }));
  for (const each of expected) expect(await get(`/v1/supply/sku:${each.sku}`)).toMatchObject(each);
  // The tables lag by a moment.
  const page = { supply: expected, nextPageToken: '' };
  await expect.poll(() => get('/v1/supply'), { timeout: 20_000 }).toMatchObject(page);
  await service.stop();
  const urls = { inventory: databases.inventory.url, logistics: databases.logistics.url };
  const { differences } = await auditServices(urls, { warn: () => undefined });
  expect(differences).toEqual([]);
});
