// What a load generator is told, and what it says: plain data that crosses processes and threads.
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
import type { CpuSample } from '../measure/cpu.ts';
import { type Job, jobs, type Way, type WorkloadName, ways } from '../scenarios/scenarios.ts';

/** Refused for overload means: without effect. Every other failure may or may not have had one. */
export const overloadCodes: ReadonlySet<string> = new Set(['overloaded', 'grpc-status 8', 'http 429']);

export interface LoadPlan {
  readonly job: Job;
  readonly way: Way;
  readonly workload: WorkloadName;
  readonly basketsMax: number;
  /** Order ids begin with it: no two runs, and no two generators of one run, have the same. */
  readonly orderPrefix: string;
  /** Requests under way at any time. */
  readonly outstanding: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** An answer as it came, to be compared with what is read back later. */
export interface Sample {
  readonly orderId: string;
  /** Which of the workload's baskets. */
  readonly basket: number;
  /** As bytes: a StockReservationResponse, an OrderResponse, or the JSON of an order. */
  readonly answer: Uint8Array;
}

export interface LoadResult {
  /** Length of the measurement. */
  readonly seconds: number;
  /** Granted within the measurement. */
  readonly measured: number;
  /** Of the measurement, see Histogram. */
  readonly latencies: readonly number[];
  /** Granted, refused for want of stock, and failed by code: of the whole run, warm-up and tail included. */
  readonly granted: number;
  readonly refused: number;
  readonly failed: Readonly<Record<string, number>>;
  readonly cpuUsPerSecond: number;
  /** The share of the measurement in which the generator had nothing to do, from 0 to 1. */
  readonly idleShare: number;
  readonly samples: readonly Sample[];
}

export type LoadReport =
  | { readonly type: 'phase'; readonly phase: 'measuring' | 'measured' }
  | { readonly type: 'done'; readonly result: LoadResult };

export const isNumber: Shape<number> = (value) => typeof value === 'number';

export const isCpuSample = objectOf<CpuSample>({ atMs: isNumber, cpuUs: isNumber });

export const isLoadPlan = objectOf<LoadPlan>({
  job: oneOf(jobs),
  way: oneOf(ways),
  workload: oneOf(['hot', 'baskets']),
  basketsMax: isInteger,
  orderPrefix: isText,
  outstanding: isInteger,
  warmUpMs: isInteger,
  measureMs: isInteger,
});

export const isLoadResult = objectOf<LoadResult>({
  seconds: isNumber,
  measured: isInteger,
  latencies: listOf(isInteger),
  granted: isInteger,
  refused: isInteger,
  failed: recordOf(isInteger),
  cpuUsPerSecond: isNumber,
  idleShare: isNumber,
  samples: listOf(
    objectOf<Sample>({
      orderId: isText,
      basket: isInteger,
      answer: (value): value is Uint8Array => value instanceof Uint8Array,
    }),
  ),
});

export type Phase = Extract<LoadReport, { type: 'phase' }>;
export type Done = Extract<LoadReport, { type: 'done' }>;

export function isPhase(phase: Phase['phase']): Shape<Phase> {
  return (value): value is Phase => isObject(value) && value['type'] === 'phase' && value['phase'] === phase;
}

export const isDone: Shape<Done> = (value): value is Done =>
  isObject(value) && value['type'] === 'done' && isLoadResult(value['result']);

/** A generator: `load` is the plan; `port` where it is asked over a socket. */
export interface LoadOrder {
  readonly type: 'load';
  readonly port: number;
  readonly plan: LoadPlan;
}

export const isLoadOrder: Shape<LoadOrder> = (value): value is LoadOrder =>
  isObject(value) && value['type'] === 'load' && isInteger(value['port']) && isLoadPlan(value['plan']);
