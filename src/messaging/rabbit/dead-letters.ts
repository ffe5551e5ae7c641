// The dead letters of one queue on the broker. Each call has a connection of its own, takes out what is there, and gives
// back what it does not change. All that is there, even to look at the first only: what is given back comes behind what
// was given back before, so anything less would change the order. Where a call is cut off the broker gives all back.
import type { ConsumeMessage } from 'amqplib';
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
  readonly #name: string;

  constructor(options: RabbitDeadLettersOptions) {
    this.#options = options;
    this.#limits = { ...rabbitLimits, ...options.limits };
    this.#prefix = options.prefix ?? '';
    checkPrefix(this.#prefix);
    this.#name = deadQueueName(this.#prefix, options.queue);
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
      const taken = await this.#take(link, (message) => {
        if (found.length < limit && (wanted === undefined || wanted.has(idOf(message))))
          found.push(deadLetterOf(message));
        return false;
      });
      giveBack(link, taken);
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

  /** @param before has to be done before it is gone */
  async #takeOut(
    link: Link,
    which: DeadLetterSelection,
    before: (message: ConsumeMessage) => Promise<void>,
  ): Promise<DeadLetterOutcome> {
    const missing = new Set(which === 'all' ? [] : which.ids);
    const chosen = new Set(missing);
    const target = which === 'all' ? await this.#depth(link) : 0;
    let count = 0;
    do {
      const toGo: ConsumeMessage[] = [];
      const taken = await this.#take(link, (message) => {
        const isToGo = which === 'all' || chosen.has(idOf(message));
        if (isToGo) toGo.push(message);
        return isToGo;
      });
      for (const message of toGo) missing.delete(idOf(message));
      await this.#finish(link, toGo, before);
      giveBack(link, taken);
      count += toGo.length;
      if (toGo.length === 0) break;
    } while (count < target);
    return { count, missing: [...missing] };
  }

  /** In their order, some at a time. */
  async #finish(
    { channel }: Link,
    messages: readonly ConsumeMessage[],
    before: (message: ConsumeMessage) => Promise<void>,
  ): Promise<void> {
    for (let from = 0; from < messages.length; from += this.#limits.deadLettersSentMax) {
      const some = messages.slice(from, from + this.#limits.deadLettersSentMax);
      await Promise.all(some.map(before));
      for (const message of some) channel.ack(message);
    }
  }

  /**
   * Takes out all that is there, at most deadLettersSeenMax.
   * @param isToGo told of each, in their order; those that are not to go are left with what it takes to give them back
   * @returns those
   */
  async #take(link: Link, isToGo: (message: ConsumeMessage) => boolean): Promise<ConsumeMessage[]> {
    const { channel } = link;
    const depth = Math.min(await this.#depth(link), this.#limits.deadLettersSeenMax);
    const kept: ConsumeMessage[] = [];
    if (depth === 0) return kept;
    await channel.prefetch(this.#limits.deadLettersSeenMax);
    let seen = 0;
    const arrivals = new Arrivals(link, this.#limits.deadLettersQuietMs);
    const { consumerTag } = await channel.consume(this.#name, (message) => {
      if (message === null) return;
      seen += 1;
      if (!isToGo(message)) kept.push({ ...message, content: nothing });
      arrivals.came(seen >= depth);
    });
    await arrivals.over;
    // What came with the last of them is among them: nothing comes after the answer to this.
    await channel.cancel(consumerTag);
    return kept;
  }

  async #depth({ channel }: Link): Promise<number> {
    return (await channel.checkQueue(this.#name)).messageCount;
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

/** Until all that were expected have come, or none has for a while: somebody else may be looking at some of them. */
class Arrivals {
  readonly #over = Promise.withResolvers<void>();
  readonly #quietMs: number;
  #cancel: () => void;

  constructor(link: Link, quietMs: number) {
    this.#quietMs = quietMs;
    this.#cancel = systemTimers.after(quietMs, this.#over.resolve);
    void link.gone.then(() => this.came(true));
  }

  get over(): Promise<void> {
    return this.#over.promise;
  }

  came(isAll: boolean): void {
    this.#cancel();
    if (isAll) this.#over.resolve();
    else this.#cancel = systemTimers.after(this.#quietMs, this.#over.resolve);
  }
}

/** One by one, the first first: in this order they stand in the queue again. */
function giveBack({ channel }: Link, messages: readonly ConsumeMessage[]): void {
  for (const message of messages) channel.nack(message, false, true);
}

const nothing = Buffer.alloc(0);
