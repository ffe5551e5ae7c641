// The rival's client: an order is three function calls and two questions to the sandbox, on a pool of connections. It
// knows orders that find stock, and whose payment is approved.
import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import type { Reply } from '../../src/actors/behaviour.ts';
import { fail } from '../../src/actors/failure.ts';
import { createSandbox } from '../../src/payments/sandbox.ts';
import { type Asked, confirmedView, isCreateAsked } from '../orders/confirmed.ts';

export interface OrderRowLock {
  /** Confirmed and durable when it is answered with a view. Never rejects. */
  create(orderId: string, command: unknown): Promise<Reply>;
  close(): Promise<void>;
}

interface Taken {
  readonly granted: boolean;
  readonly ids: readonly string[] | null;
  readonly warehouses: readonly string[] | null;
}

export function openOrderRowLock(url: string, poolSize: number): OrderRowLock {
  const sql = postgres(url, {
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
  const gateway = createSandbox({ notify: () => {} });
  const never = new AbortController().signal;

  async function create(orderId: string, { order }: Asked): Promise<Reply> {
    const { total, method } = order;
    const paymentId = randomUUID();
    const [begun] = await begin(sql, orderId, paymentId, order);
    if (begun?.status === null || begun === undefined)
      return fail('idempotency-key-reused', 'it was made with other content');
    const authorization = await gateway.authorize(
      { key: orderId, paymentId, orderId, amount: total, method },
      never,
    );
    if (authorization.outcome !== 'approved') return fail('unavailable', 'the payment was not approved');
    const { transactionId } = authorization;
    // Another call with the same order may have come this far.
    if (begun.status !== 'processing') return fail('unavailable', 'the order is being made');
    const [taken] = await take(sql, orderId, transactionId, order);
    if (taken === undefined || !taken.granted) return fail('unavailable', 'there is not enough of it');
    await gateway.capture({ key: `${orderId}/capture`, transactionId, amount: total }, never);
    await sql`select confirm_order(${orderId}::uuid)`;
    const { ids, warehouses } = taken;
    const warehouseOf = new Map((ids ?? []).map((id, at) => [id, warehouses?.[at] ?? '']));
    return { ok: confirmedView(orderId, order, { paymentId, transactionId, warehouseOf }) };
  }

  return {
    async create(orderId, command) {
      if (!isCreateAsked(command)) return fail('internal', 'not an order');
      try {
        return await create(orderId, command);
      } catch (error) {
        return fail('unavailable', error instanceof Error ? error.message : String(error));
      }
    },
    async close() {
      await Promise.all([gateway.close(), sql.end({ timeout: 5 })]);
    },
  };
}

/** Arrays go as text: quicker than to have the driver serialize them. */
function begin(sql: postgres.Sql, orderId: string, paymentId: string, order: Asked['order']) {
  const { fingerprint, sealed, method, total, lines } = order;
  const ids = textOf(lines.map(({ itemId }) => itemId));
  const quantities = textOf(lines.map(({ quantity }) => quantity));
  const prices = textOf(lines.map(({ unitMinor }) => unitMinor));
  return sql<{ status: string | null }[]>`
    select begin_order(
      ${orderId}::uuid, ${fingerprint}, ${sealed}, ${method}, ${total.currency}, ${total.minor}::text::bigint,
      ${paymentId}::uuid, ${ids}::text::uuid[], ${quantities}::text::bigint[], ${prices}::text::bigint[]
    ) as status`;
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
