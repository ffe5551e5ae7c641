// Schemas that many events share.
import Type from 'typebox';

export const text = (description: string) => Type.String({ description });
export const uuid = (description: string) => Type.String({ format: 'uuid', description });
export const time = (description: string) => Type.String({ format: 'date-time', description });
export const count = (description: string) =>
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description });
export const quantity = (description: string) =>
  Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description });

export const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

export const Money = Type.Object(
  {
    amount: Type.String({
      pattern: '^\\d+(\\.\\d+)?$',
      description: 'Decimal text with as many places as the currency.',
    }),
    currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217.' }),
  },
  { description: 'An exact amount.' },
);

export const stockLine = Type.Object({
  itemId: uuid('Id of the item.'),
  sku: text('SKU of the item.'),
  warehouseId: uuid('Where the units are.'),
  quantity: quantity('Units.'),
});

export const shippedLine = Type.Object({
  lineId: text('Names the line of the order.'),
  quantity: quantity('Units.'),
});
