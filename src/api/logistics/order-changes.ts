// What becomes of an order that is made: shipped, delivered, cancelled, given back, its refunds tried again. Each is answered
// when all that it takes is done. With a key every one of them may be repeated.
import { limits as actorLimits } from '../../actors/logistics/limits.ts';
import type { OrderCommand } from '../../actors/logistics/order/messages.ts';
import type { ShippedItem } from '../../actors/logistics/order/model.ts';
import {
  CancelOrderRequest,
  DeliverShipmentRequest,
  type OrderItem,
  OrderResponse,
  RetryRefundsRequest,
  ReturnItemsRequest,
  type Shipment,
  UpdateOrderStatusRequest,
} from '../../generated/synkro/logistics/v1/logistics.ts';
import { Refused } from '../errors.ts';
import { keyOf, receiptOf } from '../idempotency.ts';
import { type Check, checked } from '../validate/check.ts';
import { quantity } from '../validate/numbers.ts';
import { reason, uuid, uuidOptional } from '../validate/text.ts';
import type { LogisticsCall, LogisticsMethod } from './deps.ts';
import { orderRef, orderResponse } from './orders.ts';
import { ownerOf, sealReason } from './personal.ts';
import { carrier, lineId, trackingNumber } from './rules.ts';
import { type AskedStatus, askedStatus } from './statuses.ts';
import { isOrderView } from './views.ts';

type Ship = Extract<OrderCommand, { type: 'ship' }>;

/** `status_notes` is the reason of a cancellation; `shipment` is read where the order is shipped. */
export const updateOrderStatus: LogisticsMethod<UpdateOrderStatusRequest, OrderResponse> = {
  name: 'UpdateOrderStatus',
  request: UpdateOrderStatusRequest,
  response: OrderResponse,
  async handle(request, call) {
    const asked = checked((check) => {
      const status = check.field('new_status', request.newStatus, askedStatus);
      const notes = check.field('status_notes', request.statusNotes, reason);
      return {
        ...addressOf(check, request, call),
        command: commandFor(check, status, notes, request.shipment),
      };
    });
    try {
      return await change(call, asked);
    } catch (thrown) {
      throw withinShipment(thrown);
    }
  },
};

function commandFor(
  check: Check,
  status: AskedStatus | null,
  notes: string,
  shipment: Shipment | undefined,
): OrderCommand {
  switch (status) {
    case 'shipped':
      return shipCommand(check.within('shipment'), shipment);
    case 'delivered':
      return { type: 'deliver', shipmentId: null };
    case 'cancelled':
    case null:
      return { type: 'cancel', by: 'shop', reason: notes };
  }
}

function shipCommand(at: Check, shipment: Shipment | undefined): Ship {
  return {
    type: 'ship',
    carrier: at.field('carrier', shipment?.carrier ?? '', carrier),
    trackingNumber: at.field('tracking_number', shipment?.trackingNumber ?? '', trackingNumber),
    lines: linesOf(at, shipment?.items ?? [], 0),
    warehouseId: at.field('warehouse_id', shipment?.warehouseId ?? '', uuidOptional),
  };
}

/** Each line once: of the same line on two the actor would have to guess what was meant. */
function linesOf(check: Check, items: readonly OrderItem[], min: 0 | 1): ShippedItem[] {
  const seen = new Set<string>();
  return check.each('items', items, { min, max: actorLimits.linesPerOrderMax }, (item, at) => {
    const id = at.field('line_id', item.lineId, lineId);
    if (id !== '' && seen.has(id)) at.refuse('line_id', 'is given twice');
    seen.add(id);
    return { lineId: id, quantity: at.field('quantity', item.quantity, quantity) };
  });
}

/** The actor knows lines as `items`; in this request they stand in the shipment. */
function withinShipment(thrown: unknown): unknown {
  if (!(thrown instanceof Refused)) return thrown;
  const { field, message } = thrown.failure;
  if (field === undefined || !field.startsWith('items[')) return thrown;
  const within = `shipment.${field}`;
  return new Refused({ ...thrown.failure, field: within, message: message.replace(field, within) });
}

export const cancelOrder: LogisticsMethod<CancelOrderRequest, OrderResponse> = {
  name: 'CancelOrder',
  request: CancelOrderRequest,
  response: OrderResponse,
  async handle(request, call) {
    const asked = checked((check) => ({
      ...addressOf(check, request, call),
      command: {
        type: 'cancel',
        by: 'customer',
        reason: check.field('reason', request.reason, reason),
      } satisfies OrderCommand,
    }));
    return change(call, asked);
  },
};

export const returnItems: LogisticsMethod<ReturnItemsRequest, OrderResponse> = {
  name: 'ReturnItems',
  request: ReturnItemsRequest,
  response: OrderResponse,
  async handle(request, call) {
    const asked = checked((check) => ({
      ...addressOf(check, request, call),
      command: {
        type: 'return',
        lines: linesOf(check, request.items, 1),
        reason: check.field('reason', request.reason, reason),
        restock: request.restock,
      } satisfies OrderCommand,
    }));
    return change(call, asked);
  },
};

export const retryRefunds: LogisticsMethod<RetryRefundsRequest, OrderResponse> = {
  name: 'RetryRefunds',
  request: RetryRefundsRequest,
  response: OrderResponse,
  async handle(request, call) {
    const asked = checked((check) => addressOf(check, request, call));
    return change(call, { ...asked, command: { type: 'retryRefunds' } });
  },
};

export const deliverShipment: LogisticsMethod<DeliverShipmentRequest, OrderResponse> = {
  name: 'DeliverShipment',
  request: DeliverShipmentRequest,
  response: OrderResponse,
  async handle(request, call) {
    const asked = checked((check) => ({
      ...addressOf(check, request, call),
      command: {
        type: 'deliver',
        shipmentId: check.field('shipment_id', request.shipmentId, uuid),
      } satisfies OrderCommand,
    }));
    return change(call, asked);
  },
};

interface Asked {
  readonly id: string;
  readonly key: string;
  readonly command: OrderCommand;
}

function addressOf(
  check: Check,
  request: { readonly orderId: string; readonly idempotencyKey: string },
  call: LogisticsCall,
): Omit<Asked, 'command'> {
  return {
    id: check.field('order_id', request.orderId, uuid),
    key: keyOf(check, request.idempotencyKey, call.metadataKey),
  };
}

async function change(call: LogisticsCall, { id, key, command }: Asked): Promise<OrderResponse> {
  const receipt = receiptOf(call.method, id, key, command);
  const sealed = await withSealedReason(call, id, command);
  return orderResponse(call, await call.write(orderRef(id), sealed, receipt, isOrderView));
}

/** A reason is sealed as all that is personal, under the key of the order's customer. */
async function withSealedReason(
  call: LogisticsCall,
  id: string,
  command: OrderCommand,
): Promise<OrderCommand> {
  if (!('reason' in command) || command.reason === '') return command;
  const view = await call.read(orderRef(id), { type: 'get' }, isOrderView);
  return { ...command, reason: await sealReason(call.deps.vault, ownerOf(view), command.reason) };
}
