// I1 and I2 for levels, from the numbers that stand in the events and nothing else: a second account, kept without the
// actors' own code. Of each order it counts what cells hold for it; orders.ts compares that with what the order says.
import type { LevelChanged, LevelView } from '../../actors/inventory/item/model.ts';
import { isObject } from '../../actors/shape.ts';
import type { FoldedEvent } from './journal.ts';
import type { Verdict } from './verdict.ts';

export interface LevelNumbers {
  readonly quantity: number;
  readonly held: number;
  readonly allocated: number;
  readonly version: number;
  readonly commit: number;
}

export interface Counted {
  readonly itemId: string;
  readonly warehouseId: string;
  held: number;
  allocated: number;
}

const nothing: LevelNumbers = { quantity: 0, held: 0, allocated: 0, version: 0, commit: 0 };

export class Levels {
  readonly #verdict: Verdict;
  /** By level, in order of version. */
  readonly #history = new Map<string, LevelNumbers[]>();
  /** By order, then by level. */
  readonly #byOrder = new Map<string, Map<string, Counted>>();

  constructor(verdict: Verdict) {
    this.#verdict = verdict;
  }

  /** What cells hold for an order. */
  of(orderId: string): ReadonlyMap<string, Counted> {
    return this.#byOrder.get(orderId) ?? new Map();
  }

  get orderIds(): Iterable<string> {
    return this.#byOrder.keys();
  }

  history(itemId: string, warehouseId: string): readonly LevelNumbers[] {
    return this.#history.get(levelKey({ itemId, warehouseId })) ?? [];
  }

  /** The level as it was after so many appends. */
  at(itemId: string, warehouseId: string, commit: number): LevelNumbers {
    return this.history(itemId, warehouseId).findLast((level) => level.commit <= commit) ?? nothing;
  }

  /** Whether the journal has the level just so. */
  has(view: LevelView): boolean {
    if (view.version === 0) return view.quantity === 0 && view.held === 0 && view.allocated === 0;
    const level = this.history(view.itemId, view.warehouseId).find((each) => each.version === view.version);
    return (
      level !== undefined &&
      level.quantity === view.quantity &&
      level.held === view.held &&
      level.allocated === view.allocated
    );
  }

  changed({ ref, event: change }: FoldedEvent, commit: number): void {
    if (ref.kind !== 'item' || !isLevelChange(change)) return;
    const key = levelKey({ itemId: ref.id, warehouseId: change.warehouseId });
    const history = this.#history.get(key) ?? [];
    const last = history.at(-1) ?? nothing;
    const { quantity, held, allocated, version, delta } = change;
    this.#verdict.check(
      'I1',
      held >= 0 && allocated >= 0 && held + allocated <= quantity,
      () => `${key}: quantity ${quantity}, held ${held}, allocated ${allocated}`,
      () => ({ change }),
    );
    this.#verdict.check(
      'I2',
      version === last.version + 1 && quantity === last.quantity + delta,
      () => `${key} goes from ${last.quantity} (version ${last.version}) to ${quantity} (${version})`,
      () => ({ change, last }),
    );
    history.push({ quantity, held, allocated, version, commit });
    this.#history.set(key, history);
    this.#count(ref.id, change, held - last.held, allocated - last.allocated);
  }

  #count(itemId: string, change: LevelChanged, held: number, allocated: number): void {
    if (held === 0 && allocated === 0) return;
    const { reference, warehouseId } = change;
    let ofOrder = this.#byOrder.get(reference);
    if (ofOrder === undefined) {
      ofOrder = new Map();
      this.#byOrder.set(reference, ofOrder);
    }
    const key = levelKey({ itemId, warehouseId });
    const counted = ofOrder.get(key) ?? { itemId, warehouseId, held: 0, allocated: 0 };
    counted.held += held;
    counted.allocated += allocated;
    ofOrder.set(key, counted);
  }
}

export function levelKey(level: { readonly itemId: string; readonly warehouseId: string }): string {
  return `${level.itemId}/${level.warehouseId}`;
}

export function isLevelChange(event: unknown): event is LevelChanged {
  return isObject(event) && event['type'] === 'level';
}
