// How much can be had of each SKU, as processes remember it together: a key for each SKU, with the moment before its item
// was asked and the amount. Age and end of an entry are reckoned by the clock of Redis alone. What is not exactly as it is
// written here is no entry, whoever wrote it.
import type { Reading, SharedAvailability, SharedReadings } from '../../api/inventory/availability-cache.ts';
import { availabilityLimits } from '../../api/limits.ts';
import type { RedisConnection } from './connection.ts';

/** With the version of what is written under it. */
const prefix = 'synkro:availability:1:';
const form = /^(\d{16}) (-|0|[1-9]\d{0,15})$/;
const keptUs = availabilityLimits.staleMsMax * 1_000;

export const availabilityKey = (sku: string) => `${prefix}${sku}`;

export class RedisAvailability implements SharedAvailability {
  readonly #connection: RedisConnection;
  readonly #now: () => number;
  #dropped = new Set<string>();

  /** @param now milliseconds as those of the readings */
  constructor(connection: RedisConnection, now: () => number) {
    this.#connection = connection;
    this.#now = now;
  }

  async read(skus: readonly string[]): Promise<SharedReadings | null> {
    this.#unlink();
    const sentAt = this.#now();
    const keys = skus.map(availabilityKey);
    const told = await this.#connection.run((redis) => redis.synkroRead(keys.length, ...keys));
    const [stamp, ...values] = told ?? [];
    if (typeof stamp !== 'number') return null;
    const readings = new Map<string, Reading>();
    for (const [index, sku] of skus.entries()) {
      const entry = parse(values[index]);
      // An entry of the future is of another clock: a replica has taken over, or it was set back.
      if (entry === null || entry.stamp > stamp) continue;
      // Redis read its clock after the question was sent, so the entry is no older than this.
      readings.set(sku, { amount: entry.amount, readAt: sentAt - (stamp - entry.stamp) / 1_000 });
    }
    return { stamp, readings };
  }

  write(amounts: ReadonlyMap<string, number | null>, stamp: number): void {
    const keys = [...amounts.keys()].map(availabilityKey);
    const values = [...amounts.values()].map((amount) => `${stamp} ${amount ?? '-'}`);
    void this.#connection.run((redis) => redis.synkroWrite(keys.length, ...keys, stamp + keptUs, ...values));
  }

  /** Gathered over a tick; whatever is read after it is read after they are gone. */
  drop(sku: string): void {
    if (!this.#connection.isUp) return;
    if (this.#dropped.size === 0) setImmediate(() => this.#unlink());
    this.#dropped.add(sku);
  }

  #unlink(): void {
    if (this.#dropped.size === 0) return;
    const keys = [...this.#dropped].map(availabilityKey);
    this.#dropped = new Set();
    void this.#connection.run((redis) => redis.del(...keys));
  }
}

function parse(value: unknown): { readonly stamp: number; readonly amount: number | null } | null {
  const [, stamp, amount] = (typeof value === 'string' ? form.exec(value) : null) ?? [];
  if (stamp === undefined || amount === undefined) return null;
  return { stamp: Number(stamp), amount: amount === '-' ? null : Number(amount) };
}
