// What is measured: two jobs with two workloads, each asked in two ways, of three engines.
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

/** 'reserve': one basket is reserved. 'order': it is ordered, paid for, allocated and confirmed. */
export const jobs = ['reserve', 'order'] as const;
export type Job = (typeof jobs)[number];

/** 'threads': through a Router straight to the engine's threads. 'grpc': a unary call, and 'rest': a POST over a socket. */
export const ways = ['threads', 'grpc', 'rest'] as const;
export type Way = (typeof ways)[number];

/** 'empty' answers at once and keeps nothing: the ceiling of everything around the engine, the load included. */
export const engines = ['synkro', 'for-update', 'empty'] as const;
export type Engine = (typeof engines)[number];

export interface Variant {
  readonly name: string;
  readonly engine: Engine;
  /** Connections of FOR UPDATE to PostgreSQL: of reservations one statement each, of orders three. */
  readonly poolSize: number;
  /** Further ones, on which alone stock is taken; 0: all statements go over the pool. Of orders only. */
  readonly stockPoolSize: number;
}

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly job: Job;
  readonly workload: WorkloadName;
  readonly way: Way;
}

const inPools: readonly Variant[] = [1, 16, 64].map((poolSize) => ({
  name: `FOR UPDATE, pool of ${poolSize}`,
  engine: 'for-update',
  poolSize,
  stockPoolSize: 0,
}));

/**
 * An order is three transactions, of which only the one that takes stock waits for row locks: on a connection of its own it
 * waits for nobody, while the others share flushes.
 */
const apart: Variant = { name: 'FOR UPDATE, 4 and 1', engine: 'for-update', poolSize: 4, stockPoolSize: 1 };
const synkro: Variant = { name: 'synkro', engine: 'synkro', poolSize: 0, stockPoolSize: 0 };
const empty: Variant = { name: 'empty', engine: 'empty', poolSize: 0, stockPoolSize: 0 };

const variants: Readonly<Record<Job, readonly Variant[]>> = {
  reserve: [synkro, ...inPools, empty],
  order: [synkro, ...inPools, apart, empty],
};

export function variantsOf({ job }: Pick<Scenario, 'job'>): readonly Variant[] {
  return variants[job];
}

export const scenarios: readonly Scenario[] = [
  ...of('reserve', 'threads', '', 'in process'),
  ...of('reserve', 'grpc', '', 'unary gRPC'),
  ...of('order', 'grpc', 'orders-', 'orders over gRPC'),
  ...of('order', 'rest', 'orders-', 'orders over REST'),
];

/** Reservations over gRPC. */
export function reservationsOf(workload: WorkloadName): Scenario {
  const found = scenarios.find((each) => each.name === `${workload}-grpc`);
  if (found === undefined) throw new RangeError(`there is no scenario of ${workload}`);
  return found;
}

function of(job: Job, way: Way, prefix: string, how: string): readonly Scenario[] {
  return [
    { name: `${prefix}hot-${way}`, title: `${hot.title}, ${how}`, job, workload: 'hot', way },
    { name: `${prefix}baskets-${way}`, title: `${baskets.title}, ${how}`, job, workload: 'baskets', way },
  ];
}
