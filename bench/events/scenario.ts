// What each benchmark of events is, to whoever runs and reports them.
import type { Databases } from '../databases.ts';
import type { Broker } from './broker.ts';
import type { EventOptions } from './options.ts';

/** Figures by the names of the scenario's columns; null where the system does not tell. */
export type Figures = Readonly<Record<string, number | null>>;

/** One run of one variant. */
export interface EventRun {
  readonly figures: Figures;
  /** Of the measurement; null where it is not known. */
  readonly stealShare: number | null;
  /** Empty, or the run does not count. */
  readonly problems: readonly string[];
  readonly timeline?: Timeline;
}

/** What happened over a run, window by window and sample by sample. */
export interface Timeline {
  readonly windowMs: number;
  /** Reservations, by when they were answered. */
  readonly windows: readonly { readonly grantedPerSecond: number; readonly p99Ms: number | null }[];
  readonly samples: readonly TimelineSample[];
  /** From the start of the load, in milliseconds. */
  readonly cutAtMs: number;
  readonly backAtMs: number;
}

export interface TimelineSample {
  readonly atMs: number;
  readonly lagRows: number;
  readonly lagSeconds: number;
  readonly rssMiB: number;
}

export interface Column {
  readonly key: string;
  readonly title: string;
  show(value: number): string;
}

/** What the figures are held to. */
export interface Requirement {
  readonly text: string;
  readonly variant: string;
  readonly figure: string;
  isMet(median: number): boolean;
}

export interface EventScenario {
  readonly name: string;
  readonly title: string;
  readonly variants: readonly string[];
  readonly columns: readonly Column[];
  /** The first column's figure of each variant is also told as a multiple of this one's, round by round. */
  readonly base?: string;
  readonly requirements: readonly Requirement[];
  /** Where the options say nothing else. */
  readonly rounds: number;
  /** Whatever all of its runs have in common. */
  open(context: Context): Promise<Runner>;
}

export interface Context {
  readonly databases: Databases;
  readonly broker: Broker;
  readonly options: EventOptions;
  say(line: string): void;
}

export interface Runner {
  /** @param name begins the ids of its orders */
  run(variant: string, name: string): Promise<EventRun>;
  close(): Promise<void>;
}

/** The figure of the ratios to the base, which no run has by itself. */
export const ratioKey = 'ratio';
