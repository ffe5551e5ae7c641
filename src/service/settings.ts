// The settings, all from the environment. One table is the truth: parsing, `--help` and the docs follow from it.
import { availableParallelism } from 'node:os';

export const roles = ['all', 'inventory', 'logistics'] as const;
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
  /** Where role logistics finds Inventory, as host:port; null in the other roles. */
  readonly inventoryGrpcUrl: string | null;
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

interface Setting<T> {
  readonly name: string;
  readonly help: string;
  readonly shown: string;
  readonly unset: T;
  parse(text: string): T;
}

/** A value that cannot be: the message names the setting. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
  readonly setting: string;

  constructor(setting: string, why: string) {
    super(`${setting} ${why}`);
    this.setting = setting;
  }
}

const cores = availableParallelism();

const table: { readonly [K in keyof Settings]: Setting<Settings[K]> } = {
  role: oneOf('ROLE', roles, 'all', 'which services this process runs (notifications come later)'),
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
  inventoryGrpcUrl: {
    name: 'INVENTORY_GRPC_URL',
    help: 'host:port of the gRPC API of Inventory; role logistics needs it',
    shown: 'none',
    unset: null,
    parse: (value) => parseAddress('INVENTORY_GRPC_URL', value),
  },
  paymentGatewayUrl: {
    name: 'PAYMENT_GATEWAY_URL',
    help: 'the payment gateway (docs/PAYMENTS.md)',
    shown: 'a sandbox that takes no money',
    unset: null,
    parse: (value) => parseHttpUrl('PAYMENT_GATEWAY_URL', value),
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
    inventoryGrpcUrl: read(table.inventoryGrpcUrl),
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
  const { inventoryDatabaseUrl, logisticsDatabaseUrl } = urls;
  if (role === 'all' && inventoryDatabaseUrl !== null && inventoryDatabaseUrl === logisticsDatabaseUrl)
    throw new SettingError(
      'LOGISTICS_DATABASE_URL',
      'is also INVENTORY_DATABASE_URL: each service needs a database of its own',
    );
}

/** A line for each setting: its name, what it is when unset, what it does. */
export function describeSettings(): string {
  const rows = Object.values(table);
  const width = Math.max(...rows.map(({ name }) => name.length));
  return rows.map(({ name, shown, help }) => `  ${name.padEnd(width)}  ${help} [${shown}]`).join('\n');
}

function oneOf<T extends string>(name: string, values: readonly T[], unset: T, help: string): Setting<T> {
  return {
    name,
    help: `${values.join(' | ')}: ${help}`,
    shown: unset,
    unset,
    parse(value) {
      const found = values.find((candidate) => candidate === value);
      if (found === undefined)
        throw new SettingError(name, `must be one of ${values.join(', ')}, not ${JSON.stringify(value)}`);
      return found;
    },
  };
}

function whole(name: string, min: number, max: number, unset: number, help: string): Setting<number> {
  return {
    name,
    help,
    shown: String(unset),
    unset,
    parse(value) {
      const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
      if (!(number >= min && number <= max))
        throw new SettingError(
          name,
          `must be a whole number from ${min} to ${max}, not ${JSON.stringify(value)}`,
        );
      return number;
    },
  };
}

function text(name: string, unset: string, help: string): Setting<string> {
  return { name, help, shown: unset, unset, parse: (value) => value };
}

function flag(name: string, help: string): Setting<boolean> {
  return {
    name,
    help: `true | false: ${help}`,
    shown: 'false',
    unset: false,
    parse(value) {
      if (value !== 'true' && value !== 'false')
        throw new SettingError(name, `must be true or false, not ${JSON.stringify(value)}`);
      return value === 'true';
    },
  };
}

/** The value is never repeated: it may hold a password. */
function parseDatabaseUrl(name: string, value: string): string {
  const url = URL.parse(value);
  if (url === null || !['postgres:', 'postgresql:'].includes(url.protocol))
    throw new SettingError(name, 'must be a URL such as postgres://user:password@host:5432/database');
  return value;
}

function databaseUrl(name: string): Setting<string | null> {
  return {
    name,
    help: 'PostgreSQL 14 or later',
    shown: 'the embedded PostgreSQL',
    unset: null,
    parse: (value) => parseDatabaseUrl(name, value),
  };
}

function parseAddress(name: string, value: string): string {
  const port = Number(/^(?:\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):(\d{1,5})$/.exec(value)?.[1] ?? 0);
  if (port < 1 || port > 65_535)
    throw new SettingError(name, `must be host:port, not ${JSON.stringify(value)}`);
  return value;
}

/** The value is never repeated: it may hold a password. */
function parseHttpUrl(name: string, value: string): string {
  const url = URL.parse(value);
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new SettingError(name, 'must be a URL such as https://payments.example.com/v1');
  return value;
}

const secretCharactersMin = 16;

function parseSecrets(name: string, value: string): readonly string[] {
  const secrets = value.split(',').map((secret) => secret.trim());
  if (secrets.some((secret) => secret.length < secretCharactersMin))
    throw new SettingError(name, `must be secrets of at least ${secretCharactersMin} characters each`);
  return secrets;
}
