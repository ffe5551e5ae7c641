// Tells other processes of what has happened, over channels of Redis: at most once, to whoever listens at that moment. What
// cannot be told at once is dropped and counted. Nobody ever waits for it.
import type { RedisConnection } from './connection.ts';
import { redisLimits as limits } from './limits.ts';

/** What listeners outside know; the messages are those of the event streams over HTTP. */
export const channels = {
  inventory: 'synkro:inventory-updates',
  orders: 'synkro:order-updates',
} as const;

export type Channel = (typeof channels)[keyof typeof channels];

export interface PublisherOptions {
  readonly connection: RedisConnection;
  readonly observe?: (channel: Channel, outcome: 'published' | 'dropped', messages: number) => void;
}

interface Message {
  readonly channel: Channel;
  readonly text: string;
}

export class UpdatePublisher {
  readonly #options: PublisherOptions;
  #waiting: Message[] = [];
  #isSending = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** In order for each channel. */
  publish(channel: Channel, text: string): void {
    if (!this.#options.connection.isUp || this.#waiting.length >= limits.waitingMessagesMax) {
      this.#options.observe?.(channel, 'dropped', 1);
      return;
    }
    this.#waiting.push({ channel, text });
    if (this.#isSending) return;
    this.#isSending = true;
    // What else comes in this tick goes with it.
    setImmediate(() => void this.#sendAll());
  }

  /** Never rejects. One batch at a time. */
  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, limits.publishedAtATimeMax);
      this.#waiting = this.#waiting.slice(limits.publishedAtATimeMax);
      const sent = await this.#send(batch);
      for (const [channel, messages] of Map.groupBy(batch, (message) => message.channel))
        this.#options.observe?.(channel, sent === null ? 'dropped' : 'published', messages.length);
    }
    this.#isSending = false;
  }

  /** Null where it is not known that all of them were taken. */
  #send(batch: readonly Message[]): Promise<true | null> {
    return this.#options.connection.run(async (redis) => {
      const pipeline = redis.pipeline();
      for (const { channel, text } of batch) pipeline.publish(channel, text);
      for (const [error] of (await pipeline.exec()) ?? []) if (error !== null) throw error;
      return true as const;
    });
  }
}
