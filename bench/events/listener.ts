// A consumer of the bench's own at a queue of its own: it takes everything that Inventory tells, as a consumer should, and
// notes when each event came.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import { isPublishedEvent, type PublishedEvent, sourceOf } from '../../src/events/event.ts';
import type { Broker, Installation } from './broker.ts';
import { eventLimits as limits } from './limits.ts';

/** Told of each reservation. @param delayMs from when the event's record was cut, by the database's clock, until now: at most so long after durable */
export type Heard = (delayMs: number) => void;

export class Listener {
  readonly #channel: ConfirmChannel;
  readonly #queue: string;
  readonly #source: string;
  readonly #heard: Heard;
  /** Orders of which it was told that they are reserved. */
  readonly #orders = new Set<string>();
  #repeats = 0;
  #unknown = 0;

  private constructor(channel: ConfirmChannel, queue: string, source: string, heard: Heard) {
    this.#channel = channel;
    this.#queue = queue;
    this.#source = source;
    this.#heard = heard;
  }

  /** @param source whose events are meant: others may come over the same exchange */
  static async open(
    broker: Broker,
    { exchange }: Installation,
    source: string,
    heard: Heard = () => {},
  ): Promise<Listener> {
    const channel = await broker.openChannel();
    const queue = `bench-${randomUUID()}`;
    // Of the kind that the product's queues are, so that the broker does the same for both.
    const args = { 'x-queue-type': 'quorum', 'x-expires': limits.queueExpiresMs };
    await channel.assertQueue(queue, { durable: true, arguments: args });
    await channel.bindQueue(queue, exchange, 'inventory.#');
    await channel.prefetch(limits.prefetch);
    const listener = new Listener(channel, queue, source, heard);
    await channel.consume(queue, (message) => listener.#take(message));
    return listener;
  }

  /** Waits until so many orders have been told of. @returns what is wrong, if anything */
  async check(granted: number, unknown: number, msMax: number = limits.arriveMsMax): Promise<string[]> {
    const deadline = performance.now() + msMax;
    while (this.#orders.size < granted && performance.now() < deadline) await pause(limits.lookMs);
    const told = this.#orders.size;
    return [
      ...(told >= granted && told <= granted + unknown
        ? []
        : [`I15: events of ${told} reservations have come, where clients were told of ${granted}`]),
      ...(this.#unknown === 0 ? [] : [`${this.#unknown} messages are no events`]),
    ];
  }

  /** Of orders that were told of already. */
  get repeats(): number {
    return this.#repeats;
  }

  async close(): Promise<void> {
    await this.#channel.deleteQueue(this.#queue);
    await this.#channel.close();
  }

  #take(message: ConsumeMessage | null): void {
    if (message === null) return;
    const heardAt = Date.now();
    const event: unknown = JSON.parse(message.content.toString());
    this.#channel.ack(message);
    if (!isPublishedEvent(event)) this.#unknown += 1;
    else if (sourceOf(event) === this.#source) this.#note(event, heardAt);
  }

  #note(event: PublishedEvent, heardAt: number): void {
    if (event.type !== 'InventoryReserved') return;
    this.#heard(heardAt - Date.parse(event.time));
    if (this.#orders.has(event.subject)) this.#repeats += 1;
    this.#orders.add(event.subject);
  }
}
