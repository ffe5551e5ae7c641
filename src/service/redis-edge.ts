// What an ingress thread has of Redis: memory that processes share, and channels to tell each other over. All of it may be
// lost at any moment. Loaded only where a Redis is set.
import type { SharedAvailability } from '../api/inventory/availability-cache.ts';
import type { Rate } from '../http/clients/allowances.ts';
import type { SharedAllowance } from '../http/clients/limiter.ts';
import { RedisAllowance } from '../messaging/redis/allowance.ts';
import { RedisAvailability } from '../messaging/redis/availability.ts';
import { RedisConnection } from '../messaging/redis/connection.ts';
import { UpdateListener } from '../messaging/redis/listener.ts';
import { channels, UpdatePublisher } from '../messaging/redis/publisher.ts';
import { defineScripts } from '../messaging/redis/scripts.ts';
import { processNow } from '../runtime/ask.ts';
import type { EdgeHost } from './edge.ts';

export interface RedisEdge {
  readonly availability: SharedAvailability;
  allowance(rate: Rate): SharedAllowance;
  /** As the event streams over HTTP have it. Return at once, and drop what cannot be told. */
  tellLevel(data: string): void;
  tellOrder(data: string): void;
  /** Hears of levels that other processes tell of. @returns a function that ends it */
  hearLevels(heard: (data: string) => void): () => void;
  close(): Promise<void>;
}

export function openRedisEdge(url: string, { log, metrics }: EdgeHost): RedisEdge {
  const connection = new RedisConnection({
    url,
    name: 'synkro',
    log,
    observe: (problem) => metrics.redisProblem(problem),
  });
  defineScripts(connection.redis);
  metrics.watchRedis(() => connection.isUp);
  const publisher = new UpdatePublisher({
    connection,
    observe: (channel, outcome, messages) => metrics.updates(channel, outcome, messages),
  });
  return {
    availability: new RedisAvailability(connection, processNow),
    allowance: (rate) => new RedisAllowance(connection, rate),
    tellLevel: (data) => publisher.publish(channels.inventory, data),
    tellOrder: (data) => publisher.publish(channels.orders, data),
    hearLevels(heard) {
      const listener = new UpdateListener({ url, channel: channels.inventory, heard });
      return () => listener.close();
    },
    async close() {
      connection.close();
    },
  };
}
