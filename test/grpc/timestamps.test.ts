// Timestamps whose nanoseconds are none, which decoding would turn into some other time.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Timestamp } from '../../src/generated/google/protobuf/timestamp.ts';
import * as pb from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { callBytes, type Harness, problemOf, serve } from './support/client.ts';
import { level } from './support/fakes.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serve();
});
afterAll(() => harness.stop());

/** A message within a message, of less than 128 bytes. */
function nested(field: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | 2, bytes.length]), bytes]);
}

function requestWith(nanos: number): Uint8Array {
  const named = pb.SetStockPolicyRequest.create({ sku: 'A', warehouseId: level.warehouseId });
  const at = Timestamp.encode(Timestamp.create({ seconds: 1_800_000_000n, nanos })).finish();
  return Buffer.concat([pb.SetStockPolicyRequest.encode(named).finish(), nested(4, nested(3, at))]);
}

test.each([-5, -1_000_000_000, 1_000_000_000])('%d nanoseconds are refused', async (nanos) => {
  const problem = problemOf((await callBytes(harness, 'setStockPolicy', requestWith(nanos))).error);
  expect(problem).toMatchObject({ code: 'INVALID_ARGUMENT', fields: ['policy.incoming_at'] });
  expect(harness.fakes.asker.asked).toEqual([]);
});

test.each([0, 999_999_999])('%d nanoseconds are taken', async (nanos) => {
  expect((await callBytes(harness, 'setStockPolicy', requestWith(nanos))).error).toBeNull();
  expect(harness.fakes.asker.asked.splice(0)).toHaveLength(1);
});
