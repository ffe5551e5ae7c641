// The settings, all from the environment. One table is the truth: parsing, `--help` and the docs follow from it.
import { availableParallelism } from 'node:os';
import {
  address,
  databaseUrl,
  flag,
  mailAddress,
  oneOf,
  parseHttpUrl,
  parseSecrets,
  parseWebhookSecrets,
  parseWebhookUrl,
  type Setting,
  SettingError,
  text,
  urlOf,
  whole,
} from './setting-kinds.ts';

export { SettingError };

export const roles = ['all', 'inventory', 'logistics', 'notifications'] as const;
export type Role = (typeof roles)[number];

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface Settings {
  readonly role: Role;
  readonly host: string;
  readonly httpPort: number;
  readonly grpcPort: number;
  /** Null: the embedded PostgreSQL. */
  readonly inventoryDatabaseUrl: string | null;
  readonly logisticsDatabaseUrl: string | null;
  readonly notificationsDatabaseUrl: string | null;
  /** Where role logistics finds Inventory, as host:port; null in the other roles. */
  readonly inventoryGrpcUrl: string | null;
  /** Where role notifications finds Logistics, as host:port; null in the other roles. */
  readonly logisticsGrpcUrl: string | null;
  /** Null: events are delivered within the process. */
  readonly amqpUrl: string | null;
  /** Null: caches and fan-out stay in the process. */
  readonly redisUrl: string | null;
  /** The journal may grow to so many MiB while a reader of events lags before that is an alert. */
  readonly journalQuotaMb: number;
  /** Requests a second of one client; 0: as many as there come. */
  readonly clientRequestsPerSecond: number;
  /** Where notifications go, besides the mail of customers. */
  readonly notificationWebhookUrls: readonly string[];
  /** What they are signed with, each of them. */
  readonly notificationWebhookSecrets: readonly string[];
  /** Null: no mail is sent. */
  readonly smtpUrl: string | null;
  readonly mailFrom: string;
  /** Who is told of low stock by mail; '' for nobody. */
  readonly shopMail: string;
  /** Null: the sandbox. */
  readonly paymentGatewayUrl: string | null;
  /** What requests to the gateway are signed with, and its webhooks with any of them; the first is the newest. */
  readonly paymentSecrets: readonly string[];
  readonly paymentPatienceSeconds: number;
  readonly backOrderPatienceSeconds: number;
  readonly backOrderUnitsMax: number;
  readonly dataDir: string;
  readonly shards: number;
  readonly shardThreads: number;
  readonly ingressThreads: number;
  readonly ownerLeaseMs: number;
  readonly residentActorsMax: number;
  readonly allowUnsafePostgres: boolean;
  readonly logLevel: LogLevel;
}

const cores = availableParallelism();

const table: { readonly [K in keyof Settings]: Setting<Settings[K]> } = {
  role: oneOf('ROLE', roles, 'all', 'which services this process runs'),
  host: text('HOST', '127.0.0.1', 'the address that both ports are bound to'),
  httpPort: whole(
    'HTTP_PORT',
    0,
    65_535,
    8080,
    'port of the REST API, its pages (/docs), /healthz, /readyz, /metrics; 0 takes a free one',
  ),
  grpcPort: whole('GRPC_PORT', 0, 65_535, 50_051, 'port of the gRPC services; 0 takes a free one'),
  inventoryDatabaseUrl: databaseUrl('INVENTORY_DATABASE_URL'),
  logisticsDatabaseUrl: databaseUrl('LOGISTICS_DATABASE_URL'),
  notificationsDatabaseUrl: databaseUrl('NOTIFICATIONS_DATABASE_URL'),
  inventoryGrpcUrl: address('INVENTORY_GRPC_URL', 'Inventory; role logistics needs it'),
  logisticsGrpcUrl: address('LOGISTICS_GRPC_URL', 'Logistics; role notifications needs it'),
  amqpUrl: urlOf(
    'AMQP_URL',
    'RabbitMQ, for events (docs/EVENTS.md)',
    'events are delivered within the process',
    ['amqp:', 'amqps:'],
    'amqp://user:password@host:5672',
  ),
  redisUrl: urlOf(
    'REDIS_URL',
    'Redis, for what processes share (docs/REDIS.md)',
    'caches and limits stay in the process',
    ['redis:', 'rediss:'],
    'redis://user:password@host:6379',
  ),
  journalQuotaMb: whole(
    'JOURNAL_QUOTA_MB',
    1,
    1_000_000_000,
    4_096,
    'beyond so many MiB of journal, while a reader of events lags, an alert (docs/EVENTS.md)',
  ),
  clientRequestsPerSecond: whole(
    'CLIENT_REQUESTS_PER_SECOND',
    0,
    1_000_000,
    0,
    'REST requests a second that one client address may make, with bursts of twice as many; 0: as many as it likes',
  ),
  notificationWebhookUrls: {
    name: 'NOTIFICATION_WEBHOOK_URLS',
    help: 'comma-separated: where notifications are posted to (docs/NOTIFICATIONS.md)',
    shown: 'none',
    unset: [],
    parse: (value) =>
      value.split(',').map((each) => parseWebhookUrl('NOTIFICATION_WEBHOOK_URLS', each.trim())),
  },
  notificationWebhookSecrets: {
    name: 'NOTIFICATION_WEBHOOK_SECRETS',
    help: 'comma-separated: notifications are signed with each of them, so that receivers can change over',
    shown: 'none',
    unset: [],
    parse: (value) => parseWebhookSecrets('NOTIFICATION_WEBHOOK_SECRETS', value),
  },
  smtpUrl: urlOf(
    'SMTP_URL',
    'the mail server for notifications of customers',
    'no mail is sent',
    ['smtp:', 'smtps:'],
    'smtps://user:password@mail.example.com:465',
  ),
  mailFrom: mailAddress('MAIL_FROM', 'shop@localhost', 'the sender of mail'),
  shopMail: mailAddress('SHOP_MAIL', '', 'who is told of low stock by mail'),
  paymentGatewayUrl: {
    name: 'PAYMENT_GATEWAY_URL',
    help: 'the payment gateway (docs/PAYMENTS.md)',
    shown: 'a sandbox that takes no money',
    unset: null,
    parse: (value) =>
      parseHttpUrl('PAYMENT_GATEWAY_URL', value, 'a URL such as https://payments.example.com/v1'),
  },
  paymentSecrets: {
    name: 'PAYMENT_SECRETS',
    help: 'comma-separated: requests to the gateway are signed with the first, its webhooks with any',
    shown: 'none',
    unset: [],
    parse: (value) => parseSecrets('PAYMENT_SECRETS', value),
  },
  paymentPatienceSeconds: whole(
    'PAYMENT_PATIENCE_SECONDS',
    1,
    604_800,
    900,
    'an order whose payment has no answer for so long is cancelled',
  ),
  backOrderPatienceSeconds: whole(
    'BACK_ORDER_PATIENCE_SECONDS',
    1,
    31_536_000,
    2_592_000,
    'an order that waits for stock for so long is cancelled',
  ),
  backOrderUnitsMax: whole(
    'BACK_ORDER_UNITS_MAX',
    1,
    1_000_000_000,
    100_000,
    'an order that lacks stock and wants more units of one item is cancelled: all others would wait behind it',
  ),
  dataDir: text('DATA_DIR', './.synkro', 'where the embedded PostgreSQL keeps its data'),
  shards: whole(
    'SHARDS',
    1,
    256,
    16,
    'number of shards; settled when the database is made, and not read afterwards',
  ),
  shardThreads: whole(
    'SHARD_THREADS',
    1,
    64,
    Math.max(1, Math.floor(cores / 2)),
    'threads that run actors (half of the cores)',
  ),
  ingressThreads: whole('INGRESS_THREADS', 1, 1, 1, 'threads that speak gRPC (more than one comes later)'),
  ownerLeaseMs: whole(
    'OWNER_LEASE_MS',
    500,
    600_000,
    3_000,
    'a standby takes over when the owner has not been heard of for so long',
  ),
  residentActorsMax: whole(
    'RESIDENT_ACTORS_MAX',
    0,
    100_000_000,
    200_000,
    'actors kept in the memory of each shard thread',
  ),
  allowUnsafePostgres: flag(
    'ALLOW_UNSAFE_POSTGRES',
    'start although fsync or full_page_writes is off: a crash may then lose what was answered',
  ),
  logLevel: oneOf('LOG_LEVEL', logLevels, 'info', 'the least severe log lines to write'),
};

/** @throws SettingError naming the first setting that cannot be */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const read = <T>(setting: Setting<T>): T => {
    const value = environment[setting.name];
    return value === undefined || value === '' ? setting.unset : setting.parse(value);
  };
  const settings: Settings = {
    role: read(table.role),
    host: read(table.host),
    httpPort: read(table.httpPort),
    grpcPort: read(table.grpcPort),
    inventoryDatabaseUrl: read(table.inventoryDatabaseUrl),
    logisticsDatabaseUrl: read(table.logisticsDatabaseUrl),
    notificationsDatabaseUrl: read(table.notificationsDatabaseUrl),
    inventoryGrpcUrl: read(table.inventoryGrpcUrl),
    logisticsGrpcUrl: read(table.logisticsGrpcUrl),
    amqpUrl: read(table.amqpUrl),
    redisUrl: read(table.redisUrl),
    journalQuotaMb: read(table.journalQuotaMb),
    clientRequestsPerSecond: read(table.clientRequestsPerSecond),
    notificationWebhookUrls: read(table.notificationWebhookUrls),
    notificationWebhookSecrets: read(table.notificationWebhookSecrets),
    smtpUrl: read(table.smtpUrl),
    mailFrom: read(table.mailFrom),
    shopMail: read(table.shopMail),
    paymentGatewayUrl: read(table.paymentGatewayUrl),
    paymentSecrets: read(table.paymentSecrets),
    paymentPatienceSeconds: read(table.paymentPatienceSeconds),
    backOrderPatienceSeconds: read(table.backOrderPatienceSeconds),
    backOrderUnitsMax: read(table.backOrderUnitsMax),
    dataDir: read(table.dataDir),
    shards: read(table.shards),
    shardThreads: read(table.shardThreads),
    ingressThreads: read(table.ingressThreads),
    ownerLeaseMs: read(table.ownerLeaseMs),
    residentActorsMax: read(table.residentActorsMax),
    allowUnsafePostgres: read(table.allowUnsafePostgres),
    logLevel: read(table.logLevel),
  };
  checkTogether(settings);
  return settings;
}

/** What makes no sense together. */
function checkTogether({
  role,
  inventoryGrpcUrl,
  paymentGatewayUrl,
  paymentSecrets,
  ...urls
}: Settings): void {
  if (role === 'logistics' && inventoryGrpcUrl === null)
    throw new SettingError('INVENTORY_GRPC_URL', 'is needed in role logistics, such as 127.0.0.1:50051');
  if (paymentGatewayUrl !== null && paymentSecrets.length === 0)
    throw new SettingError('PAYMENT_SECRETS', 'is needed where PAYMENT_GATEWAY_URL is set');
  if (role === 'notifications' && urls.amqpUrl === null)
    throw new SettingError('AMQP_URL', 'is needed in role notifications, which hears of nothing without it');
  if (role === 'notifications' && urls.logisticsGrpcUrl === null)
    throw new SettingError('LOGISTICS_GRPC_URL', 'is needed in role notifications, such as 127.0.0.1:50051');
  if (urls.notificationWebhookUrls.length > 0 && urls.notificationWebhookSecrets.length === 0)
    throw new SettingError(
      'NOTIFICATION_WEBHOOK_SECRETS',
      'is needed where NOTIFICATION_WEBHOOK_URLS is set',
    );
  if (urls.shopMail !== '' && urls.smtpUrl === null)
    throw new SettingError('SMTP_URL', 'is needed where SHOP_MAIL is set: no mail is sent without it');
  if (role === 'all') checkDatabases(urls);
}

/** Each service needs a database of its own. */
function checkDatabases(
  urls: Pick<Settings, 'inventoryDatabaseUrl' | 'logisticsDatabaseUrl' | 'notificationsDatabaseUrl'>,
): void {
  const named = [
    ['INVENTORY_DATABASE_URL', urls.inventoryDatabaseUrl],
    ['LOGISTICS_DATABASE_URL', urls.logisticsDatabaseUrl],
    ['NOTIFICATIONS_DATABASE_URL', urls.notificationsDatabaseUrl],
  ] as const;
  for (const [index, [name, url]] of named.entries()) {
    const same = named.slice(0, index).find(([, other]) => url !== null && other === url);
    if (same !== undefined)
      throw new SettingError(name, `is also ${same[0]}: each service needs a database of its own`);
  }
}

/** A line for each setting: its name, what it is when unset, what it does. */
export function describeSettings(): string {
  const rows = Object.values(table);
  const width = Math.max(...rows.map(({ name }) => name.length));
  return rows.map(({ name, shown, help }) => `  ${name.padEnd(width)}  ${help} [${shown}]`).join('\n');
}
