// The orders that were back-ordered, when all records are through. Goods that were given back meanwhile have confirmed some
// of them: those are shipped and delivered. It looks again until nothing changes any more, and counts who still waits.
import { setTimeout as sleep } from 'node:timers/promises';
import { OrderStatus } from '../../generated/synkro/logistics/v1/logistics.ts';
import { CallError } from '../client.ts';
import { settleMsMax, settleQuietMs } from '../limits.ts';
import { forEachBounded } from '../pool.ts';
import { type Calls, StepError } from './calls.ts';
import { getOrder } from './order-answers.ts';
import type { MadeOrder, Orders } from './orders.ts';
import type { Tally } from './tally.ts';

export interface WaitingOptions {
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Told of an order that failed, with why. */
  readonly onFailure: (order: MadeOrder, error: CallError | StepError) => void;
}

/** @returns the orders that still wait */
export async function settleWaiting(
  calls: Calls,
  orders: Orders,
  tally: Tally,
  options: WaitingOptions,
): Promise<readonly MadeOrder[]> {
  const deadline = performance.now() + settleMsMax;
  let waiting: readonly MadeOrder[] = orders.waiting;
  let changedAt = performance.now();
  while (waiting.length > 0 && !options.signal.aborted) {
    const startedAt = performance.now();
    const round = await lookAt(waiting, calls, orders, tally, options);
    const isQuiet = round.waiting.length === waiting.length && round.moving.size === 0;
    waiting = round.waiting;
    if (performance.now() > deadline) return withoutMoving(waiting, round.moving, tally, options);
    if (!isQuiet) changedAt = performance.now();
    else if (startedAt - changedAt >= settleQuietMs) break;
    else await sleep(settleQuietMs, undefined, { signal: options.signal }).catch(() => {});
  }
  return waiting;
}

interface Round {
  readonly waiting: readonly MadeOrder[];
  /** Those of the waiting ones that are on their way from one state to another. */
  readonly moving: ReadonlySet<MadeOrder>;
}

async function lookAt(
  waiting: readonly MadeOrder[],
  calls: Calls,
  orders: Orders,
  tally: Tally,
  options: WaitingOptions,
): Promise<Round> {
  const over = new Set<MadeOrder>();
  const moving = new Set<MadeOrder>();
  await forEachBounded(waiting, options.concurrency, async (order) => {
    if (options.signal.aborted) return;
    try {
      const told = await calls.call('get', getOrder, { orderId: order.orderId });
      if (!told.atRest) moving.add(order);
      else if (told.status !== OrderStatus.BACK_ORDERED) {
        over.add(order);
        tally.orders.backOrdered -= 1;
        await orders.finish(order, told);
      }
    } catch (error) {
      if (!(error instanceof CallError || error instanceof StepError)) throw error;
      if (!over.has(order)) tally.orders.backOrdered -= 1;
      over.add(order);
      options.onFailure(order, error);
    }
  });
  return { waiting: waiting.filter((order) => !over.has(order)), moving };
}

/** Time is up: an order that is still on its way has no state that it could be counted by. */
function withoutMoving(
  waiting: readonly MadeOrder[],
  moving: ReadonlySet<MadeOrder>,
  tally: Tally,
  { onFailure }: WaitingOptions,
): readonly MadeOrder[] {
  for (const order of moving) {
    tally.orders.backOrdered -= 1;
    onFailure(order, new StepError(`it does not come to rest within ${settleMsMax / 1_000} s`));
  }
  return waiting.filter((order) => !moving.has(order));
}
