// Who tells and who hears of live updates: the process that serves tells all others, and those that stand by hear, so that
// what they remember of stock goes when it changes.
import { isObject } from '../actors/shape.ts';
import type { FanOut } from './fan-out.ts';

export interface LiveUpdatesOptions {
  /** One for each kind of update. */
  readonly fanOuts: readonly Pick<FanOut, 'start' | 'stop'>[];
  /** Begins to hear of levels. @returns a function that ends it */
  readonly hear: (heard: (data: string) => void) => () => void;
  /** Called for each SKU that another process says has changed. */
  readonly onChange: (sku: string) => void;
}

export class LiveUpdates {
  readonly #options: LiveUpdatesOptions;
  #deafen: (() => void) | null = null;

  constructor(options: LiveUpdatesOptions) {
    this.#options = options;
  }

  setServing(isServing: boolean): void {
    const { fanOuts, hear } = this.#options;
    for (const fanOut of fanOuts) {
      if (isServing) fanOut.start();
      else fanOut.stop();
    }
    if (isServing) this.#hearNoMore();
    else this.#deafen ??= hear((data) => this.#hear(data));
  }

  close(): void {
    for (const fanOut of this.#options.fanOuts) fanOut.stop();
    this.#hearNoMore();
  }

  #hear(data: string): void {
    const sku = skuOf(data);
    if (sku !== null) this.#options.onChange(sku);
  }

  #hearNoMore(): void {
    this.#deafen?.();
    this.#deafen = null;
  }
}

/** Null where it is no update of a level: anybody may write to a channel. */
function skuOf(data: string): string | null {
  try {
    const update: unknown = JSON.parse(data);
    const level = isObject(update) ? update['level'] : undefined;
    const sku = isObject(level) ? level['sku'] : undefined;
    return typeof sku === 'string' ? sku : null;
  } catch {
    return null;
  }
}
