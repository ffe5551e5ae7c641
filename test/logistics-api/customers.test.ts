// Customers: what goes to the actor is sealed, what comes back is opened, and who was deleted stays so.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Reply } from '../../src/actors/behaviour.ts';
import { fail } from '../../src/actors/failure.ts';
import { uuidv5 } from '../../src/actors/ids.ts';
import { isObject } from '../../src/actors/shape.ts';
import * as pb from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { problemOf } from '../grpc/support/client.ts';
import { type Asked, errorId } from '../grpc/support/fakes.ts';
import { address, customerId } from '../http/support/logistics-fakes.ts';
import { callMessage, type Harness, reset, serve, withKey } from './support/client.ts';
import { newCustomer } from './support/requests.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serve();
});
afterAll(() => harness.stop());
beforeEach(() => reset(harness));

const create = (over: Partial<pb.CreateCustomerRequest> = {}, options = {}) =>
  callMessage(harness, 'createCustomer', pb.CreateCustomerRequest, { ...newCustomer, ...over }, options);
const update = (over: Partial<pb.UpdateCustomerRequest>, options = {}) =>
  callMessage(harness, 'updateCustomer', pb.UpdateCustomerRequest, { id: customerId, ...over }, options);
const get = (id = customerId) => callMessage(harness, 'getCustomer', pb.GetCustomerRequest, { id });

const at = Date.parse('2026-01-31T12:00:00.000Z');
const wireCustomer = {
  id: customerId,
  name: 'Ada Lovelace',
  email: 'ada@example.org',
  phone: '',
  defaultAddress: address,
  createdAt: new Date(at),
  updatedAt: new Date(at + 1_000),
};

const typeOf = ({ command }: Asked) => (isObject(command) ? command['type'] : '');
const textOf = (value: unknown, name: string): string => {
  const found = isObject(value) ? value[name] : undefined;
  if (typeof found !== 'string') throw new TypeError(`no ${name}`);
  return found;
};

/** The command of this type that was asked last, with what it had sealed. */
async function askedFor(asked: readonly Asked[], type: string) {
  const found = asked.findLast((each) => typeOf(each) === type);
  if (found === undefined) throw new Error(`no ${type} was asked for`);
  const text = textOf(found.command, 'sealed');
  const [opened] = await harness.fakes.vault.open([{ owner: found.ref.id, text }]);
  return { ...found, opened };
}

/** An actor that keeps what it is told. */
function keeping(): { changes: number } {
  const kept = { changes: 0 };
  let sealed: string | null = null;
  harness.fakes.asker.answer = async (asked) => {
    const view = await harness.fakes.customer(asked.ref.id);
    if (typeOf(asked) === 'create' || typeOf(asked) === 'update') {
      kept.changes += 1;
      sealed = textOf(asked.command, 'sealed');
    }
    return { ok: { ...view, sealed: sealed ?? view.sealed, updatedAt: at + 1_000 + kept.changes } };
  };
  return kept;
}

describe('CreateCustomer', () => {
  test('seals everything, and shows what the actor has', async () => {
    keeping();
    const { error, response, asked } = await create();
    expect(error).toBeNull();
    const { ref, opened, command, options } = await askedFor(asked, 'create');
    expect(ref).toEqual({ kind: 'customer', id: errorId });
    expect(options).toMatchObject({ kind: 'write', receipt: null });
    const personal = { name: 'Ada Lovelace', email: 'ada@example.org', phone: '+44 20 7946 0000', address };
    expect(opened).toEqual(personal);
    const { fakes } = harness;
    expect(command).toMatchObject({
      terms: await fakes.vault.terms(['Ada Lovelace', 'ada@example.org']),
      fingerprint: await fakes.vault.fingerprint(errorId, personal),
      isIdOfKey: false,
    });
    const { address: defaultAddress, ...shown } = personal;
    expect(response).toMatchObject({ customer: { id: errorId, ...shown, defaultAddress } });
  });

  test.each([
    ['the caller’s own', { id: customerId.toUpperCase() }, {}, customerId, false],
    ['that of the key', { idempotencyKey: 'k' }, {}, uuidv5('CreateCustomer|k'), true],
    ['that of the key in the metadata', {}, withKey('k'), uuidv5('CreateCustomer|k'), true],
    ['the caller’s own beside a key', { id: customerId, idempotencyKey: 'k' }, {}, customerId, false],
  ])('the id is %s', async (_what, over, options, id, isIdOfKey) => {
    const { asked } = await create(over, options);
    const { ref, command } = await askedFor(asked, 'create');
    expect(ref.id).toBe(id);
    expect(command).toMatchObject({ isIdOfKey });
  });

  test('an address in which nothing is is none', async () => {
    const empty = pb.Address.create();
    const { opened } = await askedFor((await create({ defaultAddress: empty })).asked, 'create');
    expect(opened).toMatchObject({ address: null });
  });

  test('the id of who was deleted is taken for good', async () => {
    const id = '22222222-1111-4111-8111-111111111111';
    await harness.fakes.keys.destroy(id);
    const { error, asked } = await create({ id });
    expect(problemOf(error)).toMatchObject({ code: 'ALREADY_EXISTS', reason: 'customer-exists' });
    expect(asked).toEqual([]);
  });

  test('a refusal of the actor goes to the caller', async () => {
    harness.fakes.asker.answer = () => fail('customer-exists', 'no');
    expect(problemOf((await create({ id: customerId })).error).reason).toBe('customer-exists');
  });
});

describe('GetCustomer', () => {
  test('shows everything', async () => {
    const { response, asked } = await get(customerId.toUpperCase());
    expect(response).toEqual({ customer: wireCustomer });
    expect(asked).toMatchObject([{ ref: { kind: 'customer', id: customerId }, options: { kind: 'read' } }]);
  });

  test.each<[string, (id: string) => Promise<void>]>([
    [
      'the actor knows none',
      async () => {
        harness.fakes.asker.answer = () => fail('customer-not-found', 'no');
      },
    ],
    [
      'the key has been destroyed a moment ago',
      async (id) => {
        const view = await harness.fakes.customer(id);
        harness.fakes.asker.answer = () => ({ ok: view });
        await harness.fakes.keys.destroy(id);
      },
    ],
  ])('there is none where %s', async (_what, arrange) => {
    const id = '33333333-1111-4111-8111-111111111111';
    await arrange(id);
    expect(problemOf((await get(id)).error)).toMatchObject({
      code: 'NOT_FOUND',
      reason: 'customer-not-found',
    });
  });
});

describe('UpdateCustomer', () => {
  test.each<[string, Partial<pb.UpdateCustomerRequest>, object]>([
    ['a name', { name: 'Ada King' }, { name: 'Ada King' }],
    ['an e-mail address', { email: 'king@example.org' }, { email: 'king@example.org' }],
    ['no e-mail address any more', { email: '' }, { email: '' }],
    ['a phone', { phone: '1' }, { phone: '1' }],
    [
      'an address, whole',
      { defaultAddress: pb.Address.create({ city: 'Leeds' }) },
      { address: { ...none(), city: 'Leeds' } },
    ],
    ['no address any more', { defaultAddress: pb.Address.create() }, { address: null }],
    ['nothing', {}, {}],
  ])('changes what is set, and nothing else: %s', async (_what, over, changed) => {
    keeping();
    const { error, response, asked } = await update(over);
    expect(error).toBeNull();
    const { command, opened } = await askedFor(asked, 'update');
    const personal = { name: 'Ada Lovelace', email: 'ada@example.org', phone: '', address, ...changed };
    expect(opened).toEqual(personal);
    const { name, email, phone, address: now } = personal;
    expect(command).toMatchObject({
      updatedAt: at + 1_000,
      terms: await harness.fakes.vault.terms([name, email]),
    });
    expect(response).toMatchObject({ customer: { name, email, phone } });
    expect(response).toHaveProperty('customer.defaultAddress', now ?? undefined);
  });

  test('who comes between is not overwritten: it begins again with what there is then', async () => {
    const replies: Reply[] = [fail('customer-changed', 'no'), fail('customer-changed', 'no')];
    let reads = 0;
    harness.fakes.asker.answer = async (asked) => {
      const view = await harness.fakes.customer(asked.ref.id);
      if (typeOf(asked) === 'get') reads += 1;
      const refusal = typeOf(asked) === 'update' ? replies.shift() : undefined;
      return refusal ?? { ok: { ...view, updatedAt: at + reads } };
    };
    const { error, asked } = await update({ name: 'Ada King' });
    expect(error).toBeNull();
    const given = asked
      .filter((each) => typeOf(each) === 'update')
      .map(({ command }) => (isObject(command) ? command['updatedAt'] : null));
    expect(given).toEqual([at + 1, at + 2, at + 3]);
  });

  test('but not for ever', async () => {
    harness.fakes.asker.answer = async (asked) =>
      typeOf(asked) === 'update' ? fail('customer-changed', 'no') : harness.fakes.usual(asked);
    const { error, asked } = await update({ name: 'Ada King' });
    expect(problemOf(error)).toMatchObject({ code: 'ABORTED', reason: 'customer-changed' });
    expect(asked.filter((each) => typeOf(each) === 'update')).toHaveLength(5);
  });

  test('a key makes a receipt, whose fingerprint says nothing without the customer’s key', async () => {
    const receiptOf = async (over: Partial<pb.UpdateCustomerRequest>) => {
      const { asked } = await update(over, withKey('k'));
      return asked.findLast((each) => typeOf(each) === 'update')?.options.receipt;
    };
    const first = await receiptOf({ name: 'Ada King' });
    expect(first?.key).toBe(`UpdateCustomer|${customerId}|k`);
    expect(await receiptOf({ name: 'Ada King' })).toEqual(first);
    expect((await receiptOf({ name: 'Ada' }))?.fingerprint).not.toBe(first?.fingerprint);
    const untouched = await receiptOf({});
    const without = await receiptOf({ defaultAddress: pb.Address.create() });
    expect(without?.fingerprint).not.toBe(untouched?.fingerprint);
    const other = await callMessage(
      harness,
      'updateCustomer',
      pb.UpdateCustomerRequest,
      { id: '44444444-1111-4111-8111-111111111111', name: 'Ada King' },
      withKey('k'),
    );
    expect(other.asked.at(-1)?.options.receipt?.fingerprint).not.toBe(first?.fingerprint);
  });

  test('who is not there is not made, nor is a key', async () => {
    harness.fakes.asker.answer = () => fail('customer-not-found', 'no');
    const id = '55555555-1111-4111-8111-111111111111';
    const { error, asked } = await callMessage(harness, 'updateCustomer', pb.UpdateCustomerRequest, {
      id,
      name: 'Ada',
      idempotencyKey: 'k',
    });
    expect(problemOf(error).reason).toBe('customer-not-found');
    expect(asked.map(typeOf)).toEqual(['get']);
    expect(await harness.fakes.keys.read([id])).toEqual(new Map());
  });
});

function none() {
  return pb.Address.create();
}

describe('DeleteCustomer', () => {
  const remove = () =>
    callMessage(harness, 'deleteCustomer', pb.DeleteCustomerRequest, { id: customerId.toUpperCase() });

  test('asks the actor to erase, and is done when that is', async () => {
    harness.fakes.asker.answer = ({ ref }) => ({ ok: { id: ref.id } });
    const { response, asked } = await remove();
    expect(response).toEqual({ success: true });
    expect(asked).toMatchObject([
      { ref: { kind: 'customer', id: customerId }, command: { type: 'erase' }, options: { kind: 'write' } },
    ]);
  });

  test('an unknown customer is NOT_FOUND', async () => {
    harness.fakes.asker.answer = () => fail('customer-not-found', 'no');
    expect(problemOf((await remove()).error).code).toBe('NOT_FOUND');
  });
});
