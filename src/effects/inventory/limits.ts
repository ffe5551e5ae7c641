// Every bound of how Inventory is reached, with its unit in its name.

export interface RemoteLimits {
  /** Repeats of one call, where it is safe to repeat, each after a pause. */
  readonly retriesMax: number;
  /** Before the first repeat; twice as long before each further one. At least half of it, the rest at random. */
  readonly retryPauseMs: number;
  /** So many calls in a row that were not answered: no further ones are made. */
  readonly breakerFailuresMax: number;
  /** For so long; then one call is let through, and decides. */
  readonly breakerOpenMs: number;
  /** How long that one may take, whatever its caller would wait: the others are refused meanwhile. */
  readonly breakerProbeMsMax: number;
  readonly reconnectMsMin: number;
  readonly reconnectMsMax: number;
  /** A connection that is silent for so long is asked whether it lives, and ended where it does not say so in time. */
  readonly keepaliveIntervalMs: number;
  readonly keepaliveTimeoutMs: number;
  /** 1,000 items in hundreds of warehouses fit well. */
  readonly answerBytesMax: number;
  /** From asking for the update stream to its first message. */
  readonly streamBeginMsMax: number;
}

export const remoteLimits: RemoteLimits = {
  retriesMax: 2,
  retryPauseMs: 50,
  breakerFailuresMax: 5,
  breakerOpenMs: 1_000,
  breakerProbeMsMax: 5_000,
  reconnectMsMin: 100,
  reconnectMsMax: 1_000,
  keepaliveIntervalMs: 10_000,
  keepaliveTimeoutMs: 5_000,
  answerBytesMax: 64 * 1_024 * 1_024,
  streamBeginMsMax: 10_000,
};
