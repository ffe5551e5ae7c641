// What is written comes back exactly, of every kind of actor that Logistics has; and what was not written by it is refused.
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SnapshotRow } from '../../src/runtime/store.ts';
import type { StoreUnderTest } from '../store/contract.ts';
import { head } from '../store/samples.ts';
import { receiptKeys, receiptStates } from '../store/states.ts';
import { makeLogisticsDatabase, makeLogisticsStores, write } from './real.ts';
import {
  customer,
  customerId,
  customerRow,
  itemId,
  orderId,
  orderRow,
  queueRow,
  row,
  supplyRow,
} from './samples.ts';
import { customerStates, orderStates, queueStates, supplyStates } from './states.ts';

const runs = 40;

type Written = Pick<SnapshotRow, 'ref' | 'state'>;

const states: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  order: orderStates,
  queue: queueStates,
  customer: customerStates,
  supply: supplyStates,
};
const kinds = Object.keys(states);

function actors(kind: string): fc.Arbitrary<Written> {
  const state = states[kind];
  return state === undefined
    ? fc.tuple(receiptKeys, receiptStates).map(([id, receipt]) => ({ ref: { kind, id }, state: receipt }))
    : state.map((each) => ({ ref: { kind, id: randomUUID() }, state: each }));
}

let test: StoreUnderTest;
let sql: postgres.Sql;
/** Above that of every row before, so that each is newer than what it meets. */
let seq = 0;

beforeAll(async () => {
  const database = await makeLogisticsDatabase();
  test = makeLogisticsStores(database);
  sql = postgres(database.url, { max: 1 });
  await test.store.claim(await test.own(), [0]);
});

afterAll(async () => {
  await sql.end({ timeout: 1 });
  await test.close();
});

async function writeAndRead(written: readonly Written[], more: Partial<SnapshotRow> = {}) {
  seq += 1;
  const rows = written.map(({ ref, state }) => row(ref.kind, ref.id, state, { seq, ...more }));
  expect(await test.store.snapshot({ heads: [head(0, 1, seq)], rows, events: [] })).toBe('written');
  return test.other.load(rows.map(({ ref }) => ref));
}

describe('a state that was written', () => {
  for (const kind of [...kinds, 'receipt']) {
    it(`comes back exactly: ${kind}`, async () => {
      await fc.assert(
        fc.asyncProperty(actors(kind), async (written) => {
          expect(await writeAndRead([written])).toEqual([{ ...written, seq }]);
        }),
        { numRuns: runs },
      );
    });
  }

  for (const [kind, arbitrary] of Object.entries(states)) {
    it(`replaces the one before it as a whole: ${kind}`, async () => {
      await fc.assert(
        fc.asyncProperty(arbitrary, arbitrary, async (first, second) => {
          const ref = { kind, id: randomUUID() };
          await writeAndRead([{ ref, state: first }], { pending: kind !== 'supply' });
          expect(await writeAndRead([{ ref, state: second }])).toEqual([{ ref, seq, state: second }]);
          expect(await test.store.pending([0], null, 10)).toEqual([]);
        }),
        { numRuns: runs },
      );
    });
  }

  it('comes back among states of all other kinds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.tuple(...[...kinds, 'receipt'].map(actors)), async (written) => {
        const stored = await writeAndRead(written);
        for (const each of written) expect(stored).toContainEqual({ ...each, seq });
        expect(stored).toHaveLength(written.length);
      }),
      { numRuns: runs },
    );
  });

  it('is not kept where there is nothing to be kept', async () => {
    const nothing = [
      { ref: { kind: 'order', id: randomUUID() }, state: { order: null, published: 0 } },
      {
        ref: { kind: 'customer', id: randomUUID() },
        state: { customer: null, erasure: 'none', published: 0 },
      },
      { ref: { kind: 'supply', id: randomUUID() }, state: { supply: null } },
      { ref: { kind: 'receipt', id: 'a key' }, state: null },
    ];
    expect(await writeAndRead(nothing)).toEqual([]);
  });

  it('is not found by an id that it could not have', async () => {
    const refs = kinds.map((kind) => ({ kind, id: 'not a UUID' }));
    expect(await test.store.load(refs)).toEqual([]);
  });
});

describe('a state that is none', () => {
  it.each([
    ['an order', row('order', orderId(1), { order: { status: 'created' }, published: 0 })],
    ['a queue', row('queue', itemId(1), { entries: [{ orderId: 'a' }] })],
    ['a customer', row('customer', customerId(1), { ...customer(), erasure: 'maybe' })],
    ['a supply', row('supply', itemId(1), { supply: { sku: 'SKU-1' } })],
  ])('is not written: %s', async (_what, bad) => {
    await expect(write(test, [bad])).rejects.toMatchObject({ name: 'StoreError', kind: 'broken' });
    expect(await test.store.load([bad.ref])).toEqual([]);
  });

  it.each([
    ['orders', 'id', orderRow(2)],
    ['backorder_queues', 'item_id', queueRow(2)],
    ['supply', 'item_id', supplyRow(2)],
  ])('is not believed when it is read from %s', async (table, id, good) => {
    await write(test, [good]);
    for (const state of ['no JSON', '{}', '[]', 'null', '{"order":{"lines":[]}}']) {
      await sql`update ${sql(table)} set state = ${state} where ${sql(id)} = ${good.ref.id}`;
      await expect(test.store.load([good.ref])).rejects.toMatchObject({ name: 'StoreError', kind: 'broken' });
    }
  });

  it('does not keep the others of its kind from being read', async () => {
    await write(test, [orderRow(3), customerRow(3)]);
    await sql`update orders set state = '{}' where id = ${orderId(3)}`;
    expect(await test.store.load([{ kind: 'customer', id: customerId(3) }])).toHaveLength(1);
  });
});
