// Which purchase is given back: the data set says only who gives back what, so it is taken from the customer's latest
// purchases first, as far as they have been delivered and not come back yet.
import type { OrderLine } from '../dataset.ts';

export interface PurchasedLine {
  readonly lineId: string;
  readonly sku: string;
  readonly quantity: number;
  /** In pence. */
  readonly unitPriceMinor: number;
}

/** An order that was delivered. */
export interface Purchase {
  readonly orderId: string;
  /** The place of its record in the file: later ones are later purchases. */
  readonly place: number;
  readonly lines: readonly PurchasedLine[];
}

/** What is to come back of one order: at least one line, each at most once. */
export interface Returned {
  readonly orderId: string;
  readonly lines: readonly PurchasedLine[];
}

export interface Match {
  readonly returns: readonly Returned[];
  /** What matches no purchase. */
  readonly rest: readonly OrderLine[];
}

interface Owned {
  readonly orderId: string;
  readonly place: number;
  readonly lines: (PurchasedLine & { left: number })[];
}

export class Purchases {
  /** Each customer's, the latest first. */
  readonly #byCustomer = new Map<string, Owned[]>();

  delivered(customer: string, { orderId, place, lines }: Purchase): void {
    const owned = this.#byCustomer.get(customer) ?? [];
    this.#byCustomer.set(customer, owned);
    const later = owned.findIndex((each) => each.place < place);
    const made = { orderId, place, lines: lines.map((line) => ({ ...line, left: line.quantity })) };
    owned.splice(later === -1 ? owned.length : later, 0, made);
  }

  /**
   * Takes what is given back out of the purchases.
   * @param place of the record that gives back: only purchases before it count
   */
  take(customer: string | null, place: number, lines: readonly OrderLine[]): Match {
    const returns = new Map<string, Map<string, PurchasedLine>>();
    const rest: OrderLine[] = [];
    const owned = customer === null ? [] : (this.#byCustomer.get(customer) ?? []);
    for (const line of lines) {
      let missing = line.quantity;
      for (const purchase of owned) {
        if (missing === 0) break;
        if (purchase.place >= place) continue;
        for (const own of purchase.lines) {
          const quantity = Math.min(missing, own.sku === line.sku ? own.left : 0);
          if (quantity === 0) continue;
          own.left -= quantity;
          missing -= quantity;
          const { lineId, sku, unitPriceMinor } = own;
          addTo(returns, purchase.orderId, { lineId, sku, quantity, unitPriceMinor });
        }
      }
      if (missing > 0) rest.push({ ...line, quantity: missing });
    }
    return {
      returns: Array.from(returns, ([orderId, its]) => ({ orderId, lines: [...its.values()] })),
      rest,
    };
  }
}

/** The same line may be given back on two lines of one record. */
function addTo(returns: Map<string, Map<string, PurchasedLine>>, orderId: string, line: PurchasedLine): void {
  const lines = returns.get(orderId) ?? new Map<string, PurchasedLine>();
  returns.set(orderId, lines);
  const known = lines.get(line.lineId);
  lines.set(line.lineId, { ...line, quantity: line.quantity + (known?.quantity ?? 0) });
}
