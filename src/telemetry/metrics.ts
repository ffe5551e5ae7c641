// The metrics of each kind of thread. A thread keeps its own; the main thread adds them up when it is scraped.
import {
  AggregatorRegistry,
  Counter,
  Gauge,
  Histogram,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client';

const latencyBuckets = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const sizeBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192];

export type MetricsJson = MetricObjectWithValues<MetricValue<string>>[];

export class IngressMetrics {
  readonly registry = new Registry();
  readonly #requests = {
    grpc: this.#histogram('grpc', 'gRPC request', 'method and status code'),
    http: this.#histogram('http', 'HTTP request', 'operation and error code'),
  };

  /** @param outstanding asks that wait for a shard thread */
  constructor(outstanding: () => number) {
    gauge(
      this.registry,
      'synkro_ingress_outstanding_asks',
      'Asks that wait for an answer of a shard thread.',
      'sum',
      outstanding,
    );
  }

  request(protocol: 'grpc' | 'http', method: string, code: string, seconds: number): void {
    this.#requests[protocol].observe({ method, code }, seconds);
  }

  #histogram(protocol: string, what: string, by: string): Histogram<'method' | 'code'> {
    return new Histogram({
      name: `synkro_${protocol}_request_duration_seconds`,
      help: `Time from receiving a ${what} to answering it, by ${by}.`,
      labelNames: ['method', 'code'],
      buckets: latencyBuckets,
      registers: [this.registry],
    });
  }
}

export interface ShardGauges {
  readonly inbox: number;
  readonly residents: number;
  readonly parked: number;
  readonly effectsInFlight: number;
  readonly effectsInLine: number;
  readonly snapshotLagEvents: number;
  readonly dueLagMs: number;
}

export class ShardMetrics {
  readonly registry = new Registry();
  readonly #append = this.#histogram(
    'synkro_journal_append_duration_seconds',
    'Time of one append to the journal.',
    latencyBuckets,
  );
  readonly #events = this.#histogram('synkro_journal_append_events', 'Events in one append.', sizeBuckets);
  readonly #replies = this.#histogram(
    'synkro_journal_append_replies',
    'Replies that waited for one append.',
    sizeBuckets,
  );
  readonly #turn = this.#histogram('synkro_turn_work', 'Messages taken into one turn.', sizeBuckets);
  readonly #snapshot = this.#histogram(
    'synkro_snapshot_duration_seconds',
    'Time of writing one snapshot.',
    latencyBuckets,
  );
  readonly #snapshotRows = this.#counter('synkro_snapshot_rows_total', 'Actor states written to the tables.');
  readonly #recoveries = this.#counter('synkro_recoveries_total', 'Times that shards were recovered.');
  readonly #recovery = this.#histogram(
    'synkro_recovery_duration_seconds',
    'Time from losing the shards to serving them.',
    latencyBuckets,
  );

  /** @param service whose shards these are: a label of every measurement */
  constructor(service: string, stats: () => ShardGauges) {
    this.registry.setDefaultLabels({ service });
    gauge(
      this.registry,
      'synkro_mailbox_depth',
      'Messages that wait to be taken into a turn.',
      'sum',
      () => stats().inbox,
    );
    gauge(this.registry, 'synkro_actors_resident', 'Actors in memory.', 'sum', () => stats().residents);
    gauge(
      this.registry,
      'synkro_callers_parked',
      'Callers that wait for something their actor has begun.',
      'sum',
      () => stats().parked,
    );
    gauge(
      this.registry,
      'synkro_effects_in_flight',
      'Effects that are being performed outside.',
      'sum',
      () => stats().effectsInFlight,
    );
    gauge(
      this.registry,
      'synkro_effects_in_line',
      'Effects that wait for a place.',
      'sum',
      () => stats().effectsInLine,
    );
    gauge(
      this.registry,
      'synkro_snapshot_lag_events',
      'Durable events of a thread that no snapshot covers yet.',
      'max',
      () => stats().snapshotLagEvents,
    );
    gauge(
      this.registry,
      'synkro_due_lag_seconds',
      'How long the oldest due time has passed without being acted on.',
      'max',
      () => stats().dueLagMs / 1_000,
    );
  }

  appended(events: number, replies: number, milliseconds: number): void {
    if (events > 0) {
      this.#append.observe(milliseconds / 1_000);
      this.#events.observe(events);
    }
    this.#replies.observe(replies);
  }

  turn(work: number): void {
    this.#turn.observe(work);
  }

  snapshotWritten(rows: number, milliseconds: number): void {
    this.#snapshot.observe(milliseconds / 1_000);
    this.#snapshotRows.inc(rows);
  }

  recovered(milliseconds: number): void {
    this.#recoveries.inc();
    this.#recovery.observe(milliseconds / 1_000);
  }

  #histogram(name: string, help: string, buckets: number[]): Histogram {
    return new Histogram({ name, help, buckets, registers: [this.registry] });
  }

  #counter(name: string, help: string): Counter {
    return new Counter({ name, help, registers: [this.registry] });
  }
}

export class ProcessMetrics {
  readonly registry = new Registry();

  constructor(state: { readonly isOwner: () => boolean; readonly isReady: () => boolean }) {
    gauge(
      this.registry,
      'synkro_owner',
      '1 where this process owns the database, 0 where it stands by.',
      'max',
      () => Number(state.isOwner()),
    );
    gauge(this.registry, 'synkro_ready', '1 where this process serves.', 'max', () =>
      Number(state.isReady()),
    );
    gauge(this.registry, 'process_resident_memory_bytes', 'Resident memory of the process.', 'max', () =>
      process.memoryUsage.rss(),
    );
    new Counter({
      name: 'process_cpu_seconds_total',
      help: 'CPU time of the process, user and system.',
      registers: [this.registry],
      collect() {
        const { user, system } = process.cpuUsage();
        this.reset();
        this.inc((user + system) / 1e6);
      },
    });
  }
}

/** Prometheus' text format of all threads together. */
export async function exposition(
  threads: readonly MetricsJson[],
): Promise<{ readonly contentType: string; readonly text: string }> {
  const registry = AggregatorRegistry.aggregate([...threads]);
  return { contentType: registry.contentType, text: await registry.metrics() };
}

function gauge(
  registry: Registry,
  name: string,
  help: string,
  aggregator: 'sum' | 'max',
  value: () => number,
): void {
  new Gauge({
    name,
    help,
    aggregator,
    registers: [registry],
    collect() {
      this.set(value());
    },
  });
}
