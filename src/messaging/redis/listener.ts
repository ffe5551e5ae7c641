// Hears what other processes tell over channels of Redis. A connection that listens can do nothing else, so it is one of its
// own; what is told while it is down is lost.
import { ReplyError } from 'ioredis';
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
    redis.on('ready', () => {
      redis.subscribe(channel).catch((error: unknown) => {
        // Who may not listen may not listen any sooner over another connection.
        if (!(error instanceof ReplyError)) redis.disconnect(true);
      });
    });
  }

  close(): void {
    this.#connection.close();
  }
}
