// Every bound of a shard thread, with its unit in its name. Relations between them are checked when a thread starts.

export interface RuntimeLimits {
  /** Work taken into one turn. */
  readonly turnWorkMax: number;
  /** Events that may gather while an append is under way, before the thread stops taking in work. */
  readonly batchEventsMax: number;
  /** Actors kept in memory; more are dropped, those not used lately first, once their snapshot is durable. */
  readonly residentActorsMax: number;
  /** Actor states in one snapshot statement. */
  readonly snapshotRowsMax: number;
  /** Between two snapshots, where they are quick to write. */
  readonly snapshotIntervalMs: number;
  /** Under load four times as long as the last one took, and at most so long: fewer snapshots are fewer rows. */
  readonly snapshotIntervalMsMax: number;
  /** Events of a thread that no snapshot covers: beyond it writes are refused at the edge. About a second of recovery. */
  readonly snapshotLagEventsMax: number;
  /** Rows read at once when a shard recovers. */
  readonly recoveryPageRowsMax: number;
  readonly recoveryBackoffMsMin: number;
  readonly recoveryBackoffMsMax: number;
  /** The same bytes again after a definite failure (40001, 40P01, 53xxx). */
  readonly appendRetriesMax: number;
  readonly appendRetryDelayMs: number;
  /** A message that has no answer by then is sent again. */
  readonly resendAfterMs: number;
  /** How far ahead due times are read from the tables. */
  readonly dueHorizonMs: number;
  readonly dueReadMax: number;
  /** Due actors woken in one turn. */
  readonly dueWorkMax: number;
  /** Effects of one kind under way at once, of one thread; the others wait in line. */
  readonly effectsInFlightMax: number;
  /** Beyond so many in line nothing is begun that would want more. */
  readonly effectsInLineMax: number;
  /** Between two tries of an effect that could not be done for the moment. */
  readonly effectBackoffMsMin: number;
  readonly effectBackoffMsMax: number;
  /** Actors that want effects, read at once after a start. */
  readonly pendingReadMax: number;
  readonly trimIntervalMs: number;
  readonly trimRowsMax: number;
  /** Journal rows stay this long behind the snapshot, for streams that resume. */
  readonly journalKeepMs: number;
  /** How long a stopping thread may take to finish what it has begun. */
  readonly stopMsMax: number;
}

export const defaultRuntimeLimits: RuntimeLimits = {
  turnWorkMax: 1_024,
  batchEventsMax: 16_384,
  residentActorsMax: 200_000,
  snapshotRowsMax: 2_000,
  snapshotIntervalMs: 100,
  snapshotIntervalMsMax: 1_000,
  snapshotLagEventsMax: 100_000,
  recoveryPageRowsMax: 2_000,
  recoveryBackoffMsMin: 20,
  recoveryBackoffMsMax: 1_000,
  appendRetriesMax: 8,
  appendRetryDelayMs: 10,
  resendAfterMs: 1_000,
  dueHorizonMs: 60_000,
  dueReadMax: 10_000,
  dueWorkMax: 256,
  effectsInFlightMax: 512,
  effectsInLineMax: 10_000,
  effectBackoffMsMin: 50,
  effectBackoffMsMax: 2_000,
  pendingReadMax: 1_000,
  trimIntervalMs: 10_000,
  trimRowsMax: 5_000,
  journalKeepMs: 3_600_000,
  stopMsMax: 15_000,
};

/** @throws RangeError naming the first bound that cannot be */
export function checkLimits(limits: RuntimeLimits): void {
  for (const [name, value] of Object.entries(limits)) {
    const floor = name === 'residentActorsMax' || name.endsWith('Ms') ? 0 : 1;
    if (!Number.isSafeInteger(value) || value < floor)
      throw new RangeError(`${name} must be a whole number from ${floor}`);
  }
  if (limits.recoveryBackoffMsMax < limits.recoveryBackoffMsMin)
    throw new RangeError('recoveryBackoffMsMax is below recoveryBackoffMsMin');
  if (limits.effectBackoffMsMax < limits.effectBackoffMsMin)
    throw new RangeError('effectBackoffMsMax is below effectBackoffMsMin');
  if (limits.snapshotIntervalMsMax * 2 > limits.dueHorizonMs) {
    throw new RangeError(
      'dueHorizonMs must be at least twice snapshotIntervalMsMax, or due times could be missed',
    );
  }
}
