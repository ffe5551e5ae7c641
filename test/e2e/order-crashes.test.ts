// kill -9 at every step of an order, of either role, then a start: the order comes to rest by itself, captured once and
// reserved once.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OrderStatus as Status } from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { type GatewayServer, startGatewayServer } from '../payments/gateway-server.ts';
import { orderCrash } from '../support/crashing-behaviours.ts';
import { present } from '../support/inventory.ts';
import { orderOf, orders, type Roles, Shop } from '../support/shop.ts';

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
  'command:commit',
  'answered:commit',
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

/** Which of the two processes the point is in. */
const inInventory = /^(command:(reserve|commit|fulfill|giveBack)|answered:)/;

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
});
