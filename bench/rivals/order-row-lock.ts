// The rival's client: an order is three function calls and two questions to the sandbox, on a pool of connections. It
// knows orders that find stock, and whose payment is approved.
import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import type { Reply } from '../../src/actors/behaviour.ts';
import { fail } from '../../src/actors/failure.ts';
import { isObject } from '../../src/actors/shape.ts';
import { createSandbox } from '../../src/payments/sandbox.ts';
import { type Asked, confirmedView, isCreateAsked } from '../orders/confirmed.ts';

export interface OrderRowLock {
  /** Confirmed and durable when it is answered with a view. Repeatable. Never rejects. */
  create(orderId: string, command: unknown): Promise<Reply>;
  close(): Promise<void>;
}

/** Where an order stands. */
interface Progress {
  readonly reached: string;
  readonly payment: string;
  readonly authorized_as: string;
  readonly ids: readonly string[] | null;
  readonly warehouses: readonly string[] | null;
}

type Taken = Pick<Progress, 'ids' | 'warehouses'> & { readonly granted: boolean };

type Failed = ReturnType<typeof fail>;

const uniqueViolation = '23505';

/** @param stockPoolSize further connections, on which alone units are taken; 0: the pool does it */
export function openOrderRowLock(url: string, poolSize: number, stockPoolSize = 0): OrderRowLock {
  const sql = connectRival(url, poolSize);
  const stock = stockPoolSize === 0 ? sql : connectRival(url, stockPoolSize);
  const gateway = createSandbox({ notify: () => {} });
  const never = new AbortController().signal;

  /** From wherever the order stands to the end: a repeat is answered as the first call was. */
  async function make(orderId: string, { order }: Asked): Promise<Reply> {
    const [begun] = await begin(sql, orderId, order);
    if (begun === undefined) return fail('idempotency-key-reused', 'it was made with other content');
    const paid = begun.reached === 'processing' ? await pay(orderId, begun, order) : begun;
    if ('error' in paid) return paid;
    if (paid.reached !== 'confirmed') {
      const request = { key: `${orderId}/capture`, transactionId: paid.authorized_as, amount: order.total };
      const captured = await gateway.capture(request, never);
      if (captured.outcome !== 'done') return fail('unavailable', captured.reason);
      await sql`select confirm_order(${orderId}::uuid)`;
    }
    const { payment: paymentId, authorized_as: transactionId, ids, warehouses } = paid;
    const warehouseOf = new Map((ids ?? []).map((id, at) => [id, warehouses?.[at] ?? '']));
    return { ok: confirmedView(orderId, order, { paymentId, transactionId, warehouseOf }) };
  }

  /** Authorizes, and takes the units. */
  async function pay(orderId: string, begun: Progress, order: Asked['order']): Promise<Progress | Failed> {
    const { total: amount, method } = order;
    const { payment: paymentId } = begun;
    const authorization = await gateway.authorize(
      { key: orderId, paymentId, orderId, amount, method },
      never,
    );
    if (authorization.outcome !== 'approved') return fail('unavailable', 'the payment was not approved');
    const { transactionId } = authorization;
    const [taken] = await take(stock, orderId, transactionId, order);
    if (taken === undefined || !taken.granted) return fail('insufficient-stock', 'there is not enough of it');
    return { ...begun, ...taken, reached: 'reserving_stock', authorized_as: transactionId };
  }

  return {
    async create(orderId, command) {
      // Asked what has become of it, when the time that an order may take has passed.
      if (isObject(command) && command['type'] === 'get')
        return fail('deadline-exceeded', 'it has not come to its end in time');
      if (!isCreateAsked(command)) return fail('internal', 'not an order');
      try {
        return await make(orderId, command).catch((error: unknown) => {
          // Another call with the same order has taken its units meanwhile: this one goes on from there.
          if (!isOvertaken(error)) throw error;
          return make(orderId, command);
        });
      } catch (error) {
        return fail('unavailable', error instanceof Error ? error.message : String(error));
      }
    },
    async close() {
      await Promise.all([gateway.close(), ...[sql, stock].map((client) => client.end({ timeout: 5 }))]);
    },
  };
}

function isOvertaken(error: unknown): boolean {
  return error instanceof postgres.PostgresError && error.code === uniqueViolation;
}

function connectRival(url: string, poolSize: number): postgres.Sql {
  return postgres(url, {
    max: poolSize,
    max_lifetime: null,
    onnotice: () => {},
    connection: {
      application_name: 'bench-order-row-lock',
      synchronous_commit: 'on',
      jit: 'off',
      // Planned once, and by index, as for the rival of reservations.
      plan_cache_mode: 'force_generic_plan',
      random_page_cost: '1.1',
    },
  });
}

/** Arrays go as text: quicker than to have the driver serialize them. */
function begin(sql: postgres.Sql, orderId: string, order: Asked['order']) {
  const { fingerprint, sealed, method, total, lines } = order;
  const ids = textOf(lines.map(({ itemId }) => itemId));
  const quantities = textOf(lines.map(({ quantity }) => quantity));
  const prices = textOf(lines.map(({ unitMinor }) => unitMinor));
  return sql<Progress[]>`
    select * from begin_order(
      ${orderId}::uuid, ${fingerprint}, ${sealed}, ${method}, ${total.currency}, ${total.minor}::text::bigint,
      ${randomUUID()}::uuid, ${ids}::text::uuid[], ${quantities}::text::bigint[], ${prices}::text::bigint[]
    )`;
}

function take(sql: postgres.Sql, orderId: string, transactionId: string, { lines }: Asked['order']) {
  const sums = new Map<string, number>();
  for (const { itemId, quantity } of lines) sums.set(itemId, (sums.get(itemId) ?? 0) + quantity);
  return sql<Taken[]>`
    select * from take_units(
      ${orderId}::uuid, ${transactionId}, ${textOf(sums.keys())}::text::uuid[], ${textOf(sums.values())}::text::bigint[]
    )`;
}

function textOf(values: Iterable<string | number>): string {
  return `{${[...values].join(',')}}`;
}
