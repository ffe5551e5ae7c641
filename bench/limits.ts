// Every bound of the benchmarks, with its unit in its name.

export const benchLimits = {
  /** From the start of a process to its ready message: threads, migrations, recovery. */
  hostReadyMsMax: 60_000,
  /** From asking a process to stop to its end: the last snapshots are part of it. */
  hostStopMsMax: 60_000,
  /** What a process of ours may take to answer a question about its CPU time. */
  askMsMax: 10_000,
  /** From the end of the measurement until every request that is under way has been answered. */
  drainMsMax: 40_000,
  /** A request that was not answered by then counts as failed. */
  callMsMax: 30_000,
  /** The load goes on for so long after the measurement, so that the last samples are still taken under load. */
  tailMs: 200,
  /** Before a client that was refused for overload asks again. */
  overloadDelayMs: 100,
  /** Answers that are kept whole, to be compared with what is read back afterwards. */
  samplesMax: 256,
  /** HTTP/2 connections of one load generator. */
  connections: 4,
  /** Beyond this share of stolen CPU time a run is repeated, so many times at most. */
  stealShareMax: 0.1,
  stealRepeatsMax: 3,
  /** Below this idle share the load generator may be what was measured. */
  generatorIdleShareMin: 0.05,
  /** Messages of a child process that nobody has waited for yet. */
  inboxMax: 256,
  /** The last lines that a child process wrote, kept for error messages. */
  outputLinesMax: 20,
  /** Problems that are spelled out; the rest is counted. */
  problemsMax: 20,
} as const;
