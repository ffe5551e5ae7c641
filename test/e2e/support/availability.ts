/**
 * The witness of the bound on availability: stock that only ever falls is reserved and read at once, the stream of updates
 * says from when to when each amount was true, and every answer that was read is held against it.
 */
import { expect } from 'vitest';
import { availabilityLimits } from '../../../src/api/limits.ts';
import type { InventoryUpdateEvent } from '../../../src/generated/synkro/inventory/v1/inventory.ts';
import { basket, type Inventory, present, rpc } from '../../support/inventory.ts';
import { until } from '../../support/until.ts';
import { type Updates, watch } from '../../support/updates.ts';

export interface WitnessOptions {
  readonly inventory: Inventory;
  /** Each with one level. */
  readonly skus: readonly string[];
  readonly port: number;
}

interface Seen {
  readonly sku: string;
  readonly available: number;
  /** Of the request and of its answer, as of `asOf`: milliseconds since 1970, by the clock of this machine. */
  readonly sentAt: number;
  readonly gotAt: number;
  readonly asOf: number;
}

/** A change that the stream told of. */
interface Heard {
  readonly sku: string;
  readonly version: bigint;
  readonly available: number;
  /** When it was decided, and when it was heard of. */
  readonly at: number;
  readonly heardAt: number;
}

/** When an amount was true, at the least: it may have been so for a little longer on either side. */
interface Truth {
  readonly from: number;
  until: number;
}

const readers = 8;
const writers = 4;

export class AvailabilityWitness {
  readonly #options: WitnessOptions;
  readonly #seen: Seen[] = [];
  readonly #failed: unknown[] = [];
  readonly #updates: Updates;
  readonly #heard: Heard[] = [];
  readonly #truths = new Map<string, Map<number, Truth>>();
  readonly #work: Promise<void>[] = [];
  /** Resolves when the stream has begun. */
  readonly #began: Promise<void>;
  #isOver = false;

  static async start(options: WitnessOptions): Promise<AvailabilityWitness> {
    const witness = new AvailabilityWitness(options);
    await witness.#began;
    await witness.#begin();
    return witness;
  }

  private constructor(options: WitnessOptions) {
    this.#options = options;
    this.#updates = watch(options.inventory, {});
    this.#updates.on('error', (error) => {
      if (!this.#isOver) this.#failed.push(error);
    });
    this.#began = new Promise((resolve) => {
      this.#updates.on('data', (event: InventoryUpdateEvent) => {
        resolve();
        this.#hear(event);
      });
    });
  }

  /** Waits for so many further answers. */
  async sees(count: number): Promise<void> {
    const wanted = this.#seen.length + count;
    await until(`${wanted} answers`, () => this.#seen.length >= wanted || this.#failed.length > 0, 60_000);
    expect(this.#failed).toEqual([]);
  }

  /** Ends the load, and judges. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#work);
    expect(this.#failed).toEqual([]);
    await this.#learnTruths();
    const wrong = this.#seen.filter((seen) => !this.#wasRight(seen));
    expect(wrong, `of ${this.#seen.length} answers`).toEqual([]);
    // A witness that saw nothing move has seen nothing.
    for (const sku of this.#options.skus) {
      const amounts = new Set(this.#seen.filter((each) => each.sku === sku).map((each) => each.available));
      expect(amounts.size, `amounts of ${sku}`).toBeGreaterThan(1);
    }
  }

  async #begin(): Promise<void> {
    for (const sku of this.#options.skus) {
      const { available } = await this.#options.inventory.level(sku);
      this.#truths.set(sku, new Map([[Number(available), { from: 0, until: Number.POSITIVE_INFINITY }]]));
    }
    const run = (step: (number: number) => Promise<void>) => async (_: unknown, number: number) => {
      try {
        for (let turn = number; !this.#isOver; turn += 1) await step(turn);
      } catch (error) {
        this.#failed.push(error);
      }
    };
    const read = Array.from({ length: readers }).map(run(() => this.#read()));
    const write = Array.from({ length: writers }).map(run((turn) => this.#reserve(turn)));
    this.#work.push(...read, ...write);
  }

  async #read(): Promise<void> {
    const { skus, port } = this.#options;
    const query = skus.map((sku) => `sku=${sku}`).join('&');
    const sentAt = Date.now();
    const response = await fetch(`http://127.0.0.1:${port}/v1/availability?${query}`);
    const body: unknown = await response.json();
    const gotAt = Date.now();
    if (response.status !== 200) throw new Error(`availability: ${response.status} ${JSON.stringify(body)}`);
    const { availability, unknown, asOf } = Object(body);
    expect(unknown).toEqual([]);
    expect(availability).toHaveLength(skus.length);
    for (const { sku, available } of availability)
      this.#seen.push({ sku, available, sentAt, gotAt, asOf: Date.parse(asOf) });
  }

  async #reserve(turn: number): Promise<void> {
    const { skus, inventory } = this.#options;
    const sku = present(skus[turn % skus.length]);
    const { success } = await inventory.call(
      rpc.reserve,
      basket(`${sku}-${crypto.randomUUID()}`, { [sku]: 1 }),
    );
    if (!success) throw new Error(`${sku} ran out`);
  }

  /** An amount was true from when it was decided until the next one was heard of. */
  async #learnTruths(): Promise<void> {
    const { skus, inventory } = this.#options;
    for (const sku of skus) {
      const { version } = await inventory.level(sku);
      const last = () => this.#heard.findLast((each) => each.sku === sku)?.version ?? 0n;
      await until(`version ${version} of ${sku}`, () => last() >= version);
    }
    this.#updates.cancel();
    for (const { sku, available, at, heardAt } of this.#heard) {
      const truths = this.#truths.get(sku);
      if (truths === undefined) continue;
      for (const truth of truths.values()) truth.until = Math.min(truth.until, heardAt);
      truths.set(available, { from: at, until: Number.POSITIVE_INFINITY });
    }
  }

  #hear({ inventoryLevel }: InventoryUpdateEvent): void {
    if (inventoryLevel === undefined) return;
    const { sku, version, available, lastUpdated } = inventoryLevel;
    const at = present(lastUpdated).getTime();
    this.#heard.push({ sku, version, available: Number(available), at, heardAt: Date.now() });
  }

  #wasRight({ sku, available, sentAt, gotAt, asOf }: Seen): boolean {
    const truth = this.#truths.get(sku)?.get(available);
    if (truth === undefined) return false;
    // `asOf` is in whole milliseconds, rounded down.
    const isYoung = asOf >= sentAt - availabilityLimits.staleMsMax - 1;
    return isYoung && truth.from <= gotAt && truth.until >= asOf;
  }
}
