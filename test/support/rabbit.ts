// A broker for tests: that of AMQP_URL, else the one on this machine. Every test file takes names of its own, by a random
// prefix, and removes them. Where no broker answers its tests are skipped, and say so; under CI that is a failure.
import { randomUUID } from 'node:crypto';
import { type ChannelModel, type ConfirmChannel, type ConsumeMessage, connect } from 'amqplib';
import type { MessagingLog } from '../../src/messaging/log.ts';
import { queueNames } from '../../src/messaging/queues.ts';
import { deadQueueName, exchangeName, queueName } from '../../src/messaging/rabbit/topology.ts';
import { until } from './until.ts';

export const rabbitUrl = process.env['AMQP_URL'] ?? 'amqp://guest:guest@127.0.0.1:5672';

const { hostname, port } = new URL(rabbitUrl);

/** For what goes between. */
export const rabbitAddress = { host: hostname, port: port === '' ? 5672 : Number(port) };

/** For describe.skipIf. */
export const isWithoutRabbit = !(await answers());

async function answers(): Promise<boolean> {
  try {
    const model = await connect(rabbitUrl, { timeout: 5_000 });
    await model.close();
    return true;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const { host } = new URL(rabbitUrl);
    if (process.env['CI'] === 'true') throw new Error(`no RabbitMQ answers at ${host}: ${reason}`);
    process.stderr.write(`SKIPPED: tests with RabbitMQ, since none answers at ${host}: ${reason}\n`);
    return false;
  }
}

/** The broker as its neighbours see it, and the names that this test has there. */
export class Rabbit {
  readonly prefix = `test-${randomUUID().slice(0, 8)}.`;
  readonly channel: ConfirmChannel;
  readonly #model: ChannelModel;
  readonly #queues = new Set<string>();

  private constructor(model: ChannelModel, channel: ConfirmChannel) {
    this.#model = model;
    this.channel = channel;
  }

  static async open(): Promise<Rabbit> {
    const model = await connect(rabbitUrl);
    return new Rabbit(model, await model.createConfirmChannel());
  }

  get exchange(): string {
    return exchangeName(this.prefix);
  }

  /** Another queue of the exchange's, for this test alone. */
  async queue(name: string, pattern: string, args: Record<string, unknown> = {}): Promise<string> {
    const full = `${this.prefix}${name}`;
    this.#queues.add(full);
    await this.channel.assertQueue(full, { durable: true, arguments: args });
    await this.channel.bindQueue(full, this.exchange, pattern);
    return full;
  }

  /** On a channel of its own, which it may lose. */
  async aside<T>(work: (channel: ConfirmChannel) => Promise<T>): Promise<T> {
    const channel = await this.#model.createConfirmChannel();
    channel.on('error', () => undefined);
    try {
      return await work(channel);
    } finally {
      await channel.close().catch(() => undefined);
    }
  }

  async depth(queue: string): Promise<number> {
    return (await this.channel.checkQueue(queue)).messageCount;
  }

  /** Takes out everything, until `isComplete`. */
  async drain(
    queue: string,
    isComplete: (taken: readonly ConsumeMessage[]) => boolean,
    deadlineMs?: number,
  ): Promise<ConsumeMessage[]> {
    const taken: ConsumeMessage[] = [];
    await this.aside(async (channel) => {
      await channel.prefetch(500);
      await channel.consume(queue, (message) => {
        if (message === null) return;
        taken.push(message);
        channel.ack(message);
      });
      await until(
        `messages of ${queue}`,
        () => isComplete(taken),
        deadlineMs,
        () => taken.length,
      );
    });
    return taken;
  }

  async close(): Promise<void> {
    const ours = queueNames.flatMap((queue) => [
      queueName(this.prefix, queue),
      deadQueueName(this.prefix, queue),
    ]);
    for (const queue of [...ours, ...this.#queues]) await this.channel.deleteQueue(queue);
    await this.channel.deleteExchange(this.exchange);
    await this.#model.close();
  }
}

/** Remembers the lines, as `level: message`, with what they carry. */
export class RecordedLog implements MessagingLog {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: object }[] = [];
  info = (fields: object, message: string): void => this.#add('info', fields, message);
  warn = (fields: object, message: string): void => this.#add('warn', fields, message);
  error = (fields: object, message: string): void => this.#add('error', fields, message);

  #add(level: string, fields: object, message: string): void {
    this.lines.push({ level, message, fields });
  }

  has(text: string): boolean {
    return this.lines.some((line) => JSON.stringify(line).includes(text));
  }
}
