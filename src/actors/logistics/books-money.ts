// What must hold of one order's money, judged by its state alone (I19): it is taken at most once and only for what was
// confirmed, and never more is given back than was taken. Part of the audit (books.ts).
import type { Order, Payment, ShippedItem } from './order/model.ts';

export function auditMoney(order: Order): readonly string[] {
  const amounts = amountsOf(order).filter((minor) => !/^\d{1,18}$/.test(minor));
  if (amounts.length > 0) return amounts.map((minor) => `I19: '${minor}' is no amount`);
  return [...auditTotal(order), ...auditPayments(order), ...auditPaid(order), ...auditRefunds(order)].map(
    (what) => `I19: ${what}`,
  );
}

function amountsOf({ total, lines, payments, returns }: Order): readonly string[] {
  return [
    total.minor,
    ...lines.map(({ unitMinor }) => unitMinor),
    ...payments.flatMap(({ amount, refunds }) => [amount.minor, ...refunds.map((each) => each.amount.minor)]),
    ...returns.map(({ refund }) => refund.minor),
  ];
}

function auditTotal({ lines, total, payments }: Order): readonly string[] {
  const worth = worthOf({ lines }, lines);
  const differences = payments
    .filter(({ amount }) => amount.currency !== total.currency || amount.minor !== total.minor)
    .map(({ id, amount }) => `payment ${id} is over ${textOf(amount)}, the order over ${textOf(total)}`);
  if (BigInt(total.minor) === worth) return differences;
  return [`its lines are worth ${worth}, its total is ${total.minor}`, ...differences];
}

/** At most one payment is taken; while it is not known whether, no other is asked for. */
function auditPayments({ payments }: Order): readonly string[] {
  const taking = payments.filter(({ status }) => status === 'captured' || status === 'capturing');
  const open = payments.filter(({ status }) => ['authorizing', 'pending', 'authorized'].includes(status));
  const differences: string[] = [];
  if (taking.length > 1) differences.push(`${taking.length} payments are captured or being captured`);
  if (taking.length + open.length > 1 && taking.length > 0)
    differences.push('another payment is open beside the one that is captured');
  return differences;
}

const spent: readonly Payment['status'][] = ['declined', 'failed', 'voiding', 'voided'];

function auditPaid({ status, total, payments, shipments }: Order): readonly string[] {
  const isFree = BigInt(total.minor) === 0n;
  const last = payments.at(-1);
  const isCaptured = isFree || payments.some((payment) => payment.status === 'captured');
  const differences: string[] = [];
  if (!isCaptured && (status === 'shipped' || status === 'delivered' || shipments.length > 0))
    differences.push('goods have left or are leaving, and nothing is captured');
  if (status === 'confirmed' && !isFree && (last === undefined || spent.includes(last.status)))
    differences.push(`it is confirmed, and its payment is ${last?.status ?? 'missing'}`);
  if (status !== 'confirmed' && status !== 'shipped' && status !== 'delivered' && status !== 'cancelled')
    for (const payment of payments)
      if (payment.status === 'captured' || payment.status === 'capturing')
        differences.push(`it is ${status}, and its payment is ${payment.status}`);
  if (status === 'cancelled')
    for (const payment of payments)
      if (payment.status === 'authorized' || payment.status === 'capturing')
        differences.push(`it is cancelled, and its payment is ${payment.status}`);
  return differences;
}

/** What came back is refunded at the price it was sold for; what was cancelled, whole. A gateway may decline either. */
function auditRefunds(order: Order): readonly string[] {
  const { status, total, payments, restCancel, returns } = order;
  const differences: string[] = [];
  let asked = 0n;
  let given = 0n;
  const numbers = new Set<number>();
  for (const payment of payments) {
    for (const refund of payment.refunds) {
      const minor = BigInt(refund.amount.minor);
      asked += minor;
      if (refund.status !== 'declined') given += minor;
      if (payment.status !== 'captured')
        differences.push(`refund ${refund.number} is of a payment that is ${payment.status}`);
      if (refund.amount.currency !== total.currency || minor === 0n)
        differences.push(`refund ${refund.number} is over ${textOf(refund.amount)}`);
      if (numbers.has(refund.number)) differences.push(`refund ${refund.number} is there twice`);
      numbers.add(refund.number);
    }
  }
  for (const { number, items, refund } of returns) {
    const worth = worthOf(order, items);
    if (BigInt(refund.minor) !== worth)
      differences.push(`return ${number} is worth ${worth}, its refund is ${refund.minor}`);
  }
  const isCaptured = payments.some((payment) => payment.status === 'captured');
  const due = !isCaptured
    ? 0n
    : status === 'cancelled'
      ? BigInt(total.minor)
      : worthOf(order, [...returnedItems(order), ...(restCancel?.items ?? [])]);
  if (asked !== due)
    differences.push(`it is ${status}, and refunds of ${asked} were asked for, where ${due} are due`);
  if (given > BigInt(total.minor)) differences.push(`${given} are given back of ${total.minor}`);
  return differences;
}

function returnedItems({ returns }: Order): readonly ShippedItem[] {
  return returns.flatMap(({ items }) => items);
}

/** In minor units; what is no line is worth nothing. */
function worthOf({ lines }: Pick<Order, 'lines'>, items: readonly ShippedItem[]): bigint {
  const unitOf = new Map(lines.map(({ lineId, unitMinor }) => [lineId, BigInt(unitMinor)]));
  return items.reduce((sum, { lineId, quantity }) => sum + (unitOf.get(lineId) ?? 0n) * BigInt(quantity), 0n);
}

function textOf({ currency, minor }: Order['total']): string {
  return `${minor} ${currency}`;
}
