// What clients send about orders, and the API's requests that follow from it.
import Type, { type Static } from 'typebox';
import { limits as orderLimits } from '../../actors/logistics/limits.ts';
import { requestLimits } from '../../api/limits.ts';
import { logisticsLimits as limits } from '../../api/logistics/limits.ts';
import {
  type CreateOrderRequest,
  type OrderItem,
  OrderStatus,
  type ReturnItemsRequest,
  type UpdateOrderStatusRequest,
} from '../../generated/synkro/logistics/v1/logistics.ts';
import { body, quantity, requiredText, sku, text, uuid } from '../fields.ts';
import type { Names } from '../names.ts';
import { optionalBody } from '../openapi/marks.ts';
import { named } from '../openapi/named.ts';
import { addressMessage, NewAddress } from './address.ts';
import { Money, moneyMessage, moneyNames } from './money.ts';
import { exampleIds } from './order-schemas.ts';

export const NewOrder = named(
  'NewOrder',
  body(
    {
      orderId: Type.Optional(uuid('The caller’s own; one is made where it is absent.')),
      customerId: Type.Optional(uuid('Whose order it is; a guest’s where it is absent.')),
      items: Type.Array(
        body({
          productId: Type.Optional(uuid('Id of the item; either this or its SKU.')),
          sku: Type.Optional(sku),
          quantity: quantity('How much.'),
          unitPrice: Money,
        }),
        {
          minItems: 1,
          maxItems: orderLimits.linesPerOrderMax,
          description: 'All prices are in one currency. The same item may stand on several lines.',
        },
      ),
      shippingAddress: Type.Optional(NewAddress),
      paymentMethod: Type.Optional(
        text(
          limits.paymentMethodCharactersMax,
          'A token of the payment gateway; needed where there is anything to pay.',
          { examples: ['tok_approve'] },
        ),
      ),
      notes: Type.Optional(text(limits.notesCharactersMax, 'For whoever handles it.')),
    },
    {
      examples: [
        {
          customerId: exampleIds.customer,
          items: [{ sku: '85123A', quantity: 2, unitPrice: { amount: '2.55', currency: 'GBP' } }],
          shippingAddress: {
            recipientName: 'Ada Lovelace',
            line1: '12 St James’s Square',
            countryCode: 'GB',
          },
          paymentMethod: 'tok_approve',
        },
      ],
    },
  ),
);

export const newOrderNames: Names = moneyNames('items[].unit_price', 'items[].unitPrice');

export function newOrder(given: Static<typeof NewOrder>): CreateOrderRequest {
  return {
    customerId: given.customerId ?? '',
    items: given.items.map((line) => ({
      ...noItem,
      productId: line.productId ?? '',
      sku: line.sku ?? '',
      quantity: BigInt(line.quantity),
      unitPrice: moneyMessage(line.unitPrice),
    })),
    shippingAddress: addressMessage(given.shippingAddress),
    paymentMethod: given.paymentMethod ?? '',
    notes: given.notes ?? '',
    idempotencyKey: '',
    orderId: given.orderId ?? '',
  };
}

const noItem: OrderItem = {
  productId: '',
  sku: '',
  quantity: 0n,
  unitPrice: undefined,
  totalPrice: undefined,
  lineId: '',
};

const reason = Type.Optional(text(requestLimits.reasonCharactersMax, 'Stands in the order’s history.'));

export const Cancellation = named(
  'Cancellation',
  body({ reason }, { ...optionalBody, examples: [{ reason: 'changed my mind' }] }),
);

const line = body({
  lineId: requiredText(limits.lineIdCharactersMax, 'Of the order’s item.', { examples: ['1'] }),
  quantity: quantity('How much of it.'),
});

const lines = { maxItems: orderLimits.linesPerOrderMax } as const;

export const NewShipment = named(
  'NewShipment',
  body(
    {
      carrier: Type.Optional(text(limits.carrierCharactersMax, 'Who carries it.')),
      trackingNumber: Type.Optional(text(limits.trackingNumberCharactersMax, 'The carrier’s own.')),
      lines: Type.Optional(
        Type.Array(line, {
          ...lines,
          description: 'What leaves; everything that has not left where it is absent or empty.',
        }),
      ),
      warehouseId: Type.Optional(uuid('Only what comes from there.')),
    },
    {
      ...optionalBody,
      examples: [{ carrier: 'Royal Mail', trackingNumber: 'RM123', lines: [{ lineId: '1', quantity: 2 }] }],
    },
  ),
);

/** What the contract has within the shipment stands in the body here. */
export const shipmentNames: Names = { order_id: 'id', 'shipment.items': 'lines', shipment: '' };

export function newShipment(id: string, given: Static<typeof NewShipment>): UpdateOrderStatusRequest {
  return {
    orderId: id,
    newStatus: OrderStatus.SHIPPED,
    statusNotes: '',
    shipment: {
      id: '',
      carrier: given.carrier ?? '',
      trackingNumber: given.trackingNumber ?? '',
      status: '',
      warehouseId: given.warehouseId ?? '',
      items: (given.lines ?? []).map(itemOf),
      createdAt: undefined,
    },
    idempotencyKey: '',
  };
}

export const NewReturn = named(
  'NewReturn',
  body(
    {
      lines: Type.Array(line, { ...lines, minItems: 1, description: 'What comes back.' }),
      reason,
      restock: Type.Optional(
        Type.Boolean({
          description:
            'Whether the goods go back into stock, where they came from; false where it is absent.',
        }),
      ),
    },
    { examples: [{ lines: [{ lineId: '1', quantity: 1 }], reason: 'too small', restock: true }] },
  ),
);

export const returnNames: Names = { order_id: 'id', items: 'lines' };

export function newReturn(id: string, given: Static<typeof NewReturn>): ReturnItemsRequest {
  return {
    orderId: id,
    items: given.lines.map(itemOf),
    reason: given.reason ?? '',
    restock: given.restock ?? false,
    idempotencyKey: '',
  };
}

function itemOf({ lineId, quantity: amount }: Static<typeof line>): OrderItem {
  return { ...noItem, lineId, quantity: BigInt(amount) };
}
