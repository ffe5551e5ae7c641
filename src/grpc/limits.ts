// Every bound of the gRPC server, with its unit in its name.

export const serverLimits = {
  /** A basket of 2,000 lines, or 1,000 items with 4 KiB of text each, fits well. */
  messageBytesMax: 8 * 1_024 * 1_024,
  concurrentCallsPerConnectionMax: 4_096,
  keepaliveIntervalMs: 30_000,
  keepaliveTimeoutMs: 10_000,
  /** Requests of one ReserveStream that are not answered yet; beyond it nothing is read. */
  streamInFlightMax: 1_024,
  /** A subscriber of updates that has not read for so long is told to resume. */
  stalledMsMax: 120_000,
  /** Between the last answer and the end of all connections, so that the answer gets out. */
  drainGraceMs: 250,
} as const;
