// Guards for what actors answer: replies cross threads as plain values, and the edge reads them only after a look.
import { isLevelView, isStockPolicy } from '../../actors/inventory/item/guards.ts';
import type { ItemDetails, ItemView, LevelView } from '../../actors/inventory/item/model.ts';
import {
  type ItemAvailability,
  type LevelsView,
  type Line,
  type ReservationView,
  type ReserveView,
  reservationStatuses,
} from '../../actors/inventory/order-stock/model.ts';
import type { Warehouse } from '../../actors/inventory/warehouse/model.ts';
import {
  isFlag,
  isInteger,
  isObject,
  isText,
  listOf,
  nullable,
  objectOf,
  oneOf,
  recordOf,
  type Shape,
} from '../../actors/shape.ts';

export { isLevelView, isStockPolicy };

export const isItemView = objectOf<ItemView>({
  id: isText,
  details: objectOf<ItemDetails>({
    sku: isText,
    name: isText,
    description: isText,
    category: isText,
    attributes: nullable(isObject),
    createdAt: isInteger,
    updatedAt: isInteger,
  }),
  levels: listOf(isLevelView),
  policies: recordOf(isStockPolicy),
  inactive: listOf(isText),
  low: listOf(isText),
});

export const hasLevels = objectOf<{ readonly levels: readonly LevelView[] }>({ levels: listOf(isLevelView) });

export const isWarehouse = objectOf<Warehouse>({
  id: isText,
  name: isText,
  location: isText,
  isActive: isFlag,
  customerId: isText,
  priority: isInteger,
  createdAt: isInteger,
  updatedAt: isInteger,
});

const isStatus = oneOf(reservationStatuses);

export const isReserveView = objectOf<ReserveView>({
  success: isFlag,
  reservationId: isText,
  attempt: isInteger,
  status: isStatus,
  items: listOf(
    objectOf<ItemAvailability>({
      itemId: isText,
      sku: isText,
      inStock: isFlag,
      requested: isInteger,
      available: isInteger,
      draws: listOf(
        objectOf<ItemAvailability['draws'][number]>({
          warehouseId: isText,
          quantity: isInteger,
          levelVersion: isInteger,
        }),
      ),
    }),
  ),
  expiresAt: nullable(isInteger),
});

export const isReservationView = objectOf<ReservationView>({
  reservationId: isText,
  orderId: isText,
  attempt: isInteger,
  status: isStatus,
  lines: listOf(
    objectOf<Line>({
      itemId: isText,
      sku: isText,
      warehouseId: isText,
      held: isInteger,
      allocated: isInteger,
      fulfilled: isInteger,
      givenBack: isInteger,
      levelVersion: isInteger,
    }),
  ),
  createdAt: isInteger,
  expiresAt: isInteger,
});

export const isLevelsView = objectOf<LevelsView>({ success: isFlag, levels: listOf(isLevelView) });

/** Any answer at all: the call says all that there is to say by working. */
export const isAnything: Shape<unknown> = (_value): _value is unknown => true;
