// How Logistics reaches Inventory: by the methods of its API, whether they are answered in this process or in another.
import type { InventoryMethod } from './deps.ts';

export interface InventoryCallOptions {
  /** How long the answer may take, in milliseconds. */
  readonly waitMs: number;
  /** The idempotency key of methods whose request has no field for it; '' where there is none. */
  readonly key?: string;
}

export interface InventoryPort {
  /** @throws Refused with the failure that Inventory answered; 'unavailable' where it does not answer */
  call<Request, Response>(
    method: InventoryMethod<Request, Response>,
    request: Request,
    options: InventoryCallOptions,
  ): Promise<Response>;
  close(): Promise<void>;
}
