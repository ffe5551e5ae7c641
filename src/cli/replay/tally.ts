// What has come of the records so far: plain counters, read by the progress line and the report.
import { Histogram } from './histogram.ts';

export const steps = ['customer', 'create', 'ship', 'deliver', 'return', 'adjust', 'get'] as const;
/** The calls that are measured. */
export type Step = (typeof steps)[number];

export interface Tally {
  /** backOrdered: waits still. Failed: no final state, or none that could be. */
  orders: { delivered: number; backOrdered: number; cancelled: number; failed: number };
  cancels: { returned: number; failed: number };
  /** Goods given back of an order that was delivered. */
  returns: { lines: number; units: number };
  /** Goods given back that match no purchase: put into stock by AdjustInventory. */
  adjustments: { lines: number; units: number };
  customers: number;
  /** Orders that nobody is named for. */
  guests: number;
  /** Order lines that were answered for, and lines of cancels taken back. */
  lines: number;
  /** Delivered. */
  units: number;
  /** In pence, as told by the service. */
  captured: bigint;
  refunded: bigint;
  /** What came back is worth: what ought to be refunded. */
  refundsDue: bigint;
  /** Records that failed without the service saying that nothing happened; part of the failed ones. */
  unanswered: number;
  badLines: number;
  latency: Readonly<Record<Step, Histogram>>;
}

export function newTally(): Tally {
  return {
    orders: { delivered: 0, backOrdered: 0, cancelled: 0, failed: 0 },
    cancels: { returned: 0, failed: 0 },
    returns: { lines: 0, units: 0 },
    adjustments: { lines: 0, units: 0 },
    customers: 0,
    guests: 0,
    lines: 0,
    units: 0,
    captured: 0n,
    refunded: 0n,
    refundsDue: 0n,
    unanswered: 0,
    badLines: 0,
    latency: {
      customer: new Histogram(),
      create: new Histogram(),
      ship: new Histogram(),
      deliver: new Histogram(),
      return: new Histogram(),
      adjust: new Histogram(),
      get: new Histogram(),
    },
  };
}

export function ordersOf({ orders }: Tally): number {
  return orders.delivered + orders.backOrdered + orders.cancelled + orders.failed;
}

/** Records that have come to an end, of whatever kind; an order that waits has, until it goes on. */
export function doneRecords(tally: Tally): number {
  return ordersOf(tally) + tally.cancels.returned + tally.cancels.failed + tally.badLines;
}
