// Hears what other processes tell over channels of Redis. A connection that listens can do nothing else, so it is one of its
// own; what is told while it is down is lost.
import { RedisConnection } from './connection.ts';
import type { Channel } from './publisher.ts';

export interface ListenerOptions {
  readonly url: string;
  readonly channel: Channel;
  readonly heard: (text: string) => void;
}

/** Listens until it is closed. */
export class UpdateListener {
  readonly #connection: RedisConnection;

  constructor({ url, channel, heard }: ListenerOptions) {
    this.#connection = new RedisConnection({ url, name: 'synkro-listener' });
    const { redis } = this.#connection;
    redis.on('message', (_channel: string, text: string) => heard(text));
    redis.on('ready', () => void this.#connection.run(() => redis.subscribe(channel)));
  }

  close(): void {
    this.#connection.close();
  }
}
