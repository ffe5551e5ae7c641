// The dead letters of one queue on the broker. Each call has a connection of its own, takes what it looks at, and gives
// back what it does not change, in the order in which it stood: where it is cut off, the broker gives all of that back.
import type { GetMessage } from 'amqplib';
import type { DeadLetter, DeadLetterOutcome, DeadLetterSelection, DeadLetters } from '../dead-letters.ts';
import type { QueueName } from '../queues.ts';
import { systemTimers } from '../timers.ts';
import { deadLetterOf, revived } from './dead-letter-message.ts';
import { type RabbitLimits, rabbitLimits } from './limits.ts';
import { Link } from './link.ts';
import { idOf } from './message.ts';
import { QueueSender } from './queue-sender.ts';
import { checkPrefix, deadQueueName, declareTopology, queueName } from './topology.ts';

/** The broker does not answer, or not as it should; the message is for whoever operates it. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';
}

export interface RabbitDeadLettersOptions {
  readonly url: string;
  readonly prefix?: string;
  readonly queue: QueueName;
  readonly limits?: Partial<RabbitLimits>;
}

export class RabbitDeadLetters implements DeadLetters {
  readonly #options: RabbitDeadLettersOptions;
  readonly #limits: RabbitLimits;
  readonly #prefix: string;

  constructor(options: RabbitDeadLettersOptions) {
    this.#options = options;
    this.#limits = { ...rabbitLimits, ...options.limits };
    this.#prefix = options.prefix ?? '';
    checkPrefix(this.#prefix);
  }

  /** @throws BrokerError, as the others */
  list({
    limit,
    ids,
  }: {
    readonly limit: number;
    readonly ids?: readonly string[];
  }): Promise<readonly DeadLetter[]> {
    const wanted = ids === undefined ? undefined : new Set(ids);
    return this.#using(async (link) => {
      const found: DeadLetter[] = [];
      await this.#each(link, async (message) => {
        if (wanted === undefined || wanted.has(idOf(message))) found.push(deadLetterOf(message));
        return { isOver: found.length >= Math.min(limit, wanted?.size ?? limit), isToGo: false };
      });
      return found;
    });
  }

  replay(which: DeadLetterSelection): Promise<DeadLetterOutcome> {
    const queue = queueName(this.#prefix, this.#options.queue);
    return this.#using((link) => {
      const sender = new QueueSender(link.channel);
      return this.#takeOut(link, which, (message) =>
        sender.send(queue, idOf(message), message.content, revived(message)),
      );
    });
  }

  drop(which: DeadLetterSelection): Promise<DeadLetterOutcome> {
    return this.#using((link) => this.#takeOut(link, which, () => Promise.resolve()));
  }

  async #takeOut(
    link: Link,
    which: DeadLetterSelection,
    before: (message: GetMessage) => Promise<void>,
  ): Promise<DeadLetterOutcome> {
    const missing = new Set(which === 'all' ? [] : which.ids);
    let count = 0;
    await this.#each(link, async (message) => {
      const id = idOf(message);
      const isToGo = which === 'all' || which.ids.includes(id);
      if (isToGo) {
        await before(message);
        count += 1;
        missing.delete(id);
      }
      return { isOver: which !== 'all' && missing.size === 0, isToGo };
    });
    return { count, missing: [...missing] };
  }

  /** Looks at what is there when it begins, one after another, until `look` has enough. */
  async #each(
    { channel }: Link,
    look: (message: GetMessage) => Promise<{ readonly isOver: boolean; readonly isToGo: boolean }>,
  ): Promise<void> {
    const name = deadQueueName(this.#prefix, this.#options.queue);
    const { messageCount } = await channel.checkQueue(name);
    const seenMax = Math.min(messageCount, this.#limits.deadLettersSeenMax);
    const kept: GetMessage[] = [];
    for (let seen = 0; seen < seenMax; seen += 1) {
      const message = await channel.get(name);
      if (message === false) break;
      const { isOver, isToGo } = await look(message);
      if (isToGo) channel.ack(message);
      // Only its number is needed to give it back.
      else kept.push({ ...message, content: nothing });
      if (isOver) break;
    }
    // One by one, the first first: in this order they stand at the head of the queue again.
    for (const message of kept) channel.nack(message, false, true);
  }

  async #using<T>(work: (link: Link) => Promise<T>): Promise<T> {
    let link: Link | undefined;
    try {
      link = await Link.open({
        url: this.#options.url,
        name: 'synkro dead-letters',
        limits: this.#limits,
        timers: systemTimers,
      });
      await declareTopology(link.channel, this.#prefix);
      return await work(link);
    } catch (error) {
      const reason = link?.reason ?? (error instanceof Error ? error.message : String(error));
      throw new BrokerError(`the broker: ${reason}`, { cause: error });
    } finally {
      await link?.close();
    }
  }
}

const nothing = Buffer.alloc(0);
