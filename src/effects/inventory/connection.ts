// What Logistics holds of Inventory, wherever that is: its methods, and its update stream. Two implementations,
// in-process.ts and over-grpc.ts, that nobody can tell apart by what they answer.
import type { InventoryCallOptions, InventoryPort } from '../../api/inventory/port.ts';
import { callLimits } from '../../api/limits.ts';
import type { InventoryUpdateEvent } from '../../generated/synkro/inventory/v1/inventory.ts';

/** Inventory's update stream of all items and warehouses, followed by one at a time. */
export interface InventoryUpdates {
  /**
   * Resolves when the signal is given, and rejects when the stream breaks. To be called again then: the same object
   * goes on after the last event whose `onEvent` has returned, without loss or repeat, as long as Inventory keeps that
   * position. Where it does not ('token-expired'), and for a new object, the stream begins at what is newest.
   *
   * @param onEvent the next event waits for what it returns. What it throws ends the stream, and is thrown as it is
   * @param onBegin the stream has its position: whatever changes from now on will come. So levels that are read from now
   * on and the events together miss nothing
   * @throws Refused
   */
  follow(
    signal: AbortSignal,
    onEvent: (event: InventoryUpdateEvent) => void | Promise<void>,
    onBegin: () => void,
  ): Promise<void>;
}

export interface InventoryConnection extends InventoryPort {
  /** A position of its own each. */
  updates(): InventoryUpdates;
  /** Calls and streams that are under way end with 'unavailable'; so does whatever is asked afterwards. */
  close(): Promise<void>;
}

/** @throws RangeError where the key could not be sent as metadata: also in process, so that it is found out there */
export function readOptions({ waitMs, key = '' }: InventoryCallOptions): {
  readonly waitMs: number;
  readonly key: string;
} {
  if (!/^[\x21-\x7e]*$/.test(key)) throw new RangeError('an idempotency key of ours is printable ASCII');
  return { waitMs: Math.min(waitMs, callLimits.callDeadlineMsMax), key };
}

export const notInTime = {
  code: 'deadline-exceeded',
  message: 'not answered in time; the outcome is unknown',
} as const;

export const closed = {
  code: 'unavailable',
  message: 'the connection to Inventory is closed',
} as const;
