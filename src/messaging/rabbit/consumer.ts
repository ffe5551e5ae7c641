// Takes in the events of a queue, each until it is handled or lies among the dead letters: only then it is acknowledged.
// What was not comes again over the next connection, from the first on.
import type { ConsumeMessage } from 'amqplib';
import { isPublishedEvent, type PublishedEvent, problemOf } from '../../events/event.ts';
import type { EventHandler } from '../../events/handler.ts';
import { ClosedError } from '../closed.ts';
import { type Dead, Delivery, type DeliveryCounts, type DeliveryLimits } from '../delivery.ts';
import type { MessagingLog } from '../log.ts';
import type { QueueName } from '../queues.ts';
import type { Timers } from '../timers.ts';
import { Connection, type ConnectionState } from './connection.ts';
import { buried } from './dead-letter-message.ts';
import type { RabbitLimits } from './limits.ts';
import type { Link } from './link.ts';
import { idOf } from './message.ts';
import { QueueSender } from './queue-sender.ts';
import { checkPrefix, deadQueueName, declareTopology, queueName } from './topology.ts';

export interface ConsumerOptions {
  readonly url: string;
  readonly prefix?: string;
  readonly queue: QueueName;
  readonly handler: EventHandler;
  /** Messages that were taken and are not over. */
  readonly prefetch: number;
  readonly log: MessagingLog;
  readonly limits?: Partial<RabbitLimits>;
  readonly deliveryLimits?: Partial<DeliveryLimits>;
  readonly timers?: Timers;
}

/** Since the start. */
export interface ConsumerCounts extends DeliveryCounts {
  /** Among the dead: what is no event. */
  readonly malformed: number;
  readonly reconnects: number;
}

export interface Consumer {
  readonly state: ConnectionState;
  readonly counts: ConsumerCounts;
  /** How long something that a handler needs has not answered, in milliseconds; 0 where all do. */
  readonly stuckForMs: number;
  /** How many dead letters lie in the queue's own; null where the broker does not say. */
  deadLetters(): Promise<number | null>;
  /** Handlers under way may still finish, for a bounded time. */
  close(): Promise<void>;
}

/** Returns at once; connects, and connects again, by itself. */
export function openConsumer(options: ConsumerOptions): Consumer {
  checkPrefix(options.prefix ?? '');
  return new RabbitConsumer(options);
}

/** A broker that answers nothing for so long is gone. */
const deadLettersMsMax = 10_000;

class RabbitConsumer implements Consumer {
  readonly #options: ConsumerOptions;
  readonly #prefix: string;
  readonly #delivery: Delivery;
  readonly #connection: Connection;
  readonly #inHand = new Set<Promise<void>>();
  #malformed = 0;
  #link: Link | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.#prefix = options.prefix ?? '';
    this.#delivery = new Delivery({
      handler: options.handler,
      ...(options.deliveryLimits === undefined ? {} : { limits: options.deliveryLimits }),
      ...(options.timers === undefined ? {} : { timers: options.timers }),
    });
    this.#connection = new Connection(
      { ...options, name: `synkro ${options.queue}` },
      {
        begin: (link) => this.#begin(link),
        end: (link) => {
          this.#link = undefined;
          this.#delivery.abandon(link);
        },
        stateChanged: () => undefined,
      },
    );
    this.#connection.open();
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  get counts(): ConsumerCounts {
    const { handled, retried, dead } = this.#delivery.counts;
    return {
      handled,
      retried,
      dead: dead + this.#malformed,
      malformed: this.#malformed,
      reconnects: this.#connection.reconnects,
    };
  }

  get stuckForMs(): number {
    return this.#delivery.stuckForMs;
  }

  async deadLetters(): Promise<number | null> {
    const link = this.#link;
    if (link === undefined || link.isGone) return null;
    const queue = deadQueueName(this.#prefix, this.#options.queue);
    const gone = setTimeout(() => link.drop(`no word of ${queue}`), deadLettersMsMax);
    try {
      return (await link.channel.checkQueue(queue)).messageCount;
    } catch {
      return null;
    } finally {
      clearTimeout(gone);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // Not cancelled first: the broker would make the next consumer the active one while handlers are under way here, and
    // give it what comes after. With the channel's end everything goes back to its place, and then the next one begins.
    await this.#delivery.close();
    await Promise.all(this.#inHand);
    await this.#connection.close();
  }

  async #begin(link: Link): Promise<void> {
    const { queue, prefetch } = this.#options;
    const { channel } = link;
    await declareTopology(channel, this.#prefix);
    await channel.prefetch(prefetch);
    const sender = new QueueSender(channel);
    await channel.consume(queueName(this.#prefix, queue), (message) => {
      if (message === null) link.drop('the broker has cancelled the consumer: is the queue gone?');
      else this.#take(link, sender, message);
    });
    this.#link = link;
  }

  #take(link: Link, sender: QueueSender, message: ConsumeMessage): void {
    const task = this.#process(link, sender, message).finally(() => this.#inHand.delete(task));
    this.#inHand.add(task);
  }

  /** Never rejects. */
  async #process(link: Link, sender: QueueSender, message: ConsumeMessage): Promise<void> {
    try {
      const event = parse(message.content);
      const putAside = (dead: Dead): Promise<void> => this.#putAside(sender, message, dead);
      if ('problem' in event) {
        await putAside({ dead: event.problem, attempts: 0 });
        this.#malformed += 1;
      } else await this.#delivery.take(event.event, { holder: link, putAside });
      // The number that it is acknowledged by means something to the channel that it came over, and to no other.
      if (!link.isGone) link.channel.ack(message);
    } catch (error) {
      // It comes again; where not over this connection, then over the next.
      if (!(error instanceof ClosedError)) link.drop(error instanceof Error ? error.message : String(error));
    }
  }

  async #putAside(sender: QueueSender, message: ConsumeMessage, dead: Dead): Promise<void> {
    const { queue, log } = this.#options;
    const fields = { queue, id: idOf(message), reason: dead.dead, attempts: dead.attempts };
    try {
      const target = deadQueueName(this.#prefix, queue);
      await sender.send(target, idOf(message), message.content, buried(message, dead, new Date()));
      log.error(fields, 'an event cannot be handled, and lies among the dead letters');
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      log.error({ ...fields, problem }, 'an event cannot be handled, nor be put among the dead letters');
      throw error;
    }
  }
}

function parse(content: Buffer): { readonly event: PublishedEvent } | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(content.toString('utf8'));
  } catch {
    return { problem: 'it is not JSON' };
  }
  return isPublishedEvent(value) ? { event: value } : { problem: problemOf(value) };
}
