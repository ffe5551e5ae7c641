// StreamInventoryUpdates: every change of a level.
import { isInteger, isText, objectOf } from '../../actors/shape.ts';
import {
  InventoryUpdateEvent,
  StreamInventoryUpdatesRequest,
} from '../../generated/synkro/inventory/v1/inventory.ts';
import type { UpdateStream } from '../feed/updates.ts';
import { checked } from '../validate/check.ts';
import type { InventoryDeps } from './deps.ts';
import { assertWarehouses } from './known-warehouses.ts';
import { uuids } from './levels.ts';
import { levelMessage } from './present.ts';

export interface LevelChange {
  readonly itemId: string;
  readonly event: LevelEvent;
}

/** The part of an item's event of type 'level' that is shown. */
interface LevelEvent {
  readonly type: string;
  readonly cause: string;
  readonly sku: string;
  readonly warehouseId: string;
  readonly quantity: number;
  readonly held: number;
  readonly allocated: number;
  readonly version: number;
  readonly at: number;
}

const isLevelEvent = objectOf<LevelEvent>({
  type: isText,
  cause: isText,
  sku: isText,
  warehouseId: isText,
  quantity: isInteger,
  held: isInteger,
  allocated: isInteger,
  version: isInteger,
  at: isInteger,
});

/** The first message carries only a resume token, as the contract says. */
export const streamInventoryUpdates: UpdateStream<
  StreamInventoryUpdatesRequest,
  InventoryUpdateEvent,
  LevelChange,
  InventoryDeps
> = {
  name: 'StreamInventoryUpdates',
  request: StreamInventoryUpdatesRequest,
  response: InventoryUpdateEvent,
  project: ({ kind, id, event }) =>
    kind === 'item' && isLevelEvent(event) && event.type === 'level' ? { itemId: id, event } : null,
  tokenOf: (request) => request.resumeToken,
  async filter(request, call) {
    const { itemIds, warehouseIds } = checked((check) => ({
      itemIds: new Set(uuids(check, 'item_ids', request.itemIds)),
      warehouseIds: new Set(uuids(check, 'warehouse_ids', request.warehouseIds)),
    }));
    await assertWarehouses(call, 'warehouse_ids', warehouseIds);
    return ({ itemId, event }) =>
      (itemIds.size === 0 || itemIds.has(itemId)) &&
      (warehouseIds.size === 0 || warehouseIds.has(event.warehouseId));
  },
  eventOf: ({ row, index, change: { itemId, event }, token }) => ({
    eventId: `${row.shard}-${row.seq}-${index}`,
    eventType: event.cause,
    inventoryLevel: levelMessage({ ...event, itemId, updatedAt: event.at }),
    timestamp: new Date(event.at),
    resumeToken: token,
  }),
  startOf: (token) => InventoryUpdateEvent.fromPartial({ resumeToken: token }),
};
