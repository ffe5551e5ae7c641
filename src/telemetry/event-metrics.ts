// The metrics of the thread of events.
import { Counter, Gauge, Registry } from 'prom-client';

/** One measurement, with its labels. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const gauges = {
  synkro_outbox_lag_rows: 'Rows of the journal that a reader of events has not taken.',
  synkro_outbox_lag_seconds: 'Age of the oldest row of the journal that a reader of events has not taken.',
  synkro_outbox_in_flight: 'Events that are on their way.',
  synkro_outbox_broken: '1 where a reader stands still since an event cannot be told.',
  synkro_outbox_over_quota: '1 where the journal is beyond its quota since it waits for a reader of events.',
  synkro_journal_bytes: 'What the journal takes up on disk.',
  synkro_broker_connected: '1 where the broker takes events, 0 where it is away or blocks.',
  synkro_consumer_stuck_seconds: 'How long something that a consumer needs has not answered.',
  synkro_dead_letters: 'Events that could not be handled and wait for somebody to look at them.',
  synkro_notifications_waiting: 'Notifications that are not sent yet.',
  synkro_notifications_oldest_seconds: 'Age of the oldest notification that is not sent yet.',
} as const;

const counters = {
  synkro_events_told_total:
    'Events that were taken for good: by the broker, or by a consumer of this process.',
  synkro_events_refused_total: 'Events that the broker refused or gave back; they were sent again.',
  synkro_broker_reconnects_total: 'Times that the connection for publishing was made again.',
  synkro_events_handled_total: 'Events that a consumer has handled.',
  synkro_events_retried_total: 'Times that a consumer tried an event again.',
  synkro_events_dead_total: 'Events that a consumer could not handle, and put among the dead letters.',
  synkro_notifications_total: 'Notifications by what became of them.',
} as const;

export type EventMeasures = Readonly<
  Partial<Record<keyof typeof gauges | keyof typeof counters, readonly Sample[]>>
>;

export class EventMetrics {
  readonly registry = new Registry();
  readonly #metrics = new Map<string, Gauge | Counter>();

  constructor() {
    const registers = [this.registry];
    for (const [name, help] of Object.entries(gauges))
      this.#metrics.set(name, new Gauge({ name, help, labelNames, aggregator: 'max', registers }));
    for (const [name, help] of Object.entries(counters))
      this.#metrics.set(name, new Counter({ name, help, labelNames, registers }));
  }

  /** Everything as it stands now: what is not measured is gone, and counts are told as their sums since the start. */
  take(measures: EventMeasures): void {
    for (const [name, metric] of this.#metrics) {
      metric.reset();
      for (const { labels, value } of samplesOf(measures, name)) metric.inc(labels, value);
    }
  }
}

const labelNames = ['service', 'reader', 'queue', 'channel', 'outcome'];

function samplesOf(measures: Readonly<Record<string, readonly Sample[]>>, name: string): readonly Sample[] {
  return measures[name] ?? [];
}
