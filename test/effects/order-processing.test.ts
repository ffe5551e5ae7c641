// What Logistics does with an event: which commands it causes, under which keys, and what becomes of an event that could not
// be taken in.
import { beforeEach, describe, expect, test } from 'vitest';
import { type FailureCode, fail } from '../../src/actors/failure.ts';
import { itemIdOfSku } from '../../src/actors/ids.ts';
import { createOrderProcessing } from '../../src/effects/order-processing.ts';
import type { PublishedEvent } from '../../src/events/event.ts';
import { NotNow } from '../../src/events/handler.ts';
import { processNow } from '../../src/runtime/ask.ts';
import { FakeAsker } from '../grpc/support/fakes.ts';
import {
  eventOf,
  eventTime,
  expiry,
  item,
  levelEvent,
  line,
  north,
  refusal,
  south,
} from './support/events.ts';

const limits = { eventMsMax: 5_000, eventCommandsInFlightMax: 4 };
let asker: FakeAsker;
beforeEach(() => {
  asker = new FakeAsker();
  asker.answer = () => ({ ok: null });
});

const handle = (event: PublishedEvent) => createOrderProcessing({ asker, limits }).handle(event);

async function commandsOf(event: PublishedEvent): Promise<readonly unknown[]> {
  await handle(event);
  return asker.asked.map(({ ref, command }) => [ref, command]);
}

const supply = (sku: string) => ({ kind: 'supply', id: itemIdOfSku(sku) });

describe('the commands of an event', () => {
  test.each([
    ['LowStock', 'stockLow'],
    ['BackInStock', 'stockBack'],
  ] as const)('%s: its place in the sequence comes with it', async (type, command) => {
    expect(await commandsOf(levelEvent(type, 'A', 7))).toEqual([
      [
        supply('A'),
        {
          type: command,
          alert: {
            sku: 'A',
            warehouseId: north,
            available: 3,
            threshold: 5,
            source: 'inventory',
            sequence: 7,
            at: eventTime + 7,
          },
        },
      ],
    ]);
  });

  test('InventoryExpired: one for each item, the lines of several warehouses together', async () => {
    const lines = [line('A', 2), line('B', 1), line('A', 3, south)];
    expect(await commandsOf(expiry('o', lines))).toEqual([
      [supply('A'), { type: 'holdExpired', loss: { sku: 'A', units: 5, at: eventTime + 2 } }],
      [supply('B'), { type: 'holdExpired', loss: { sku: 'B', units: 1, at: eventTime + 2 } }],
    ]);
  });

  test('InventoryRefused: what was asked for beyond what there was, never less than nothing', async () => {
    const short = [
      { ...item('A'), requested: 9, available: 4 },
      { ...item('B'), requested: 2, available: 6 },
    ];
    expect(await commandsOf(refusal('o', short))).toEqual([
      [supply('A'), { type: 'reservationRefused', loss: { sku: 'A', units: 5, at: eventTime + 1 } }],
      [supply('B'), { type: 'reservationRefused', loss: { sku: 'B', units: 0, at: eventTime + 1 } }],
    ]);
  });

  const policy = (lowStockThreshold: number) =>
    eventOf('StockPolicySet', 'items/A', 3, {
      itemId: itemIdOfSku('A'),
      warehouseId: north,
      lowStockThreshold,
      backInStockThreshold: lowStockThreshold,
      incomingQuantity: 0,
      incomingAt: null,
    });
  const place = { source: 'inventory', sequence: 3, at: eventTime + 3 };

  test('StockPolicySet: alerts end where the threshold is taken away', async () => {
    expect(await commandsOf(policy(0))).toEqual([
      [supply('A'), { type: 'alertsEnded', warehouseId: north, place }],
    ]);
  });

  test('ItemDeleted: all alerts end', async () => {
    const deleted = eventOf('ItemDeleted', 'items/A', 3, { itemId: itemIdOfSku('A') });
    expect(await commandsOf(deleted)).toEqual([
      [supply('A'), { type: 'alertsEnded', warehouseId: null, place }],
    ]);
  });

  const orderId = '33333333-3333-4333-8333-333333333333';
  test.each([
    policy(5),
    eventOf('ItemCreated', 'items/A', 1, { ...item('A'), name: 'The A', category: '' }),
    eventOf('InventoryCommitted', 'orders/o', 2, { reservationId: 'r', orderId: 'o', lines: [line('A', 1)] }),
    eventOf('OrderCancelled', `orders/${orderId}`, 4, {
      orderId,
      customerId: null,
      by: 'customer',
      reason: '',
    }),
    expiry('o', []),
  ])('$type that concerns no supply: none', async (event) => {
    expect(await commandsOf(event)).toEqual([]);
  });
});

describe('each command', () => {
  test('has the event’s id as its key, for its item, the same whenever it comes', async () => {
    const event = expiry('o', [line('A', 2), line('B', 1)]);
    await handle(event);
    await handle(event);
    const receipts = asker.asked.map(({ options }) => options.receipt);
    expect(receipts.map((receipt) => receipt?.key)).toEqual([
      `order_processing|${itemIdOfSku('A')}|${event.id}`,
      `order_processing|${itemIdOfSku('B')}|${event.id}`,
      `order_processing|${itemIdOfSku('A')}|${event.id}`,
      `order_processing|${itemIdOfSku('B')}|${event.id}`,
    ]);
    expect(new Set(receipts.map((receipt) => receipt?.fingerprint)).size).toBe(1);
  });

  test('is durable before the event counts as taken in, so many at a time, by one deadline', async () => {
    const lines = Array.from({ length: 30 }, (_, n) => line(`S-${n}`, 1));
    let [underWay, most] = [0, 0];
    let release = Promise.withResolvers<void>();
    asker.answer = async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await release.promise;
      underWay -= 1;
      return { ok: null };
    };
    let isTaken = false;
    const before = processNow();
    const taken = handle(expiry('o', lines)).then(() => {
      isTaken = true;
    });
    while (asker.asked.length < lines.length) {
      expect(isTaken).toBe(false);
      const last = release;
      release = Promise.withResolvers();
      last.resolve();
      await new Promise(setImmediate);
    }
    expect(isTaken).toBe(false);
    release.resolve();
    await taken;
    expect(most).toBe(limits.eventCommandsInFlightMax);
    const deadlines = new Set(asker.asked.map(({ options }) => options.deadline));
    expect(deadlines.size).toBe(1);
    for (const deadline of deadlines) {
      expect(deadline).toBeGreaterThanOrEqual(before + limits.eventMsMax);
      expect(deadline).toBeLessThanOrEqual(processNow() + limits.eventMsMax);
    }
  });
});

describe('an event that could not be taken in', () => {
  const three = expiry('o', [line('A', 1), line('B', 1), line('C', 1)]);
  const failing = (codes: Readonly<Record<string, FailureCode>>) => {
    asker.answer = ({ ref }) => {
      const [, code] = Object.entries(codes).find(([sku]) => itemIdOfSku(sku) === ref.id) ?? [];
      return code === undefined ? { ok: null } : fail(code, 'so it is');
    };
  };

  test.each(['unavailable', 'overloaded', 'deadline-exceeded'] as const)(
    '%s: not now, and all other commands have been given',
    async (code) => {
      failing({ A: code });
      await expect(handle(three)).rejects.toThrow(NotNow);
      expect(asker.asked).toHaveLength(3);
    },
  );

  test.each(['internal', 'idempotency-key-reused'] as const)(
    '%s: the event is at fault, and the error says why',
    async (code) => {
      failing({ B: code });
      const thrown: unknown = await handle(three).catch((error: unknown) => error);
      expect(thrown).not.toBeInstanceOf(NotNow);
      expect(thrown).toMatchObject({ message: `InventoryExpired was not taken in: ${code}: so it is` });
      expect(asker.asked).toHaveLength(3);
    },
  );

  test('both: what can be done later is done before the event is put aside', async () => {
    failing({ A: 'internal', C: 'unavailable' });
    await expect(handle(three)).rejects.toThrow(NotNow);
  });
});
