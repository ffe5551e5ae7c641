// Derived ids are the standard's, and remembering them is bounded.
import { expect, test } from 'vitest';
import { idNamespace, itemIdOfSku, uuidv5 } from '../../src/actors/ids.ts';
import { ItemIds } from '../../src/api/item-ids.ts';

// By Python's uuid.uuid5, in our namespace.
test.each([
  ['85123A', '0b02b3d2-eebd-5d07-828b-e553dd160151'],
  ['15056BL', 'a7bc8bfb-aafd-5cfb-8d38-fe9fd2e3a734'],
  ['15056bl', '3239fb75-01a4-540f-999c-dbc6f175a7a1'],
  ['Ünï', '86c474c0-944b-5dd2-a782-34ab6dfbd573'],
  ['', '25d27d83-495a-59db-bba2-81fbd69b5712'],
])('the UUIDv5 of %j', (name, id) => {
  expect(idNamespace).toBe('6f9b2f6e-5c1d-4d52-9a3e-8f1d2b7c4a10');
  expect(uuidv5(name)).toBe(id);
  expect(itemIdOfSku(name)).toBe(id);
});

test('the cache keeps those used last, and never more than its bound', () => {
  const ids = new ItemIds(3);
  for (const sku of ['a', 'b', 'c', 'a', 'd', 'e', 'a']) expect(ids.of(sku)).toBe(uuidv5(sku));
  expect(ids.size).toBe(3);
  for (let i = 0; i < 100; i += 1) ids.of(`x${i}`);
  expect(ids.size).toBe(3);
});
