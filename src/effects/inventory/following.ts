// One object's way along the update stream, the same for both kinds: its position in memory, and whom it tells.
import { Refused } from '../../api/errors.ts';
import type { InventoryUpdateEvent } from '../../generated/synkro/inventory/v1/inventory.ts';

/** Where a follower stands: everything up to the token was handed on. Outlives the streams. */
export class ResumePoint {
  /** '' for what is newest. */
  token = '';

  /** A token that Inventory does not know (any more) would break every further stream: it is given up. */
  broke(thrown: unknown): void {
    if (!(thrown instanceof Refused)) return;
    if (useless.has(thrown.failure.code)) this.token = '';
  }
}

const useless: ReadonlySet<string> = new Set(['token-expired', 'invalid-argument']);

/** One stream. */
export class Following {
  readonly #point: ResumePoint;
  readonly #onEvent: (event: InventoryUpdateEvent) => void | Promise<void>;
  readonly #onBegin: () => void;
  #hasBegun = false;
  /** What the one who follows threw, to be told from what the stream did. */
  thrown: { readonly error: unknown } | null = null;

  constructor(
    point: ResumePoint,
    onEvent: (event: InventoryUpdateEvent) => void | Promise<void>,
    onBegin: () => void,
  ) {
    this.#point = point;
    this.#onEvent = onEvent;
    this.#onBegin = onBegin;
  }

  /** The first message carries only a token. */
  async take(event: InventoryUpdateEvent): Promise<void> {
    try {
      if (this.#hasBegun || event.inventoryLevel !== undefined) await this.#onEvent(event);
      this.#point.token = event.resumeToken;
      if (this.#hasBegun) return;
      this.#hasBegun = true;
      this.#onBegin();
    } catch (error) {
      this.thrown = { error };
      throw error;
    }
  }
}
