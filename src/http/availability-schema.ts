// What there was of an item when a basket was decided: in answers of Inventory, and in problems of all that need stock.
import Type from 'typebox';
import { count, quantity, uuid } from './fields.ts';
import { named } from './openapi/named.ts';

export const Availability = named(
  'Availability',
  Type.Object(
    {
      itemId: uuid('Id of the item.'),
      sku: Type.String(),
      inStock: Type.Boolean({ description: 'Whether there was enough for this item.' }),
      requested: count('How much was asked for.'),
      availableQuantity: count('How much there was, where it could be drawn from.'),
      draws: Type.Optional(
        Type.Array(
          Type.Object({
            warehouseId: uuid('Where it was taken from.'),
            quantity: quantity('How much.'),
            levelVersion: count('Of the level that this made.'),
          }),
        ),
      ),
    },
    { description: 'What there was of an item when a basket was decided.' },
  ),
);
