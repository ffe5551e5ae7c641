// Every bound of how notifications are sent and kept, with its unit in its name.

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export interface NotificationLimits {
  /** Events in one statement. */
  readonly intakeEventsMax: number;
  /** Rows that a courier reads at once. */
  readonly batchMax: number;
  /** What was read is sent for so long; then it is read anew, since it may have been taken back, or be another's by now. */
  readonly roundMsMax: number;
  /** A courier that has nothing to do looks again after so long, also when nobody wakes it. */
  readonly pollMs: number;
  /** One attempt at a webhook. */
  readonly webhookMsMax: number;
  /** One attempt at a mail, its questions to Logistics included. */
  readonly mailMsMax: number;
  /** Until the mail server is connected, and until it greets. */
  readonly smtpConnectMsMax: number;
  /** Silence of the mail server. */
  readonly smtpSilenceMsMax: number;
  /** Connections to the mail server, and mails under way. */
  readonly mailsAtOnceMax: number;
  /** One question to Logistics. */
  readonly contactMsMax: number;
  /** Before the second attempt; it doubles, up to the other. At least half of it, the rest at random. */
  readonly retryMsMin: number;
  readonly retryMsMax: number;
  /** A receiver that asks for more is asked again sooner. */
  readonly retryAfterMsMax: number;
  /** An attempt that fails so long after the event came is the last. */
  readonly patienceMs: number;
  /** What is under way when sending stops may take so long to end. */
  readonly stopMsMax: number;
  /** The record of what was sent is kept so long. */
  readonly recordKeptMs: number;
  /** So are the marks of events that were taken in: what comes again later than that is sent again. */
  readonly consumedKeptMs: number;
  readonly forgetIntervalMs: number;
  /** In one statement, and statements in a row. */
  readonly forgetRowsMax: number;
  readonly forgetRoundsMax: number;
}

export const notificationLimits: NotificationLimits = {
  intakeEventsMax: 200,
  batchMax: 100,
  roundMsMax: 2_000,
  pollMs: 1_000,
  webhookMsMax: 10_000,
  mailMsMax: 60_000,
  smtpConnectMsMax: 10_000,
  smtpSilenceMsMax: 30_000,
  mailsAtOnceMax: 5,
  contactMsMax: 5_000,
  retryMsMin: 1_000,
  retryMsMax: 600_000,
  retryAfterMsMax: hourMs,
  patienceMs: dayMs,
  stopMsMax: 2_000,
  recordKeptMs: 30 * dayMs,
  consumedKeptMs: 90 * dayMs,
  forgetIntervalMs: hourMs,
  forgetRowsMax: 1_000,
  forgetRoundsMax: 1_000,
};
