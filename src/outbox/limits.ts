// Every bound of what reads the journal for the outside world, with its unit in its name.

export interface OutboxLimits {
  /** Messages handed to the sink and not yet done; a row's messages go together, so the last row may exceed it. */
  readonly inFlightMax: number;
  /** Rows of one shard from the first that is not done with to the last that was handed on: one message may take for ever. */
  readonly rowsUnderWayMax: number;
  /** Characters of rows that wait in memory to be handed on; what is beyond is read from the database again. */
  readonly charactersWaitingMax: number;
  /** Rows of one read; fewer where they are long. */
  readonly readRowsMax: number;
  /** Characters that one read is meant to bring, going by the rows of the last. */
  readonly readCharactersGoal: number;
  /** Between two writes of the positions: so much is told again after a crash. */
  readonly advanceIntervalMs: number;
  /** Before a read or a write that failed is tried again. */
  readonly retryMs: number;
  /** Without news of the journal's end it is looked at so often: a thread that restarts tells nothing. */
  readonly lookIntervalMs: number;
}

export const defaultOutboxLimits: OutboxLimits = {
  inFlightMax: 4_096,
  rowsUnderWayMax: 20_000,
  charactersWaitingMax: 16_000_000,
  readRowsMax: 500,
  readCharactersGoal: 2_000_000,
  advanceIntervalMs: 250,
  retryMs: 500,
  lookIntervalMs: 1_000,
};
