// A shop's day over REST alone, on the whole product, in one process and in two: every answer is held to /openapi.json.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isObject } from '../../src/actors/shape.ts';
import { type Checked, checkedFetch } from '../http/support/checked.ts';
import { EventClient } from '../http/support/events.ts';
import { type Roles, Shop } from '../support/shop.ts';

const roles: readonly Roles[] = ['all', 'apart'];

const gbp = (amount: string) => ({ amount, currency: 'GBP' });

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (!isObject(value)) throw new Error(`no object: ${JSON.stringify(value)}`);
  return value;
}

describe.each(roles)('roles: %s', (each) => {
  let shop: Shop;
  let inventory: Checked;
  let logistics: Checked;
  let warehouseId: string;

  beforeAll(async () => {
    shop = await Shop.open({ roles: each });
    inventory = await checkedFetch(shop.httpUrl('inventory'));
    logistics = await checkedFetch(shop.httpUrl('logistics'));
  });

  afterAll(() => shop.close());

  const made = async (call: Checked, path: string, json: unknown) => {
    const answered = await call('POST', path, { json, headers: { 'idempotency-key': randomUUID() } });
    expect(answered.status).toBe(201);
    return fieldsOf(answered.body);
  };

  test('a warehouse, items and stock', async () => {
    warehouseId = String((await made(inventory, '/v1/warehouses', { name: 'Main', location: 'Hull' }))['id']);
    await made(inventory, '/v1/items', {
      sku: 'TEA',
      name: 'Tea',
      initialLevels: [{ warehouseId, quantity: 10 }],
    });
    await made(inventory, '/v1/items', { sku: 'POT', name: 'Pot' });
    const levels = await inventory('GET', '/v1/levels?sku=TEA');
    expect(levels.body).toMatchObject({ levels: [{ quantity: 10, available: 10 }] });
    const availability = await inventory('GET', '/v1/availability?sku=TEA&sku=NONE');
    expect(availability.status).toBe(200);
  });

  test('a customer orders, and hears of it; the goods are shipped, delivered, and some come back', async () => {
    const customer = await made(logistics, '/v1/customers', {
      name: 'Grace Hopper',
      email: 'grace@navy.example',
    });
    const customerId = String(customer['id']);
    const events = await new EventClient(
      `${shop.httpUrl('logistics')}/v1/orders/events?customerId=${customerId}`,
    ).began();
    const order = await made(logistics, '/v1/orders', {
      customerId,
      items: [{ sku: 'TEA', quantity: 4, unitPrice: gbp('2.50') }],
      shippingAddress: { recipientName: 'Grace', line1: '1 Harbour', city: 'Arlington', countryCode: 'US' },
      paymentMethod: 'tok_approve',
    });
    expect(order).toMatchObject({ status: 'confirmed', totalAmount: gbp('10.00') });
    const path = `/v1/orders/${String(order['id'])}`;

    const shipped = await logistics('POST', `${path}/shipments`, {
      json: { carrier: 'UPS', trackingNumber: '1Z' },
    });
    expect(shipped.body).toMatchObject({ status: 'shipped', shipments: [{ status: 'in_transit' }] });
    const { shipments } = fieldsOf(shipped.body);
    const shipment: unknown = Array.isArray(shipments) ? shipments[0] : null;
    const delivered = await logistics(
      'POST',
      `${path}/shipments/${String(fieldsOf(shipment)['id'])}/deliver`,
    );
    expect(delivered.body).toMatchObject({ status: 'delivered' });
    const returned = await logistics('POST', `${path}/returns`, {
      json: { lines: [{ lineId: '1', quantity: 1 }], reason: 'broken', restock: true },
      headers: { 'idempotency-key': randomUUID() },
    });
    expect(returned.body).toMatchObject({
      payments: [{ status: 'partially_refunded', refundedAmount: gbp('2.50') }],
    });

    const history = await logistics('GET', `${path}/history`);
    expect(JSON.stringify(history.body)).toMatch(
      /created.*processing.*reserving_stock.*confirmed.*shipped.*delivered/,
    );
    await expect
      .poll(() => events.events.map(({ data }) => fieldsOf(data)['newStatus']))
      .toEqual(['created', 'processing', 'reserving_stock', 'confirmed', 'shipped', 'delivered']);
    events.close();
    expect((await logistics('GET', path)).body).toEqual(returned.body);
    expect((await logistics('GET', '/v1/customers?query=hopper')).body).toMatchObject({
      customers: [{ id: customerId }],
    });
    // From the tables, which lag by a moment.
    await expect
      .poll(async () => (await inventory('GET', '/v1/items/sku:TEA/movements')).body)
      .toMatchObject({ movements: [{ reason: 'returned', delta: 1 }, { delta: -4 }, { delta: 10 }] });
  });

  test('an order that finds too little waits; it is cancelled, and lists and reports say so', async () => {
    const order = await made(logistics, '/v1/orders', {
      items: [{ sku: 'POT', quantity: 1, unitPrice: gbp('9.99') }],
      paymentMethod: 'tok_approve',
    });
    expect(order['status']).toBe('back_ordered');
    const cancelled = await logistics('POST', `/v1/orders/${String(order['id'])}/cancel`, {
      json: { reason: 'too long' },
    });
    expect(cancelled.body).toMatchObject({ status: 'cancelled', payments: [{ status: 'voided' }] });
    await expect
      .poll(async () => (await logistics('GET', '/v1/orders?status=cancelled')).body)
      .toMatchObject({ orders: [{ id: order['id'] }] });
    const report = await logistics('GET', '/v1/reports/orders');
    expect(report.body).toMatchObject({
      lines: expect.arrayContaining([expect.objectContaining({ status: 'cancelled', orders: 1 })]),
    });
    const csv = await logistics('GET', '/v1/reports/orders?format=csv');
    expect(String(csv.body)).toContain('cancelled');
  });

  test('respond-async: 202 at once, and the order goes on by itself', async () => {
    const answered = await logistics('POST', '/v1/orders', {
      json: { items: [{ sku: 'TEA', quantity: 1, unitPrice: gbp('2.50') }], paymentMethod: 'tok_late' },
      headers: { prefer: 'respond-async' },
    });
    expect(answered.status).toBe(202);
    const { location } = { location: answered.headers.get('location') ?? '' };
    await expect
      .poll(async () => (await logistics('GET', location)).body, { timeout: 20_000 })
      .toMatchObject({ status: 'confirmed', payments: [{ status: 'captured' }] });
  });

  test('operators see owners, lag and what is hot, and change how much is logged', async () => {
    const owners = await logistics('GET', '/v1/admin/owners');
    expect(JSON.stringify(owners.body)).toContain('"isOwner":true');
    expect((await inventory('GET', '/v1/admin/hot-skus')).status).toBe(200);
    expect((await logistics('GET', '/v1/admin/lag')).status).toBe(200);
    const level = await logistics('PUT', '/v1/admin/log-level', { json: { level: 'warn' } });
    expect(level.body).toEqual({ level: 'warn' });
    expect((await logistics('GET', '/v1/admin/log-level')).body).toEqual({ level: 'warn' });
    expect((await logistics('GET', '/metrics')).status).toBe(200);
  });
});
