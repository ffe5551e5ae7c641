// Inventory, Logistics and the notification service as three processes over one broker: what happens in one is heard in the
// others, and what cannot be taken in stops nobody.

import { connect } from 'amqplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OrderStatus as Status } from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { RabbitDeadLetters } from '../../src/messaging/rabbit/dead-letters.ts';
import { expiry, line, refusal } from '../effects/support/events.ts';
import type { Received } from '../notifications/support/receiver.ts';
import { describeWithBroker, TestBroker } from '../support/broker.ts';
import { apart, Installation } from '../support/events/installation.ts';
import { basket, present, rpc } from '../support/inventory.ts';
import { orderOf, orders } from '../support/shop.ts';
import { until } from '../support/until.ts';

describeWithBroker('three processes over one broker', () => {
  let broker: TestBroker;
  let shop: Installation;
  let warehouseId: string;

  beforeAll(async () => {
    broker = await TestBroker.start();
    shop = await Installation.open({ roles: apart, amqpUrl: broker.url });
    warehouseId = await shop.inventory.warehouse();
  });

  afterAll(async () => {
    await shop.stop();
    await shop.expectCleanBooks();
    await shop.close();
    await broker.stop();
  });

  const received = (subject: string) =>
    shop.receiver.received.filter(({ body }) => body['subject'] === subject);

  /** What a webhook says, in short. */
  function said({ body }: Received): unknown {
    const { type, data } = Object(body);
    return type === 'OrderStatusChanged' ? `${type} to ${data.to}` : type;
  }

  /** Places an order over gRPC. @returns its id */
  async function place(quantities: Readonly<Record<string, number>>): Promise<string> {
    const request = orderOf(quantities);
    const { order } = await shop.logistics.settle(orders.create, request);
    expect(order?.status).toBe(Status.CONFIRMED);
    return present(request.orderId);
  }

  /** What Logistics has counted of Inventory's events about an item. */
  async function supplyOf(sku: string): Promise<unknown> {
    return (await shop.fetch('logistics', `/v1/supply/sku:${sku}`)).json();
  }

  test('an order is told to the webhook, step by step, signed, and so is stock that it leaves low', async () => {
    const itemId = await shop.inventory.item('lamp', { [warehouseId]: 10 });
    const policy = { lowStockThreshold: 8n, backInStockThreshold: 10n };
    await shop.inventory.settle(rpc.setPolicy, { itemId, warehouseId, policy });
    const [sold, cancelled] = [await place({ lamp: 3 }), await place({ lamp: 1 })];
    for (const newStatus of [Status.SHIPPED, Status.DELIVERED])
      await shop.logistics.settle(orders.updateStatus, { orderId: sold, newStatus });
    await shop.logistics.settle(orders.cancel, { orderId: cancelled, reason: 'test' });
    await shop.inventory.settle(rpc.adjust, { itemId, warehouseId, delta: 5n, reason: 'received' });
    await shop.receiver.has(7);

    expect(received(`orders/${sold}`).map(said)).toEqual([
      'OrderStatusChanged to confirmed',
      'ShipmentDispatched',
      'OrderStatusChanged to delivered',
    ]);
    expect(received(`orders/${cancelled}`).map(said)).toEqual([
      'OrderStatusChanged to confirmed',
      'OrderCancelled',
    ]);
    expect(received(`items/${itemId}`).map(said)).toEqual(['LowStock', 'BackInStock']);
    expect(shop.receiver.received.every(({ isSigned }) => isSigned)).toBe(true);
    expect(new Set(shop.receiver.ids).size).toBe(7);
    await expect
      .poll(() => supplyOf('lamp'), { timeout: 10_000 })
      .toMatchObject({ levels: [{ warehouseId, lowStock: false, threshold: 10 }] });
  });

  test('what cannot be taken in lies among the dead letters with its reason, and the queue goes on', async () => {
    const itemId = await shop.inventory.item('vase', { [warehouseId]: 5 });
    const counted = expiry('poison-1', [line('vase', 2)]);
    const forged = { ...refusal('poison-1', [{ itemId, sku: 'vase', requested: 9, available: 1 }]) };
    await publish('order_processing', [
      'not JSON at all',
      JSON.stringify({ ...counted, id: 'unknown', type: 'StockStolen' }),
      JSON.stringify(counted),
      // The id of another event: it was taken in already, and as something else.
      JSON.stringify({ ...forged, id: counted.id }),
    ]);
    const letters = new RabbitDeadLetters({ url: broker.url, queue: 'order_processing' });
    await until('three dead letters', async () => (await letters.list({ limit: 10 })).length === 3);
    // Behind them in the same queue, told by Inventory itself.
    await shop.inventory.settle(rpc.reserve, basket('too-much', { vase: 6 }));
    await expect
      .poll(() => supplyOf('vase'), { timeout: 10_000 })
      .toMatchObject({ expiredHolds: 1, expiredUnits: 2, refusals: 1, refusedUnits: 1 });

    const [noJson, unknown, refused] = await letters.list({ limit: 10 });
    expect(noJson).toMatchObject({ reason: 'it is not JSON', attempts: 0, body: 'not JSON at all' });
    expect(unknown).toMatchObject({ reason: expect.stringContaining('/type'), attempts: 0 });
    expect(refused).toMatchObject({ reason: expect.stringContaining('was not taken in'), attempts: 5 });
    const dead = await shop.metric('logistics', 'synkro_events_dead_total');
    expect(dead.get('queue="order_processing"')).toBe(3);
    const lying = await shop.metric('logistics', 'synkro_dead_letters');
    expect(lying.get('queue="order_processing"')).toBe(3);
  });

  test('a notification that its database cannot hold is put aside, and the others of its order are sent', async () => {
    const orderId = await place({ lamp: 1 });
    await until('the first webhook', () => received(`orders/${orderId}`).length === 1);
    const cannot = {
      // What PostgreSQL has no text for.
      id: 'test.\u0000',
      sequence: 1,
      type: 'OrderCancelled',
      time: '2026-01-02T03:04:05.678Z',
      version: 1,
      subject: `orders/${orderId}`,
      data: { orderId, customerId: null, by: 'shop', reason: '' },
    };
    await publish('notification_service', [JSON.stringify(cannot)]);
    const letters = new RabbitDeadLetters({ url: broker.url, queue: 'notification_service' });
    await until('a dead letter', async () => (await letters.list({ limit: 10 })).length === 1);
    const reason = expect.stringContaining('take in events');
    expect(await letters.list({ limit: 10 })).toMatchObject([{ reason, attempts: 5 }]);
    await shop.logistics.settle(orders.updateStatus, { orderId, newStatus: Status.SHIPPED });
    await until('the next webhook', () => received(`orders/${orderId}`).length === 2);
    expect(received(`orders/${orderId}`).map(said)).toEqual([
      'OrderStatusChanged to confirmed',
      'ShipmentDispatched',
    ]);
  });

  async function publish(queue: string, contents: readonly string[]): Promise<void> {
    const model = await connect(broker.url);
    const channel = await model.createConfirmChannel();
    for (const content of contents) channel.sendToQueue(queue, Buffer.from(content), { persistent: true });
    await channel.waitForConfirms();
    await model.close();
  }
});
