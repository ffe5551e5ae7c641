// The notification service, put together: takes events in, and while this process owns the database sends what they lead
// to. See docs/NOTIFICATIONS.md.
import type { Logger } from 'pino';
import type { NotificationChannel, NotificationDeps } from '../api/notifications/deps.ts';
import type { EventHandler } from '../events/handler.ts';
import { createNotificationStore, type NotificationStore } from '../persistence/notifications/store.ts';
import type { Contacts } from './contacts.ts';
import { contactsOverGrpc } from './contacts-over-grpc.ts';
import { Counts, type CountsByOutcome } from './counts.ts';
import { createNotificationHandler } from './handler.ts';
import { type NotificationLimits, notificationLimits } from './limits.ts';
import { openRecord } from './record.ts';
import { NotificationRetention } from './retention.ts';
import { openTargets, type TargetOptions, type Targets } from './targets.ts';

export interface NotificationOptions extends TargetOptions {
  readonly databaseUrl: string;
  /** Where Logistics is asked for contacts. Null: mail goes to no customer, and nobody can choose. */
  readonly logisticsGrpcUrl: string | null;
  readonly log: Logger;
  readonly limits?: Partial<NotificationLimits>;
  /** In the place of `logisticsGrpcUrl`. */
  readonly contacts?: Contacts;
  /** In the place of the database. */
  readonly store?: NotificationStore;
}

export interface ChannelStats extends CountsByOutcome {
  readonly waiting: number;
  /** How long the oldest that waits has done so, in milliseconds. */
  readonly oldestWaitingMs: number;
}

export interface Notifications {
  readonly handler: EventHandler;
  /** For those who ask what was sent; see src/http/notifications. */
  readonly record: NotificationDeps;
  /**
   * Begins to send. Once for each time that this process comes to own the database.
   * @param ownerEpoch see `Ownership`: nothing is sent once another process has a higher one
   */
  start(ownerEpoch: number): void;
  /** Resolves when nothing is being sent. What is under way may end before, for a while. */
  stop(): Promise<void>;
  /** Waiting is counted in the database, the rest since the process began. @throws StoreError */
  stats(): Promise<Readonly<Record<NotificationChannel, ChannelStats>>>;
  /** Stops, and closes what it has opened. */
  close(): Promise<void>;
}

/** Connects to nothing until it is used. @throws RangeError naming what cannot be */
export function openNotifications(options: NotificationOptions): Notifications {
  return new NotificationService(options);
}

class NotificationService implements Notifications {
  readonly handler: EventHandler;
  readonly record: NotificationDeps;
  readonly #store: NotificationStore;
  readonly #contacts: Contacts | null;
  readonly #targets: Targets;
  readonly #retention: NotificationRetention;
  readonly #counts = new Counts();
  readonly #limits: NotificationLimits;
  readonly #log: Logger;
  #skipping: Promise<void> = Promise.resolve();

  constructor(options: NotificationOptions) {
    const { log } = options;
    const limits = { ...notificationLimits, ...options.limits };
    this.#log = log;
    this.#limits = limits;
    this.#store = options.store ?? createNotificationStore({ url: options.databaseUrl, log });
    this.#contacts = options.contacts ?? contactsAt(options.logisticsGrpcUrl, limits);
    const [store, contacts] = [this.#store, this.#contacts];
    this.#targets = openTargets(options, { store, contacts, limits, counts: this.#counts, log });
    const { webhookUrls, mailTo, couriers } = this.#targets;
    const wake = (targets: ReadonlySet<string>) => {
      for (const courier of couriers) if (targets.has(courier.target)) courier.wake();
    };
    this.handler = createNotificationHandler({ store, webhookUrls, mailTo, wake, limits });
    this.record = openRecord({
      store,
      contacts,
      targets: couriers.map(({ target }) => target),
      wake,
      limits,
    });
    this.#retention = new NotificationRetention(store, limits, log);
  }

  start(ownerEpoch: number): void {
    for (const courier of this.#targets.couriers) courier.start(ownerEpoch);
    this.#retention.start();
    this.#skipping = this.#skipFormerTargets();
  }

  async stop(): Promise<void> {
    const couriers = this.#targets.couriers.map((courier) => courier.stop());
    await Promise.all([...couriers, this.#retention.stop(), this.#skipping]);
  }

  async stats(): Promise<Readonly<Record<NotificationChannel, ChannelStats>>> {
    const waiting = await this.#store.countWaiting();
    const of = (channel: NotificationChannel): ChannelStats => ({
      ...this.#counts.of(channel),
      waiting: waiting[channel].waiting,
      oldestWaitingMs: waiting[channel].oldestAgeMs,
    });
    return { webhook: of('webhook'), mail: of('mail') };
  }

  async close(): Promise<void> {
    await this.stop();
    this.#targets.close();
    await Promise.all([this.#contacts?.close(), this.#store.close()]);
  }

  /** What the settings no longer name would wait for ever. */
  async #skipFormerTargets(): Promise<void> {
    const targets = this.#targets.couriers.map(({ target }) => target);
    const { forgetRowsMax: limit } = this.#limits;
    try {
      for (let skipped = limit; skipped === limit; ) {
        skipped = await this.#store.skipOtherTargets(targets, 'nothing is sent there any more', limit);
      }
    } catch (error) {
      this.#log.warn({ err: error }, 'notifications of former targets could not be skipped');
    }
  }
}

function contactsAt(url: string | null, { contactMsMax }: NotificationLimits): Contacts | null {
  return url === null ? null : contactsOverGrpc({ url, callMsMax: contactMsMax });
}
