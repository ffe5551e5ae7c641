// Without a broker: the same consumers, in this process, from the same outbox. What a handler cannot take in is put aside in the
// database, where somebody can look at it and have it handled again.
import { isPublishedEvent, type PublishedEvent, problemOf } from '../events/event.ts';
import type { EventHandler } from '../events/handler.ts';
import { ClosedError } from '../messaging/closed.ts';
import { type Dead, Delivery, type DeliveryCounts } from '../messaging/delivery.ts';
import { type QueueName, queueTakes } from '../messaging/queues.ts';
import type { Client } from '../persistence/connect.ts';
import {
  countDeadLetters,
  dropDeadLetters,
  lettersToReplay,
  putDeadLetter,
  type StoredDeadLetter,
} from '../persistence/dead-letters.ts';
import type { OutboxLog, Sink } from './outbox.ts';

const replayLookMs = 1_000;
const replaysMax = 100;

export interface LocalSinkOptions {
  /** Whose consumer it is: only what its queue would take is given to the handler. */
  readonly queue: QueueName;
  readonly handler: EventHandler;
  /** Of the database whose journal is read. Stays the caller's. */
  readonly client: Client;
  readonly log: OutboxLog;
}

export class LocalSink implements Sink {
  readonly #options: LocalSinkOptions;
  readonly #delivery: Delivery;
  readonly #looking: NodeJS.Timeout;
  #isReplaying = false;

  constructor(options: LocalSinkOptions) {
    this.#options = options;
    this.#delivery = new Delivery({ handler: options.handler });
    this.#looking = setInterval(() => void this.#replay(), replayLookMs);
  }

  get counts(): DeliveryCounts {
    return this.#delivery.counts;
  }

  /** How long something that the handler needs has not answered, in milliseconds; 0 where all do. */
  get stuckForMs(): number {
    return this.#delivery.stuckForMs;
  }

  /** How many dead letters of this consumer lie in that database; null where it does not say. */
  deadLetters(): Promise<number | null> {
    return countDeadLetters(this.#options.client, this.#options.queue).catch(() => null);
  }

  take(event: PublishedEvent): Promise<void> | null {
    if (!queueTakes(this.#options.queue, event.type)) return null;
    return this.#deliver(event).then(() => undefined);
  }

  /** Handlers under way may still finish, for a bounded time. */
  async close(): Promise<void> {
    clearInterval(this.#looking);
    await this.#delivery.close();
  }

  #deliver(event: PublishedEvent): Promise<'done' | Dead> {
    const { client, log, queue } = this.#options;
    return this.#delivery.take(event, {
      holder: this,
      async putAside({ dead: reason, attempts }) {
        const letter = { messageId: event.id, message: JSON.stringify(event), reason, attempts };
        await putDeadLetter(client, queue, letter).catch((error: unknown) => {
          log.error(
            { err: error, queue, id: event.id, reason },
            'an event cannot be put among the dead letters',
          );
          throw error;
        });
        log.error(
          { queue, id: event.id, reason },
          'an event cannot be handled, and lies among the dead letters',
        );
      },
    });
  }

  /** What somebody asked for: each that is handled goes, each that fails again says why and stays. */
  async #replay(): Promise<void> {
    if (this.#isReplaying) return;
    this.#isReplaying = true;
    const { client, log, queue } = this.#options;
    try {
      for (const letter of await lettersToReplay(client, queue, replaysMax)) await this.#handleAgain(letter);
    } catch (error) {
      if (!(error instanceof ClosedError))
        log.warn({ err: error, queue }, 'dead letters could not be handled again; it is tried again');
    } finally {
      this.#isReplaying = false;
    }
  }

  async #handleAgain({ messageId, message }: Pick<StoredDeadLetter, 'messageId' | 'message'>): Promise<void> {
    const { client, queue } = this.#options;
    const event: unknown = JSON.parse(message);
    if (!isPublishedEvent(event)) {
      // Of another version, say. It stays, and is in nobody's way.
      const reason = `it is no event of this release: ${problemOf(event)}`;
      await putDeadLetter(client, queue, { messageId, message, reason, attempts: 0 });
    } else if ((await this.#deliver(event)) === 'done') await dropDeadLetters(client, queue, [messageId]);
  }
}
