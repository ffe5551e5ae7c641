// How much a client may still ask, counted for all processes together.
import type { RedisConnection } from './connection.ts';

const prefix = 'synkro:rate:1:';

export interface AllowanceOptions {
  /** Between two requests of a client that asks evenly, in whole microseconds. */
  readonly intervalUs: number;
  /** How far a client may be ahead of that. */
  readonly windowUs: number;
}

export class RedisAllowance {
  readonly #connection: RedisConnection;
  readonly #options: AllowanceOptions;

  constructor(connection: RedisConnection, options: AllowanceOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** Whether it is worth asking. */
  get isUp(): boolean {
    return this.#connection.isUp;
  }

  /** @returns milliseconds to wait; 0: admitted, and counted; null: Redis does not answer */
  async take(client: string): Promise<number | null> {
    const { intervalUs, windowUs } = this.#options;
    const waitUs = await this.#connection.run((redis) =>
      redis.synkroTake(prefix + client, intervalUs, windowUs),
    );
    return typeof waitUs === 'number' ? waitUs / 1_000 : null;
  }
}
