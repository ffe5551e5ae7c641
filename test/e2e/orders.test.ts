// The life of an order over the whole product, with both services in one process and in two.
import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OrderStatus as Status } from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { present, rpc } from '../support/inventory.ts';
import { address, orderOf, orders, type Roles, Shop } from '../support/shop.ts';

const roles: readonly Roles[] = ['all', 'apart'];

describe.each(roles)('roles: %s', (each) => {
  let shop: Shop;
  let north: string;
  let south: string;

  beforeAll(async () => {
    shop = await Shop.open({ roles: each });
    north = await shop.inventory.warehouse('North', { priority: 1 });
    south = await shop.inventory.warehouse('South', { priority: 2 });
  });

  afterAll(() => shop.close());

  const create = async (request: ReturnType<typeof orderOf>) =>
    present((await shop.logistics.call(orders.create, request)).order);

  /** Rows of Logistics' database that hold this text anywhere. */
  const found = async (text: string): Promise<number> => {
    const sql = postgres(shop.databases.logistics.url, { max: 1 });
    try {
      const tables = await sql<{ readonly name: string }[]>`
        select quote_ident(tablename) as name from pg_tables where schemaname = 'public'`;
      let rows = 0;
      for (const { name } of tables) {
        const [{ count } = { count: 0 }] = await sql<{ readonly count: number }[]>`
          select count(*)::int as count from ${sql.unsafe(name)} as t where t::text like ${`%${text}%`}`;
        rows += count;
      }
      return rows;
    } finally {
      await sql.end();
    }
  };

  const allocated = async (sku: string) =>
    (await shop.inventory.levels(sku)).map((level) => [level.warehouseId, level.quantity, level.allocated]);

  test('created, paid, reserved, shipped from two warehouses, delivered, returned', async () => {
    await shop.inventory.item('life', { [north]: 2, [south]: 5 });
    const order = await create(orderOf({ life: 3 }));
    expect(order).toMatchObject({
      status: Status.CONFIRMED,
      totalAmount: { currencyCode: 'GBP', units: 7n, nanos: 500_000_000 },
      payments: [{ status: 'captured', capturedAmount: { units: 7n } }],
      shippingAddress: address,
    });
    expect(await allocated('life')).toEqual(
      expect.arrayContaining([
        [north, 2n, 2n],
        [south, 5n, 1n],
      ]),
    );

    const shipped = present(
      (
        await shop.logistics.call(orders.updateStatus, {
          orderId: order.id,
          newStatus: Status.SHIPPED,
          shipment: { carrier: 'Royal Mail', trackingNumber: 'RM1' },
        })
      ).order,
    );
    expect(shipped.status).toBe(Status.SHIPPED);
    expect(shipped.shipments.map(({ warehouseId, status }) => [warehouseId, status])).toEqual(
      expect.arrayContaining([
        [north, 'in_transit'],
        [south, 'in_transit'],
      ]),
    );
    expect(await allocated('life')).toEqual(
      expect.arrayContaining([
        [north, 0n, 0n],
        [south, 4n, 0n],
      ]),
    );

    const delivered = await shop.logistics.call(orders.updateStatus, {
      orderId: order.id,
      newStatus: Status.DELIVERED,
    });
    expect(delivered.order?.status).toBe(Status.DELIVERED);

    const request = {
      orderId: order.id,
      items: [{ lineId: present(order.items[0]).lineId, quantity: 2n }],
      reason: 'broken',
      restock: true,
      idempotencyKey: randomUUID(),
    };
    const returned = await shop.logistics.call(orders.giveBack, request);
    expect(returned.order?.payments).toMatchObject([
      { status: 'partially_refunded', refundedAmount: { units: 5n } },
    ]);
    expect(await shop.logistics.call(orders.giveBack, request)).toEqual(returned);
    const units = (await shop.inventory.levels('life')).reduce((sum, level) => sum + level.quantity, 0n);
    expect(units).toBe(6n);
  });

  test('a part is shipped, and the order stays confirmed until the rest has left', async () => {
    await shop.inventory.item('part', { [north]: 10 });
    const order = await create(orderOf({ part: 4 }));
    const { lineId } = present(order.items[0]);
    const ship = async (quantity: bigint) =>
      shop.logistics.call(orders.updateStatus, {
        orderId: order.id,
        newStatus: Status.SHIPPED,
        shipment: { carrier: 'DHL', trackingNumber: 'D1', items: [{ lineId, quantity }] },
        idempotencyKey: randomUUID(),
      });
    expect((await ship(1n)).order?.status).toBe(Status.CONFIRMED);
    expect((await ship(3n)).order?.status).toBe(Status.SHIPPED);
  });

  test('a declined payment cancels the order, and nothing is reserved', async () => {
    await shop.inventory.item('declined', { [north]: 1 });
    const order = await create(orderOf({ declined: 1 }, { paymentMethod: 'tok_decline' }));
    expect(order).toMatchObject({ status: Status.CANCELLED, payments: [{ status: 'declined' }] });
    expect(await allocated('declined')).toEqual([[north, 1n, 0n]]);
  });

  test('a declined capture gives the stock back', async () => {
    await shop.inventory.item('uncaptured', { [north]: 1 });
    const order = await create(orderOf({ uncaptured: 1 }, { paymentMethod: 'tok_capture_decline' }));
    expect(order.status).toBe(Status.CANCELLED);
    await shop.until(order.id, Status.CANCELLED);
    await expect.poll(() => allocated('uncaptured')).toEqual([[north, 1n, 0n]]);
  });

  test('a payment that has no answer at first, or answers late, comes through', async () => {
    await shop.inventory.item('slow-payment', { [north]: 10 });
    for (const paymentMethod of ['tok_timeout', 'tok_late', 'tok_capture_timeout', 'tok_twice']) {
      const order = await create(orderOf({ 'slow-payment': 1 }, { paymentMethod }));
      const rested = await shop.until(order.id, Status.CONFIRMED);
      expect(rested.payments).toHaveLength(1);
    }
  });

  test('cancelled before shipping: the money and the stock go back, and a repeat answers the same', async () => {
    await shop.inventory.item('cancelled', { [north]: 5 });
    const order = await create(orderOf({ cancelled: 5 }));
    const request = { orderId: order.id, reason: 'changed my mind', idempotencyKey: randomUUID() };
    const answer = await shop.logistics.call(orders.cancel, request);
    expect(answer.order).toMatchObject({
      status: Status.CANCELLED,
      cancellationReason: 'changed my mind',
      payments: [{ status: 'refunded', refundedAmount: { units: 12n, nanos: 500_000_000 } }],
    });
    expect(await shop.logistics.call(orders.cancel, request)).toEqual(answer);
    expect(await allocated('cancelled')).toEqual([[north, 5n, 0n]]);
  });

  test('what has left can no longer be cancelled', async () => {
    await shop.inventory.item('gone', { [north]: 1 });
    const order = await create(orderOf({ gone: 1 }));
    await shop.logistics.call(orders.updateStatus, { orderId: order.id, newStatus: Status.SHIPPED });
    const problem = await shop.logistics.refused(orders.cancel, { orderId: order.id, reason: 'late' });
    expect(problem).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'order-state' });
  });

  test('an unknown item: NOT_FOUND, and nothing is made', async () => {
    const orderId = randomUUID();
    const problem = await shop.logistics.refused(orders.create, orderOf({ nowhere: 1 }, { orderId }));
    expect(problem).toMatchObject({ code: 'NOT_FOUND', reason: 'item-not-found' });
    expect(await shop.logistics.refused(orders.get, { orderId })).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('100 times at once with one key: one order, 100 equal answers; other content is refused', async () => {
    await shop.inventory.item('once', { [north]: 1_000 });
    const idempotencyKey = randomUUID();
    const request = orderOf({ once: 7 }, { orderId: '', idempotencyKey });
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => shop.logistics.settle(orders.create, request)),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await allocated('once')).toEqual([[north, 1_000n, 7n]]);
    const other = orderOf({ once: 8 }, { orderId: '', idempotencyKey });
    expect(await shop.logistics.refused(orders.create, other)).toMatchObject({ code: 'ALREADY_EXISTS' });
    expect(await allocated('once')).toEqual([[north, 1_000n, 7n]]);
  });

  test('short of stock it waits, with an estimate, and is served when stock arrives', async () => {
    const itemId = await shop.inventory.item('short', { [north]: 1 });
    const incomingAt = new Date('2030-01-01T00:00:00Z');
    await shop.inventory.call(rpc.setPolicy, {
      itemId,
      warehouseId: north,
      policy: { incomingQuantity: 10n, incomingAt },
    });
    const order = await create(orderOf({ short: 3 }));
    expect(order).toMatchObject({ status: Status.BACK_ORDERED, estimatedAvailability: incomingAt });
    // Behind it, although there is enough for this one.
    const later = await create(orderOf({ short: 1 }));
    expect(later.status).toBe(Status.BACK_ORDERED);
    await shop.inventory.call(rpc.adjust, { itemId, warehouseId: north, delta: 3n, reason: 'received' });
    await shop.until(order.id, Status.CONFIRMED);
    await shop.until(later.id, Status.CONFIRMED);
    expect(await allocated('short')).toEqual([[north, 4n, 4n]]);
  });

  test('a wide basket that waits for two items is served when both have come, and others pass it', async () => {
    const first = await shop.inventory.item('wide-1', {});
    const second = await shop.inventory.item('wide-2', {});
    const wide = await create(orderOf({ 'wide-1': 1, 'wide-2': 1 }));
    const narrow = await create(orderOf({ 'wide-1': 1 }));
    expect([wide.status, narrow.status]).toEqual([Status.BACK_ORDERED, Status.BACK_ORDERED]);
    const receive = (itemId: string) =>
      shop.inventory.call(rpc.adjust, { itemId, warehouseId: north, delta: 1n, reason: 'received' });
    await receive(first);
    await shop.until(narrow.id, Status.CONFIRMED);
    await receive(second);
    await receive(first);
    await shop.until(wide.id, Status.CONFIRMED);
  });

  test('who waits may cancel, and those behind move up', async () => {
    const itemId = await shop.inventory.item('queue', {});
    const first = await create(orderOf({ queue: 5 }));
    const second = await create(orderOf({ queue: 1 }));
    const cancelled = await shop.logistics.call(orders.cancel, { orderId: first.id, reason: 'too long' });
    expect(cancelled.order).toMatchObject({ status: Status.CANCELLED, payments: [{ status: 'voided' }] });
    await shop.inventory.call(rpc.adjust, { itemId, warehouseId: north, delta: 1n, reason: 'received' });
    await shop.until(second.id, Status.CONFIRMED);
  });

  test('of an order of which some has left the rest is cancelled, also where somebody has given that back already', async () => {
    const itemId = await shop.inventory.item('rest', { [north]: 6 });
    for (const isGone of [false, true]) {
      const order = await create(orderOf({ rest: 3 }));
      const shipment = { carrier: 'Royal Mail', items: [{ lineId: '1', quantity: 1n }] };
      const ship = { orderId: order.id, newStatus: Status.SHIPPED, shipment };
      await shop.logistics.call(orders.updateStatus, ship);
      if (isGone) await shop.inventory.call(rpc.giveBack, { orderId: order.id, itemId, quantity: 2n });
      const cancelled = await shop.logistics.call(orders.cancel, { orderId: order.id, reason: 'enough' });
      expect(cancelled.order).toMatchObject({
        status: Status.SHIPPED,
        cancellationReason: 'enough',
        cancelledItems: [{ lineId: '1', sku: 'rest', quantity: 2n }],
        payments: [{ status: 'partially_refunded', refunds: [{ number: 1, status: 'done' }] }],
      });
    }
    expect(await allocated('rest')).toEqual([[north, 4n, 0n]]);
  });

  test('goods are given back whatever keys others have used at Inventory for this order', async () => {
    const itemId = await shop.inventory.item('keyed', { [north]: 3 });
    const order = await create(orderOf({ keyed: 3 }));
    const giveBack = { orderId: order.id, itemId, quantity: 1n };
    for (const idempotencyKey of ['cancel', 'give-back'])
      await shop.inventory.call(rpc.giveBack, { ...giveBack, idempotencyKey });
    const cancelled = await shop.logistics.call(orders.cancel, { orderId: order.id });
    expect(cancelled.order?.status).toBe(Status.CANCELLED);
    expect(await allocated('keyed')).toEqual([[north, 3n, 0n]]);
  });

  test('a customer is deleted: nothing personal can be read any more, nor is it anywhere in the database', async () => {
    await shop.inventory.item('private', { [north]: 1 });
    const created = await shop.logistics.call(orders.createCustomer, {
      name: 'Grace Unmistakable',
      email: 'grace@unmistakable.example',
      defaultAddress: { ...address, line1: '7 Secret Lane' },
    });
    const customerId = present(created.customer).id;
    const order = await create(
      orderOf({ private: 1 }, { customerId, shippingAddress: { ...address, line1: '7 Secret Lane' } }),
    );
    expect((await shop.order(order.id)).shippingAddress?.line1).toBe('7 Secret Lane');
    const reason = 'Grace Unmistakable has moved';
    const cancelled = await shop.logistics.call(orders.cancel, { orderId: order.id, reason });
    expect(cancelled.order?.cancellationReason).toBe(reason);
    expect((await shop.order(order.id)).cancellationReason).toBe(reason);
    const answer = await fetch(`${shop.httpUrl('logistics')}/v1/customers/${customerId}`, {
      method: 'DELETE',
    });
    expect(answer.status).toBe(204);
    expect(await shop.logistics.refused(orders.getCustomer, { id: customerId })).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await shop.order(order.id)).toMatchObject({ shippingAddress: undefined, cancellationReason: '' });
    const again = await shop.logistics.call(orders.cancel, { orderId: order.id, reason });
    expect(again.order?.status).toBe(Status.CANCELLED);
    expect(await found('Unmistakable'), 'in the database').toBe(0);
    expect(await found(order.id), 'the order, which is there').toBeGreaterThan(0);
  });
});
