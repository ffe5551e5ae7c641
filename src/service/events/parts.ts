// Plain data: what the thread of events is made of, by the role of its process.
import type { TargetOptions } from '../../notifications/targets.ts';
import type { ActorService } from '../roles.ts';

/** A service of this process whose journal is told. */
export interface EventSource {
  readonly service: ActorService;
  readonly databaseUrl: string;
  readonly shards: number;
  readonly threads: number;
  /** By which this process owns the database. */
  readonly ownerEpoch: number;
}

/** The notification service. */
export type NotificationParts = TargetOptions & {
  readonly databaseUrl: string;
  /** Null: that of this process. */
  readonly logisticsGrpcUrl: string | null;
};

export interface EventsParts {
  readonly host: string;
  readonly logLevel: string;
  readonly sources: readonly Omit<EventSource, 'ownerEpoch'>[];
  /** Null: the consumers of this process are told within it. */
  readonly amqpUrl: string | null;
  readonly journalQuotaMb: number;
  /** Null: this process sends none. */
  readonly notifications: NotificationParts | null;
}
