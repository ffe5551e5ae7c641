/**
 * Both services with databases of their own and a client for each: in one process (role `all`), or apart, in two that speak
 * gRPC. Tests that use it say which by SHOP_ROLES, so that the same tests run over both.
 */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import * as pb from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { auditServices } from '../../src/service/audit.ts';
import { createEmptyDatabase, type TestDatabase } from './database.ts';
import { Inventory, present, type Rpc } from './inventory.ts';
import { type Ports, TestService } from './service.ts';
import { until } from './until.ts';

const service = pb.LogisticsServiceService;

function unary<Q, A>(
  method: Omit<Rpc<Q, A>, 'request'>,
  request: { create(base?: pb.DeepPartial<Q>): Q },
): Rpc<Q, A> {
  const { path, requestSerialize, responseDeserialize } = method;
  return { path, requestSerialize, responseDeserialize, request };
}

export const orders = {
  create: unary(service.createOrder, pb.CreateOrderRequest),
  get: unary(service.getOrder, pb.GetOrderRequest),
  updateStatus: unary(service.updateOrderStatus, pb.UpdateOrderStatusRequest),
  list: unary(service.listOrders, pb.ListOrdersRequest),
  cancel: unary(service.cancelOrder, pb.CancelOrderRequest),
  giveBack: unary(service.returnItems, pb.ReturnItemsRequest),
  createCustomer: unary(service.createCustomer, pb.CreateCustomerRequest),
  deleteCustomer: unary(service.deleteCustomer, pb.DeleteCustomerRequest),
  getCustomer: unary(service.getCustomer, pb.GetCustomerRequest),
} as const;

export const address = { recipientName: 'Ada', line1: '1 High Street', city: 'Hull', countryCode: 'GB' };

/** What a guest orders: quantities by SKU, at 2.50 a unit. */
export function orderOf(
  quantities: Readonly<Record<string, number>>,
  more: pb.DeepPartial<pb.CreateOrderRequest> = {},
): pb.DeepPartial<pb.CreateOrderRequest> {
  const items = Object.entries(quantities).map(([sku, quantity]) => ({
    sku,
    quantity: BigInt(quantity),
    unitPrice: { currencyCode: 'GBP', units: 2n, nanos: 500_000_000 },
  }));
  return { items, shippingAddress: address, paymentMethod: 'tok_approve', orderId: randomUUID(), ...more };
}

export type Roles = 'all' | 'apart';

export interface ShopOptions {
  readonly roles: Roles;
  readonly env?: Readonly<Record<string, string>>;
  /** A script instead of `synkro serve`. */
  readonly entry?: URL;
}

type Name = 'inventory' | 'logistics';

export class Shop {
  readonly #options: ShopOptions;
  readonly databases: Readonly<Record<Name | 'notifications', TestDatabase>>;
  readonly #services = new Map<Name, TestService>();
  readonly #ports = new Map<Name, Ports>();
  inventory: Inventory;
  logistics: Inventory;

  static async open(options: ShopOptions): Promise<Shop> {
    const databases = {
      inventory: await createEmptyDatabase(),
      logistics: await createEmptyDatabase(),
      notifications: await createEmptyDatabase(),
    };
    const shop = new Shop(options, databases);
    await shop.start('inventory');
    if (options.roles === 'apart') await shop.start('logistics');
    return shop;
  }

  private constructor(options: ShopOptions, databases: Shop['databases']) {
    this.#options = options;
    this.databases = databases;
    this.inventory = new Inventory(1);
    this.logistics = new Inventory(1);
  }

  /** In one process both names mean the same. */
  service(name: Name): TestService {
    return present(this.#services.get(name));
  }

  httpUrl(name: Name): string {
    return `http://127.0.0.1:${present(this.#ports.get(name)).http}`;
  }

  /** Starts a process that was never started or has ended, and waits until it serves. */
  async start(name: Name, env: Readonly<Record<string, string>> = {}): Promise<void> {
    const { roles, entry } = this.#options;
    const started = TestService.spawn({
      data: { url: this.databases.inventory.url },
      env: { ...this.#environment(name), ...this.#options.env, ...env },
      ...(entry === undefined ? {} : { entry }),
    });
    const names: readonly Name[] = roles === 'all' ? ['inventory', 'logistics'] : [name];
    for (const each of names) this.#services.set(each, started);
    const ports = await started.ready();
    for (const each of names) {
      this.#ports.set(each, ports);
      this[each].moveTo(ports.grpc);
    }
  }

  #environment(name: Name): Readonly<Record<string, string>> {
    const ports = this.#ports.get(name);
    return {
      ROLE: this.#options.roles === 'all' ? 'all' : name,
      LOGISTICS_DATABASE_URL: this.databases.logistics.url,
      NOTIFICATIONS_DATABASE_URL: this.databases.notifications.url,
      // The other process finds it where it was.
      GRPC_PORT: String(ports?.grpc ?? 0),
      OWNER_LEASE_MS: '500',
      SHARD_THREADS: '2',
      ...(this.#options.roles === 'apart' && name === 'logistics'
        ? { INVENTORY_GRPC_URL: `127.0.0.1:${present(this.#ports.get('inventory')).grpc}` }
        : {}),
    };
  }

  async order(id: string): Promise<pb.Order> {
    return present((await this.logistics.settle(orders.get, { orderId: id })).order);
  }

  /** Waits until the order is in one of these states. */
  async until(id: string, ...statuses: readonly pb.OrderStatus[]): Promise<pb.Order> {
    let order = await this.order(id);
    await until(`order ${id} to reach ${statuses.join(' or ')}`, async () => {
      order = await this.order(id);
      return statuses.includes(order.status);
    });
    return order;
  }

  /** Checks the books, and ends everything. */
  async close(): Promise<void> {
    this.inventory.close();
    this.logistics.close();
    for (const name of ['logistics', 'inventory'] as const) {
      const running = this.#services.get(name);
      if (running !== undefined && !running.hasEnded) await running.stop();
    }
    const { inventory, logistics } = this.databases;
    const urls = { inventory: inventory.url, logistics: logistics.url };
    const { differences } = await auditServices(urls, { warn: () => undefined });
    expect(differences).toEqual([]);
    await Promise.all(Object.values(this.databases).map((database) => database.drop()));
  }
}
