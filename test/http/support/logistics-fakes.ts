// What the routes of Logistics are given in tests: actors that answer as they are told, tables in memory, and the real vault
// over keys in memory.
import { expect } from 'vitest';
import type { Reply } from '../../../src/actors/behaviour.ts';
import { fail } from '../../../src/actors/failure.ts';
import { itemIdOfSku } from '../../../src/actors/ids.ts';
import type { CustomerView } from '../../../src/actors/logistics/customer/model.ts';
import type { Order, OrderView } from '../../../src/actors/logistics/order/model.ts';
import { orderView } from '../../../src/actors/logistics/order/views.ts';
import { isObject } from '../../../src/actors/shape.ts';
import type {
  CustomerRow,
  LogisticsDeps,
  LogisticsQueries,
  OrderRow,
  OrdersReportLine,
  SupplyRow,
} from '../../../src/api/logistics/deps.ts';
import { ownerOf } from '../../../src/api/logistics/personal.ts';
import { createVault } from '../../../src/api/logistics/sealing.ts';
import type { KeyStore } from '../../../src/api/logistics/vault.ts';
import { inProcess } from '../../../src/effects/inventory/in-process.ts';
import {
  type Asked,
  asOf,
  FakeAsker,
  FakeQueries,
  fakes as inventoryFakes,
  usualAnswer,
} from '../../grpc/support/fakes.ts';

export const orderId = '9b2e4c1a-7a55-4c0e-8d0e-1f2a3b4c5d6e';
export const customerId = '4f1c2d3e-1a2b-4c3d-9e8f-0a1b2c3d4e5f';
export const shipmentId = '5a6b7c8d-9e0f-5a1b-8c2d-3e4f5a6b7c8d';
export const paymentId = '6b7c8d9e-0f1a-5b2c-9d3e-4f5a6b7c8d9e';
export const warehouseId = '11111111-1111-4111-8111-111111111111';
export const secrets = ['a secret of some length', 'the secret before it'] as const;

const madeAt = Date.parse('2026-01-31T12:00:00.000Z');

export const address = {
  recipientName: 'Ada Lovelace',
  line1: '12 St James’s Square',
  line2: '',
  city: 'London',
  state: '',
  postalCode: 'SW1Y 4JH',
  countryCode: 'GB',
  phone: '',
};

/** What the actor hears of a command: a reason that somebody gave comes sealed. */
export function asSealed(command: object): object {
  const isGiven = 'reason' in command && command.reason !== '';
  return isGiven ? { ...command, reason: expect.stringMatching(/^sealed:[\w-]+$/) } : command;
}

const gbp = (minor: string) => ({ currency: 'GBP', minor });

/** Two lines, paid for, one of them shipped, and of that one unit returned. `sealed` is to be set. */
export const order: Order = {
  customerId,
  lines: [
    { lineId: '1', itemId: itemIdOfSku('85123A'), sku: '85123A', quantity: 2, unitMinor: '255' },
    { lineId: '2', itemId: itemIdOfSku('71053'), sku: '71053', quantity: 1, unitMinor: '5' },
  ],
  total: gbp('515'),
  sealed: '',
  method: 'tok_approve',
  fingerprint: 'f',
  patience: { paymentMs: 900_000, stockMs: 2_592_000_000, unitsMax: 100_000 },
  status: 'confirmed',
  createdAt: madeAt,
  updatedAt: madeAt + 2_000,
  history: [
    { from: null, to: 'created', at: madeAt, by: 'customer', why: '' },
    { from: 'created', to: 'processing', at: madeAt, by: 'system', why: '' },
    { from: 'processing', to: 'reservingStock', at: madeAt + 1_000, by: 'payment', why: 'authorized' },
    { from: 'reservingStock', to: 'confirmed', at: madeAt + 2_000, by: 'stock', why: '' },
  ],
  payments: [
    {
      id: paymentId,
      amount: gbp('515'),
      status: 'captured',
      isRenewal: false,
      transactionId: 'tx-1',
      until: null,
      reason: '',
      polls: 0,
      openedAt: madeAt,
      isOwed: false,
      pollAt: null,
      refunds: [{ number: 1, amount: gbp('255'), status: 'done', tries: 1, reason: '' }],
    },
  ],
  stock: { state: 'committed', attempt: 1, reservationId: 'rsv-1-b3JkZXItMQ' },
  draws: [],
  waits: {},
  waitsUntil: null,
  estimatedAt: null,
  talk: null,
  talks: 0,
  shipments: [
    {
      id: shipmentId,
      carrier: 'Royal Mail',
      trackingNumber: 'RM123',
      warehouseId,
      items: [{ lineId: '1', quantity: 2 }],
      status: 'inTransit',
      createdAt: madeAt + 3_000,
    },
  ],
  returns: [
    {
      number: 1,
      items: [{ lineId: '1', quantity: 1, warehouseId }],
      reason: 'too small',
      restock: true,
      isRestocked: true,
      refund: gbp('255'),
      refundNumber: 1,
      at: madeAt + 4_000,
    },
  ],
  cancel: null,
  restCancel: null,
  operation: null,
  operations: 2,
};

export class MemoryKeys implements KeyStore {
  readonly #keys = new Map<string, Uint8Array | null>();
  readonly #secrets = new Map<string, Uint8Array>();

  async read(owners: readonly string[]) {
    return new Map(
      owners.flatMap((owner): [string, Uint8Array][] => {
        const key = this.#keys.get(owner) ?? null;
        return key === null ? [] : [[owner, key]];
      }),
    );
  }

  async make(owner: string, key: Uint8Array) {
    const known = this.#keys.get(owner);
    if (known !== undefined) return known;
    this.#keys.set(owner, key);
    return key;
  }

  async destroy(owner: string) {
    this.#keys.set(owner, null);
  }

  async secret(name: string, made: Uint8Array) {
    const known = this.#secrets.get(name) ?? made;
    this.#secrets.set(name, known);
    return known;
  }
}

export class FakeLogisticsQueries extends FakeQueries implements LogisticsQueries {
  /** Newest first. */
  orders: readonly OrderRow[] = [];
  /** In order of id. */
  customers: readonly CustomerRow[] = [];
  lines: readonly OrdersReportLine[] = [];
  /** In order of SKU. */
  supply: readonly SupplyRow[] = [];

  async listOrders(question: Parameters<LogisticsQueries['listOrders']>[0]) {
    this.asked.push(question);
    const { after, limit } = question;
    const rows = this.orders.filter((row) => after === null || row.order.createdAt < after.createdAt);
    return { rows: rows.slice(0, limit), asOf };
  }

  async listCustomers(question: Parameters<LogisticsQueries['listCustomers']>[0]) {
    this.asked.push(question);
    const { afterId, limit } = question;
    return {
      rows: this.customers.filter(({ id }) => afterId === null || id > afterId).slice(0, limit),
      asOf,
    };
  }

  async ordersReport(question: Parameters<LogisticsQueries['ordersReport']>[0]) {
    this.asked.push(question);
    return { rows: this.lines, asOf };
  }

  async listSupply(question: Parameters<LogisticsQueries['listSupply']>[0]) {
    this.asked.push(question);
    const { after, isLow, limit } = question;
    const rows = this.supply.filter(
      ({ supply }) =>
        (after === null || supply.sku > after.sku) &&
        (isLow === null || Object.values(supply.alerts).some((alert) => alert.isLow) === isLow),
    );
    return { rows: rows.slice(0, limit), asOf };
  }
}

export interface LogisticsFakes extends LogisticsDeps {
  readonly asker: FakeAsker;
  readonly queries: FakeLogisticsQueries;
  readonly notices: ReturnType<typeof inventoryFakes>['notices'];
  readonly keys: MemoryKeys;
  /** Ids of items that Inventory has not got; it has all others. */
  readonly unknownItems: Set<string>;
  webhookSecrets: readonly string[];
  /** What the actors know: an order with its personal data, and a customer. */
  view(id: string, over?: Partial<Order>): Promise<OrderView>;
  customer(id: string): Promise<CustomerView>;
  usual(asked: Asked): Promise<Reply>;
}

export function logisticsFakes(): LogisticsFakes {
  const inventory = inventoryFakes();
  const { itemIds, log, observe, newId, notices } = inventory;
  const keys = new MemoryKeys();
  const vault = createVault(keys);
  const unknownItems = new Set<string>();
  inventory.asker.answer = (asked) =>
    unknownItems.has(asked.ref.id)
      ? fail('item-not-found', `no item ${asked.ref.id}`, { itemId: asked.ref.id })
      : { ok: usualAnswer(asked) };
  const asker = new FakeAsker();
  const made: LogisticsFakes = {
    asker,
    queries: new FakeLogisticsQueries(),
    notices,
    itemIds,
    log,
    observe,
    newId,
    keys,
    vault,
    unknownItems,
    patience: order.patience,
    webhookSecrets: secrets,
    inventory: inProcess(inventory),
    async view(id, over = {}) {
      const owned = { ...order, ...over };
      const sealed = await vault.seal(ownerOf({ id, customerId: owned.customerId }), {
        address,
        notes: 'at the back',
      });
      return orderView(id, { ...owned, sealed });
    },
    async customer(id) {
      const sealed = await vault.seal(id, {
        name: 'Ada Lovelace',
        email: 'ada@example.org',
        phone: '',
        address,
      });
      return { id, sealed, createdAt: madeAt, updatedAt: madeAt + 1_000 };
    },
    async usual({ ref, command }) {
      if (isObject(command) && command['type'] === 'notice') return { ok: null };
      if (ref.kind === 'queue') return { ok: { units: 0 } };
      if (ref.kind === 'supply') return { ok: null };
      return { ok: ref.kind === 'customer' ? await made.customer(ref.id) : await made.view(ref.id) };
    },
  };
  asker.answer = (asked) => made.usual(asked);
  return made;
}
