// The client's own books of a replay: what each SKU started with, what came back and what left, as acknowledged.
// At the end they are compared with the levels that the service reports. Independent of the service's own audit.
import type { InventoryLevel } from '../../generated/synkro/inventory/v1/inventory.ts';

interface Account {
  initial: number;
  returned: number;
  fulfilled: number;
  /** Of the closing levels, over all warehouses. */
  quantity: bigint;
  reserved: bigint;
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

  returned(sku: string, units: number): void {
    this.#account(sku).returned += units;
  }

  fulfilled(sku: string, units: number): void {
    this.#account(sku).fulfilled += units;
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
            `${account.fulfilled} fulfilled = ${expected}, but the levels say ${account.quantity}`,
        );
      }
      if (account.reserved !== 0n) {
        differences.push(`SKU '${sku}': ${account.reserved} still reserved, where all is fulfilled`);
      }
    }
    return { skus: this.#accounts.size, oversoldUnits, differences };
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
  return { initial, returned: 0, fulfilled: 0, quantity: 0n, reserved: 0n };
}

function overdrawnBy(level: InventoryLevel): bigint {
  const beyond = [level.reserved - level.quantity, -level.quantity, -level.available];
  return beyond.reduce((most, units) => (units > most ? units : most), 0n);
}
