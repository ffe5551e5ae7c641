// gRPC messages as bytes: requests whose items are encoded once for each basket, and as little of an answer as tells
// whether it was granted. Protobuf lets a message be the concatenation of two, so an order id goes before the rest.
import { DrawStrategy, StockReservationRequest } from '../../src/generated/synkro/inventory/v1/inventory.ts';
import type { Line } from '../scenarios/scenarios.ts';

/** A flag for compression and the length of the message. */
const prefixBytes = 5;

export function requestOf(orderId: string, lines: readonly Line[]): StockReservationRequest {
  return {
    orderId,
    items: lines.map(({ sku, quantity }) => ({ itemId: '', sku, quantity: BigInt(quantity) })),
    warehouseId: '',
    ttlSeconds: 0,
    customerId: '',
    idempotencyKey: '',
    requestId: '',
    drawStrategy: DrawStrategy.UNSPECIFIED,
  };
}

/** Everything of a request but its order id. */
export function encodeItems(lines: readonly Line[]): Uint8Array {
  return StockReservationRequest.encode(requestOf('', lines)).finish();
}

/** The gRPC frame of a request. */
export function frameRequest(orderId: string, items: Uint8Array): Buffer {
  const id = StockReservationRequest.encode(requestOf(orderId, [])).finish();
  const frame = Buffer.allocUnsafe(prefixBytes + id.length + items.length);
  frame[0] = 0;
  frame.writeUInt32BE(id.length + items.length, 1);
  frame.set(id, prefixBytes);
  frame.set(items, prefixBytes + id.length);
  return frame;
}

/** The message of a frame; null where it is compressed or not all of it is there. */
export function messageOf(frame: Buffer): Buffer | null {
  if (frame.length < prefixBytes || frame[0] !== 0) return null;
  return frame.length === prefixBytes + frame.readUInt32BE(1) ? frame.subarray(prefixBytes) : null;
}

/** `success` is the first field, and is there only where it is true. */
export function isGranted(message: Uint8Array): boolean {
  return message[0] === 0x08 && message[1] === 0x01;
}
