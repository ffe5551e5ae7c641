// Every bound of the benchmarks of events, with its unit in its name.

export const eventLimits = {
  /** Connecting to the broker, before it counts as away. */
  connectMsMax: 5_000,
  /** Sent and not confirmed: the product's own bound, which whatever it is compared with gets as well. */
  inFlightMax: 2_048,
  /** Frames that a channel holds before it asks to wait for its drain: the product's own as well. */
  channelFramesMax: 2_048,
  /** Events that were given to an outbox directly and are not confirmed: what a feeding shard thread keeps under way. */
  fedMax: 8_192,
  /** Of all events of a run, the share that warms up and is not measured. */
  warmUpShare: 0.2,
  /** Until a run of so many events has been published and confirmed. */
  publishMsMax: 600_000,
  /** Until queues say that they hold what was confirmed: their counts lag a little. */
  depthMsMax: 30_000,
  /** Events that a consumer has and has not acknowledged: as many as the product's. */
  prefetch: 256,
  /** A queue of the bench's own that nobody reads any more goes by itself. */
  queueExpiresMs: 600_000,
  /** From the end of the load until every event of it has been consumed. */
  arriveMsMax: 60_000,
  /** From the return of the broker until what waited in the journal has been told. */
  drainMsMax: 900_000,
  /** Between two looks at something that is waited for. */
  lookMs: 20,
  /** Between two looks at the lag and the memory of the service. */
  sampleMs: 500,
  /** A backlog counts as told when the oldest event that waits is younger. */
  drainedLagSeconds: 1,
  /** An open load sends what is due so often. */
  tickMs: 2,
  /** Requests of an open load that are under way; what is due beyond them is not sent, and counts as failed. */
  openMax: 20_000,
  /** Windows of the time line. */
  windowMs: 5_000,
  /** Rows that one statement writes into the journal. */
  rowsWrittenMax: 500,
} as const;
