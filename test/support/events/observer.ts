/**
 * A neighbour that hears every event: a queue of its own at the exchange, read for as long as a test lasts, across whatever
 * becomes of the broker. It forgets what comes again, once it has seen that it is the same.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type ChannelModel, connect } from 'amqplib';
import { isPublishedEvent } from '../../../src/events/event.ts';
import { exchangeName } from '../../../src/messaging/rabbit/topology.ts';
import { appendTo, type Entry, entryOf } from './ledger.ts';

const queue = 'observer';
const reconnectMs = 100;

export class EventObserver {
  /** By subject, in the order in which each came for the first time. */
  readonly bySubject = new Map<string, Entry[]>();
  /** What was no event, or came again and was not the same. */
  readonly problems: string[] = [];
  repeats = 0;
  size = 0;
  readonly #url: string;
  readonly #hashes = new Map<string, string>();
  readonly #reading: Promise<void>;
  #model: ChannelModel | null = null;
  #isClosed = false;

  /** Hears what is published from now on. */
  static async open(url: string): Promise<EventObserver> {
    const model = await connect(url);
    await declare(model);
    await model.close();
    return new EventObserver(url);
  }

  private constructor(url: string) {
    this.#url = url;
    this.#reading = this.#read();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#model?.close().catch(() => undefined);
    await this.#reading;
  }

  async #read(): Promise<void> {
    while (!this.#isClosed) {
      try {
        await this.#use(await connect(this.#url, { timeout: 5_000 }));
      } catch {
        // The broker is away.
      }
      await pause(reconnectMs);
    }
  }

  /** Until it is gone. */
  async #use(model: ChannelModel): Promise<void> {
    this.#model = model;
    model.on('error', () => undefined);
    const closed = new Promise<void>((resolve) => model.once('close', () => resolve()));
    try {
      const channel = await declare(model);
      channel.on('error', () => undefined);
      await channel.prefetch(500);
      await channel.consume(queue, (message) => {
        if (message === null) return;
        this.#heard(message.content);
        channel.ack(message);
      });
    } catch {
      await model.close().catch(() => undefined);
    }
    await closed;
  }

  #heard(content: Buffer): void {
    const event: unknown = JSON.parse(content.toString());
    if (!isPublishedEvent(event)) {
      this.problems.push(`no event: ${content.toString()}`);
      return;
    }
    const entry = entryOf(event);
    const before = this.#hashes.get(entry.id);
    if (before === undefined) {
      this.#hashes.set(entry.id, entry.hash);
      appendTo(this.bySubject, event.subject, entry);
      this.size += 1;
    } else {
      this.repeats += 1;
      if (before !== entry.hash) this.problems.push(`another content the second time: ${entry.id}`);
    }
  }
}

async function declare(model: ChannelModel) {
  const channel = await model.createChannel();
  await channel.assertExchange(exchangeName(''), 'topic', { durable: true });
  await channel.assertQueue(queue, {
    durable: true,
    // With a limit what comes again stays at the head of the queue.
    arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 100_000 },
  });
  await channel.bindQueue(queue, exchangeName(''), '#');
  return channel;
}
