/** Every wait and size of the embedded server, its unit in its name. */
export const embeddedLimits = {
  /** Asking a binary for its version. */
  probeMsMax: 10_000,
  /** initdb takes under a second; a slow disk may take much longer to sync. */
  initMsMax: 120_000,
  /** From spawn to "ready", crash recovery included; past it the server goes on and a later start adopts it. */
  startMsMax: 120_000,
  /** A fast stop writes a checkpoint; past this it is repeated as an immediate stop. */
  fastStopMsMax: 60_000,
  immediateStopMsMax: 20_000,
  /** Waiting for another process that starts or stops the same server: longer than any of those takes. */
  lockMsMax: 300_000,
  pollMs: 20,
  connectMsMax: 5_000,
  /** How often the postmaster is looked at, and the pauses between vain attempts to start it again. */
  watchMs: 500,
  restartPauseMsMin: 500,
  restartPauseMsMax: 10_000,
  /** Ports tried when the remembered one is taken, or another process was quicker. */
  portAttemptsMax: 5,
  logBytesMax: 16 * 1024 * 1024,
  /** How much of the server's log an error shows. */
  logTailLinesMax: 15,
  logTailBytesMax: 64 * 1024,
} as const;
