// What the notification service keeps: the rows of its tables, and what is asked of them. Each method is one statement
// or two that need not be one, and throws StoreError.
import type {
  NotificationChannel,
  NotificationsQuestion,
  NotificationView,
} from '../../api/notifications/deps.ts';
import { type ConnectOptions, openClient } from '../connect.ts';
import { forgetConsumed, forgetNotifications } from './forget.ts';
import { takeIn } from './intake.ts';
import { giveUp, markFailed, markLater, markSent, markSkipped, retry, skipOtherTargets } from './marks.ts';
import { eraseCustomer, readPreferences, writePreferences } from './preferences.ts';
import { countWaiting, listNotifications } from './record.ts';
import { nextInOrder, nextOfSubjects } from './waiting.ts';

/** A message that an event leads to. */
export interface NewNotification {
  readonly channel: NotificationChannel;
  readonly target: string;
  readonly template: string;
  readonly orderId: string | null;
  readonly customerId: string | null;
  /** How long to try, in milliseconds. */
  readonly patienceMs: number;
}

/** An event, and what is to be sent of it. */
export interface TakenIn {
  readonly subject: string;
  readonly eventId: string;
  /** JSON text. */
  readonly event: string;
  readonly notifications: readonly NewNotification[];
}

/** To be sent. */
export interface WaitingRow {
  readonly id: number;
  readonly eventId: string;
  readonly target: string;
  readonly template: string;
  readonly orderId: string | null;
  readonly attempts: number;
  /** Milliseconds until it may be tried; 0 where it may be now. */
  readonly dueInMs: number;
  readonly event: string;
}

export interface WaitingQuestion {
  readonly target: string;
  /** Nothing is given to any other than the owner of the database. */
  readonly ownerEpoch: number;
  readonly limit: number;
}

/** Of one channel. */
export interface WaitingCount {
  readonly waiting: number;
  /** How long the oldest has waited; 0 where none does. */
  readonly oldestAgeMs: number;
}

export interface StoredPreferences {
  readonly channels: readonly string[];
  readonly kinds: readonly string[];
}

export interface NotificationStore {
  /**
   * Each event with what is to be sent of it, or, where it was taken in before, nothing of it: all in one transaction.
   * @param events in the order in which each target is to hear of them
   * @returns the targets that have something to be sent
   */
  takeIn(events: readonly TakenIn[]): Promise<ReadonlySet<string>>;
  /** The first that wait of a target, due or not, in order. */
  nextInOrder(question: WaitingQuestion): Promise<readonly WaitingRow[]>;
  /** The first of each subject that are due, in order. */
  nextOfSubjects(question: WaitingQuestion): Promise<readonly WaitingRow[]>;
  markSent(id: number): Promise<void>;
  markSkipped(id: number, reason: string): Promise<void>;
  markFailed(id: number, reason: string): Promise<void>;
  /** To be tried again. @returns false: its time is up, and it has failed */
  markLater(id: number, reason: string, afterMs: number): Promise<boolean>;
  /** Fails those of a target whose time is up. @returns how many, at most `limit` */
  giveUp(target: string, reason: string, limit: number): Promise<number>;
  /** Skips what waits for any other target. @returns how many, at most `limit` */
  skipOtherTargets(targets: readonly string[], reason: string, limit: number): Promise<number>;
  /**
   * Has one that failed tried again.
   * @param targets those that there still are
   * @returns null: there is none
   */
  retry(id: number, targets: readonly string[], patienceMs: number): Promise<RetryOutcome | null>;
  list(question: NotificationsQuestion): Promise<readonly NotificationView[]>;
  countWaiting(): Promise<Readonly<Record<NotificationChannel, WaitingCount>>>;
  /** Null: none were made. */
  readPreferences(customerId: string): Promise<StoredPreferences | null>;
  writePreferences(customerId: string, preferences: StoredPreferences): Promise<void>;
  /** Deletes the preferences and whose the messages were; mail that was not sent will not be. May be repeated. */
  eraseCustomer(customerId: string, reason: string): Promise<void>;
  /** @returns how many, at most `limit` */
  forgetNotifications(olderThanMs: number, limit: number): Promise<number>;
  /** @returns how many, at most `limit` */
  forgetConsumed(olderThanMs: number, limit: number): Promise<number>;
  close(): Promise<void>;
}

export interface RetryOutcome {
  /** Whether it is tried again; else it did not fail, or its target is gone. */
  readonly isRetried: boolean;
  readonly row: NotificationView;
}

/** Connects with the first statement. */
export function createNotificationStore(options: ConnectOptions): NotificationStore {
  const intake = openClient('append', options);
  const sending = openClient('work', options);
  const reads = openClient('reads', options);
  const upkeep = openClient('snapshot', options);
  return {
    takeIn: (events) => takeIn(intake, events),
    nextInOrder: (question) => nextInOrder(sending, question),
    nextOfSubjects: (question) => nextOfSubjects(sending, question),
    markSent: (id) => markSent(sending, id),
    markSkipped: (id, reason) => markSkipped(sending, id, reason),
    markFailed: (id, reason) => markFailed(sending, id, reason),
    markLater: (id, reason, afterMs) => markLater(sending, id, reason, afterMs),
    giveUp: (target, reason, limit) => giveUp(sending, target, reason, limit),
    skipOtherTargets: (targets, reason, limit) => skipOtherTargets(upkeep, targets, reason, limit),
    retry: (id, targets, patienceMs) => retry(sending, id, targets, patienceMs),
    list: (question) => listNotifications(reads, question),
    countWaiting: () => countWaiting(reads),
    readPreferences: (customerId) => readPreferences(reads, customerId),
    writePreferences: (customerId, preferences) => writePreferences(sending, customerId, preferences),
    eraseCustomer: (customerId, reason) => eraseCustomer(intake, customerId, reason),
    forgetNotifications: (olderThanMs, limit) => forgetNotifications(upkeep, olderThanMs, limit),
    forgetConsumed: (olderThanMs, limit) => forgetConsumed(upkeep, olderThanMs, limit),
    async close() {
      await Promise.all([intake, sending, reads, upkeep].map((client) => client.close()));
    },
  };
}
