// What a host (the process that an engine runs in) is told, and what it says. The load's own messages stand in
// load/plan.ts; a host that is asked in process passes them on.
import { isInteger, isObject, isText, objectOf, oneOf, type Shape } from '../../src/actors/shape.ts';
import { isCpuSample } from '../load/plan.ts';
import type { CpuSample } from '../measure/cpu.ts';
import { type Engine, engines, type Job, jobs, type Way, ways } from '../scenarios/scenarios.ts';

/** The environment variable that has a host's options, as JSON. */
export const hostVariable = 'BENCH_HOST';

export interface HostOptions {
  readonly engine: Engine;
  readonly job: Job;
  readonly way: Way;
  readonly databaseUrl: string;
  /** Of Logistics, for orders; '' for reservations. */
  readonly logisticsUrl: string;
  readonly notificationsUrl: string;
  readonly poolSize: number;
  readonly stockPoolSize: number;
}

export const isHostOptions = objectOf<HostOptions>({
  engine: oneOf(engines),
  job: oneOf(jobs),
  way: oneOf(ways),
  databaseUrl: isText,
  logisticsUrl: isText,
  notificationsUrl: isText,
  poolSize: isInteger,
  stockPoolSize: isInteger,
});

/** Serving; `port` is 0 where it is asked in process. */
export interface Ready {
  readonly type: 'ready';
  readonly port: number;
}

export const isReady: Shape<Ready> = (value): value is Ready =>
  isObject(value) && value['type'] === 'ready' && isInteger(value['port']);

/** How much CPU time the whole process has used, all of its threads together, and what memory it has. */
export interface CpuAnswer {
  readonly type: 'cpu';
  readonly sample: CpuSample;
  readonly rssBytes: number;
}

export const isCpuAnswer: Shape<CpuAnswer> = (value): value is CpuAnswer =>
  isObject(value) && value['type'] === 'cpu' && isCpuSample(value['sample']) && isInteger(value['rssBytes']);

export type HostQuestion = { readonly type: 'cpu' } | { readonly type: 'stop' };

export const isHostQuestion: Shape<HostQuestion> = (value): value is HostQuestion =>
  isObject(value) && (value['type'] === 'cpu' || value['type'] === 'stop');

/** The BroadcastChannel between a host's main thread and the thread that asks. */
export const askingChannel = 'bench-asking';
