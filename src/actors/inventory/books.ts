// The audit: whether what the cells count is what the orders hold, to the unit. Pure: whoever asks brings the states as
// they stood at ONE set of journal positions, and what of the messages between them was still on its way there. The
// command line's audit, the simulator and the tests share it. It names what differs; it mends nothing.
import type { Answer, Message, Part, Reply } from '../behaviour.ts';
import { isObject } from '../shape.ts';
import { isCellView, isItemState } from './item/guards.ts';
import type { ItemState } from './item/model.ts';
import { limits } from './limits.ts';
import { auditAttempts } from './order-stock/audit.ts';
import { isOrderState } from './order-stock/guards.ts';
import { lineKey } from './order-stock/lines.ts';
import type { OrderState } from './order-stock/model.ts';

/** A message whose parts were applied, and whose answer its order had not recorded yet. */
export interface Unrecorded {
  readonly orderId: string;
  readonly tag: string;
  readonly message: Message;
  readonly answer: Answer;
}

export interface AuditInput {
  /** Of kind item; the states as they come out of storage. */
  readonly items: Iterable<{ readonly id: string; readonly state: unknown }>;
  /** Of kind order. */
  readonly orders: Iterable<{ readonly id: string; readonly state: unknown }>;
  /** The sum of all movements of a level, by `${itemId}/${warehouseId}`. */
  readonly movements: ReadonlyMap<string, number>;
  readonly unrecorded: Iterable<Unrecorded>;
}

export interface AuditReport {
  readonly levelsChecked: number;
  readonly ordersChecked: number;
  readonly reservationsChecked: number;
  /** Each begins with the number of the invariant that is broken. At most `auditDifferencesMax`. */
  readonly differences: readonly string[];
  readonly differenceCount: number;
}

/** The same, piece by piece, for whoever reads the states in pages. The order of the pieces does not matter. */
export interface Books {
  addItem(id: string, state: unknown): void;
  addOrder(id: string, state: unknown): void;
  /** May be called several times for a level: the sums add up. */
  addMovement(key: string, sum: number): void;
  addUnrecorded(unrecorded: Unrecorded): void;
  close(): AuditReport;
}

export function audit(input: AuditInput): AuditReport {
  const books = openBooks();
  for (const { id, state } of input.items) books.addItem(id, state);
  for (const { id, state } of input.orders) books.addOrder(id, state);
  for (const [key, sum] of input.movements) books.addMovement(key, sum);
  for (const unrecorded of input.unrecorded) books.addUnrecorded(unrecorded);
  return books.close();
}

/** What is counted of one level: by its cell, or by everybody else. */
interface Count {
  quantity: number;
  held: number;
  allocated: number;
}

type Counts = Map<string, Count>;

interface Ledger {
  /** By `${itemId}/${warehouseId}`. */
  readonly cells: Counts;
  readonly others: Counts;
  readonly differences: string[];
  differenceCount: number;
  orders: number;
  reservations: number;
}

export function openBooks(): Books {
  const ledger: Ledger = {
    cells: new Map(),
    others: new Map(),
    differences: [],
    differenceCount: 0,
    orders: 0,
    reservations: 0,
  };
  return {
    addItem(id, state) {
      if (isItemState(state)) addLevels(ledger, id, state);
      else differ(ledger, `I3: the state of item ${id} is not one`);
    },
    addOrder(id, state) {
      if (isOrderState(state)) addLines(ledger, id, state);
      else differ(ledger, `I3: the state of order ${id} is not one`);
    },
    addMovement(key, sum) {
      countOf(ledger.others, key).quantity += sum;
    },
    addUnrecorded(unrecorded) {
      addEffects(ledger, unrecorded);
    },
    close: () => close(ledger),
  };
}

function addLevels(ledger: Ledger, itemId: string, state: ItemState): void {
  for (const [warehouseId, { quantity, held, allocated }] of Object.entries(state.levels)) {
    const key = lineKey({ itemId, warehouseId });
    if (held < 0 || allocated < 0 || held + allocated > quantity) {
      differ(ledger, `I1: level ${key} has quantity ${quantity}, held ${held}, allocated ${allocated}`);
    }
    ledger.cells.set(key, { quantity, held, allocated });
  }
}

function addLines(ledger: Ledger, orderId: string, state: OrderState): void {
  ledger.orders += 1;
  ledger.reservations += state.attempts.length;
  for (const lines of [...state.attempts.map((attempt) => attempt.lines), state.direct]) {
    for (const line of lines) {
      const count = countOf(ledger.others, lineKey(line));
      count.held += line.held;
      count.allocated += line.allocated;
    }
  }
  for (const difference of auditAttempts(state)) differ(ledger, `${difference} (order ${orderId})`);
}

/** What one unit of a part's draws does to held and allocated. */
const effects: Readonly<Record<string, { readonly held: number; readonly allocated: number }>> = {
  hold: { held: 1, allocated: 0 },
  allocate: { held: 0, allocated: 1 },
  commit: { held: -1, allocated: 1 },
  release: { held: -1, allocated: 0 },
  expire: { held: -1, allocated: 0 },
  giveBack: { held: 0, allocated: -1 },
  fulfill: { held: 0, allocated: -1 },
};

function addEffects(ledger: Ledger, { answer, message, orderId, tag }: Unrecorded): void {
  if (answer.refused) return;
  for (const [index, part] of message.parts.entries()) {
    if (part.ref.kind !== 'item') continue;
    if (!addEffect(ledger, part, answer.replies[index])) {
      differ(ledger, `I2: message ${tag} of order ${orderId} was applied to ${part.ref.id}, no telling how`);
    }
  }
}

function addEffect(ledger: Ledger, part: Part, reply: Reply | undefined): boolean {
  const { command, ref } = part;
  const name = isObject(command) ? nameOf(command) : null;
  const effect = typeof name === 'string' ? effects[name] : undefined;
  if (effect === undefined || reply === undefined || !('ok' in reply) || !isCellView(reply.ok)) return false;
  for (const { level, quantity } of reply.ok.draws) {
    const count = countOf(ledger.others, lineKey({ itemId: ref.id, warehouseId: level.warehouseId }));
    count.held += effect.held * quantity;
    count.allocated += effect.allocated * quantity;
  }
  return true;
}

/** In `effects`. */
function nameOf({ commits, move, type }: Readonly<Record<string, unknown>>): unknown {
  if (type === 'move') return move;
  return type === 'hold' && commits === true ? 'allocate' : type;
}

function close(ledger: Ledger): AuditReport {
  const nothing: Count = { quantity: 0, held: 0, allocated: 0 };
  for (const key of new Set([...ledger.cells.keys(), ...ledger.others.keys()])) {
    const cell = ledger.cells.get(key) ?? nothing;
    const others = ledger.others.get(key) ?? nothing;
    compare(ledger, key, 'quantity', cell.quantity, others.quantity, 'its movements sum to');
    compare(ledger, key, 'held', cell.held, others.held, 'orders have');
    compare(ledger, key, 'allocated', cell.allocated, others.allocated, 'orders have');
  }
  return {
    levelsChecked: ledger.cells.size,
    ordersChecked: ledger.orders,
    reservationsChecked: ledger.reservations,
    differences: [...ledger.differences],
    differenceCount: ledger.differenceCount,
  };
}

function compare(
  ledger: Ledger,
  key: string,
  what: keyof Count,
  cell: number,
  others: number,
  who: string,
): void {
  if (cell !== others) differ(ledger, `I2: level ${key} counts ${what} ${cell}, ${who} ${others}`);
}

function differ(ledger: Ledger, difference: string): void {
  ledger.differenceCount += 1;
  if (ledger.differences.length < limits.auditDifferencesMax) ledger.differences.push(difference);
}

function countOf(counts: Counts, key: string): Count {
  const found = counts.get(key);
  if (found !== undefined) return found;
  const made = { quantity: 0, held: 0, allocated: 0 };
  counts.set(key, made);
  return made;
}
