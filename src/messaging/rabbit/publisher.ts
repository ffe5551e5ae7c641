// Publishes events to the broker, each until the broker has confirmed that a queue has it.
//
// 1. An event is resolved only by a confirm of the channel that it was sent over, and not where it came back first.
// 2. Of one subject at most one message is under way: neither a refusal nor a lost connection reorders it.
// 3. What was under way when a connection was lost is sent again over the next, before what follows it in its subject.
// 4. What is written and not confirmed is bounded (inFlightMax), as is what the socket has not taken; the rest waits in
//    its lane, and whoever publishes bounds how much that is.
import { type ConfirmChannel, IllegalOperationError, type Message } from 'amqplib';
import { type PublishedEvent, routingKeyOf } from '../../events/event.ts';
import { ClosedError } from '../closed.ts';
import type { MessagingLog } from '../log.ts';
import { backOffMs, systemTimers, type Timers } from '../timers.ts';
import { ConfirmWatch } from './confirm-watch.ts';
import { Connection, type ConnectionState } from './connection.ts';
import { InFlight } from './in-flight.ts';
import { type Lane, Lanes } from './lanes.ts';
import { type RabbitLimits, rabbitLimits } from './limits.ts';
import type { Link } from './link.ts';
import { contentOf, propertiesOf } from './message.ts';
import { checkPrefix, declareTopology, exchangeName } from './topology.ts';

export interface PublisherOptions {
  readonly url: string;
  /** Of the names of the exchange and the queues. */
  readonly prefix?: string;
  readonly log: MessagingLog;
  /** Messages that were sent and are not confirmed yet. */
  readonly inFlightMax: number;
  readonly onState?: (state: ConnectionState) => void;
  readonly limits?: Partial<RabbitLimits>;
  readonly timers?: Timers;
}

/** Since the start. */
export interface PublisherCounts {
  /** Written to a channel, repeats included. */
  readonly published: number;
  readonly confirmed: number;
  /** Given back by the broker, since no queue took them. */
  readonly returned: number;
  /** Refused by the broker. */
  readonly nacked: number;
  readonly reconnects: number;
}

export interface Publisher {
  readonly state: ConnectionState;
  readonly counts: PublisherCounts;
  /** Sent and not confirmed. */
  readonly inFlight: number;
  /**
   * Resolves when the broker has it in at least one queue, for which it waits as long as it takes.
   * @throws ClosedError where that is not known when the publisher is closed; what the encoder throws where whoever made
   * the event did not keep to its form: it can never be published, and the others of its subject go on
   */
  publish(event: PublishedEvent): Promise<void>;
  /** What is under way may still be confirmed, for a bounded time. */
  close(): Promise<void>;
}

/** Returns at once; connects, and connects again, by itself. */
export function openPublisher(options: PublisherOptions): Publisher {
  checkPrefix(options.prefix ?? '');
  return new RabbitPublisher(options);
}

class RabbitPublisher implements Publisher {
  readonly #options: PublisherOptions;
  readonly #limits: RabbitLimits;
  readonly #timers: Timers;
  readonly #exchange: string;
  readonly #connection: Connection;
  readonly #watch: ConfirmWatch;
  /** Each lane is ready, in flight, or waiting for its resend. */
  readonly #lanes = new Lanes();
  readonly #inFlight = new InFlight();
  readonly #counts = { published: 0, confirmed: 0, returned: 0, nacked: 0 };
  #link: Link | undefined;
  #isFull = false;
  #isDeclaring = false;
  #warnedAt = Number.NEGATIVE_INFINITY;
  #closing: Promise<void> | undefined;
  #settled: (() => void) | undefined;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#limits = { ...rabbitLimits, ...options.limits };
    this.#timers = options.timers ?? systemTimers;
    this.#watch = new ConfirmWatch(this.#timers, this.#limits);
    this.#exchange = exchangeName(options.prefix ?? '');
    this.#connection = new Connection(
      { ...options, name: 'synkro publisher' },
      {
        begin: (link) => this.#begin(link),
        end: () => this.#end(),
        stateChanged: (state) => this.#stateChanged(state),
      },
    );
    this.#connection.open();
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  get counts(): PublisherCounts {
    return { ...this.#counts, reconnects: this.#connection.reconnects };
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  publish(event: PublishedEvent): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closing !== undefined) throw new ClosedError('the publisher');
      if (this.#lanes.enter({ event, resolve, reject })) this.#send();
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Writes as much as may be written. */
  #send(): void {
    while (this.#link !== undefined && this.#maySend()) {
      const lane = this.#lanes.next();
      const first = lane?.messages.peek();
      if (lane === undefined || first === undefined) return;
      try {
        this.#isFull = !this.#write(this.#link.channel, first.event);
        this.#counts.published += 1;
        lane.sentAt = this.#timers.monotonic();
        this.#inFlight.add(lane);
      } catch (error) {
        this.#notWritten(lane, this.#link, error);
      }
    }
  }

  #notWritten(lane: Lane, link: Link, error: unknown): void {
    if (!(error instanceof IllegalOperationError)) {
      this.#lanes.refuse(lane, error);
      return;
    }
    // The channel is closed, and about to say so.
    this.#link = undefined;
    this.#lanes.makeReady(lane);
    link.drop(error.message);
  }

  #maySend(): boolean {
    return (
      !this.#isFull &&
      this.#connection.state === 'connected' &&
      this.#inFlight.size < this.#options.inFlightMax
    );
  }

  #write(channel: ConfirmChannel, event: PublishedEvent): boolean {
    return channel.publish(this.#exchange, routingKeyOf(event.type), contentOf(event), propertiesOf(event));
  }

  async #begin(link: Link): Promise<void> {
    const { channel } = link;
    await declareTopology(channel, this.#options.prefix ?? '');
    const whileUsed =
      <T>(take: (value: T) => void) =>
      (value: T): void => {
        if (this.#link === link) take(value);
      };
    // Rather than a callback for each message.
    channel.on(
      'ack',
      whileUsed((confirm: Confirm) => this.#confirmed(confirm)),
    );
    channel.on(
      'nack',
      whileUsed((confirm: Confirm) => this.#refused(confirm)),
    );
    channel.on(
      'return',
      whileUsed((message: Message) => this.#cameBack(message)),
    );
    channel.on(
      'drain',
      whileUsed(() => this.#drained()),
    );
    this.#link = link;
    this.#watch.start(
      () => (this.state === 'connected' ? this.#inFlight.oldestSentAt : undefined),
      () => link.drop(`no confirm within ${this.#limits.confirmMsMax} ms`),
    );
  }

  #end(): void {
    this.#link = undefined;
    this.#isFull = false;
    this.#isDeclaring = false;
    this.#watch.stop();
    for (const lane of this.#inFlight.reset()) this.#lanes.makeReady(lane);
    this.#settled?.();
  }

  #stateChanged(state: ConnectionState): void {
    if (state === 'connected') this.#watch.beginAnew();
    this.#options.onState?.(state);
    this.#send();
  }

  #drained(): void {
    this.#isFull = false;
    this.#send();
  }

  #confirmed({ deliveryTag, multiple }: Confirm): void {
    for (const lane of this.#inFlight.take(deliveryTag, multiple)) {
      if (this.#inFlight.wasReturned(lane)) this.#resendLater(lane);
      else {
        this.#counts.confirmed += 1;
        this.#lanes.advance(lane);
      }
    }
    this.#goOn();
  }

  #refused({ deliveryTag, multiple }: Confirm): void {
    let count = 0;
    for (const lane of this.#inFlight.take(deliveryTag, multiple)) {
      count += 1;
      this.#inFlight.wasReturned(lane);
      this.#resendLater(lane);
    }
    this.#counts.nacked += count;
    this.#warn({ count }, 'the broker has refused events; they are sent again');
    this.#goOn();
  }

  #goOn(): void {
    if (this.#inFlight.size === 0) this.#settled?.();
    this.#send();
  }

  #resendLater(lane: Lane): void {
    const { resendMsMin: msMin, resendMsMax: msMax } = this.#limits;
    lane.refusals += 1;
    lane.cancelResend = this.#timers.after(backOffMs({ msMin, msMax }, lane.refusals), () => {
      lane.cancelResend = undefined;
      this.#lanes.makeReady(lane);
      this.#send();
    });
  }

  #cameBack(message: Message): void {
    const { messageId } = message.properties;
    this.#counts.returned += 1;
    this.#inFlight.cameBack(String(messageId));
    void this.#declareAgain(message.fields.routingKey);
  }

  /** What happens to every message is said once in a while. */
  #warn(fields: object, message: string): void {
    const now = this.#timers.monotonic();
    if (now - this.#warnedAt < this.#limits.warnIntervalMs) return;
    this.#warnedAt = now;
    this.#options.log.warn(fields, message);
  }

  /** No queue takes what it should: somebody has deleted something. Once for all that come back meanwhile. */
  async #declareAgain(routingKey: string): Promise<void> {
    const link = this.#link;
    if (this.#isDeclaring || link === undefined) return;
    this.#isDeclaring = true;
    this.#warn({ routingKey }, 'no queue takes an event; the queues are declared again');
    try {
      await declareTopology(link.channel, this.#options.prefix ?? '');
    } catch (error) {
      link.drop(error instanceof Error ? error.message : String(error));
    } finally {
      if (this.#link === link) this.#isDeclaring = false;
    }
  }

  async #close(): Promise<void> {
    const closed = new ClosedError('the publisher');
    const underWay = this.#inFlight.lanes();
    this.#lanes.giveUp((lane) => underWay.has(lane), closed);
    await this.#untilConfirmed();
    this.#link = undefined;
    this.#lanes.giveUp(() => false, closed);
    await this.#connection.close();
  }

  #untilConfirmed(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#inFlight.size === 0) {
        resolve();
        return;
      }
      const cancel = this.#timers.after(this.#limits.closeMsMax, resolve);
      this.#settled = () => {
        cancel();
        resolve();
      };
    });
  }
}

interface Confirm {
  readonly deliveryTag: number;
  readonly multiple: boolean;
}
