// The client's own books of a replay: what each SKU started with, what was confirmed, what left and what came back, and what
// each order paid, all as acknowledged. At the end they are compared with the levels that the service reports. Independent
// of the service's own audit.
import type { InventoryLevel } from '../../generated/synkro/inventory/v1/inventory.ts';

interface Account {
  initial: number;
  /** By all orders together, whatever came of them. */
  ordered: number;
  returned: number;
  /** Confirmed, and not shipped. */
  held: number;
  fulfilled: number;
  /** Of the closing levels, over all warehouses. */
  quantity: bigint;
  reserved: bigint;
}

/** Of a SKU. */
export interface Units {
  readonly sku: string;
  readonly quantity: number;
}

export interface BooksResult {
  readonly skus: number;
  /** Units fulfilled or held beyond what there was. */
  readonly oversoldUnits: bigint;
  /** One line for each SKU or level that does not add up. */
  readonly differences: readonly string[];
}

export class Books {
  readonly #accounts = new Map<string, Account>();
  /** Most units that any answer showed beyond what a level had, by SKU and then warehouse. */
  readonly #overdrawn = new Map<string, Map<string, bigint>>();
  readonly #differences: string[] = [];
  #opened = 0;

  /** Units that the SKUs started with, in all. */
  get openedUnits(): number {
    return this.#opened;
  }

  has(sku: string): boolean {
    return this.#accounts.has(sku);
  }

  skus(): string[] {
    return [...this.#accounts.keys()];
  }

  open(sku: string, units: number): void {
    if (this.#accounts.has(sku)) throw new RangeError(`SKU '${sku}' is already in the books`);
    this.#accounts.set(sku, newAccount(units));
    this.#opened += units;
  }

  ordered(sku: string, units: number): void {
    this.#account(sku).ordered += units;
  }

  confirmed(lines: readonly Units[]): void {
    for (const { sku, quantity } of lines) this.#account(sku).held += quantity;
  }

  /** Of what was confirmed. */
  shipped(lines: readonly Units[]): void {
    for (const { sku, quantity } of lines) {
      const account = this.#account(sku);
      account.held -= quantity;
      account.fulfilled += quantity;
    }
  }

  returned(sku: string, units: number): void {
    this.#account(sku).returned += units;
  }

  /** An order that is delivered has paid what it is worth. Amounts in pence. */
  paid(order: string, worth: bigint, captured: bigint): void {
    if (captured !== worth)
      this.#differences.push(`order ${order}: it is worth ${worth}, and ${captured} were captured`);
  }

  /** An order that is cancelled has paid nothing, or all and got it back. Amounts in pence. */
  cancelled(order: string, worth: bigint, captured: bigint, refunded: bigint): void {
    if (captured !== 0n && captured !== worth)
      this.#differences.push(`order ${order}: it is worth ${worth}, and ${captured} were captured`);
    if (refunded > captured)
      this.#differences.push(`order ${order}: ${captured} were captured, and ${refunded} refunded`);
  }

  /** What came back of an order was paid back at most. Amounts in pence. */
  refunded(order: string, due: bigint, refunded: bigint): void {
    if (refunded > due)
      this.#differences.push(`order ${order}: ${due} came back, and ${refunded} were refunded`);
  }

  /** An order that waits to the end lacks something: all orders together wanted more of it than there was. */
  waits(order: string, lines: readonly Units[]): void {
    if (lines.some(({ sku }) => this.#isScarce(sku))) return;
    this.#differences.push(
      `order ${order}: it waits, though there was enough of all its items for everybody`,
    );
  }

  /** Looks at a level in any answer: is more promised than is there (I1)? */
  observe(level: InventoryLevel): void {
    const beyond = overdrawnBy(level);
    if (beyond === 0n) return;
    const ofSku = this.#overdrawn.get(level.sku) ?? new Map<string, bigint>();
    const before = ofSku.get(level.warehouseId) ?? 0n;
    ofSku.set(level.warehouseId, beyond > before ? beyond : before);
    this.#overdrawn.set(level.sku, ofSku);
  }

  /** A level as read when all is done. */
  close(level: InventoryLevel): void {
    this.observe(level);
    const account = this.#accounts.get(level.sku);
    if (account === undefined) {
      this.#differences.push(`SKU '${level.sku}' has a level, but was never loaded`);
      return;
    }
    account.quantity += level.quantity;
    account.reserved += level.reserved;
    if (
      level.available !== level.quantity - level.reserved ||
      level.reserved !== level.held + level.allocated
    ) {
      this.#differences.push(
        `SKU '${level.sku}' in warehouse ${level.warehouseId}: quantity ${level.quantity}, reserved ` +
          `${level.reserved} (held ${level.held}, allocated ${level.allocated}) and available ` +
          `${level.available} do not add up`,
      );
    }
  }

  /** Call once, after every level has been closed. */
  result(): BooksResult {
    let oversoldUnits = 0n;
    const differences = [...this.#differences];
    for (const [sku, account] of this.#accounts) {
      oversoldUnits += this.#oversold(sku, account);
      const expected = BigInt(account.initial) + BigInt(account.returned) - BigInt(account.fulfilled);
      if (account.quantity !== expected) {
        differences.push(
          `SKU '${sku}': ${account.initial} at the start + ${account.returned} returned - ` +
            `${account.fulfilled} shipped = ${expected}, but the levels say ${account.quantity}`,
        );
      }
      if (account.reserved !== BigInt(account.held)) {
        differences.push(
          `SKU '${sku}': ${account.reserved} reserved, where orders that are confirmed hold ${account.held}`,
        );
      }
    }
    return { skus: this.#accounts.size, oversoldUnits, differences };
  }

  #isScarce(sku: string): boolean {
    const { initial, ordered } = this.#account(sku);
    return ordered > initial;
  }

  /** Both views see the same units, so the larger one counts and not the sum. */
  #oversold(sku: string, account: Account): bigint {
    let seen = 0n;
    for (const units of this.#overdrawn.get(sku)?.values() ?? []) seen += units;
    const shipped = BigInt(account.fulfilled) - BigInt(account.initial) - BigInt(account.returned);
    return shipped > seen ? shipped : seen;
  }

  /** A SKU that was never loaded and moves all the same started with nothing, and shows up as oversold. */
  #account(sku: string): Account {
    const known = this.#accounts.get(sku);
    if (known !== undefined) return known;
    const account = newAccount(0);
    this.#accounts.set(sku, account);
    return account;
  }
}

function newAccount(initial: number): Account {
  return { initial, ordered: 0, returned: 0, held: 0, fulfilled: 0, quantity: 0n, reserved: 0n };
}

function overdrawnBy(level: InventoryLevel): bigint {
  const beyond = [level.reserved - level.quantity, -level.quantity, -level.available];
  return beyond.reduce((most, units) => (units > most ? units : most), 0n);
}
