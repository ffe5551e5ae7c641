// How long CreateOrder waits for an order to rest, and what it says of one that does not in time.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Reply } from '../../src/actors/behaviour.ts';
import { type FailureCode, fail } from '../../src/actors/failure.ts';
import type { NewOrder } from '../../src/actors/logistics/order/model.ts';
import { isObject } from '../../src/actors/shape.ts';
import { Call } from '../../src/api/call.ts';
import { Refused } from '../../src/api/errors.ts';
import { createOrderAsync } from '../../src/api/logistics/create-order.ts';
import * as pb from '../../src/generated/synkro/logistics/v1/logistics.ts';
import { processNow } from '../../src/runtime/ask.ts';
import { problemOf } from '../grpc/support/client.ts';
import type { Asked } from '../grpc/support/fakes.ts';
import { address, customerId, order, orderId } from '../http/support/logistics-fakes.ts';
import { type CallOptions, callMessage, type Harness, reset, serve } from './support/client.ts';
import { item, newOrder } from './support/requests.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serve();
});
afterAll(() => harness.stop());
beforeEach(() => reset(harness));

const request = { ...newOrder, orderId, items: [item] };

const create = (options: CallOptions = {}) =>
  callMessage(harness, 'createOrder', pb.CreateOrderRequest, request, options);

const typeOf = ({ command }: Asked) => (isObject(command) ? command['type'] : '');

/** Answers creations and reads of orders as told, and everything else as usual. */
function answering(
  toCreate: (asked: Asked) => Reply | Promise<Reply>,
  toGet: (asked: Asked) => Reply | Promise<Reply>,
): void {
  harness.fakes.asker.answer = (asked) => {
    if (asked.ref.kind !== 'order') return harness.fakes.usual(asked);
    return typeOf(asked) === 'create' ? toCreate(asked) : toGet(asked);
  };
}

/** The order that the request makes, as it stands while its payment is being authorized. */
async function underWay(over: Partial<NewOrder> = {}): Promise<Reply> {
  const [line] = order.lines;
  const view = await harness.fakes.view(orderId, {
    status: 'processing',
    lines: line === undefined ? [] : [line],
    total: { currency: 'GBP', minor: '510' },
    shipments: [],
    returns: [],
    payments: [],
    ...over,
  });
  return { ok: view };
}

const missing = () => fail('order-not-found', 'no order');
const never = () => new Promise<Reply>(() => {});

/** As the router does: the caller is told when the deadline has passed. */
const inTime = ({ options }: Asked): Promise<Reply> =>
  new Promise((resolve) =>
    setTimeout(() => resolve(fail('deadline-exceeded', 'too late')), options.deadline - processNow()),
  );

const stateOf = (response: unknown) => (isObject(response) ? [response['atRest'], response['order']] : []);

describe('the time that the order is given', () => {
  test.each([
    ['a tenth less than the caller has', 20_000, 18_000],
    ['also where he has more than he would get without saying so', 60_000, 54_000],
    ['50 ms less, where a tenth is less than that', 300, 250],
    ['10 s where he says nothing', null, 10_000],
  ])('is %s', async (_what, deadlineMs, givenMs) => {
    const begunAt = processNow();
    const { asked, error } = await create({ deadlineMs });
    const took = processNow() - begunAt;
    expect(error).toBeNull();
    const [made] = asked.filter((each) => typeOf(each) === 'create');
    const given = (made?.options.deadline ?? 0) - begunAt;
    // The server learns the deadline in whole milliseconds, a moment after it was set.
    expect(given).toBeGreaterThan(givenMs - 30);
    expect(given).toBeLessThan(givenMs + took + 30);
  });
});

test('one that does not rest in time is answered with what it has reached, before the caller gives up', async () => {
  answering(inTime, () => underWay());
  const begunAt = processNow();
  const { error, response, asked } = await create({ deadlineMs: 1_000 });
  expect(error).toBeNull();
  expect(processNow() - begunAt).toBeGreaterThan(850);
  expect(stateOf(response)).toMatchObject([
    false,
    { id: orderId, status: pb.OrderStatus.PROCESSING, notes: 'at the back', shippingAddress: address },
  ]);
  expect(asked.map(typeOf)).toEqual(['get', 'create', 'get']);
});

describe.each<FailureCode>(['deadline-exceeded', 'unavailable'])('where making it ends in %s', (code) => {
  const unsettled = () => fail(code, 'who knows');
  const grpc = code === 'unavailable' ? 'UNAVAILABLE' : 'DEADLINE_EXCEEDED';

  test('what has been reached is the answer', async () => {
    answering(unsettled, () => underWay());
    const { response } = await create();
    expect(stateOf(response)).toMatchObject([false, { id: orderId, status: pb.OrderStatus.PROCESSING }]);
  });

  test.each<[string, () => Reply | Promise<Reply>]>([
    ['it was not made', missing],
    ['it cannot be read either', unsettled],
    ['there is one with other content: a repeat is told so', () => underWay({ method: 'tok_other' })],
    ['there is one of another customer', () => underWay({ customerId: '' })],
  ])('it stays so where %s', async (_what, read) => {
    answering(unsettled, read);
    expect(problemOf((await create()).error)).toMatchObject({ code: grpc, reason: code });
  });

  test('it is what was asked also where the key of its address is gone', async () => {
    answering(unsettled, async () => {
      const reply = await underWay();
      return 'ok' in reply && isObject(reply.ok) ? { ok: { ...reply.ok, sealed: '' } } : reply;
    });
    expect((await create()).error).toBeNull();
  });
});

test('a refusal is not asked about again', async () => {
  answering(
    () => fail('order-exists', 'no'),
    () => underWay(),
  );
  const { error, asked } = await create();
  expect(problemOf(error).reason).toBe('order-exists');
  expect(asked.map(typeOf)).toEqual(['get', 'create']);
});

describe('createOrderAsync', () => {
  function createAsync() {
    const source = { deadline: processNow() + 10_000, idempotencyKey: '', sendAsOf() {} };
    return createOrderAsync.handle(request, new Call('CreateOrder', harness.fakes, source));
  }

  test('answers as soon as the order is there, whenever it may rest', async () => {
    answering(never, () => underWay());
    const answered = await createAsync();
    expect(answered).toMatchObject({
      atRest: false,
      order: { id: orderId, customerId, status: pb.OrderStatus.PROCESSING },
    });
    expect(harness.fakes.asker.asked.map(typeOf)).toEqual(['get', 'create', 'get']);
  });

  test('answers with an order that rests at once', async () => {
    answering(async () => ({ ok: await harness.fakes.view(orderId) }), never);
    expect(await createAsync()).toMatchObject({ atRest: true });
  });

  test('is refused as the order refuses', async () => {
    answering(
      () => fail('order-exists', 'no'),
      () => underWay({ method: 'tok_other' }),
    );
    await expect(createAsync()).rejects.toThrow(new Refused({ code: 'order-exists', message: 'no' }));
  });

  test('waits for the order where it cannot be read yet', async () => {
    const rest = Promise.withResolvers<Reply>();
    answering(
      () => rest.promise,
      () => {
        setImmediate(async () => rest.resolve({ ok: await harness.fakes.view(orderId) }));
        return fail('overloaded', 'later');
      },
    );
    expect(await createAsync()).toMatchObject({ atRest: true });
  });

  test('says what was reached where the shard went away', async () => {
    let reads = 0;
    answering(
      () => fail('unavailable', 'gone'),
      () => {
        reads += 1;
        return reads === 1 ? fail('unavailable', 'gone') : underWay();
      },
    );
    expect(await createAsync()).toMatchObject({ atRest: false, order: { id: orderId } });
  });
});
