// The sandbox: what each token does, also after a restart, and with a memory that forgets.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { uuidv5 } from '../../src/actors/ids.ts';
import { GatewayUnknownError, type PaymentGateway, type PaymentNotice } from '../../src/payments/gateway.ts';
import { createSandbox } from '../../src/payments/sandbox.ts';
import { sandboxTokens } from '../../src/payments/sandbox-tokens.ts';
import { ManualClock } from './support/clock.ts';
import { authorizeRequest, followUp, never, orderId, paymentId } from './support/requests.ts';

let clock: ManualClock;
let notices: PaymentNotice[];
let sandbox: PaymentGateway;

function open(rememberedMax = 100): PaymentGateway {
  const notify = (notice: PaymentNotice) => void notices.push(notice);
  return createSandbox({ clock, notify, noAnswerMs: 500, lateMs: 2_000, lapseMs: 1_000, rememberedMax });
}

beforeEach(() => {
  clock = new ManualClock();
  notices = [];
  sandbox = open();
});
afterEach(() => sandbox.close());

const key = `${paymentId}:authorize`;
const transactionId = uuidv5(key);
const approved = { outcome: 'approved', transactionId, until: null };

const authorize = (method: string, over = {}) => sandbox.authorize(authorizeRequest(method, over), never);

/** The transaction's id, of an answer that has one. */
async function transactionOf(method: string): Promise<string> {
  const answer = await authorize(method);
  if (answer.outcome !== 'approved') throw new Error(`${method}: ${answer.outcome}`);
  return answer.transactionId;
}

describe('answers at once', () => {
  test.each([
    ['tok_approve', approved],
    ['tok_decline', { outcome: 'declined', reason: 'declined' }],
    ['tok_nonsense', { outcome: 'declined', reason: 'unknown token' }],
    ['', { outcome: 'declined', reason: 'unknown token' }],
    ['__proto__', { outcome: 'declined', reason: 'unknown token' }],
  ])('%s', async (method, expected) => {
    expect(await authorize(method)).toEqual(expected);
    expect(notices).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  test('the same after a restart, and another transaction under another key', async () => {
    const first = await authorize('tok_approve');
    await sandbox.close();
    sandbox = open();
    expect(await authorize('tok_approve')).toEqual(first);
    expect(await authorize('tok_approve', { key: 'other' })).toEqual({
      ...approved,
      transactionId: uuidv5('other'),
    });
  });
});

describe('tok_timeout', () => {
  test('the first try gets no answer after a time, the repeat is approved', async () => {
    const first = authorize('tok_timeout');
    const settled = expect(first).rejects.toThrow(GatewayUnknownError);
    clock.advance(499);
    expect(clock.timers).toBe(1);
    clock.advance(1);
    await settled;
    expect(await authorize('tok_timeout')).toEqual(approved);
    expect(clock.timers).toBe(0);
  });

  test('each key has its own first try', async () => {
    for (const each of ['a', 'b']) {
      const settled = expect(authorize('tok_timeout', { key: each })).rejects.toThrow(GatewayUnknownError);
      clock.advance(500);
      await settled;
    }
    expect(await authorize('tok_timeout', { key: 'b' })).toMatchObject({ outcome: 'approved' });
  });

  test('ends when it is given up', async () => {
    const giving = new AbortController();
    const first = sandbox.authorize(authorizeRequest('tok_timeout'), giving.signal);
    giving.abort();
    await expect(first).rejects.toThrow(GatewayUnknownError);
    expect(clock.timers).toBe(0);
  });

  test('ends when the sandbox is closed', async () => {
    const first = authorize('tok_timeout');
    const settled = expect(first).rejects.toThrow(GatewayUnknownError);
    await sandbox.close();
    await settled;
    expect(clock.timers).toBe(0);
  });
});

test('tok_twice: approved, and told twice as one notice', async () => {
  expect(await authorize('tok_twice')).toEqual(approved);
  expect(notices).toEqual([]);
  clock.advance(0);
  const notice = { id: uuidv5(`${key}:notice`), paymentId, orderId, authorization: approved };
  expect(notices).toEqual([notice, notice]);
  expect(clock.timers).toBe(0);
});

describe.each([
  ['tok_late', approved],
  ['tok_late_decline', { outcome: 'declined', reason: 'declined' }],
])('%s', (method, answer) => {
  const pending = { outcome: 'pending', transactionId };

  test('pending, then told by webhook', async () => {
    expect(await authorize(method)).toEqual(pending);
    clock.advance(1_999);
    expect(await authorize(method)).toEqual(pending);
    expect(notices).toEqual([]);
    clock.advance(1);
    expect(notices).toEqual([{ id: uuidv5(`${key}:notice`), paymentId, orderId, authorization: answer }]);
    clock.advance(100_000);
    expect(notices).toHaveLength(1);
  });

  test('answered to whoever asks again after that time', async () => {
    await authorize(method);
    clock.advance(2_000);
    expect(await authorize(method)).toEqual(answer);
  });

  test('begins anew after a restart, and still comes', async () => {
    await authorize(method);
    await sandbox.close();
    clock.advance(5_000);
    expect(notices).toEqual([]);
    sandbox = open();
    expect(await authorize(method)).toEqual(pending);
    clock.advance(2_000);
    expect(notices).toHaveLength(1);
    expect(await authorize(method)).toEqual(answer);
  });
});

describe('lapsing authorizations', () => {
  test.each([
    ['tok_lapse', approved],
    ['tok_lapse_decline', { outcome: 'declined', reason: 'renewal declined' }],
  ])('%s', async (method, renewed) => {
    const until = clock.now() + 1_000;
    expect(await authorize(method)).toEqual({ ...approved, until });
    clock.advance(300);
    expect(await authorize(method, { isRenewal: false })).toEqual({ ...approved, until });
    const renewal = await authorize(method, { key: `${key}:2`, isRenewal: true });
    const { outcome } = renewed;
    expect(renewal).toEqual(
      outcome === 'approved' ? { ...renewed, transactionId: uuidv5(`${key}:2`) } : renewed,
    );
  });
});

describe('captures, voids and refunds', () => {
  const capture = (id: string, over = {}) => sandbox.capture(followUp(id, over), never);
  const done = { outcome: 'done' };

  test('are done, also by a sandbox that has never heard of the authorization', async () => {
    const id = await transactionOf('tok_approve');
    await sandbox.close();
    sandbox = open();
    expect(await capture(id)).toEqual(done);
    expect(await sandbox.void(followUp(id), never)).toEqual(done);
    expect(await sandbox.refund(followUp(id), never)).toEqual(done);
  });

  test('tok_capture_decline: declined, each time, also after a restart', async () => {
    const id = await transactionOf('tok_capture_decline');
    await sandbox.close();
    sandbox = open();
    for (const _time of [1, 2]) {
      expect(await capture(id)).toEqual({ outcome: 'declined', reason: 'capture declined' });
    }
    expect(await sandbox.void(followUp(id), never)).toEqual(done);
  });

  test('tok_capture_timeout: the first try gets no answer, the repeat is done', async () => {
    const id = await transactionOf('tok_capture_timeout');
    const settled = expect(capture(id)).rejects.toThrow(GatewayUnknownError);
    clock.advance(500);
    await settled;
    expect(await capture(id)).toEqual(done);
  });

  test('tok_refund_decline: captured, and not given back', async () => {
    const id = await transactionOf('tok_refund_decline');
    expect(await capture(id)).toEqual(done);
    expect(await sandbox.refund(followUp(id), never)).toEqual({
      outcome: 'declined',
      reason: 'refund declined',
    });
  });

  test.each(['', 'x', `${transactionId}.`, `${transactionId}.other`, ` ${transactionId}`])(
    'a transaction that is none of the sandbox’s is declined: %j',
    async (id) => {
      const declined = { outcome: 'declined', reason: 'unknown transaction' };
      expect(await capture(id)).toEqual(declined);
      expect(await sandbox.void(followUp(id), never)).toEqual(declined);
      expect(await sandbox.refund(followUp(id), never)).toEqual(declined);
    },
  );
});

test('what is remembered is bounded: the oldest is forgotten, with its timer, and begins anew', async () => {
  await sandbox.close();
  sandbox = open(3);
  const keys = ['a', 'b', 'c', 'd', 'e'];
  for (const each of keys) await authorize('tok_late', { key: each });
  expect(clock.timers).toBe(3);
  clock.advance(2_000);
  expect(notices.map(({ id }) => id)).toEqual(['c', 'd', 'e'].map((each) => uuidv5(`${each}:notice`)));
  expect(await authorize('tok_late', { key: 'a' })).toMatchObject({ outcome: 'pending' });
  clock.advance(2_000);
  expect(await authorize('tok_late', { key: 'a' })).toMatchObject({ outcome: 'approved' });
});

test('nothing is answered once it is closed, or to whom has given up', async () => {
  await expect(sandbox.authorize(authorizeRequest('tok_approve'), AbortSignal.abort())).rejects.toThrow(
    GatewayUnknownError,
  );
  await authorize('tok_twice');
  await sandbox.close();
  clock.advance(10_000);
  expect(notices).toEqual([]);
  await expect(authorize('tok_approve')).rejects.toThrow(GatewayUnknownError);
  await expect(sandbox.capture(followUp(transactionId), never)).rejects.toThrow(GatewayUnknownError);
});

test('every token comes to rest: whoever repeats gets a definite answer in the end', async () => {
  for (const method of Object.keys(sandboxTokens)) {
    const first = authorize(method, { key: method }).catch(() => null);
    clock.advance(2_000);
    await first;
    expect((await authorize(method, { key: method })).outcome, method).not.toBe('pending');
  }
});
