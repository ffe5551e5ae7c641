// The journal of one service, told to everybody who is to hear of it: an outbox for each reader, and a watch over how far they
// lag behind and what that costs.

import type { PublishedEvent } from '../../events/event.ts';
import { envelopesOf, formatSource, type Service } from '../../events/mapping/envelopes.ts';
import type { Sink } from '../../outbox/outbox.ts';
import { Outbox, type OutboxStats } from '../../outbox/outbox.ts';
import { type Client, openClient } from '../../persistence/connect.ts';
import {
  type OutboxState,
  openOutboxStore,
  openReaders,
  readIdentity,
  readOutbox,
} from '../../persistence/outbox.ts';
import { type JournalRow, StoreError } from '../../runtime/store.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { EventSource } from './parts.ts';
import { untilItWorks } from './until-it-works.ts';

const lookIntervalMs = 5_000;
/** A look that is younger is good enough for who measures. */
const freshMs = 1_000;
const bytesPerMb = 1_048_576;
/** A reader that is behind by less is not what fills the disk. */
const lagSecondsMin = 60;

/** Who reads the journal, and where that leads. */
export interface Reader {
  readonly name: string;
  makeSink(client: Client): Sink & { close?(): Promise<void> };
}

export interface SourceStats {
  readonly service: string;
  readonly isOverQuota: boolean;
  /** As of the last look; null before the first. */
  readonly state: OutboxState | null;
  readonly readers: readonly (OutboxStats & { readonly reader: string; readonly isBroken: boolean })[];
}

interface OpenReader {
  readonly name: string;
  readonly sink: Sink & { close?(): Promise<void> };
  readonly outbox: Outbox;
}

export class SourceEvents {
  readonly #source: EventSource;
  readonly #quotaBytes: number;
  readonly #log: Logger;
  readonly #client: Client;
  readonly #closing = new AbortController();
  readonly #broken = new Set<string>();
  #readers: readonly OpenReader[] = [];
  #state: OutboxState | null = null;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #isOverQuota = false;
  #looking: NodeJS.Timeout | undefined;

  readonly #wanted: readonly Reader[];
  /** What a row says, as long as somebody has the row: each reader is fed the same ones. */
  readonly #mapped = new WeakMap<JournalRow, readonly PublishedEvent[]>();

  constructor(source: EventSource, readers: readonly Reader[], journalQuotaMb: number, log: Logger) {
    this.#wanted = readers;
    this.#source = source;
    this.#quotaBytes = journalQuotaMb * bytesPerMb;
    this.#log = log.child({ service: source.service });
    this.#client = openClient('work', { url: source.databaseUrl, log: this.#log });
  }

  /** Resolves when all are open; the database is waited for as long as it takes. */
  async open(): Promise<void> {
    const readers = this.#wanted;
    const again = <T>(what: string, work: () => Promise<T>) =>
      untilItWorks(what, work, this.#log, this.#closing.signal);
    const identity = await again('open the outbox', async () => {
      const names = readers.map(({ name }) => name);
      const { ownerEpoch } = this.#source;
      if (!(await openReaders(this.#client, ownerEpoch, names)))
        throw new StoreError('rejected', 'another process owns the database');
      return readIdentity(this.#client);
    });
    const source = formatSource(this.#source.service, identity);
    this.#readers = await Promise.all(
      readers.map(async (reader) => {
        const sink = reader.makeSink(this.#client);
        const outbox = await again(`read for ${reader.name}`, () =>
          this.#openOutbox(source, reader.name, sink),
        );
        return { name: reader.name, sink, outbox };
      }),
    );
    this.#looking = setInterval(() => void this.#look(), lookIntervalMs);
    await this.#look();
  }

  /** Whether anybody wants its rows. */
  get isRead(): boolean {
    return this.#wanted.length > 0;
  }

  /** As it stands now, as far as the database tells. */
  async measure(): Promise<SourceStats> {
    if (performance.now() - this.#lookedAt > freshMs) await this.#look();
    return this.stats;
  }

  get stats(): SourceStats {
    return {
      service: this.#source.service,
      isOverQuota: this.#isOverQuota,
      state: this.#state,
      readers: this.#readers.map(({ name, outbox }) => ({
        ...outbox.stats,
        reader: name,
        isBroken: this.#broken.has(name),
      })),
    };
  }

  fed(rows: readonly JournalRow[]): void {
    for (const { outbox } of this.#readers) outbox.fed(rows);
  }

  durable(shard: number, seq: number): void {
    for (const { outbox } of this.#readers) outbox.durable(shard, seq);
  }

  /** What is on its way may still arrive; then the positions are written. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#looking);
    await Promise.all(this.#readers.map(({ sink }) => sink.close?.()));
    await Promise.all(this.#readers.map(({ outbox }) => outbox.close()));
    await this.#client.close();
  }

  async #openOutbox(source: string, reader: string, sink: Sink): Promise<Outbox> {
    const { service, databaseUrl: url } = this.#source;
    const store = openOutboxStore({ url, log: this.#log }, reader);
    const options = {
      eventsOf: (row: JournalRow) => this.#eventsOf(service, source, row),
      store,
      sink,
      log: this.#log,
      // The shop goes on without: what is not told waits in the journal, and the lag says so.
      onBroken: (error: unknown) => {
        this.#broken.add(reader);
        this.#log.fatal({ err: error, reader }, 'an event cannot be told: this reader stands still');
      },
    };
    try {
      return await Outbox.open(options);
    } catch (error) {
      // The next try has a connection of its own.
      await store.close();
      throw error;
    }
  }

  #eventsOf(service: Service, source: string, row: JournalRow): readonly PublishedEvent[] {
    const known = this.#mapped.get(row);
    if (known !== undefined) return known;
    const events = envelopesOf(service, source, row);
    if (this.#wanted.length > 1) this.#mapped.set(row, events);
    return events;
  }

  async #look(): Promise<void> {
    this.#lookedAt = performance.now();
    try {
      this.#state = await readOutbox(this.#client);
    } catch (error) {
      if (!this.#closing.signal.aborted)
        this.#log.warn({ err: error }, 'how far events lag could not be looked at');
      return;
    }
    const { readers, journalBytes } = this.#state;
    const lagging = readers.filter(({ seconds }) => seconds >= lagSecondsMin);
    const isOver = journalBytes > this.#quotaBytes && lagging.length > 0;
    if (isOver && !this.#isOverQuota)
      this.#log.error(
        { journalBytes, quotaBytes: this.#quotaBytes, lagging },
        'the journal is beyond its quota since it waits for a reader of events (docs/EVENTS.md)',
      );
    if (!isOver && this.#isOverQuota)
      this.#log.info({ journalBytes }, 'the journal is within its quota again');
    this.#isOverQuota = isOver;
  }
}
