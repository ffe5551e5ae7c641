// For those who operate the service, within the API: who owns the databases, how far things lag, which SKUs are hot, how
// much is logged. What is behind it the service says (AdminDeps).
import Type from 'typebox';
import { body, count, headers, int32, query, time, uuid } from './fields.ts';
import type { Rest, RouteGroup } from './group.ts';
import { json, problems, problemsWithBody } from './openapi/answers.ts';
import { named } from './openapi/named.ts';

export const adminLogLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type AdminLogLevel = (typeof adminLogLevels)[number];

/** Of the database of one service. */
export interface OwnerView {
  readonly service: 'inventory' | 'logistics' | 'notifications';
  /** Whether this process owns it. */
  readonly isOwner: boolean;
  /** Raised by each change of owner. */
  readonly epoch: number;
  /** Names one start of one process; null where nobody owns it. */
  readonly holder: string | null;
  /** Milliseconds since 1970, by the database's clock; null where nobody owns it. */
  readonly leaseEndsAt: number | null;
}

/** Of one shard thread. */
export interface LagView {
  readonly service: 'inventory' | 'logistics';
  readonly thread: number;
  /** Durable events that no snapshot covers yet: how long a recovery would take. */
  readonly snapshotLagEvents: number;
  /** How long the oldest due time has passed without being acted on. */
  readonly dueLagMs: number;
  /** Messages that wait to be taken into a turn. */
  readonly mailboxDepth: number;
}

export interface HotSkuView {
  readonly itemId: string;
  readonly sku: string;
  /** Changes of its levels within the last minute. */
  readonly changesLastMinute: number;
}

/** Each has a deadline of its own. */
export interface AdminDeps {
  owners(): Promise<readonly OwnerView[]>;
  lag(): Promise<readonly LagView[]>;
  /** The hottest first. */
  hotSkus(limit: number): Promise<readonly HotSkuView[]>;
  logLevel(): Promise<AdminLogLevel>;
  /** Of every thread of this process, until it ends. */
  setLogLevel(level: AdminLogLevel): Promise<void>;
}

const service = Type.Enum(['inventory', 'logistics']);

const Owners = named(
  'Owners',
  Type.Object({
    owners: Type.Array(
      Type.Object({
        service: Type.Enum(['inventory', 'logistics', 'notifications']),
        isOwner: Type.Boolean({ description: 'Whether it is the process that answers.' }),
        epoch: count('Raised by each change of owner.'),
        holder: Type.Optional(
          Type.String({ description: 'Names one start of one process; absent where nobody owns it.' }),
        ),
        leaseEndsAt: Type.Optional(time('Of the lease, unless it is heard of again before.')),
      }),
    ),
  }),
);

const Lag = named(
  'Lag',
  Type.Object({
    threads: Type.Array(
      Type.Object({
        service,
        thread: int32('Of the service’s shard threads.'),
        snapshotLagEvents: count('Durable events that no snapshot covers yet.'),
        dueLagMs: Type.Number({
          description: 'How long the oldest due time has passed without being acted on.',
        }),
        mailboxDepth: count('Messages that wait to be taken into a turn.'),
      }),
    ),
  }),
);

const HotSkus = named(
  'HotSkus',
  Type.Object({
    skus: Type.Array(
      Type.Object({
        itemId: uuid('Id of the item.'),
        sku: Type.String(),
        changesLastMinute: count('Changes of its levels within the last minute.'),
      }),
      { description: 'The hottest first.' },
    ),
  }),
);

const LogLevel = named(
  'LogLevel',
  body({
    level: Type.Enum([...adminLogLevels], {
      description: 'The least severe lines that are written.',
      examples: ['debug'],
    }),
  }),
);

const hotSkus = { default: 20, max: 1_000 } as const;

export function adminRoutes(deps: AdminDeps): RouteGroup {
  return {
    tag: { name: 'Administration', description: 'For those who operate the service. Not for the public.' },
    routes(rest) {
      stateRoutes(rest, deps);
      logLevelRoutes(rest, deps);
    },
  };
}

function stateRoutes(rest: Rest, deps: AdminDeps): void {
  rest.get(
    '/v1/admin/owners',
    {
      schema: {
        operationId: 'getOwners',
        summary: 'Who owns the databases',
        description: 'One entry for each service that this process runs.',
        headers,
        response: { 200: json('The owners.', Owners), ...problems() },
      },
    },
    async () => {
      const owners = await deps.owners();
      return {
        owners: owners.map(({ holder, leaseEndsAt, ...owner }) => ({
          ...owner,
          ...(holder === null ? {} : { holder }),
          ...(leaseEndsAt === null ? {} : { leaseEndsAt: new Date(leaseEndsAt).toISOString() }),
        })),
      };
    },
  );
  rest.get(
    '/v1/admin/lag',
    {
      schema: {
        operationId: 'getLag',
        summary: 'How far things lag',
        description: 'One entry for each shard thread.',
        headers,
        response: { 200: json('The threads.', Lag), ...problems() },
      },
    },
    async () => ({ threads: [...(await deps.lag())] }),
  );
  rest.get(
    '/v1/admin/hot-skus',
    {
      schema: {
        operationId: 'getHotSkus',
        summary: 'Which SKUs are hot',
        description: 'Those whose stock changed most within the last minute.',
        headers,
        querystring: query({
          limit: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: hotSkus.max,
              description: `So many at most; ${hotSkus.default} where it is absent.`,
            }),
          ),
        }),
        response: { 200: json('The SKUs.', HotSkus), ...problems() },
      },
    },
    async (request) => ({ skus: [...(await deps.hotSkus(request.query.limit ?? hotSkus.default))] }),
  );
}

function logLevelRoutes(rest: Rest, deps: AdminDeps): void {
  rest.get(
    '/v1/admin/log-level',
    {
      schema: {
        operationId: 'getLogLevel',
        summary: 'How much is logged',
        description: 'The least severe lines that are written.',
        headers,
        response: { 200: json('The level.', LogLevel), ...problems() },
      },
    },
    async () => ({ level: await deps.logLevel() }),
  );
  rest.put(
    '/v1/admin/log-level',
    {
      schema: {
        operationId: 'setLogLevel',
        summary: 'Change how much is logged',
        description: 'In every thread of this process, until it ends.',
        headers,
        body: LogLevel,
        response: { 200: json('The level.', LogLevel), ...problemsWithBody() },
      },
    },
    async (request) => {
      const { level } = request.body;
      await deps.setLogLevel(level);
      return { level };
    },
  );
}
