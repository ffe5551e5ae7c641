// What a shard thread is given, and what it tells of itself.
import type { Behaviours } from '../actors/behaviour.ts';
import type { Clock } from './clock.ts';
import type { EffectPerformer } from './effects.ts';
import type { RuntimeLimits } from './limits.ts';
import type { Observer } from './observer.ts';
import type { Store } from './store.ts';
import type { Transport } from './transport.ts';

export interface ShardThreadOptions {
  /** The shards of this thread, of `shardCount` in all. */
  readonly shards: readonly number[];
  readonly shardCount: number;
  readonly ownerEpoch: number;
  readonly behaviours: Behaviours;
  readonly store: Store;
  readonly performer: EffectPerformer;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly limits: RuntimeLimits;
  readonly observer: Observer;
  newId(): string;
  /** Another process owns the database: this thread has stopped. */
  onDisplaced(): void;
  /** Something is broken that recovery does not mend: this thread has stopped and is to be replaced, loudly. */
  onFatal(error: unknown): void;
}

export type ShardThreadState = 'recovering' | 'serving' | 'stopping' | 'stopped';

export interface ShardThreadStats {
  readonly state: ShardThreadState;
  readonly inbox: number;
  readonly residents: number;
  readonly parked: number;
  readonly effectsInFlight: number;
  /** Of the kind of which most wait for a place. */
  readonly effectsInLine: number;
  readonly snapshotLagRows: number;
  readonly snapshotLagEvents: number;
  /** Due times that have passed without having been acted on, in milliseconds; 0 where there is none. */
  readonly dueLagMs: number;
}
