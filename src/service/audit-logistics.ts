// The audit of Logistics' database, and the orders in it for those who compare them with Inventory.
import type { Ref } from '../actors/behaviour.ts';
import { logisticsBehaviours } from '../actors/logistics/behaviours.ts';
import { type LogisticsReport, openLogisticsBooks } from '../actors/logistics/books.ts';
import type { Order } from '../actors/logistics/order/model.ts';
import { isOrderState } from '../actors/logistics/order/state-guards.ts';
import { isQueueState } from '../actors/logistics/queue/guards.ts';
import type { StoreLog } from '../persistence/connect.ts';
import { type OrderColumns, readLogisticsForAudit } from '../persistence/logistics/audit-read.ts';
import { AuditTail } from './audit-tail.ts';

/** @param heard of every order. @throws StoreError where the database does not answer */
export async function auditLogistics(
  url: string,
  log: StoreLog,
  heard: (orderId: string, order: Order) => void = () => {},
): Promise<LogisticsReport> {
  const books = openLogisticsBooks();
  const tail = new AuditTail(logisticsBehaviours, {
    isState,
    onMisfit: ({ kind, id }, why) =>
      books.addDifference(`I3: the journal does not fit ${kind} ${id}: ${why}`),
  });
  const addOrder = (id: string, state: unknown): void => {
    const order = books.addOrder(id, state);
    if (order !== null) heard(id, order);
  };
  await readLogisticsForAudit({ url, log }, null, {
    head: (head) => tail.head(head),
    journal: (row) => tail.journal(row),
    order(actor, columns) {
      const { id } = actor.ref;
      if (isOrderState(actor.state))
        for (const difference of compareColumns(id, actor.state.order, columns))
          books.addDifference(difference);
      addOrder(id, tail.fold(actor));
    },
    queue: (actor) => books.addQueue(actor.ref.id, tail.fold(actor)),
  });
  for (const { id, state } of tail.unstored('order')) addOrder(id, state);
  for (const { id, state } of tail.unstored('queue')) books.addQueue(id, state);
  for (const { origin, message } of tail.unanswered()) books.addMessage(origin, message);
  return books.close();
}

/** These orders as they are now; those that there are not, or that cannot be read, are left out. @throws StoreError */
export async function readOrders(
  url: string,
  log: StoreLog,
  orderIds: readonly string[],
): Promise<ReadonlyMap<string, Order>> {
  const tail = new AuditTail(logisticsBehaviours, { isState, onMisfit: () => {} });
  const orders = new Map<string, Order>();
  const wanted = new Set(orderIds);
  const add = (id: string, state: unknown): void => {
    if (isOrderState(state) && state.order !== null) orders.set(id, state.order);
  };
  await readLogisticsForAudit({ url, log }, orderIds, {
    head: (head) => tail.head(head),
    journal: (row) => tail.journal(row),
    order: (actor) => add(actor.ref.id, tail.fold(actor)),
  });
  for (const { id, state } of tail.unstored('order', wanted)) add(id, state);
  return orders;
}

function isState({ kind }: Ref, state: unknown): boolean {
  return kind === 'order' ? isOrderState(state) : isQueueState(state);
}

/** Lists and reports go by the columns: they say what the state says. */
function compareColumns(id: string, order: Order | null, columns: OrderColumns): readonly string[] {
  if (order === null) return [`I3: order ${id} has a row, and was never made`];
  const due = columnsOf(order);
  return columnNames
    .filter((name) => due[name] !== columns[name])
    .map((name) => `I3: order ${id}: its row says ${name} ${columns[name]}, its state ${due[name]}`);
}

const columnNames = ['status', 'customerId', 'currency', 'total', 'captured', 'refunded', 'units'] as const;

function columnsOf({ status, customerId, total, payments, lines }: Order): OrderColumns {
  const captured = payments.filter((payment) => payment.status === 'captured');
  const refunds = payments.flatMap((payment) => payment.refunds.filter((refund) => refund.status === 'done'));
  return {
    status,
    customerId: customerId === '' ? null : customerId,
    currency: total.currency,
    total: total.minor,
    captured: sum(captured.map(({ amount }) => amount.minor)),
    refunded: sum(refunds.map(({ amount }) => amount.minor)),
    units: sum(lines.map(({ quantity }) => quantity)),
  };
}

/** Of whole numbers; what is no number makes the sum no number. */
function sum(values: readonly (string | number)[]): string {
  try {
    return values.reduce((total, value) => total + BigInt(value), 0n).toString();
  } catch {
    return 'no number';
  }
}
