// What is measured: two workloads, each asked in two ways, of three engines.
import { baskets } from './baskets.ts';
import { hot } from './hot.ts';

/** One line of a basket. The same SKU may stand on several. */
export interface Line {
  readonly sku: string;
  readonly quantity: number;
}

export interface Workload {
  readonly title: string;
  /** What is asked for, again and again in this order, each time for a new order. `limit` bounds how many there are. */
  load(limit: number): Promise<readonly (readonly Line[])[]>;
}

export const workloads = { hot, baskets } as const;
export type WorkloadName = keyof typeof workloads;

/** 'threads': through a Router straight to the engine's threads. 'grpc': a unary call over a socket. */
export type Way = 'threads' | 'grpc';

/** 'empty' answers at once and keeps nothing: the ceiling of everything around the engine, the load included. */
export const engines = ['synkro', 'for-update', 'empty'] as const;
export type Engine = (typeof engines)[number];

export interface Variant {
  readonly name: string;
  readonly engine: Engine;
  /** Connections of FOR UPDATE to PostgreSQL. */
  readonly poolSize: number;
}

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly workload: WorkloadName;
  readonly way: Way;
}

export const variants: readonly Variant[] = [
  { name: 'synkro', engine: 'synkro', poolSize: 0 },
  { name: 'FOR UPDATE, pool of 1', engine: 'for-update', poolSize: 1 },
  { name: 'FOR UPDATE, pool of 16', engine: 'for-update', poolSize: 16 },
  { name: 'FOR UPDATE, pool of 64', engine: 'for-update', poolSize: 64 },
  { name: 'empty', engine: 'empty', poolSize: 0 },
];

export const scenarios: readonly Scenario[] = [
  { name: 'hot-threads', title: `${hot.title}, in process`, workload: 'hot', way: 'threads' },
  { name: 'hot-grpc', title: `${hot.title}, unary gRPC`, workload: 'hot', way: 'grpc' },
  { name: 'baskets-threads', title: `${baskets.title}, in process`, workload: 'baskets', way: 'threads' },
  { name: 'baskets-grpc', title: `${baskets.title}, unary gRPC`, workload: 'baskets', way: 'grpc' },
];
