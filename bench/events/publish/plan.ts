// What a process that publishes is told, and what it says: plain data that crosses processes.
import {
  isInteger,
  isObject,
  isText,
  listOf,
  objectOf,
  oneOf,
  type Shape,
} from '../../../src/actors/shape.ts';
import type { JournalRow } from '../../../src/runtime/store.ts';
import { isNumber } from '../../load/plan.ts';

/**
 * backlog: the product, from rows that stand in PostgreSQL. fed: the product, from rows that it is given as a shard thread
 * does. bare: nothing but a confirming channel, with bodies that are ready.
 */
export const sources = ['backlog', 'fed', 'bare'] as const;
export type Source = (typeof sources)[number];

export interface PublishPlan {
  readonly source: Source;
  readonly amqpUrl: string;
  readonly prefix: string;
  /** Whose reader is to tell its journal; '' for bare. */
  readonly databaseUrl: string;
  /** Recorded rows, in order; none for a backlog. */
  readonly rows: readonly JournalRow[];
  /** How often they are told, as rows of other orders each time. */
  readonly copies: number;
  /** That all of that makes. */
  readonly events: number;
}

export interface PublishResult {
  /** Confirmed within the measurement. */
  readonly measured: number;
  readonly seconds: number;
  readonly cpuUs: number;
  /** Over the whole run. */
  readonly confirmed: number;
  /** Refused by the broker, or given back. */
  readonly refused: number;
}

export type PublishReport =
  | { readonly type: 'measuring' }
  | { readonly type: 'published'; readonly result: PublishResult };

const isJournalRow = objectOf<JournalRow>({
  shard: isInteger,
  seq: isInteger,
  epoch: isInteger,
  at: isInteger,
  events: isText,
});

const isPublishPlan = objectOf<PublishPlan>({
  source: oneOf(sources),
  amqpUrl: isText,
  prefix: isText,
  databaseUrl: isText,
  rows: listOf(isJournalRow),
  copies: isInteger,
  events: isInteger,
});

export interface PublishOrder {
  readonly type: 'publish';
  readonly plan: PublishPlan;
}

export const isPublishOrder: Shape<PublishOrder> = (value): value is PublishOrder =>
  isObject(value) && value['type'] === 'publish' && isPublishPlan(value['plan']);

const isPublishResult = objectOf<PublishResult>({
  measured: isInteger,
  seconds: isNumber,
  cpuUs: isNumber,
  confirmed: isInteger,
  refused: isInteger,
});

type Of<Type> = Extract<PublishReport, { type: Type }>;

export const isMeasuring: Shape<Of<'measuring'>> = (value): value is Of<'measuring'> =>
  isObject(value) && value['type'] === 'measuring';

export const isPublished: Shape<Of<'published'>> = (value): value is Of<'published'> =>
  isObject(value) && value['type'] === 'published' && isPublishResult(value['result']);
