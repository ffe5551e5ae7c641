// Logistics in memory, over the stock of the same service: an order is confirmed or waits, in order of arrival, until there
// is enough; it is shipped whole, delivered, and taken back line by line.
import { status, type UntypedServiceImplementation } from '@grpc/grpc-js';
import {
  type CreateCustomerRequest,
  type CreateOrderRequest,
  type LogisticsServiceServer,
  Order,
  OrderStatus,
  type ReturnItemsRequest,
  type UpdateOrderStatusRequest,
} from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { type FakeCalls, failure } from './fake-rpc.ts';
import type { Draw, FakeStock } from './fake-stock.ts';

interface FakeOrder {
  readonly request: CreateOrderRequest;
  status: OrderStatus;
  draws: readonly Draw[];
  readonly returned: Map<string, bigint>;
  captured: bigint;
  refunded: bigint;
}

export class FakeLogistics {
  readonly customers = new Map<string, CreateCustomerRequest>();
  readonly orders = new Map<string, FakeOrder>();
  readonly #calls: FakeCalls;
  readonly #stock: FakeStock;
  /** Units that an order takes beyond what it asks for; a service that breaks I2. */
  leakUnits = 0n;
  /** Pence that are captured beyond what an order is worth. */
  overchargeMinor = 0n;
  /** So many answers about an order that was just made say that it does not rest. */
  restlessAnswers = 0;
  /** Waiting orders are served only when somebody has looked at them so often. */
  servesAfterLooks = 0;

  constructor(calls: FakeCalls, stock: FakeStock) {
    this.#calls = calls;
    this.#stock = stock;
  }

  handlers(): UntypedServiceImplementation {
    const calls = this.#calls;
    const handlers = {
      createCustomer: calls.unary('createCustomer', (request) => {
        this.customers.set(request.id, request);
        return { customer: undefined };
      }),
      // Not remembered by its key: it is the order itself that knows a repeat.
      createOrder: (call, callback) =>
        calls.unary('createOrder', (request: CreateOrderRequest) => this.#create(request))(call, callback),
      getOrder: calls.unary('getOrder', ({ orderId }) => {
        if (calls.callsOf('getOrder') >= this.servesAfterLooks) this.serveWaiting();
        return this.#answer(orderId);
      }),
      listOrders: calls.unary('listOrders', () => ({
        orders: [...this.orders.keys()].slice(0, 1).map((id) => Order.create({ id })),
        nextPageToken: '',
      })),
      updateOrderStatus: calls.unary('updateOrderStatus', (request) => this.#move(request)),
      returnItems: calls.unary('returnItems', (request) => this.#return(request)),
    } satisfies Partial<LogisticsServiceServer>;
    return handlers;
  }

  /** In order of arrival; the first that cannot be served bars the others. */
  serveWaiting(): void {
    for (const order of this.orders.values()) {
      if (order.status !== OrderStatus.BACK_ORDERED) continue;
      if (!this.#confirm(order)) return;
    }
  }

  #create(request: CreateOrderRequest) {
    const known = this.orders.get(request.orderId);
    const order: FakeOrder = known ?? {
      request,
      status: OrderStatus.PROCESSING,
      draws: [],
      returned: new Map(),
      captured: 0n,
      refunded: 0n,
    };
    if (known === undefined) {
      for (const { sku } of request.items)
        if (this.#stock.levelsOf(sku).length === 0) throw failure(status.NOT_FOUND, `no item '${sku}'`);
      this.orders.set(request.orderId, order);
    }
    if (this.restlessAnswers > 0) {
      this.restlessAnswers -= 1;
      return this.#answer(request.orderId);
    }
    if (order.status === OrderStatus.PROCESSING) {
      if (request.paymentMethod === 'tok_decline') order.status = OrderStatus.CANCELLED;
      else if (this.#isWaitedFor(request) || !this.#confirm(order)) order.status = OrderStatus.BACK_ORDERED;
    }
    return this.#answer(request.orderId);
  }

  #isWaitedFor({ items }: CreateOrderRequest): boolean {
    const skus = new Set(items.map(({ sku }) => sku));
    return [...this.orders.values()].some(
      ({ request, status: reached }) =>
        reached === OrderStatus.BACK_ORDERED && request.items.some(({ sku }) => skus.has(sku)),
    );
  }

  #confirm(order: FakeOrder): boolean {
    const draws = this.#stock.reserve(order.request.items);
    if (draws === null) return false;
    order.draws = draws;
    order.status = OrderStatus.CONFIRMED;
    order.captured = totalOf(order) + this.overchargeMinor;
    return true;
  }

  #move({ orderId, newStatus }: UpdateOrderStatusRequest) {
    const order = this.#order(orderId);
    const from = newStatus === OrderStatus.SHIPPED ? OrderStatus.CONFIRMED : OrderStatus.SHIPPED;
    if (order.status !== from) throw failure(status.FAILED_PRECONDITION, `the order is ${order.status}`);
    order.status = newStatus;
    if (newStatus === OrderStatus.SHIPPED) {
      this.#stock.ship(order.draws);
      const [first] = order.draws;
      if (first !== undefined) this.#stock.level(first.sku, first.warehouseId).quantity -= this.leakUnits;
    }
    return this.#answer(orderId);
  }

  #return({ orderId, items }: ReturnItemsRequest) {
    const order = this.#order(orderId);
    if (order.status !== OrderStatus.DELIVERED) throw failure(status.FAILED_PRECONDITION, 'nothing has left');
    for (const { lineId, quantity } of items) {
      const line = order.request.items[Number(lineId) - 1];
      const before = order.returned.get(lineId) ?? 0n;
      if (line === undefined || before + quantity > line.quantity)
        throw failure(status.FAILED_PRECONDITION, `of line ${lineId} there is no more`);
      order.returned.set(lineId, before + quantity);
      order.refunded += quantity * minorOf(line.unitPrice);
      const [warehouseId = ''] = this.#stock.warehouseIds();
      this.#stock.level(line.sku, warehouseId).quantity += quantity;
    }
    return this.#answer(orderId);
  }

  #order(orderId: string): FakeOrder {
    const order = this.orders.get(orderId);
    if (order === undefined) throw failure(status.NOT_FOUND, `no order ${orderId}`);
    return order;
  }

  #answer(orderId: string) {
    const order = this.#order(orderId);
    const payment = {
      id: '',
      status: '',
      amount: undefined,
      transactionId: '',
      capturedAmount: moneyOf(order.captured),
      refundedAmount: moneyOf(order.refunded),
    };
    return {
      order: Order.create({
        id: orderId,
        customerId: order.request.customerId,
        status: order.status,
        items: order.request.items.map((item, index) => ({ ...item, lineId: String(index + 1) })),
        payments: [payment],
        cancellationReason: order.status === OrderStatus.CANCELLED ? 'the payment was declined' : '',
      }),
      atRest: order.status !== OrderStatus.PROCESSING,
    };
  }
}

function totalOf({ request }: FakeOrder): bigint {
  return request.items.reduce((sum, { quantity, unitPrice }) => sum + quantity * minorOf(unitPrice), 0n);
}

function minorOf(money: CreateOrderRequest['items'][number]['unitPrice']): bigint {
  return money === undefined ? 0n : money.units * 100n + BigInt(money.nanos / 1e7);
}

function moneyOf(minor: bigint) {
  return { currencyCode: 'GBP', units: minor / 100n, nanos: Number(minor % 100n) * 1e7 };
}
