// The notification service over a database of its own, quick to try again.
import pino from 'pino';
import postgres from 'postgres';
import type { NotificationLimits } from '../../../src/notifications/limits.ts';
import {
  type NotificationOptions,
  type Notifications,
  openNotifications,
} from '../../../src/notifications/notifications.ts';
import { createOwnership } from '../../../src/persistence/ownership.ts';
import { createNotificationsDatabase, type TestDatabase } from '../../support/database.ts';
import { until } from '../../support/until.ts';
import { KnownContacts } from './contacts.ts';
import { secrets } from './receiver.ts';

export const quickLimits: Partial<NotificationLimits> = {
  pollMs: 20,
  webhookMsMax: 300,
  retryMsMin: 10,
  retryMsMax: 40,
  stopMsMax: 200,
};

export interface Row {
  readonly id: number;
  readonly event_id: string;
  readonly channel: string;
  readonly target: string;
  readonly template: string;
  readonly subject: string;
  readonly order_id: string | null;
  readonly customer_id: string | null;
  readonly status: string;
  readonly attempts: number;
  readonly reason: string;
  readonly event: string;
}

export class Harness {
  readonly database: TestDatabase;
  readonly contacts = new KnownContacts();
  readonly logged: string[] = [];
  readonly sql: postgres.Sql;
  readonly #open: Notifications[] = [];

  constructor(database: TestDatabase) {
    this.database = database;
    this.sql = postgres(database.url, { max: 2, onnotice: () => {} });
  }

  static async create(): Promise<Harness> {
    return new Harness(await createNotificationsDatabase());
  }

  /** Not started. */
  open(options: Partial<NotificationOptions> = {}): Notifications {
    const service = openNotifications({
      databaseUrl: this.database.url,
      logisticsGrpcUrl: null,
      contacts: this.contacts,
      webhookUrls: [],
      webhookSecrets: secrets,
      smtpUrl: null,
      mailFrom: 'The Shop <shop@shop.example>',
      shopMail: '',
      log: pino({ level: 'debug' }, { write: (line: string) => void this.logged.push(line) }),
      ...options,
      limits: { ...quickLimits, ...options.limits },
    });
    this.#open.push(service);
    return service;
  }

  async start(options: Partial<NotificationOptions> = {}): Promise<Notifications> {
    const service = this.open(options);
    service.start(await this.own());
    return service;
  }

  /** Makes the test the owner of the database. @returns its epoch */
  async own(): Promise<number> {
    const ownership = createOwnership({ url: this.database.url, log: pino({ level: 'silent' }) });
    // A lease of nothing: whoever asks last owns it.
    await this.sql`update owner set holder = ''`;
    const epoch = await ownership.acquire('test', 60_000);
    await ownership.close();
    if (epoch === null) throw new Error('the database has another owner');
    return epoch;
  }

  async rows(): Promise<readonly Row[]> {
    return await this.sql<Row[]>`select * from notifications order by id`;
  }

  /** Waits until no notification waits. */
  async settled(): Promise<readonly Row[]> {
    await until('nothing to wait', async () =>
      (await this.rows()).every(({ status }) => status !== 'waiting'),
    );
    return await this.rows();
  }

  async statuses(): Promise<readonly string[]> {
    return (await this.rows()).map(({ status }) => status);
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.map((service) => service.close()));
    await this.sql.end({ timeout: 5 });
    await this.database.drop();
  }
}
