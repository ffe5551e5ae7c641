// The bounds of the command line's client side: every batch, wait and retry it makes. The service's own limits
// are its own; those here stay below them.

/** Items in one bulk call; the contract's most. */
export const bulkItemsMax = 1_000;
/** SKUs in one GetInventoryLevels; the contract's most. */
export const levelSkusMax = 1_000;
/** What one bulk call may weigh, below the 4 MiB that a gRPC server takes by default. */
export const bulkBytesMax = 2 * 1024 * 1024;
/** The longest line of an input file; a longer one is reported and skipped, so that memory stays bounded. */
export const lineBytesMax = 1024 * 1024;
/** Lines that one quoted CSV field may span before the quote counts as never closed. */
export const csvFieldLinesMax = 100;

/** One try of a call. */
export const callDeadlineMs = 15_000;
/** All tries of a call together. */
export const callGiveUpMs = 60_000;
/** All tries of the first call, which finds out whether anything listens at the address. */
export const connectGiveUpMs = 10_000;
export const retryBackoffBaseMs = 20;
export const retryBackoffCapMs = 2_000;
/** A service's own RetryInfo is honoured up to here. */
export const retryInfoCapMs = 10_000;
/** Answers are larger than requests: 1,000 SKUs in many warehouses. */
export const answerBytesMax = 64 * 1024 * 1024;

/** gRPC channels of one client; each is one TCP connection. */
export const channelsMax = 4;
export const concurrencyMax = 4_096;
/** The contract's most. */
export const paymentMethodCharactersMax = 256;
/** Bulk calls in flight while the catalogue is loaded. */
export const loadConcurrency = 4;
/** Single calls in flight for one batch of an import. */
export const importCallsPerBatchMax = 16;
/** Rounds of read, compare and set for one level that others change at the same time. */
export const compareAndSetTriesMax = 5;

/** An order that was made, until it rests: its payment may take a while. */
export const restMsMax = 120_000;
/** After the last record: orders that wait count as waiting once nothing has changed for so long. */
export const settleQuietMs = 1_000;
/** All of that together. */
export const settleMsMax = 300_000;
/** Records without an answer before a replay stops starting new ones: the service is gone. */
export const unansweredMax = 100;
/** Failures and differences that a report spells out; the rest is counted. */
export const examplesMax = 10;

export const progressIntervalMs = 5_000;
export const progressIntervalTtyMs = 200;

/** The demo's service: from its start to its ready line (an initdb is part of it). */
export const serviceReadyMsMax = 90_000;
/** From SIGTERM to its end. */
export const serviceStopMsMax = 30_000;
export const serviceLogPollMs = 50;
export const serviceLogTailLines = 20;
/** The audit of the whole database, as a process of its own. */
export const auditMsMax = 300_000;

/** Dead letters of one list, all of which are in memory. */
export const deadLettersShownMax = 10_000;
