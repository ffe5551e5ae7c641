// The ingress side of asking: finds the shard's thread, admits or refuses, and matches replies to callers.
//
// Admission is here and nowhere else: beyond `outstandingAsksMax` a thread, or while its load does not allow
// them, asks are refused at once and without effect. I14: what a shard thread has in its inbox is bounded by the sum of these limits.
import type { Ref, Reply } from '../../actors/behaviour.ts';
import { fail } from '../../actors/failure.ts';
import { type Asker, type AskOptions, type CommitNotices, processNow } from '../ask.ts';
import { shardOf, threadsOfShards } from '../routing.ts';
import type { Ask, Load, ShardToIngress } from './messages.ts';

export interface RouterLimits {
  readonly outstandingAsksMax: number;
  /** How often passed deadlines are looked for. */
  readonly deadlineSweepMs: number;
}

export const defaultRouterLimits: RouterLimits = { outstandingAsksMax: 16_384, deadlineSweepMs: 50 };

/** What asks go over. */
export interface AskLink {
  send(ask: Ask): void;
  close(): void;
}

interface Outstanding {
  readonly deadline: number;
  readonly resolve: (reply: Reply) => void;
}

interface Peer {
  readonly link: AskLink;
  readonly outstanding: Map<number, Outstanding>;
  load: Load;
}

function isRefused(kind: AskOptions['kind'], load: Load): boolean {
  return kind !== 'read' && (load === 'lagging' || (load === 'crowded' && kind === 'begin'));
}

export class Router implements Asker, CommitNotices {
  readonly #shards: number;
  readonly #threadOfShard: readonly number[];
  readonly #limits: RouterLimits;
  readonly #peers = new Map<number, Peer>();
  readonly #listeners = new Set<(shard: number, seq: number) => void>();
  readonly #sweep: NodeJS.Timeout;
  #lastId = 0;

  constructor(shards: number, threads: number, limits: RouterLimits = defaultRouterLimits) {
    this.#shards = shards;
    this.#threadOfShard = threadsOfShards(shards, threads);
    this.#limits = limits;
    this.#sweep = setInterval(() => this.#expire(), limits.deadlineSweepMs);
    this.#sweep.unref();
  }

  /** Asks that have not been answered. */
  get outstanding(): number {
    let sum = 0;
    for (const peer of this.#peers.values()) sum += peer.outstanding.size;
    return sum;
  }

  /** Takes the link to a shard thread into use, in place of an earlier one to the same thread. */
  connect(thread: number, link: AskLink): void {
    this.disconnect(thread);
    this.#peers.set(thread, { link, outstanding: new Map(), load: 'usual' });
  }

  /** Whoever waits for this thread is told that the outcome is not known. */
  disconnect(thread: number): void {
    const peer = this.#peers.get(thread);
    if (peer === undefined) return;
    this.#peers.delete(thread);
    peer.link.close();
    for (const { resolve } of peer.outstanding.values())
      resolve(fail('unavailable', 'the shard is restarting; repeat with the same key'));
  }

  receive(thread: number, message: ShardToIngress): void {
    const peer = this.#peers.get(thread);
    if (peer === undefined) return;
    if (message.type === 'reply') {
      const outstanding = peer.outstanding.get(message.id);
      peer.outstanding.delete(message.id);
      outstanding?.resolve(message.reply);
    } else if (message.type === 'durable') {
      for (const listener of this.#listeners) listener(message.shard, message.seq);
    } else if (message.type === 'load') {
      peer.load = message.load;
    }
  }

  ask(ref: Ref, command: unknown, options: AskOptions): Promise<Reply> {
    const shard = shardOf(ref.id, this.#shards);
    const peer = this.#peers.get(this.#threadOfShard[shard] ?? 0);
    if (peer === undefined)
      return Promise.resolve(
        fail('unavailable', 'this process is starting, stopping or a standby; repeat with the same key'),
      );
    if (peer.outstanding.size >= this.#limits.outstandingAsksMax || isRefused(options.kind, peer.load)) {
      return Promise.resolve(fail('overloaded', 'too much is waiting; try again after the delay'));
    }
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      peer.outstanding.set(id, { deadline: options.deadline, resolve });
      peer.link.send({ id, ref, shard, command, receipt: options.receipt, deadline: options.deadline });
    });
  }

  subscribe(listener: (shard: number, seq: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    clearInterval(this.#sweep);
    for (const thread of [...this.#peers.keys()]) this.disconnect(thread);
  }

  #expire(): void {
    const now = processNow();
    for (const peer of this.#peers.values()) {
      for (const [id, { deadline, resolve }] of peer.outstanding) {
        if (deadline > now) continue;
        peer.outstanding.delete(id);
        resolve(
          fail(
            'deadline-exceeded',
            'not answered in time, and the outcome is not known; repeat with the same key',
          ),
        );
      }
    }
  }
}
