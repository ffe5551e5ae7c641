// kill -9 at every step of an order, of either role, then a start: the order comes to rest by itself, captured once and
// reserved once. So do its queue, its returns, and the deletion of its customer.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OrderStatus as Status } from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { type GatewayServer, startGatewayServer } from '../payments/gateway-server.ts';
import { orderCrash } from '../support/crashing-behaviours.ts';
import { present, rpc } from '../support/inventory.ts';
import { orderOf, orders, type Roles, Shop } from '../support/shop.ts';
import { until } from '../support/until.ts';

const entry = new URL('../support/crashing-service.ts', import.meta.url);

/** Up to Confirmed. */
const creating = [
  'decide:created',
  'want:authorize',
  'done:authorize',
  'decide:attemptBegan',
  'want:reserve',
  'command:reserve',
  'answered:hold',
  'done:reserve',
  'decide:attemptAnswered',
  'want:capture',
  'done:capture',
  'decide:captureAnswered',
];
const shipping = [
  'decide:shipmentsMade',
  'want:fulfill',
  'command:fulfill',
  'answered:fulfill',
  'done:fulfill',
];
const cancelling = [
  'decide:cancelNoted',
  'want:giveBack',
  'command:giveBack',
  'done:giveBack',
  'want:refund',
  'done:refund',
];

const waiting = [
  'command:join',
  'decide:joined',
  'want:watch',
  'done:watch',
  'decide:seen',
  'decide:granted',
  'command:granted',
  'decide:left',
];
const leaving = ['command:leave', 'want:void', 'done:void', 'decide:voidAnswered'];
const returning = ['decide:returnMade', 'want:restock', 'command:adjust', 'done:restock', 'decide:restocked'];
const erasing = ['decide:erasureBegan', 'want:destroyKey', 'done:destroyKey', 'decide:erased'];

/** Which of the two processes the point is in. */
const inInventory = /^(command:(reserve|fulfill|giveBack|adjust)|answered:)/;

const roles: readonly Roles[] = ['all', 'apart'];

describe.each(roles)('roles: %s', (each) => {
  let gateway: GatewayServer;
  let folder: string;
  let shop: Shop;
  let north: string;

  beforeAll(async () => {
    gateway = await startGatewayServer();
    folder = mkdtempSync(join(tmpdir(), 'synkro-crash-'));
    shop = await Shop.open({
      roles: each,
      entry,
      env: { FAULT_DIR: folder, PAYMENT_GATEWAY_URL: gateway.url, PAYMENT_SECRETS: gateway.secret },
    });
    north = await shop.inventory.warehouse('North');
  });

  afterAll(async () => {
    await shop.close();
    await gateway.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Lets the process that has the point crash there during `act`, and starts it again. */
  async function crashing(point: string, act: () => Promise<unknown>): Promise<void> {
    const name = each === 'apart' && inInventory.test(point) ? 'inventory' : 'logistics';
    orderCrash(folder, point);
    const acting = act().catch(() => {});
    await shop.service(name).ended();
    await shop.start(name);
    await acting;
  }

  async function item(point: string): Promise<string> {
    const sku = `${each} ${point}`;
    await shop.inventory.item(sku, { [north]: 10 });
    return sku;
  }

  test.each(creating)('%s', async (point) => {
    const sku = await item(point);
    const request = orderOf({ [sku]: 4 });
    const orderId = present(request.orderId);
    await crashing(point, () => shop.logistics.call(orders.create, request));
    // Where it died before anything was durable there is no order: the caller repeats.
    await shop.logistics.settle(orders.create, request);
    const order = await shop.until(orderId, Status.CONFIRMED);
    expect(order.payments).toMatchObject([{ status: 'captured' }]);
    expect(gateway.doneFor(orderId, 'capture')).toHaveLength(1);
    expect(await shop.inventory.level(sku)).toMatchObject({ quantity: 10n, held: 0n, allocated: 4n });
    expect(gateway.problems()).toEqual([]);
  });

  test.each(shipping)('%s', async (point) => {
    const sku = await item(point);
    const request = orderOf({ [sku]: 4 });
    const orderId = present(request.orderId);
    await shop.logistics.settle(orders.create, request);
    const ship = { orderId, newStatus: Status.SHIPPED, idempotencyKey: point };
    await crashing(point, () => shop.logistics.call(orders.updateStatus, ship));
    await shop.logistics.settle(orders.updateStatus, ship);
    await shop.until(orderId, Status.SHIPPED);
    expect(await shop.inventory.level(sku)).toMatchObject({ quantity: 6n, held: 0n, allocated: 0n });
  });

  test.each(cancelling)('%s', async (point) => {
    const sku = await item(point);
    const request = orderOf({ [sku]: 4 });
    const orderId = present(request.orderId);
    await shop.logistics.settle(orders.create, request);
    const cancel = { orderId, reason: 'test', idempotencyKey: point };
    await crashing(point, () => shop.logistics.call(orders.cancel, cancel));
    await shop.logistics.settle(orders.cancel, cancel);
    const order = await shop.until(orderId, Status.CANCELLED);
    expect(order.payments).toMatchObject([{ status: 'refunded' }]);
    expect(gateway.doneFor(orderId, 'refund')).toHaveLength(1);
    expect(await shop.inventory.level(sku)).toMatchObject({ quantity: 10n, held: 0n, allocated: 0n });
    expect(gateway.problems()).toEqual([]);
  });

  test.each(waiting)('while it waits for stock: %s', async (point) => {
    const sku = `${each} ${point}`;
    const itemId = await shop.inventory.item(sku, {});
    const request = orderOf({ [sku]: 4 });
    const orderId = present(request.orderId);
    const adjust = { itemId, warehouseId: north, delta: 9n, reason: 'received', idempotencyKey: sku };
    const serve = async () => {
      await shop.logistics.settle(orders.create, request);
      await shop.inventory.settle(rpc.adjust, adjust);
    };
    await crashing(point, serve);
    await serve();
    await shop.until(orderId, Status.CONFIRMED);
    // It is not at rest yet: the money is taken from then on.
    await until('the capture', () => gateway.doneFor(orderId, 'capture').length > 0);
    expect(await shop.inventory.level(sku)).toMatchObject({ quantity: 9n, held: 0n, allocated: 4n });
    const next = orderOf({ [sku]: 5 });
    await shop.logistics.settle(orders.create, next);
    await shop.until(present(next.orderId), Status.CONFIRMED);
    expect(gateway.doneFor(orderId, 'capture')).toHaveLength(1);
  });

  test.each(leaving)('when it is cancelled while it waits: %s', async (point) => {
    const sku = `${each} ${point}`;
    const itemId = await shop.inventory.item(sku, {});
    const request = orderOf({ [sku]: 4 });
    const orderId = present(request.orderId);
    await shop.logistics.settle(orders.create, request);
    await crashing(point, () => shop.logistics.call(orders.cancel, { orderId }));
    await shop.logistics.settle(orders.cancel, { orderId });
    const order = await shop.until(orderId, Status.CANCELLED);
    expect(order.payments).toMatchObject([{ status: 'voided' }]);
    expect(gateway.doneFor(orderId, 'void')).toHaveLength(1);
    // Nobody stands before it any more.
    await shop.inventory.call(rpc.adjust, { itemId, warehouseId: north, delta: 1n, reason: 'received' });
    const next = orderOf({ [sku]: 1 });
    await shop.logistics.settle(orders.create, next);
    await shop.until(present(next.orderId), Status.CONFIRMED);
    expect(gateway.problems()).toEqual([]);
  });

  test.each(returning)('when goods come back: %s', async (point) => {
    const sku = await item(point);
    const request = orderOf({ [sku]: 4 });
    const orderId = present(request.orderId);
    await shop.logistics.settle(orders.create, request);
    await shop.logistics.settle(orders.updateStatus, { orderId, newStatus: Status.SHIPPED });
    const items = [{ lineId: '1', quantity: 3n }];
    const giveBack = { orderId, items, restock: true, idempotencyKey: point };
    await crashing(point, () => shop.logistics.call(orders.giveBack, giveBack));
    const { order } = await shop.logistics.settle(orders.giveBack, giveBack);
    expect(order).toMatchObject({
      payments: [{ status: 'partially_refunded', refunds: [{ number: 1, status: 'done' }] }],
      returns: [{ number: 1, refundNumber: 1 }],
    });
    expect(gateway.doneFor(orderId, 'refund')).toHaveLength(1);
    expect(await shop.inventory.level(sku)).toMatchObject({ quantity: 9n, held: 0n, allocated: 0n });
  });

  test.each(erasing)('when its customer is deleted: %s', async (point) => {
    const { customer } = await shop.logistics.settle(orders.createCustomer, {
      name: 'Ada',
      idempotencyKey: point,
    });
    const { id } = present(customer);
    await crashing(point, () => shop.logistics.call(orders.deleteCustomer, { id }));
    await shop.logistics.settle(orders.deleteCustomer, { id });
    expect(await shop.logistics.refused(orders.getCustomer, { id })).toMatchObject({ code: 'NOT_FOUND' });
  });
});
