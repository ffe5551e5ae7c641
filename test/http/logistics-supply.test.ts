// What is to be ordered anew: as pages, as CSV, and of one item.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fail } from '../../src/actors/failure.ts';
import { itemIdOfSku } from '../../src/actors/ids.ts';
import type { Supply } from '../../src/actors/logistics/supply/model.ts';
import type { SupplyRow } from '../../src/api/logistics/deps.ts';
import { asOf } from '../grpc/support/fakes.ts';
import { askingLogistics, type LogisticsHarness, resetLogistics, serveBoth } from './support/logistics.ts';

const north = '11111111-1111-4111-8111-111111111111';
const south = '22222222-2222-4222-8222-222222222222';
const at = Date.parse('2026-01-31T12:00:00.000Z');
const path = '/v1/supply';

let harness: LogisticsHarness;
beforeAll(async () => {
  harness = await serveBoth();
});
afterAll(() => harness.stop());
beforeEach(() => resetLogistics(harness));

function supplyOf(sku: string, more: Partial<Supply> = {}): Supply {
  return {
    sku,
    alerts: {},
    expiredHolds: 1,
    expiredUnits: 2,
    refusals: 3,
    refusedUnits: 4,
    since: at,
    updatedAt: at + 1_000,
    ...more,
  };
}

const alert = { available: 3, threshold: 5, source: 'inventory', sequence: 7, at };
const low: Supply = supplyOf('85123A', {
  alerts: { [south]: { ...alert, isLow: false }, [north]: { ...alert, isLow: true } },
});
const row = (supply: Supply, waitingUnits = 0): SupplyRow => ({
  id: itemIdOfSku(supply.sku),
  supply,
  waitingUnits,
});

const heard = { available: 3, threshold: 5, at: '2026-01-31T12:00:00.000Z' };
const counts = { expiredHolds: 1, expiredUnits: 2, refusals: 3, refusedUnits: 4 };
const times = { since: '2026-01-31T12:00:00.000Z', updatedAt: '2026-01-31T12:00:01.000Z' };
const lowJson = {
  itemId: itemIdOfSku('85123A'),
  sku: '85123A',
  lowStock: true,
  levels: [
    { warehouseId: north, lowStock: true, ...heard },
    { warehouseId: south, lowStock: false, ...heard },
  ],
  waitingUnits: 9,
  ...counts,
  ...times,
};

describe('the list', () => {
  test('page after page, in order of SKU, with how old it is', async () => {
    harness.logistics.queries.supply = [row(low, 9), row(supplyOf('b')), row(supplyOf('c/d'))];
    const first = await harness.call('GET', `${path}?pageSize=2`);
    expect([first.status, first.headers.get('x-synkro-as-of')]).toEqual([200, String(asOf)]);
    expect(first.body).toMatchObject({ supply: [lowJson, { sku: 'b', lowStock: false, levels: [] }] });
    const { nextPageToken } = Object(first.body);
    harness.logistics.queries.supply = [row(supplyOf('b/')), row(supplyOf('c/d'))];
    const second = await harness.call('GET', `${path}?pageSize=1&pageToken=${nextPageToken}`);
    const third = await harness.call(
      'GET',
      `${path}?pageSize=1&pageToken=${Object(second.body).nextPageToken}`,
    );
    expect(third.body).toMatchObject({ supply: [{ sku: 'c/d' }], nextPageToken: '' });
    expect(harness.logistics.queries.asked).toEqual([
      { isLow: null, after: null, limit: 3 },
      { isLow: null, after: { id: itemIdOfSku('b'), sku: 'b' }, limit: 2 },
      { isLow: null, after: { id: itemIdOfSku('b/'), sku: 'b/' }, limit: 2 },
    ]);
  });

  test.each([
    ['true', ['85123A']],
    ['false', ['b']],
  ])('low=%s', async (isLow, expected) => {
    harness.logistics.queries.supply = [row(low), row(supplyOf('b'))];
    const { body } = await harness.call('GET', `${path}?low=${isLow}`);
    expect(Object(body).supply.map((each: unknown) => Object(each).sku)).toEqual(expected);
  });

  test('a token is good for its list alone, and for nothing that was made up', async () => {
    harness.logistics.queries.supply = [row(low), row(supplyOf('b'))];
    const { body } = await harness.call('GET', `${path}?pageSize=1`);
    const { nextPageToken } = Object(body);
    const [version, mark] = JSON.parse(Buffer.from(nextPageToken, 'base64url').toString());
    const madeUp = Buffer.from(JSON.stringify([version, mark, 'no/key'])).toString('base64url');
    for (const query of [`low=true&pageToken=${nextPageToken}`, `pageToken=${madeUp}`]) {
      const refused = await harness.call('GET', `${path}?${query}`);
      expect([refused.status, Object(refused.body).field], query).toEqual([400, 'pageToken']);
    }
  });

  test.each([
    ['?format=csv&pageSize=1', undefined],
    ['', 'text/csv'],
  ])('as CSV: %s, Accept: %s: all of it, a row a warehouse', async (query, accept) => {
    const many = Array.from({ length: 1_001 }, (_, n) => supplyOf(`c-${String(n).padStart(4, '0')}`));
    harness.logistics.queries.supply = [row(low, 9), row(supplyOf('=b')), ...many.map((each) => row(each))];
    const headers: Record<string, string> = accept === undefined ? {} : { accept };
    const answered = await harness.call('GET', `${path}${query}`, { headers });
    expect(answered.status).toBe(200);
    expect(answered.headers.get('content-disposition')).toBe('attachment; filename="supply.csv"');
    const lines = String(answered.body).split('\r\n');
    expect(lines.slice(0, 4)).toEqual([
      'sku,itemId,warehouseId,lowStock,available,threshold,waitingUnits,expiredHolds,expiredUnits,refusals,refusedUnits',
      `85123A,${itemIdOfSku('85123A')},${north},true,3,5,9,1,2,3,4`,
      `85123A,${itemIdOfSku('85123A')},${south},false,3,5,9,1,2,3,4`,
      `'=b,${itemIdOfSku('=b')},,false,,,0,1,2,3,4`,
    ]);
    expect(lines).toHaveLength(1 + 2 + 1 + many.length + 1);
  });
});

describe('one item', () => {
  const answering = (supply: Supply | null) => {
    const { asker } = harness.logistics;
    asker.answer = ({ ref }) => ({ ok: ref.kind === 'queue' ? { units: 9 } : supply });
  };

  test.each([
    ['sku:85123A', 'by its SKU'],
    [itemIdOfSku('85123A'), 'by its id'],
    [itemIdOfSku('85123A').toUpperCase(), 'by its id in capitals'],
  ])('%s, %s: from its supply and its queue', async (id) => {
    answering(low);
    const { status, body, asked } = await askingLogistics(harness, 'GET', `${path}/${id}`);
    expect([status, body]).toEqual([200, lowJson]);
    expect(asked).toEqual([
      { ref: { kind: 'supply', id: itemIdOfSku('85123A') }, command: { type: 'get' } },
      { ref: { kind: 'queue', id: itemIdOfSku('85123A') }, command: { type: 'get' } },
    ]);
  });

  test('that nothing was heard of yet: nothing lost, nothing low', async () => {
    answering(null);
    const { status, body } = await harness.call('GET', `${path}/sku:85123A`);
    expect([status, body]).toEqual([
      200,
      {
        itemId: itemIdOfSku('85123A'),
        sku: '85123A',
        lowStock: false,
        levels: [],
        waitingUnits: 9,
        expiredHolds: 0,
        expiredUnits: 0,
        refusals: 0,
        refusedUnits: 0,
      },
    ]);
  });

  test('that there is not: 404, in the words of whoever asked', async () => {
    answering(null);
    harness.logistics.unknownItems.add(itemIdOfSku('nothing'));
    const { status, body } = await harness.call('GET', `${path}/sku:nothing`);
    expect([status, Object(body).code, Object(body).field]).toEqual([404, 'item-not-found', 'id']);
  });

  test.each(['nothing', 'sku:', '11111111-1111-4111-8111'])('%s: none can be called that', async (id) => {
    const { status, body, asked } = await askingLogistics(harness, 'GET', `${path}/${id}`);
    expect([status, Object(body).field, asked]).toEqual([400, 'id', []]);
  });

  test('whose actor does not answer, or answers with something else: no half truth', async () => {
    const { asker } = harness.logistics;
    asker.answer = ({ ref }) => (ref.kind === 'queue' ? fail('unavailable', 'restarting') : { ok: low });
    expect((await harness.call('GET', `${path}/sku:85123A`)).status).toBe(503);
    asker.answer = ({ ref }) => ({ ok: ref.kind === 'queue' ? { units: 9 } : { sku: 'secret' } });
    const { status, body } = await harness.call('GET', `${path}/sku:85123A`);
    expect([status, JSON.stringify(body).includes('secret')]).toEqual([500, false]);
  });
});
