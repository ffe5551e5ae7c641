// The transport between shard threads of one process: a MessagePort to each other thread.
import { threadsOfShards } from '../routing.ts';
import type { PeerMessage, Transport, UpNotice } from '../transport.ts';
import type { Link } from './link.ts';
import type { ShardToShard } from './messages.ts';

export class Mesh implements Transport {
  readonly #threadOfShard: readonly number[];
  readonly #links = new Map<number, Link<ShardToShard, ShardToShard>>();

  constructor(shards: number, threads: number) {
    this.#threadOfShard = threadsOfShards(shards, threads);
  }

  connect(thread: number, link: Link<ShardToShard, ShardToShard>): void {
    this.disconnect(thread);
    this.#links.set(thread, link);
  }

  disconnect(thread: number): void {
    this.#links.get(thread)?.close();
    this.#links.delete(thread);
  }

  /** What is sent to a thread that is down is lost; it asks for it again when it is up. */
  send(message: PeerMessage): void {
    const thread = this.#threadOfShard[message.to];
    if (thread !== undefined) this.#links.get(thread)?.send(message);
  }

  announce(notice: UpNotice): void {
    for (const link of this.#links.values()) link.send(notice);
  }
}
