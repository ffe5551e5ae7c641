// Every bound of what talks to PostgreSQL, with its unit in its name.

export interface StoreLimits {
  /** Until a connection stands. */
  readonly connectMsMax: number;
  /** Before the first and at most between further attempts to connect; it doubles. */
  readonly reconnectMsMin: number;
  readonly reconnectMsMax: number;
  /** Silence on a connection after which the kernel asks whether the other end is still there. */
  readonly keepAliveMs: number;
  /** A statement that has not been answered by then is unknown, and its connection is replaced. */
  readonly appendMsMax: number;
  readonly workMsMax: number;
  readonly snapshotMsMax: number;
  readonly readMsMax: number;
  readonly ownerMsMax: number;
  /** An audit reads everything there is. */
  readonly auditMsMax: number;
  /** The server ends a statement of its own so much earlier, so that the outcome is known wherever it can be. */
  readonly statementMarginMs: number;
  readonly readConnectionsMax: number;
}

export const defaultStoreLimits: StoreLimits = {
  connectMsMax: 3_000,
  reconnectMsMin: 20,
  reconnectMsMax: 500,
  keepAliveMs: 10_000,
  appendMsMax: 5_000,
  workMsMax: 5_000,
  snapshotMsMax: 10_000,
  readMsMax: 10_000,
  ownerMsMax: 1_500,
  auditMsMax: 600_000,
  statementMarginMs: 250,
  readConnectionsMax: 4,
};

/** @throws RangeError naming the first bound that cannot be */
export function checkStoreLimits(limits: StoreLimits): void {
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`${name} must be a whole number from 1`);
    }
  }
  const { appendMsMax, workMsMax, snapshotMsMax, readMsMax, ownerMsMax, auditMsMax } = limits;
  const shortest = Math.min(appendMsMax, workMsMax, snapshotMsMax, readMsMax, ownerMsMax, auditMsMax);
  if (limits.statementMarginMs >= shortest) {
    throw new RangeError('statementMarginMs must be below every deadline of a statement');
  }
  if (limits.reconnectMsMax < limits.reconnectMsMin) {
    throw new RangeError('reconnectMsMax is below reconnectMsMin');
  }
}
