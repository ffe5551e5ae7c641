// What a run is like: its parameters are drawn from its seed, each run's others ("swarm testing": a fault that is always
// on hides what only happens without it).
import { defaultRuntimeLimits, type RuntimeLimits } from '../../runtime/limits.ts';
import type { Random } from '../engine/random.ts';

export interface Latency {
  /** Of one way to the database, and of a message. */
  readonly statementMs: number;
  readonly messageMs: number;
  /** How far apart the fence and the insert of one append may lie. */
  readonly appendMsMax: number;
}

/** Probabilities for each statement or message; 0: never in this run. */
export interface Odds {
  readonly rejected: number;
  /** Its outcome is reported as unknown: without effect, with it, or with it only later. */
  readonly unknownBefore: number;
  readonly unknownAfter: number;
  readonly late: number;
  readonly lost: number;
  readonly repeated: number;
  /** A message overtakes those before it between the same two threads. */
  readonly overtakes: number;
  readonly clientLost: number;
}

export interface Swarm {
  readonly limits: RuntimeLimits;
  readonly latency: Latency;
  readonly odds: Odds;
  readonly clients: number;
  readonly items: number;
  readonly thinkMs: number;
  /** Units of each item to begin with, over all warehouses: little makes refusals, much makes holds. */
  readonly stock: number;
  readonly ttlSecondsMax: number;
}

export function drawSwarm(random: Random): Swarm {
  const snapshotIntervalMs = random.pick([5, 20, 100, 500]);
  const sometimes = (most: number): number => (random.chance(0.6) ? random.float() * most : 0);
  return {
    limits: drawLimits(random, snapshotIntervalMs),
    latency: {
      statementMs: random.pick([0.1, 1, 5, 20]),
      messageMs: random.pick([0.02, 0.5, 5]),
      appendMsMax: random.pick([0.1, 20, 45]),
    },
    odds: {
      rejected: sometimes(0.1),
      unknownBefore: sometimes(0.02),
      unknownAfter: sometimes(0.03),
      late: sometimes(0.03),
      lost: sometimes(0.2),
      repeated: sometimes(0.3),
      overtakes: sometimes(0.3),
      clientLost: sometimes(0.1),
    },
    clients: random.int(4, 16),
    items: random.int(2, 12),
    thinkMs: random.pick([0, 10, 50, 120]),
    stock: random.pick([3, 20, 60, 400]),
    ttlSecondsMax: random.pick([1, 2, 60]),
  };
}

function drawLimits(random: Random, snapshotIntervalMs: number): RuntimeLimits {
  return {
    ...defaultRuntimeLimits,
    turnWorkMax: random.pick([1, 2, 8, 1_024]),
    batchEventsMax: random.pick([1, 4, 64, 16_384]),
    residentActorsMax: random.pick([0, 1, 5, 1_000]),
    snapshotRowsMax: random.pick([1, 2, 10, 2_000]),
    snapshotIntervalMs,
    snapshotIntervalMsMax: snapshotIntervalMs * 2,
    recoveryPageRowsMax: random.pick([1, 2, 10, 2_000]),
    recoveryBackoffMsMax: random.pick([20, 200, 1_000]),
    appendRetriesMax: random.pick([1, 3, 8]),
    resendAfterMs: random.pick([30, 200, 1_000]),
    dueHorizonMs: Math.max(snapshotIntervalMs * 4, random.pick([200, 2_000, 60_000])),
    dueReadMax: random.pick([1, 3, 10_000]),
    dueWorkMax: random.pick([1, 4, 256]),
    stopMsMax: 3_000,
    trimIntervalMs: random.pick([50, 500, 10_000]),
    trimRowsMax: random.pick([1, 10, 5_000]),
    journalKeepMs: random.pick([0, 100, 3_600_000]),
  };
}
