/** StreamInventoryUpdates as tests read it. */
import type { ClientReadableStream } from '@grpc/grpc-js';
import * as pb from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { type Inventory, present } from './inventory.ts';
import { until } from './until.ts';

export type Updates = ClientReadableStream<pb.InventoryUpdateEvent>;

export function watch(
  inventory: Inventory,
  request: pb.DeepPartial<pb.StreamInventoryUpdatesRequest>,
): Updates {
  return inventory.client.streamInventoryUpdates(pb.StreamInventoryUpdatesRequest.create(request));
}

/** Its first message, which carries only the token; the stream is given up then. */
export async function firstOf(updates: Updates): Promise<pb.InventoryUpdateEvent> {
  for await (const event of updates) {
    if (!isUpdate(event)) throw new Error('no update');
    updates.cancel();
    return event;
  }
  throw new Error('the stream ended before its first message');
}

export function isUpdate(event: unknown): event is pb.InventoryUpdateEvent {
  return typeof event === 'object' && event !== null && 'resumeToken' in event;
}

/** Gathers what a stream delivers. */
export class Watcher {
  readonly events: pb.InventoryUpdateEvent[] = [];
  /** The last token that came. */
  token = '';
  error: unknown;
  readonly #updates: Updates;

  constructor(inventory: Inventory, request: pb.DeepPartial<pb.StreamInventoryUpdatesRequest>) {
    this.#updates = watch(inventory, request);
    this.#updates.on('data', (event: pb.InventoryUpdateEvent) => {
      this.token = event.resumeToken;
      if (event.inventoryLevel !== undefined) this.events.push(event);
    });
    this.#updates.on('error', (error) => {
      this.error = error;
    });
  }

  async started(): Promise<void> {
    await until('the first message of the stream', () => this.token !== '' || this.error !== undefined);
    if (this.error !== undefined) throw this.error;
  }

  /** Waits until so many changes have come. */
  async has(count: number): Promise<void> {
    await until(
      `${count} changes on the stream`,
      () => this.events.length >= count || this.error !== undefined,
      20_000,
      () => `and saw ${this.events.length}`,
    );
    if (this.error !== undefined) throw this.error;
  }

  /** `sku@version`, in the order in which they came. */
  get seen(): string[] {
    return this.events.map(({ inventoryLevel }) => {
      const { sku, version } = present(inventoryLevel);
      return `${sku}@${version}`;
    });
  }

  cancel(): void {
    this.#updates.cancel();
  }
}
