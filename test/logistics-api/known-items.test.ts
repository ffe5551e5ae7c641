// What is remembered of Inventory's items: those that were found, for a minute, and not too many.
import { describe, expect, test } from 'vitest';
import type { Failure } from '../../src/actors/failure.ts';
import { Refused } from '../../src/api/errors.ts';
import type { InventoryMethod } from '../../src/api/inventory/deps.ts';
import type { InventoryCallOptions, InventoryPort } from '../../src/api/inventory/port.ts';
import { KnownItems } from '../../src/api/logistics/known-items.ts';
import { GetItemRequest, Item, ItemResponse } from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { processNow } from '../../src/runtime/ask.ts';

/** An Inventory that knows every item but these, and says what it was asked. */
class Shelves implements InventoryPort {
  readonly asked: string[] = [];
  readonly waits: number[] = [];
  readonly failing = new Map<string, Failure>();
  mostAtOnce = 0;
  #atOnce = 0;

  async call<Request, Response>(
    method: InventoryMethod<Request, Response>,
    request: Request,
    { waitMs }: InventoryCallOptions,
  ): Promise<Response> {
    const { id } = GetItemRequest.decode(method.request.encode(request).finish());
    this.asked.push(id);
    this.waits.push(waitMs);
    this.#atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
    await new Promise((resolve) => setImmediate(resolve));
    this.#atOnce -= 1;
    const failure = this.failing.get(id);
    if (failure !== undefined) throw new Refused(failure);
    const item = Item.create({ id, sku: `sku of ${id}` });
    return method.response.decode(ItemResponse.encode({ item }).finish());
  }

  async close(): Promise<void> {}
}

const ids = (count: number) => Array.from({ length: count }, (_, i) => `item ${i}`);
const soon = () => processNow() + 10_000;

test('an item is asked for once in a minute', async () => {
  let now = 0;
  const shelves = new Shelves();
  const known = new KnownItems(() => now);
  const look = () => known.skusOf(['a', 'b', 'a'], shelves, soon());
  expect([...(await look())]).toEqual([
    ['a', 'sku of a'],
    ['b', 'sku of b'],
  ]);
  now = 59_999;
  await look();
  expect(shelves.asked).toEqual(['a', 'b']);
  now = 60_000;
  await look();
  expect(shelves.asked).toEqual(['a', 'b', 'a', 'b']);
});

test('it is there again a minute after it was asked for again', async () => {
  let now = 0;
  const shelves = new Shelves();
  const known = new KnownItems(() => now);
  for (now of [0, 60_000, 119_999]) await known.skusOf(['a'], shelves, soon());
  expect(shelves.asked).toEqual(['a', 'a']);
});

test('not all are asked for at once', async () => {
  const shelves = new Shelves();
  const skus = await new KnownItems().skusOf(ids(2_000), shelves, soon());
  expect(skus.size).toBe(2_000);
  expect(shelves.mostAtOnce).toBe(32);
});

test('not too many are remembered; who was found first goes first', async () => {
  const shelves = new Shelves();
  const known = new KnownItems(() => 0, 3);
  await known.skusOf(ids(5), shelves, soon());
  expect(known.size).toBe(3);
  shelves.asked.length = 0;
  await known.skusOf(ids(5), shelves, soon());
  expect(shelves.asked).toEqual(['item 0', 'item 1']);
});

test('the wait is what is left until the deadline', async () => {
  const shelves = new Shelves();
  await new KnownItems().skusOf(['a'], shelves, processNow() + 1_000);
  expect(shelves.waits[0]).toBeGreaterThan(900);
  expect(shelves.waits[0]).toBeLessThanOrEqual(1_000);
});

describe('what is not found', () => {
  const unknown = (id: string): Failure => ({ code: 'item-not-found', message: `no item ${id}` });
  const away: Failure = { code: 'unavailable', message: 'away' };

  test('is not remembered, what is found beside it is', async () => {
    const shelves = new Shelves();
    const known = new KnownItems();
    shelves.failing.set('a', unknown('a'));
    await expect(known.skusOf(['a', 'b'], shelves, soon())).rejects.toThrow('no item a');
    shelves.failing.clear();
    shelves.asked.length = 0;
    expect((await known.skusOf(['a', 'b'], shelves, soon())).get('a')).toBe('sku of a');
    expect(shelves.asked).toEqual(['a']);
  });

  test('counts before what could not be asked: it cannot be mended by repeating', async () => {
    const shelves = new Shelves();
    shelves.failing.set('a', away);
    shelves.failing.set('b', unknown('b'));
    shelves.failing.set('c', unknown('c'));
    await expect(new KnownItems().skusOf(['a', 'b', 'c'], shelves, soon())).rejects.toThrow('no item b');
  });

  test('an Inventory that is away is told as it is', async () => {
    const shelves = new Shelves();
    shelves.failing.set('b', away);
    await expect(new KnownItems().skusOf(['a', 'b'], shelves, soon())).rejects.toThrow(new Refused(away));
  });
});
