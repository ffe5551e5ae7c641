// How much each client may still ask: the generic cell rate algorithm. Of each client one moment is kept, at which its
// allowance would be whole again. A request moves it on by an interval, and is refused where that would take it further
// than a window ahead of now. So a client may ask evenly for ever, or so many at once as intervals fit the window.

export interface Rate {
  /** Between two requests of a client that asks evenly, in whole microseconds. */
  readonly intervalUs: number;
  /** A burst of as many requests as intervals fit. */
  readonly windowUs: number;
}

/** Bursts are of twice what a second allows. @param perSecond 1 to 1,000,000 */
export function rateOf(perSecond: number): Rate {
  const intervalUs = Math.floor(1_000_000 / perSecond);
  return { intervalUs, windowUs: 2 * perSecond * intervalUs };
}

export class Allowances {
  readonly #rate: Rate;
  readonly #clientsMax: number;
  /** In whole microseconds, so that sums are exact; in the order in which the clients last asked. */
  readonly #wholeAt = new Map<string, number>();

  /** @param clientsMax beyond it who has not asked for longest is forgotten, and may ask as if it never had */
  constructor(rate: Rate, clientsMax: number) {
    this.#rate = rate;
    this.#clientsMax = clientsMax;
  }

  get size(): number {
    return this.#wholeAt.size;
  }

  /** @param at milliseconds that never go back. @returns milliseconds to wait; 0: it may ask */
  waitOf(client: string, at: number): number {
    const aheadUs = this.#after(client, at) - microseconds(at);
    return Math.max(0, aheadUs - this.#rate.windowUs) / 1_000;
  }

  /** Counts a request that is admitted. */
  count(client: string, at: number): void {
    const after = this.#after(client, at);
    this.#wholeAt.delete(client);
    this.#wholeAt.set(client, after);
    if (this.#wholeAt.size <= this.#clientsMax) return;
    for (const longestSilent of this.#wholeAt.keys()) {
      this.#wholeAt.delete(longestSilent);
      return;
    }
  }

  #after(client: string, at: number): number {
    return Math.max(this.#wholeAt.get(client) ?? 0, microseconds(at)) + this.#rate.intervalUs;
  }
}

function microseconds(at: number): number {
  return Math.floor(at * 1_000);
}
