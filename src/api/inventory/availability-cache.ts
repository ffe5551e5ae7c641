// What storefronts read again and again: how much of a SKU can be had, remembered for a moment. Requests for one SKU share
// one question to its item, so a hot SKU costs one question each time that the memory of it grows too old, however many ask.
//
// Two memories: this thread's own, and one that processes share (Redis), which may be away at any time. An amount is as
// old as the moment *before* its item was asked, wherever it has been since. What is told is never older than
// `staleMsMax` when it leaves, or was asked for after the request had come.
//
// Whoever knows of a change drops the SKU. That only makes answers younger: the bound holds without it.
import { processNow } from '../../runtime/ask.ts';
import { availabilityLimits, callLimits } from '../limits.ts';
import { allSettledInOrder } from '../parallel.ts';

export interface Reading {
  /** Over all active warehouses; null: there is no such item. */
  readonly amount: number | null;
  /** In milliseconds of `processNow()`: it was true then, or later. */
  readonly readAt: number;
}

/** What processes remember together. Never rejects, never waits for long, and may forget anything at any time. */
export interface SharedAvailability {
  /** Null where it does not answer: then nothing is written either. */
  read(skus: readonly string[]): Promise<SharedReadings | null>;
  /** @param stamp of the readings that came before these amounts were asked for */
  write(amounts: ReadonlyMap<string, number | null>, stamp: number): void;
  drop(sku: string): void;
}

export interface SharedReadings {
  /** When they were read, by the clock of the memory. */
  readonly stamp: number;
  /** By SKU, those that there are. */
  readonly readings: ReadonlyMap<string, Reading>;
}

/** Where an amount came from. */
export type AvailabilitySource = 'thread' | 'redis' | 'item';

export interface AvailabilityCacheDeps {
  /** Asks the item. Null: there is none. Rejects where it cannot be asked. */
  readonly ask: (sku: string) => Promise<number | null>;
  readonly shared?: SharedAvailability;
  readonly observe?: (source: AvailabilitySource, skus: number) => void;
  readonly now?: () => number;
}

/** A question under way. */
interface Flight {
  readonly begunAt: number;
  readonly answered: Promise<Reading>;
  readonly land: (reading: Reading) => void;
  readonly fail: (reason: unknown) => void;
  /** The SKU changed meanwhile: good for who has been waiting, not to be remembered. */
  isOvertaken: boolean;
}

const freshMsMax = availabilityLimits.staleMsMax - availabilityLimits.leavingMsMax;

export class AvailabilityCache {
  readonly #deps: AvailabilityCacheDeps;
  readonly #now: () => number;
  readonly #entriesMax: number;
  /** In the order in which they were put in, so that those that go first are the oldest. */
  readonly #known = new Map<string, Reading>();
  readonly #flights = new Map<string, Flight>();

  constructor(deps: AvailabilityCacheDeps, entriesMax: number = availabilityLimits.entriesMax) {
    this.#deps = deps;
    this.#now = deps.now ?? processNow;
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#known.size;
  }

  /**
   * @param skus without repeats
   * @returns in the order of the SKUs
   * @throws what asking an item ended with
   */
  async read(skus: readonly string[]): Promise<readonly Reading[]> {
    const cameAt = this.#now();
    const readings = await settled(this.#gather(skus));
    if (readings.every(({ readAt }) => readAt >= cameAt || this.#isFresh(readAt))) return readings;
    // Some items took so long to answer that what was remembered of others has grown too old.
    const again = readings.map((reading, index) =>
      reading.readAt >= cameAt ? Promise.resolve(reading) : this.#askItem(skus[index] ?? ''),
    );
    return settled(again);
  }

  /** To be called when the stock of a SKU has changed. */
  drop(sku: string): void {
    const flight = this.#flights.get(sku);
    if (flight !== undefined) flight.isOvertaken = true;
    const wasOnItsWay = this.#flights.delete(sku);
    if (this.#known.delete(sku) || wasOnItsWay) this.#deps.shared?.drop(sku);
  }

  #isFresh(readAt: number): boolean {
    return this.#now() - readAt <= freshMsMax;
  }

  #gather(skus: readonly string[]): Promise<Reading>[] {
    const begun = new Map<string, Flight>();
    const answers = skus.map((sku) => {
      const known = this.#known.get(sku);
      if (known !== undefined && this.#isFresh(known.readAt)) return Promise.resolve(known);
      const underWay = this.#flights.get(sku);
      if (underWay !== undefined && this.#isFresh(underWay.begunAt)) return underWay.answered;
      const flight = this.#takeOff(sku);
      begun.set(sku, flight);
      return flight.answered;
    });
    this.#deps.observe?.('thread', skus.length - begun.size);
    if (begun.size > 0) void this.#fly(begun);
    return answers;
  }

  #takeOff(sku: string): Flight {
    const { promise, resolve, reject } = Promise.withResolvers<Reading>();
    const flight = {
      begunAt: this.#now(),
      answered: promise,
      land: resolve,
      fail: reject,
      isOvertaken: false,
    };
    this.#flights.set(sku, flight);
    return flight;
  }

  /** Never rejects: every flight lands or fails by itself. */
  async #fly(flights: ReadonlyMap<string, Flight>): Promise<void> {
    const shared = (await this.#deps.shared?.read([...flights.keys()])) ?? null;
    const missing: string[] = [];
    for (const [sku, flight] of flights) {
      const found = shared?.readings.get(sku);
      if (found !== undefined && this.#isFresh(found.readAt)) this.#land(sku, flight, found);
      else missing.push(sku);
    }
    this.#deps.observe?.('redis', flights.size - missing.length);
    const results = await allSettledInOrder(missing, callLimits.bulkInFlightMax, async (sku) => {
      const flight = flights.get(sku);
      try {
        const reading = await this.#askItem(sku);
        if (flight !== undefined) this.#land(sku, flight, reading);
        return reading;
      } catch (reason) {
        flight?.fail(reason);
        if (this.#flights.get(sku) === flight) this.#flights.delete(sku);
        throw reason;
      }
    });
    if (shared !== null) this.#share(missing, results, shared.stamp);
  }

  /** What was dropped since it was read is not shared. */
  #share(skus: readonly string[], results: readonly PromiseSettledResult<Reading>[], stamp: number): void {
    const amounts = new Map<string, number | null>();
    for (const [index, sku] of skus.entries()) {
      const result = results[index];
      if (result?.status === 'fulfilled' && this.#known.get(sku) === result.value)
        amounts.set(sku, result.value.amount);
    }
    if (amounts.size > 0) this.#deps.shared?.write(amounts, stamp);
  }

  async #askItem(sku: string): Promise<Reading> {
    const readAt = this.#now();
    const amount = await this.#deps.ask(sku);
    this.#deps.observe?.('item', 1);
    return { amount, readAt };
  }

  #land(sku: string, flight: Flight, reading: Reading): void {
    if (!flight.isOvertaken) this.#remember(sku, reading);
    if (this.#flights.get(sku) === flight) this.#flights.delete(sku);
    flight.land(reading);
  }

  #remember(sku: string, reading: Reading): void {
    const known = this.#known.get(sku);
    if (known !== undefined && known.readAt > reading.readAt) return;
    this.#known.delete(sku);
    this.#known.set(sku, reading);
    if (this.#known.size <= this.#entriesMax) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }
}

/** Waits for all of them also where one fails, so that no failure is left to nobody. @throws the first failure */
async function settled<T>(answers: readonly Promise<T>[]): Promise<readonly T[]> {
  const results = await Promise.allSettled(answers);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}
