// Contacts, asked of a gRPC server that stands for Logistics.
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rpcStatusOf } from '../../src/api/errors.ts';
import { Status } from '../../src/generated/google/rpc/status.ts';
import {
  CustomerResponse,
  GetCustomerRequest,
  GetOrderRequest,
  OrderResponse,
} from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { type Contacts, ContactsAway } from '../../src/notifications/contacts.ts';
import { contactsOverGrpc } from '../../src/notifications/contacts-over-grpc.ts';

type Answer = Uint8Array | 'not-found' | 'other not found' | 'unavailable' | 'silence' | 'nonsense';

let server: Server;
let contacts: Contacts;
let order: Answer;
let customer: Answer;
let asked: string[];

const [orderId, customerId] = [
  '33333333-3333-4333-8333-333333333333',
  '11111111-1111-4111-8111-111111111111',
];
const gbp = (units: bigint, nanos: number) => ({ currencyCode: 'GBP', units, nanos });
const someCustomer = CustomerResponse.encode(
  CustomerResponse.fromPartial({ customer: { id: customerId, name: 'Ada', email: 'ada@example.org' } }),
).finish();

function someOrder(of: string): Uint8Array {
  const item = {
    sku: '85123A',
    quantity: 6n,
    unitPrice: gbp(2n, 550_000_000),
    totalPrice: gbp(15n, 300_000_000),
  };
  const shipment = { id: 's-1', carrier: 'Royal Mail', trackingNumber: 'RM 1', items: [item] };
  return OrderResponse.encode(
    OrderResponse.fromPartial({
      order: {
        id: orderId,
        customerId: of,
        items: [item],
        totalAmount: gbp(15n, 300_000_000),
        shipments: [shipment],
        estimatedAvailability: new Date('2026-03-01T00:00:00Z'),
      },
    }),
  ).finish();
}

beforeEach(async () => {
  [order, customer, asked] = [someOrder(customerId), someCustomer, []];
  server = new Server();
  server.addService(definition, {
    getOrder: (call: Call, answer: Done) => {
      asked.push(GetOrderRequest.decode(call.request).orderId);
      give(order, 'order-not-found', answer);
    },
    getCustomer: (call: Call, answer: Done) => {
      asked.push(GetCustomerRequest.decode(call.request).id);
      give(customer, 'customer-not-found', answer);
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  contacts = contactsOverGrpc({ url: `127.0.0.1:${port}`, callMsMax: 2_000 });
});
afterEach(async () => {
  await contacts.close();
  server.forceShutdown();
});

test('an order of a customer', async () => {
  expect(await contacts.ofOrder(orderId)).toEqual({
    customer: { customerId, name: 'Ada', email: 'ada@example.org' },
    order: {
      goods: [{ sku: '85123A', quantity: 6, price: '15.30 GBP' }],
      total: '15.30 GBP',
      shipments: [
        { id: 's-1', carrier: 'Royal Mail', trackingNumber: 'RM 1', goods: [{ sku: '85123A', quantity: 6 }] },
      ],
      expectedAt: new Date('2026-03-01T00:00:00Z'),
    },
  });
  expect(asked).toEqual([orderId, customerId]);
});

test('an order of a guest', async () => {
  order = someOrder('');
  expect(await contacts.ofOrder(orderId)).toMatchObject({ customer: 'guest' });
  expect(asked).toEqual([orderId]);
});

test('an order whose customer was erased', async () => {
  customer = 'not-found';
  expect(await contacts.ofOrder(orderId)).toMatchObject({ customer: 'erased' });
  expect(await contacts.ofCustomer(customerId)).toBeNull();
});

test('no order', async () => {
  order = 'not-found';
  expect(await contacts.ofOrder(orderId)).toBeNull();
});

test.each(['unavailable', 'silence', 'nonsense', 'other not found'] as const)(
  'of %s nothing follows',
  async (answer) => {
    order = answer;
    await expect(contacts.ofOrder(orderId)).rejects.toThrow(ContactsAway);
    [order, customer] = [someOrder(customerId), answer];
    await expect(contacts.ofOrder(orderId)).rejects.toThrow(ContactsAway);
  },
);

test('an address that cannot be one is refused at once', () => {
  expect(() => contactsOverGrpc({ url: 'nowhere', callMsMax: 500 })).toThrow(RangeError);
});

type Call = ServerUnaryCall<Buffer, Uint8Array>;
type Done = sendUnaryData<Uint8Array>;

const method = (name: string) => ({
  path: `/synkro.logistics.v1.LogisticsService/${name}`,
  requestStream: false,
  responseStream: false,
  requestSerialize: (bytes: Buffer) => bytes,
  requestDeserialize: (bytes: Buffer) => bytes,
  responseSerialize: (bytes: Uint8Array) => Buffer.from(bytes),
  responseDeserialize: (bytes: Buffer) => bytes,
});

const definition = { getOrder: method('GetOrder'), getCustomer: method('GetCustomer') };

function give(answer: Answer, code: 'order-not-found' | 'customer-not-found', done: Done): void {
  if (answer instanceof Uint8Array) done(null, answer);
  else if (answer === 'nonsense') done(null, Buffer.from([0xff, 0xff]));
  else if (answer === 'unavailable') done({ code: status.UNAVAILABLE, details: 'away' });
  // As a proxy might answer, which knows nothing of orders.
  else if (answer === 'other not found') done({ code: status.NOT_FOUND, details: 'no such service' });
  else if (answer === 'not-found')
    done({ code: status.NOT_FOUND, details: 'there is none', metadata: told(code) });
}

function told(code: 'order-not-found' | 'customer-not-found'): Metadata {
  const metadata = new Metadata();
  const bytes = Status.encode(rpcStatusOf({ code, message: 'there is none' })).finish();
  metadata.set('grpc-status-details-bin', Buffer.from(bytes));
  return metadata;
}
