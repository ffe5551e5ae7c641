// What an ingress thread counts of caches, limits, and what it tells other processes.
import { Counter, Gauge, type Registry } from 'prom-client';

export class EdgeMetrics {
  readonly #registry: Registry;
  readonly #availability: Counter<'source'>;
  readonly #limited: Counter;
  readonly #problems: Counter<'problem'>;
  readonly #updates: Counter<'channel' | 'outcome'>;

  /** @param registry of the thread */
  constructor(registry: Registry) {
    this.#registry = registry;
    const registers = [registry];
    this.#availability = new Counter({
      name: 'synkro_availability_reads_total',
      help: "SKUs whose availability was read, by where it came from: this thread's memory, Redis, the item.",
      labelNames: ['source'],
      registers,
    });
    this.#limited = new Counter({
      name: 'synkro_rate_limited_total',
      help: 'Requests that were refused because their client asks too often.',
      registers,
    });
    this.#problems = new Counter({
      name: 'synkro_redis_problems_total',
      help: 'Commands to Redis that got no answer (silent) or an error (refused).',
      labelNames: ['problem'],
      registers,
    });
    this.#updates = new Counter({
      name: 'synkro_redis_updates_total',
      help: 'Live updates for other processes, published to a channel of Redis or dropped.',
      labelNames: ['channel', 'outcome'],
      registers,
    });
  }

  /** @param skus how many */
  availabilityRead(source: string, skus: number): void {
    if (skus > 0) this.#availability.inc({ source }, skus);
  }

  limited(): void {
    this.#limited.inc();
  }

  redisProblem(problem: string): void {
    this.#problems.inc({ problem });
  }

  updates(channel: string, outcome: string, messages: number): void {
    this.#updates.inc({ channel, outcome }, messages);
  }

  /** To be called once, where there is a Redis. */
  watchRedis(isUp: () => boolean): void {
    new Gauge({
      name: 'synkro_redis_up',
      help: '1 where Redis answers, 0 where the service goes on without it.',
      aggregator: 'min',
      registers: [this.#registry],
      collect() {
        this.set(Number(isUp()));
      },
    });
  }
}
