// What a replay reads of an answer about an order: its state, its lines, its money. The rest, which is most of it (every
// line comes again in its shipments, with prices), is skipped as bytes: the client shares the machine with the service.
import { BinaryReader } from '@bufbuild/protobuf/wire';
import {
  type CreateOrderRequest,
  type GetOrderRequest,
  LogisticsServiceService as logistics,
  OrderItem,
  OrderStatus,
  Payment,
  type ReturnItemsRequest,
  type UpdateOrderStatusRequest,
} from '../../generated/synkro/logistics/v1/logistics.ts';
import type { UnaryMethod } from '../client.ts';
import { toMinor } from './money.ts';

export interface AnsweredLine {
  readonly lineId: string;
  readonly sku: string;
  readonly quantity: number;
}

export interface OrderAnswer {
  readonly orderId: string;
  readonly status: OrderStatus;
  /** Nothing more happens until somebody asks, stock arrives or time passes. */
  readonly atRest: boolean;
  /** Where the order was made or read; empty where it was changed: nobody looks at them there. */
  readonly lines: readonly AnsweredLine[];
  /** In pence, of all payments. */
  readonly captured: bigint;
  readonly refunded: bigint;
  readonly cancellationReason: string;
}

export const createOrder: UnaryMethod<CreateOrderRequest, OrderAnswer> = withLines(logistics.createOrder);
export const getOrder: UnaryMethod<GetOrderRequest, OrderAnswer> = withLines(logistics.getOrder);
export const updateOrderStatus: UnaryMethod<UpdateOrderStatusRequest, OrderAnswer> = withoutLines(
  logistics.updateOrderStatus,
);
export const returnItems: UnaryMethod<ReturnItemsRequest, OrderAnswer> = withoutLines(logistics.returnItems);

export function isOrderStatus(value: number): value is OrderStatus {
  return Object.values<number>(OrderStatus).includes(value);
}

function withLines<Q>(method: Pick<UnaryMethod<Q, unknown>, 'path' | 'requestSerialize'>) {
  return { ...method, responseDeserialize: (bytes: Buffer) => readAnswer(bytes, true) };
}

function withoutLines<Q>(method: Pick<UnaryMethod<Q, unknown>, 'path' | 'requestSerialize'>) {
  return { ...method, responseDeserialize: (bytes: Buffer) => readAnswer(bytes, false) };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** @throws Error where the bytes are no OrderResponse, or what is read of it is not in pounds */
export function readAnswer(bytes: Uint8Array, hasLines: boolean): OrderAnswer {
  const reader = new BinaryReader(bytes);
  const answer: Mutable<OrderAnswer> = {
    orderId: '',
    status: OrderStatus.UNSPECIFIED,
    atRest: false,
    lines: [],
    captured: 0n,
    refunded: 0n,
    cancellationReason: '',
  };
  readFields(reader, reader.len, (field) => {
    if (field === orderResponse.order) readOrder(reader, answer, hasLines);
    else if (field === orderResponse.atRest) answer.atRest = reader.bool();
    else return false;
    return true;
  });
  return answer;
}

/** The numbers of the fields that are read, as the contract has them. */
const orderResponse = { order: 1, atRest: 2 } as const;
const order = { id: 1, status: 3, items: 4, payments: 7, cancellationReason: 11 } as const;

function readOrder(reader: BinaryReader, answer: Mutable<OrderAnswer>, hasLines: boolean): void {
  const lines: AnsweredLine[] = [];
  const length = reader.uint32();
  readFields(reader, reader.pos + length, (field) => {
    switch (field) {
      case order.id:
        answer.orderId = reader.string();
        return true;
      case order.status: {
        const status = reader.int32();
        answer.status = isOrderStatus(status) ? status : OrderStatus.UNSPECIFIED;
        return true;
      }
      case order.items: {
        if (!hasLines) return false;
        const { lineId, quantity, sku } = OrderItem.decode(reader, reader.uint32());
        lines.push({ lineId, sku, quantity: Number(quantity) });
        return true;
      }
      case order.payments: {
        const { capturedAmount, refundedAmount } = Payment.decode(reader, reader.uint32());
        answer.captured += toMinor(capturedAmount);
        answer.refunded += toMinor(refundedAmount);
        return true;
      }
      case order.cancellationReason:
        answer.cancellationReason = reader.string();
        return true;
      default:
        return false;
    }
  });
  answer.lines = lines;
}

/** @param read whether it has read the field's value; what it has not is skipped */
function readFields(reader: BinaryReader, end: number, read: (field: number) => boolean): void {
  while (reader.pos < end) {
    const [field, wireType] = reader.tag();
    if (!read(field)) reader.skip(wireType, field);
  }
}
