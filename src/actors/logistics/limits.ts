// The bounds of what the actors of Logistics keep and accept. The edge refuses by the same numbers.

export const limits = {
  linesPerOrderMax: 2_000,
  /** Of all lines together, so that sums over all orders stay exact. */
  unitsPerOrderMax: 1_000_000_000,
  shipmentsPerOrderMax: 2_000,
  returnsPerOrderMax: 1_000,
  /** Payments of one order: the first, and renewals of lapsed authorizations. */
  paymentsPerOrderMax: 20,
  /** Between two looks at an authorization that the gateway has not answered yet. */
  paymentPollMs: 5_000,
  /** The same, of one that the order has given up waiting for: a share of how long it has been owed, and at most. */
  owedPollShare: 0.25,
  owedPollMsMax: 3_600_000,
  /** Orders that wait for one SKU. */
  queueEntriesMax: 100_000,
  /** Orders of one queue that try to reserve at the same time. */
  grantsMax: 64,
  /** Levels that were taken by served orders and have not been seen in the stream. */
  takenMax: 10_000,
} as const;
