// What ingress threads may ask of the process as a whole, what they are told, and what other threads report for it.
import {
  isFlag,
  isInteger,
  isObject,
  isText,
  listOf,
  nullable,
  objectOf,
  oneOf,
  type Shape,
} from '../actors/shape.ts';
import {
  type AdminLogLevel,
  adminLogLevels,
  type HotSkuView,
  type LagView,
  type OwnerView,
} from '../http/admin.ts';
import type { Hot } from '../telemetry/hot.ts';
import type { MetricsJson } from '../telemetry/metrics.ts';

export type Question =
  | { readonly type: 'metrics' }
  | { readonly type: 'owners' }
  | { readonly type: 'lag' }
  | { readonly type: 'hot-skus'; readonly limit: number }
  | { readonly type: 'log-level' }
  | { readonly type: 'set-log-level'; readonly level: AdminLogLevel };

/** What a thread says of itself when it is asked for its metrics; `lag` and `hot` are those of shard threads. */
export interface ThreadReport {
  readonly json: MetricsJson;
  readonly lag?: LagView;
  readonly hot?: readonly Hot[];
}

/** Only our own threads send them; this says so to the compiler. */
export function isThreadReport(value: unknown): value is ThreadReport {
  return isObject(value) && Array.isArray(value['json']);
}

export function isQuestion(value: unknown): value is Question {
  return isObject(value) && typeof value['type'] === 'string';
}

export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

export const isExposition = objectOf<Exposition>({ contentType: isText, text: isText });

const isService = oneOf(['inventory', 'logistics']);
const isDatabase = oneOf(['inventory', 'logistics', 'notifications']);

export const isOwners: Shape<readonly OwnerView[]> = listOf(
  objectOf<OwnerView>({
    service: isDatabase,
    isOwner: isFlag,
    epoch: isInteger,
    holder: nullable(isText),
    leaseEndsAt: nullable(isInteger),
  }),
);

const isAmount: Shape<number> = (value): value is number => typeof value === 'number';

export const isLag: Shape<readonly LagView[]> = listOf(
  objectOf<LagView>({
    service: isService,
    thread: isInteger,
    snapshotLagEvents: isInteger,
    dueLagMs: isAmount,
    mailboxDepth: isInteger,
  }),
);

export const isHotSkus: Shape<readonly HotSkuView[]> = listOf(
  objectOf<HotSkuView>({ itemId: isText, sku: isText, changesLastMinute: isInteger }),
);

export const isLogLevel: Shape<AdminLogLevel> = oneOf(adminLogLevels);
