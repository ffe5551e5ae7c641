// What the process that makes an open load is told, and what it says: plain data that crosses processes.
import {
  isInteger,
  isObject,
  isText,
  listOf,
  objectOf,
  oneOf,
  recordOf,
  type Shape,
} from '../../src/actors/shape.ts';
import { isLoadResult, type LoadResult } from '../load/plan.ts';
import type { WorkloadName } from '../scenarios/scenarios.ts';

export interface OpenPlan {
  readonly workload: WorkloadName;
  readonly basketsMax: number;
  /** Order ids begin with it. */
  readonly orderPrefix: string;
  /** Requests a second that are offered, whatever becomes of those before. */
  readonly ratePerSecond: number;
  readonly warmUpMs: number;
  /** After the warm-up. */
  readonly durationMs: number;
  readonly windowMs: number;
}

/** What was answered within one window of time. */
export interface Window {
  readonly granted: number;
  /** By code. */
  readonly failed: Readonly<Record<string, number>>;
  /** Of what was granted, from when each was due; see Histogram. */
  readonly latencies: readonly number[];
}

export interface OpenResult {
  /** Of the whole run. */
  readonly load: LoadResult;
  /** Of its duration; what is answered before or later stands in the load alone. */
  readonly windows: readonly Window[];
}

export type OpenReport =
  | { readonly type: 'begun' }
  | { readonly type: 'offered'; readonly result: OpenResult };

export interface OpenOrder {
  readonly type: 'offer';
  readonly port: number;
  readonly plan: OpenPlan;
}

const isOpenPlan = objectOf<OpenPlan>({
  workload: oneOf(['hot', 'baskets']),
  basketsMax: isInteger,
  orderPrefix: isText,
  ratePerSecond: isInteger,
  warmUpMs: isInteger,
  durationMs: isInteger,
  windowMs: isInteger,
});

export const isOpenOrder: Shape<OpenOrder> = (value): value is OpenOrder =>
  isObject(value) && value['type'] === 'offer' && isInteger(value['port']) && isOpenPlan(value['plan']);

const isOpenResult = objectOf<OpenResult>({
  load: isLoadResult,
  windows: listOf(
    objectOf<Window>({ granted: isInteger, failed: recordOf(isInteger), latencies: listOf(isInteger) }),
  ),
});

type Of<Type> = Extract<OpenReport, { type: Type }>;

export const isBegun: Shape<Of<'begun'>> = (value): value is Of<'begun'> =>
  isObject(value) && value['type'] === 'begun';

export const isOffered: Shape<Of<'offered'>> = (value): value is Of<'offered'> =>
  isObject(value) && value['type'] === 'offered' && isOpenResult(value['result']);
