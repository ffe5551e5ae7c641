// The product's own path: an outbox that maps the rows of a journal to events, and the publisher that has each confirmed. The
// parts, their bounds and how they are joined are those of the thread of events (src/service/events).
import { envelopesOf, formatSource } from '../../../src/events/mapping/envelopes.ts';
import { openPublisher } from '../../../src/messaging/rabbit/publisher.ts';
import { Outbox } from '../../../src/outbox/outbox.ts';
import { openClient } from '../../../src/persistence/connect.ts';
import { openOutboxStore, openReaders, readIdentity } from '../../../src/persistence/outbox.ts';
import type { JournalRow } from '../../../src/runtime/store.ts';
import { createLogger } from '../../../src/telemetry/log.ts';
import { eventLimits as limits } from '../limits.ts';
import { copiesOf } from './copies.ts';
import { Meter } from './meter.ts';
import type { PublishPlan, PublishResult } from './plan.ts';

const reader = 'amqp';
/** Rows that are given at once: an append's of all shards. */
const rowsFedAtOnce = 16;

export async function publishByProduct(plan: PublishPlan, onMeasuring: () => void): Promise<PublishResult> {
  const { amqpUrl, databaseUrl, events, prefix } = plan;
  const log = createLogger('warn', 'bench');
  const source = formatSource('inventory', await beginAnew(databaseUrl));
  const meter = new Meter(events, onMeasuring);
  const publisher = openPublisher({ url: amqpUrl, prefix, log, inFlightMax: limits.inFlightMax });
  const broken = Promise.withResolvers<never>();
  const feed = plan.source === 'fed' ? new Feed(plan) : null;
  const outbox = await Outbox.open({
    eventsOf: (row) => envelopesOf('inventory', source, row),
    store: openOutboxStore({ url: databaseUrl, log }, reader),
    sink: {
      take(event) {
        const taken = publisher.publish(event);
        taken.then(
          () => {
            meter.confirmed();
            feed?.goOn(outbox, meter.confirmedCount);
          },
          () => {},
        );
        return taken;
      },
    },
    log,
    onBroken: broken.reject,
  });
  feed?.goOn(outbox, 0);
  const metered = await Promise.race([meter.done, broken.promise]);
  await publisher.close();
  await outbox.close();
  const { confirmed, nacked, returned } = publisher.counts;
  return { ...metered, confirmed, refused: nacked + returned };
}

/** The reader stands at the beginning of the journal. @returns the database's id */
async function beginAnew(url: string): Promise<string> {
  const client = openClient('work', { url, log: { warn: () => {} } });
  try {
    const [owner] = await client.run(
      'read the owner',
      (sql) => sql<{ readonly epoch: number }[]>`select epoch from owner`,
    );
    for (const readers of [[], [reader]]) await openReaders(client, owner?.epoch ?? 0, readers);
    return await readIdentity(client);
  } finally {
    await client.close();
  }
}

/** As shard threads do: rows as they become durable, so many that the outbox never runs out and never overflows. */
class Feed {
  readonly #parts: Iterator<readonly JournalRow[]>;
  readonly #eventsOfRow: number;
  #fed = 0;

  constructor({ copies, events, rows }: PublishPlan) {
    this.#parts = partsOf(copiesOf(rows, copies));
    this.#eventsOfRow = events / (rows.length * copies);
  }

  goOn(outbox: Outbox, confirmed: number): void {
    while (this.#fed * this.#eventsOfRow - confirmed < limits.fedMax) {
      const next = this.#parts.next();
      if (next.done === true) return;
      this.#fed += next.value.length;
      outbox.fed(next.value);
    }
  }
}

function* partsOf(copies: Iterable<readonly JournalRow[]>): Generator<readonly JournalRow[]> {
  for (const rows of copies)
    for (let from = 0; from < rows.length; from += rowsFedAtOnce)
      yield rows.slice(from, from + rowsFedAtOnce);
}
