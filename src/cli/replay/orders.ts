// One order of the data set, from its creation to its delivery. What the service answers goes into the books, and into the
// tally; an order that is back-ordered is left to ./waiting.ts.
import { uuidv5 } from '../../actors/ids.ts';
import {
  CreateOrderRequest,
  OrderStatus,
  UpdateOrderStatusRequest,
} from '../../generated/synkro/logistics/v1/logistics.ts';
import type { OrderRecord } from '../dataset.ts';
import { restMsMax } from '../limits.ts';
import type { Books } from './books.ts';
import { type Calls, StepError } from './calls.ts';
import { addressOf, type Customers } from './customers.ts';
import { toMoney } from './money.ts';
import { createOrder, type OrderAnswer, updateOrderStatus } from './order-answers.ts';
import type { PurchasedLine, Purchases } from './purchases.ts';
import type { Tally } from './tally.ts';

/** An order that was made. */
export interface MadeOrder {
  readonly record: OrderRecord;
  /** Of the record in the file. */
  readonly place: number;
  readonly orderId: string;
  readonly lines: readonly PurchasedLine[];
}

export interface OrdersDeps {
  readonly calls: Calls;
  readonly books: Books;
  readonly tally: Tally;
  readonly customers: Customers;
  readonly purchases: Purchases;
  readonly paymentMethod: string;
  readonly onCancelled: (record: OrderRecord, reason: string) => void;
}

export class Orders {
  readonly #deps: OrdersDeps;
  /** Those that were back-ordered when they were made. */
  readonly waiting: MadeOrder[] = [];

  constructor(deps: OrdersDeps) {
    this.#deps = deps;
  }

  /** Makes the order, and has it shipped and delivered where it is confirmed. @throws CallError, StepError */
  async play(record: OrderRecord, place: number): Promise<void> {
    const { books, tally } = this.#deps;
    for (const { sku, quantity } of record.lines) books.ordered(sku, quantity);
    if (record.customer === null) tally.guests += 1;
    const answer = await this.#create(record);
    const order = { record, place, orderId: answer.orderId, lines: linesOf(record, answer) };
    tally.lines += record.lines.length;
    if (answer.status === OrderStatus.BACK_ORDERED) {
      this.waiting.push(order);
      tally.orders.backOrdered += 1;
    } else await this.finish(order, answer);
  }

  /**
   * Of an order that is confirmed or further: ships it, delivers it, and books what was told.
   * @throws CallError, StepError
   */
  async finish(order: MadeOrder, told: OrderAnswer): Promise<void> {
    const { books, purchases, tally } = this.#deps;
    if (told.status === OrderStatus.CANCELLED) return this.#cancelled(order, told);
    books.confirmed(order.lines);
    const shipped =
      told.status === OrderStatus.CONFIRMED ? await this.#move(order, 'ship', OrderStatus.SHIPPED) : told;
    books.shipped(order.lines);
    const delivered =
      shipped.status === OrderStatus.SHIPPED
        ? await this.#move(order, 'deliver', OrderStatus.DELIVERED)
        : shipped;
    if (delivered.status !== OrderStatus.DELIVERED) throw unexpected(delivered);
    books.paid(order.orderId, worthOf(order.record), delivered.captured);
    tally.captured += delivered.captured;
    tally.refunded += delivered.refunded;
    for (const { quantity } of order.lines) tally.units += quantity;
    tally.orders.delivered += 1;
    const { customer } = order.record;
    if (customer !== null) purchases.delivered(customer, order);
  }

  #cancelled({ orderId, record }: MadeOrder, { cancellationReason, captured, refunded }: OrderAnswer): void {
    const { books, onCancelled, tally } = this.#deps;
    books.cancelled(orderId, worthOf(record), captured, refunded);
    onCancelled(record, cancellationReason);
    tally.captured += captured;
    tally.refunded += refunded;
    tally.orders.cancelled += 1;
  }

  /** Until it rests: an answer that comes before only says how far it is, and the same call goes on waiting. */
  async #create(record: OrderRecord): Promise<OrderAnswer> {
    const { calls, customers, paymentMethod } = this.#deps;
    const request = CreateOrderRequest.create({
      orderId: uuidv5(record.id),
      customerId: await customers.idOf(record.customer),
      shippingAddress: addressOf(record.customer, record.country),
      paymentMethod,
      idempotencyKey: record.id,
    });
    request.items = record.lines.map(({ sku, quantity, unitPriceMinor }) => ({
      productId: '',
      sku,
      quantity: BigInt(quantity),
      unitPrice: toMoney(BigInt(unitPriceMinor)),
      totalPrice: undefined,
      lineId: '',
    }));
    const deadline = performance.now() + restMsMax;
    for (;;) {
      const answer = await calls.call('create', createOrder, request);
      if (answer.orderId !== request.orderId)
        throw new StepError(`CreateOrder made ${answer.orderId} instead`);
      if (answer.atRest) return answer;
      if (performance.now() > deadline)
        throw new StepError(
          `it does not come to rest: ${nameOf(answer.status)} after ${restMsMax / 1_000} s`,
        );
    }
  }

  async #move(order: MadeOrder, step: 'ship' | 'deliver', to: OrderStatus): Promise<OrderAnswer> {
    const { orderId, record } = order;
    const request = UpdateOrderStatusRequest.create({
      orderId,
      newStatus: to,
      idempotencyKey: `${record.id}/${step}`,
      ...(step === 'ship' ? { shipment: { carrier: 'Royal Mail', trackingNumber: `RM-${record.id}` } } : {}),
    });
    const answer = await this.#deps.calls.call(step, updateOrderStatus, request);
    if (answer.status !== to) throw unexpected(answer);
    return answer;
  }
}

/** @throws StepError where the order was made with other lines than were asked for */
function linesOf({ lines }: OrderRecord, answer: OrderAnswer): readonly PurchasedLine[] {
  const made = lines.flatMap(({ sku, quantity, unitPriceMinor }, index) => {
    const line = answer.lines[index];
    const isSame = line?.sku === sku && line.quantity === quantity;
    return isSame ? [{ lineId: line.lineId, sku, quantity, unitPriceMinor }] : [];
  });
  if (made.length !== lines.length || answer.lines.length !== lines.length)
    throw new StepError(
      `CreateOrder made ${made.length} of ${lines.length} lines, ${answer.lines.length} in all`,
    );
  return made;
}

export function nameOf(status: OrderStatus): string {
  return Object.entries(OrderStatus).find(([, value]) => value === status)?.[0] ?? String(status);
}

function unexpected({ status }: OrderAnswer): StepError {
  return new StepError(`the order is ${nameOf(status)}`);
}

function worthOf({ lines }: OrderRecord): bigint {
  return lines.reduce(
    (sum, { quantity, unitPriceMinor }) => sum + BigInt(quantity) * BigInt(unitPriceMinor),
    0n,
  );
}
