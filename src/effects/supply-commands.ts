// What an event of Inventory tells the supplies of its items: one command an item, however many lines the event has.
import type { HeardAlert, Loss, Place, SupplyCommand } from '../actors/logistics/supply/model.ts';
import { type PublishedEvent, sourceOf } from '../events/event.ts';

/** By item. Empty where the event concerns nobody. */
export type SupplyCommands = ReadonlyMap<string, SupplyCommand>;

export function supplyCommandsOf(event: PublishedEvent): SupplyCommands {
  switch (event.type) {
    case 'LowStock':
      return new Map([[event.data.itemId, { type: 'stockLow', alert: alertOf(event) }]]);
    case 'BackInStock':
      return new Map([[event.data.itemId, { type: 'stockBack', alert: alertOf(event) }]]);
    case 'StockPolicySet': {
      const { itemId, warehouseId, lowStockThreshold } = event.data;
      // Without a threshold stock is not low there any more, and nobody says that it is back.
      return lowStockThreshold > 0 ? none : alertsEnded(event, itemId, warehouseId);
    }
    case 'ItemDeleted':
      return alertsEnded(event, event.data.itemId, null);
    case 'InventoryExpired':
      return losses('holdExpired', event, event.data.lines);
    case 'InventoryRefused':
      return losses('reservationRefused', event, event.data.short.map(missing));
    default:
      return none;
  }
}

const none: SupplyCommands = new Map();

function alertsEnded(event: PublishedEvent, itemId: string, warehouseId: string | null): SupplyCommands {
  return new Map([[itemId, { type: 'alertsEnded', warehouseId, place: placeOf(event) }]]);
}

function alertOf(event: PublishedEvent<'LowStock' | 'BackInStock'>): HeardAlert {
  const { sku, warehouseId, available, threshold } = event.data;
  return { sku, warehouseId, available, threshold, ...placeOf(event) };
}

function placeOf(event: PublishedEvent): Place {
  return { source: sourceOf(event), sequence: event.sequence, at: Date.parse(event.time) };
}

interface Lost {
  readonly itemId: string;
  readonly sku: string;
  readonly quantity: number;
}

/** There may have been enough in all, and not as the reservation wanted it: such as in one warehouse. */
function missing({
  requested,
  available,
  ...item
}: PublishedEvent<'InventoryRefused'>['data']['short'][number]): Lost {
  return { ...item, quantity: Math.max(0, requested - available) };
}

function losses(
  type: 'holdExpired' | 'reservationRefused',
  event: PublishedEvent,
  lines: readonly Lost[],
): SupplyCommands {
  const at = Date.parse(event.time);
  const lost = new Map<string, Loss>();
  for (const { itemId, sku, quantity } of lines)
    lost.set(itemId, { sku, units: (lost.get(itemId)?.units ?? 0) + quantity, at });
  return new Map([...lost].map(([itemId, loss]) => [itemId, { type, loss }]));
}
