// Nothing personal reaches an actor, a table's question or the log in a form that can be read: not in any command, key or
// fingerprint, of any method that is told something personal.
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as pb from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { customerId, logisticsFakes, orderId } from '../http/support/logistics-fakes.ts';
import { type Answered, callMessage, type Harness, serve } from './support/client.ts';
import { newCustomer, newOrder } from './support/requests.ts';

const logged: string[] = [];
let harness: Harness;
beforeAll(async () => {
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
  harness = await serve({ ...logisticsFakes(), log });
});
afterAll(() => harness.stop());

const address = pb.Address.create({
  recipientName: 'Zebedee Quill',
  line1: '17 Wintergreen Row',
  line2: 'Flat Ochre',
  city: 'Thornbury',
  state: 'Gloucestershire',
  postalCode: 'BS35 9ZZ',
  countryCode: 'GB',
  phone: '+44 1454 960001',
});
const name = 'Zebedee Quill';
const email = 'zebedee.quill@post.example';
const phone = '+44 7700 900123';
const notes = 'ring twice, the dog is called Biscuit';

/** Whole texts, and the words of them that tell something. */
const secrets = [
  ...Object.values(address).filter((text) => text.length > 2),
  ...'Zebedee Quill Wintergreen Ochre Thornbury zebedee quill post.example 960001 900123 Biscuit'.split(' '),
  email,
  phone,
  notes,
].map((text) => text.toLowerCase());

/** As it is, and in the encodings that anybody undoes. */
function legible(value: unknown): string {
  const json = JSON.stringify(value);
  const texts = json.match(/[A-Za-z0-9_+/=-]{8,}/g) ?? [];
  const decoded = texts.flatMap((text) => [
    Buffer.from(text, 'base64').toString('latin1'),
    Buffer.from(text, 'hex').toString('latin1'),
  ]);
  return [json, ...decoded].join('\n').toLowerCase();
}

const found = (value: unknown) => secrets.filter((secret) => legible(value).includes(secret));

const customer = { ...newCustomer, name, email, phone, defaultAddress: address };
const order = { ...newOrder, shippingAddress: address, notes };

const calls: readonly (readonly [string, () => Promise<Answered>])[] = [
  ['CreateOrder', () => create({})],
  ['CreateOrder with a key', () => create({ idempotencyKey: 'k' })],
  ['CreateOrder of a guest', () => create({ customerId: '', orderId })],
  ['CreateCustomer', () => callMessage(harness, 'createCustomer', pb.CreateCustomerRequest, customer)],
  [
    'UpdateCustomer with a key',
    () =>
      callMessage(harness, 'updateCustomer', pb.UpdateCustomerRequest, {
        id: customerId,
        name,
        email,
        phone,
        defaultAddress: address,
        idempotencyKey: 'k',
      }),
  ],
  ['ListCustomers', () => callMessage(harness, 'listCustomers', pb.ListCustomersRequest, { query: name })],
  [
    'ListCustomers by e-mail',
    () => callMessage(harness, 'listCustomers', pb.ListCustomersRequest, { query: email }),
  ],
];

const create = (over: Partial<pb.CreateOrderRequest>) =>
  callMessage(harness, 'createOrder', pb.CreateOrderRequest, { ...order, ...over });

test('what is looked for would be found', () => {
  const sealedBadly = { text: Buffer.from(`name: ${name}`).toString('base64url') };
  expect(found({ deep: [{ email }] })).toContain(email);
  expect(found(sealedBadly)).toContain('zebedee quill');
  expect(found({ sealed: Buffer.from(name).toString('hex') })).toContain('zebedee quill');
});

test.each(calls)('%s', async (_what, call) => {
  const { fakes } = harness;
  fakes.queries.asked.length = 0;
  const { error, asked } = await call();
  expect(error).toBeNull();
  expect(asked.length + fakes.queries.asked.length).toBeGreaterThan(0);
  expect(found(asked)).toEqual([]);
  expect(found(fakes.queries.asked)).toEqual([]);
});

test('a failure that is ours says nothing of it either, to the caller or in the log', async () => {
  const { fakes } = harness;
  fakes.asker.answer = () => ({ ok: 'nonsense' });
  const { error } = await create({});
  expect(error?.code).toBe(13);
  expect(logged).toHaveLength(1);
  expect(found([error?.details, fakes.asker.asked, logged])).toEqual([]);
  fakes.asker.answer = (asked) => fakes.usual(asked);
});
