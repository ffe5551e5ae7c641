// Lists and reports: what is asked of the tables, pages and their tokens.
import type { Metadata } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as pb from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { StoreError } from '../../src/runtime/store.ts';
import { callMessage, type Harness, type MethodName, problemOf, serve } from './support/client.ts';
import { asOf, FakeQueries, item, itemRow, level, usualAnswer, wireLevel } from './support/fakes.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serve();
});
afterAll(() => harness.stop());
beforeEach(() => {
  harness.fakes.asker.asked.length = 0;
  harness.fakes.asker.answer = (asked) => ({ ok: usualAnswer(asked) });
  harness.fakes.queries.asked.length = 0;
});

const { warehouseId } = level;

const call = <T>(
  method: MethodName,
  type: pb.MessageFns<T>,
  request: Parameters<pb.MessageFns<T>['create']>[0],
  metadata?: Metadata,
) => callMessage(harness, method, type, request, metadata);

describe('lists', () => {
  const seven = Array.from({ length: 7 }, (_, i) => ({ ...itemRow, sku: `s${i}`, id: `id${i}` }));

  async function pages(
    ask: (pageToken: string) => Promise<{ response: unknown; header: Metadata }>,
    read: (response: unknown) => { readonly keys: readonly string[]; readonly next: string },
  ) {
    const seen: (readonly string[])[] = [];
    for (let token = ''; seen.length < 10; ) {
      const { response, header } = await ask(token);
      expect(header.get('x-synkro-as-of')).toEqual([String(asOf)]);
      const { keys, next } = read(response);
      seen.push(keys);
      token = next;
      if (token === '') return seen;
    }
    throw new Error('the list does not end');
  }

  test.each([3, 7, 8])('ListItems in pages of %d', async (pageSize) => {
    harness.fakes.queries.items = seven;
    const seen = await pages(
      (pageToken) =>
        call('listItems', pb.ListItemsRequest, { pageSize, pageToken, category: 'c', skuPrefix: 's' }),
      (response) => {
        const { items, nextPageToken } = pb.ListItemsResponse.fromPartial(Object(response));
        return { keys: items.map(({ sku }) => sku), next: nextPageToken };
      },
    );
    expect(seen.flat()).toEqual(seven.map(({ sku }) => sku));
    expect(seen).toHaveLength(Math.ceil(7 / pageSize));
    expect(harness.fakes.queries.asked[0]).toEqual({
      category: 'c',
      skuPrefix: 's',
      afterSku: null,
      limit: pageSize + 1,
    });
  });

  test('a token is good only for the list that it was given for', async () => {
    harness.fakes.queries.items = seven;
    const { response } = await call('listItems', pb.ListItemsRequest, { pageSize: 2 });
    const pageToken = pb.ListItemsResponse.fromPartial(Object(response)).nextPageToken;
    const other = await call('listItems', pb.ListItemsRequest, { pageSize: 2, pageToken, category: 'other' });
    expect(problemOf(other.error).fields).toEqual(['page_token']);
    for (const junk of ['A', 'AAAA', 'IA']) {
      const more = { pageSize: 2, pageToken: `${pageToken}${junk}` };
      expect(problemOf((await call('listItems', pb.ListItemsRequest, more)).error).fields, junk).toEqual([
        'page_token',
      ]);
    }
    const report = await call('getInventoryReport', pb.GetInventoryReportRequest, { pageToken });
    expect(problemOf(report.error).fields).toEqual(['page_token']);
  });

  test('tables that cannot be read: UNAVAILABLE', async () => {
    const { listItems } = harness.fakes.queries;
    harness.fakes.queries.listItems = () => Promise.reject(new StoreError('unknown', 'secret'));
    const { error } = await call('listItems', pb.ListItemsRequest, {});
    harness.fakes.queries.listItems = listItems;
    expect(problemOf(error)).toMatchObject({
      code: 'UNAVAILABLE',
      message: 'the tables cannot be read at the moment',
    });
  });

  test('ListWarehouses', async () => {
    const { response } = await call('listWarehouses', pb.ListWarehousesRequest, {});
    expect(response).toEqual({
      warehouses: [
        { id: warehouseId, name: 'North', location: 'Hull', isActive: true, customerId: '', priority: 1 },
      ],
      nextPageToken: '',
    });
    expect(harness.fakes.queries.asked).toEqual([{ afterId: null, limit: 51 }]);
  });

  test('GetInventoryReport', async () => {
    harness.fakes.queries.items = new FakeQueries().items;
    const { response } = await call('getInventoryReport', pb.GetInventoryReportRequest, {
      lowStockOnly: true,
      threshold: 9n,
    });
    expect(harness.fakes.queries.asked).toEqual([
      { warehouseId: null, category: null, lowStockOnly: true, threshold: 9, afterSku: null, limit: 51 },
    ]);
    expect(response).toMatchObject({
      lines: [
        { item: { sku: item.details.sku }, levels: [wireLevel, {}], totalAvailable: 15n, lowStock: true },
      ],
      totalItems: 3n,
      totalQuantity: 20n,
      totalReserved: 5n,
      lowStockCount: 1n,
      reportTime: new Date(asOf),
      nextPageToken: '',
    });
  });
});
