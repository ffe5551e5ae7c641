// How events change an order's goods: what is shipped, comes back, is given back; and the operations that this takes.
import { InvariantViolation } from '../../behaviour.ts';
import type { OrderEvent } from './messages.ts';
import type { Draw, Operation, Order, Shipment } from './model.ts';

type Of<Type extends OrderEvent['type']> = Extract<OrderEvent, { readonly type: Type }>;

/** Everything, or what had not left: that has been shipped is the order's for good. */
export function gaveBack(order: Order): Order {
  const { draws, restCancel, stock } = order;
  if (restCancel === null) return { ...order, stock: { ...stock, state: 'givenBack' }, draws: [] };
  const left = draws.filter((draw) => draw.shipped > 0);
  return {
    ...order,
    stock: { ...stock, state: 'committed' },
    draws: left.map((draw) => ({ ...draw, quantity: draw.shipped })),
  };
}

export function shipped(
  order: Order,
  event: Of<'shipmentsMade' | 'shipmentLeft' | 'shipmentsDelivered'>,
): Order {
  switch (event.type) {
    case 'shipmentsMade': {
      const made = event.shipments.map((shipment): Shipment => ({ ...shipment, status: 'created' }));
      const moves = made.flatMap(({ warehouseId, items }) => items.map((item) => ({ ...item, warehouseId })));
      const ids = made.map(({ id }) => id);
      return {
        ...began(order, 'ship', ids, event.receipt),
        shipments: [...order.shipments, ...made],
        draws: moveDraws(order.draws, moves, 'shipped'),
      };
    }
    case 'shipmentLeft':
      return { ...withShipments(order, [event.id], 'inTransit'), updatedAt: event.at };
    case 'shipmentsDelivered':
      return { ...withShipments(order, event.ids, 'delivered'), updatedAt: event.at };
  }
}

export function failed(order: Order, { id, reason }: Of<'shipmentFailed'>): Order {
  const lost = order.shipments.find((shipment) => shipment.id === id);
  if (lost === undefined) throw new InvariantViolation('I6', `no shipment ${id}`);
  const moves = lost.items.map(({ lineId, quantity }) => ({
    lineId,
    warehouseId: lost.warehouseId,
    quantity: -quantity,
  }));
  return {
    ...order,
    shipments: order.shipments.filter((shipment) => shipment !== lost),
    draws: moveDraws(order.draws, moves, 'shipped'),
    operation: order.operation === null ? null : { ...order.operation, failure: reason },
  };
}

export function returned(order: Order, { made, receipt }: Of<'returnMade'>): Order {
  return {
    ...began(order, 'return', [String(made.number)], receipt),
    returns: [...order.returns, { ...made, isRestocked: !made.restock }],
    draws: moveDraws(order.draws, made.items, 'returned'),
    updatedAt: made.at,
  };
}

export function began(
  order: Order,
  kind: Operation['kind'],
  ids: readonly string[],
  receipt: Of<'returnMade'>['receipt'],
): Order {
  const number = order.operations + 1;
  return { ...order, operation: { number, kind, ids, receipt, failure: null }, operations: number };
}

function withShipments(order: Order, ids: readonly string[], status: Shipment['status']): Order {
  return {
    ...order,
    shipments: order.shipments.map((each) => (ids.includes(each.id) ? { ...each, status } : each)),
  };
}

function moveDraws(
  draws: readonly Draw[],
  moves: readonly { readonly lineId: string; readonly warehouseId: string; readonly quantity: number }[],
  into: 'shipped' | 'returned',
): readonly Draw[] {
  const moved = new Map(moves.map((move) => [`${move.lineId}/${move.warehouseId}`, move.quantity]));
  return draws.map((draw) => {
    const quantity = moved.get(`${draw.lineId}/${draw.warehouseId}`);
    if (quantity === undefined) return draw;
    const after = { ...draw, [into]: draw[into] + quantity };
    if (after.returned > after.shipped || after.shipped > after.quantity)
      throw new InvariantViolation('I2', `more of line ${draw.lineId} is ${into} than there was`);
    return after;
  });
}
