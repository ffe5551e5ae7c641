// What the thread of events measures, as the metrics name it.
import type { EventMeasures, Sample } from '../../telemetry/event-metrics.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Events } from './events.ts';

export async function measured(events: Events, log: Logger): Promise<EventMeasures> {
  return {
    ...(await outboxes(events)),
    ...broker(events),
    ...(await consumers(events)),
    ...(await notifications(events, log)),
  };
}

async function outboxes({ sources }: Events): Promise<EventMeasures> {
  const stats = await Promise.all([...sources.values()].map((source) => source.measure()));
  const ofReaders = (value: (reader: (typeof stats)[number]['readers'][number]) => number) =>
    stats.flatMap(({ service, readers }) =>
      readers.map((each) => sample(value(each), { service, reader: each.reader })),
    );
  const ofState = (value: (reader: { readonly rows: number; readonly seconds: number }) => number) =>
    stats.flatMap(({ service, state }) =>
      (state?.readers ?? []).map((each) => sample(value(each), { service, reader: each.reader })),
    );
  return {
    synkro_outbox_lag_rows: ofState(({ rows }) => rows),
    synkro_outbox_lag_seconds: ofState(({ seconds }) => seconds),
    synkro_outbox_in_flight: ofReaders(({ inFlight }) => inFlight),
    synkro_outbox_broken: ofReaders(({ isBroken }) => Number(isBroken)),
    synkro_events_told_total: ofReaders(({ told }) => told),
    synkro_outbox_over_quota: stats.map(({ service, isOverQuota }) =>
      sample(Number(isOverQuota), { service }),
    ),
    synkro_journal_bytes: stats.flatMap(({ service, state }) =>
      state === null ? [] : [sample(state.journalBytes, { service })],
    ),
  };
}

function broker({ publisher }: Events): EventMeasures {
  if (publisher === null) return {};
  const { counts, state } = publisher;
  return {
    synkro_broker_connected: [sample(Number(state === 'connected'))],
    synkro_events_refused_total: [sample(counts.nacked + counts.returned)],
    synkro_broker_reconnects_total: [sample(counts.reconnects)],
  };
}

async function consumers({ consumers: remote, locals }: Events): Promise<EventMeasures> {
  // A queue that is told of two journals in this process has two sinks.
  const all = [...[...remote].map(([queue, consumer]) => ({ queue, sink: consumer })), ...locals];
  const byQueue = [...Map.groupBy(all, ({ queue }) => queue)];
  const sumOf = (value: (sink: (typeof all)[number]['sink']) => number) =>
    byQueue.map(([queue, its]) =>
      sample(
        its.reduce((sum, { sink }) => sum + value(sink), 0),
        { queue },
      ),
    );
  const letters = await Promise.all(
    byQueue.map(async ([queue, its]) => {
      const counts = await Promise.all(its.map(({ sink }) => sink.deadLetters()));
      const known = counts.filter((count) => count !== null);
      return known.length < counts.length
        ? []
        : [
            sample(
              known.reduce((sum, count) => sum + count, 0),
              { queue },
            ),
          ];
    }),
  );
  return {
    synkro_dead_letters: letters.flat(),
    synkro_events_handled_total: sumOf(({ counts }) => counts.handled),
    synkro_events_retried_total: sumOf(({ counts }) => counts.retried),
    synkro_events_dead_total: sumOf(({ counts }) => counts.dead),
    synkro_consumer_stuck_seconds: byQueue.map(([queue, its]) =>
      sample(Math.max(...its.map(({ sink }) => sink.stuckForMs)) / 1_000, { queue }),
    ),
  };
}

async function notifications({ notifications: service }: Events, log: Logger): Promise<EventMeasures> {
  if (service === null) return {};
  try {
    const stats = Object.entries(await service.stats());
    return {
      synkro_notifications_waiting: stats.map(([channel, { waiting }]) => sample(waiting, { channel })),
      synkro_notifications_oldest_seconds: stats.map(([channel, { oldestWaitingMs }]) =>
        sample(oldestWaitingMs / 1_000, { channel }),
      ),
      synkro_notifications_total: stats.flatMap(([channel, { sent, failed, skipped }]) =>
        Object.entries({ sent, failed, skipped }).map(([outcome, count]) =>
          sample(count, { channel, outcome }),
        ),
      ),
    };
  } catch (error) {
    log.warn({ err: error }, 'the notifications could not be counted');
    return {};
  }
}

function sample(value: number, labels: Sample['labels'] = {}): Sample {
  return { labels, value };
}
