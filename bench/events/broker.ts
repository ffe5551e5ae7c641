// The broker of the benchmarks: that of AMQP_URL, else the one on this machine. It stays as it was found: what the benchmarks
// declare they remove, and what the product declares as well, unless it was there before.
import { setTimeout as pause } from 'node:timers/promises';
import { type Channel, type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import { queueNames } from '../../src/messaging/queues.ts';
import {
  deadQueueName,
  declareTopology,
  exchangeName,
  queueName,
} from '../../src/messaging/rabbit/topology.ts';
import { eventLimits as limits } from './limits.ts';

export const defaultAmqpUrl = 'amqp://guest:guest@127.0.0.1:5672';

/** There is no broker that these benchmarks could use: one line, for people. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';
}

export class Broker {
  readonly url: string;
  readonly version: string;
  readonly #model: ChannelModel;
  /** How what was claimed becomes as it was found. */
  readonly #claimed = new Map<Installation, () => Promise<void>>();

  private constructor(url: string, model: ChannelModel) {
    this.url = url;
    this.#model = model;
    this.version = model.connection.serverProperties.version;
    // Whoever uses it next hears of it.
    model.on('error', () => {});
  }

  /** @throws BrokerError where none can be reached */
  static async open(url = process.env['AMQP_URL'] || defaultAmqpUrl): Promise<Broker> {
    try {
      return new Broker(url, await connect(url, { timeout: limits.connectMsMax }));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new BrokerError(
        `no RabbitMQ can be reached at ${new URL(url).host}: ${reason}; AMQP_URL says where one is`,
      );
    }
  }

  /**
   * The exchange and the queues under this prefix, until they are released or the broker is closed.
   * @throws BrokerError where somebody else uses them
   */
  async claim(prefix: string): Promise<Installation> {
    const installation = new Installation(this, prefix);
    const isOurs = !(await installation.isThere());
    if (!isOurs) await installation.checkUnused();
    this.#claimed.set(installation, () => (isOurs ? installation.remove() : installation.purge()));
    await this.aside((channel) => declareTopology(channel, prefix));
    return installation;
  }

  /** It is as it was found again. */
  async release(installation: Installation): Promise<void> {
    const undo = this.#claimed.get(installation);
    this.#claimed.delete(installation);
    await undo?.();
  }

  /** On a channel of its own, which it may lose. */
  async aside<T>(work: (channel: Channel) => Promise<T>): Promise<T> {
    const channel = await this.openChannel();
    try {
      return await work(channel);
    } finally {
      await channel.close().catch(() => {});
    }
  }

  async openChannel(): Promise<ConfirmChannel> {
    const channel = await this.#model.createConfirmChannel();
    // Whatever was asked of it is rejected.
    channel.on('error', () => {});
    return channel;
  }

  async close(): Promise<void> {
    // The last first: one that was found there may be what another had made.
    for (const installation of [...this.#claimed.keys()].reverse()) await this.release(installation);
    await this.#model.close();
  }
}

/** What the product has on a broker. */
export class Installation {
  readonly prefix: string;
  readonly #broker: Broker;

  constructor(broker: Broker, prefix: string) {
    this.#broker = broker;
    this.prefix = prefix;
  }

  get exchange(): string {
    return exchangeName(this.prefix);
  }

  async isThere(): Promise<boolean> {
    const queues = await Promise.all(queueNames.map((queue) => this.#check(queueName(this.prefix, queue))));
    return queues.some((queue) => queue !== null);
  }

  /** @throws BrokerError */
  async checkUnused(): Promise<void> {
    for (const queue of queueNames.map((name) => queueName(this.prefix, name))) {
      const found = await this.#check(queue);
      if (found !== null && (found.consumerCount > 0 || found.messageCount > 0))
        throw new BrokerError(
          `somebody uses the queue '${queue}' (${found.consumerCount} consumers, ${found.messageCount} messages): ` +
            'name a virtual host in AMQP_URL that is for the benchmarks alone',
        );
    }
  }

  /** Messages in both queues, once they are `wanted`, or as they are when that takes too long. */
  async depth(wanted: number): Promise<number> {
    const deadline = performance.now() + limits.depthMsMax;
    for (;;) {
      const found = await Promise.all(queueNames.map((name) => this.#check(queueName(this.prefix, name))));
      const depth = found.reduce((sum, queue) => sum + (queue?.messageCount ?? 0), 0);
      if (depth === wanted || performance.now() > deadline) return depth;
      await pause(limits.lookMs);
    }
  }

  async purge(): Promise<void> {
    await this.#broker.aside(async (channel) => {
      for (const name of queueNames) await channel.purgeQueue(queueName(this.prefix, name));
    });
  }

  async remove(): Promise<void> {
    await this.#broker.aside(async (channel) => {
      for (const name of queueNames) {
        await channel.deleteQueue(queueName(this.prefix, name));
        await channel.deleteQueue(deadQueueName(this.prefix, name));
      }
      await channel.deleteExchange(this.exchange);
    });
  }

  /** Null where there is none; the channel is lost then. */
  async #check(queue: string) {
    return await this.#broker.aside((channel) => channel.checkQueue(queue)).catch(() => null);
  }
}
