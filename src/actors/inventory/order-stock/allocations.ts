// Decisions about allocations: stock that is the order's for good, whether it came from a reservation or directly.
import type { Context, Decision } from '../../behaviour.ts';
import { compareText } from '../../compare.ts';
import { type Failure, fail, failField } from '../../failure.ts';
import { limits } from '../limits.ts';
import { lastAttempt } from './attempts.ts';
import { allocateMessages, groupsOf, type Moved, moveMessages } from './groups.ts';
import { lineKey } from './lines.ts';
import type { Line, OrderCommand, OrderEvent, OrderState } from './model.ts';
import { begin, waitFor } from './operations.ts';

type Of<Type extends OrderCommand['type']> = Extract<OrderCommand, { readonly type: Type }>;

export function allocate(state: OrderState, command: Of<'allocate'>, context: Context): Decision<OrderEvent> {
  const { direct, operation, operations } = state;
  if (operation !== null) return waitFor(operation, context.receipt);
  const { itemId, warehouseId, quantity } = command;
  const isNew = direct.every((line) => lineKey(line) !== lineKey(command));
  if (isNew && direct.length >= limits.directLinesPerOrderMax) {
    return {
      reply: fail(
        'limit-reached',
        `the order has ${limits.directLinesPerOrderMax} allocated lines, the most there can be`,
      ),
    };
  }
  const groups = groupsOf([{ itemId, warehouseId, quantity }], context);
  const messages = allocateMessages(context.self.id, operations + 1, groups, command);
  return begin(
    state,
    { kind: 'allocate', attempt: null, groups, receipt: context.receipt },
    messages,
    context,
  );
}

export function giveBack(state: OrderState, command: Of<'giveBack'>, context: Context): Decision<OrderEvent> {
  if (state.operation !== null) return waitFor(state.operation, context.receipt);
  if (command.itemId === null && command.quantity !== null) {
    return { reply: failField('item_id', 'has to be set where the quantity is') };
  }
  const pool = poolOf(state);
  if (isRepeatOfAll(command, pool, state, 'givenBack')) return nothingLeft;
  const taken = take(pool, command);
  if ('error' in taken) return { reply: taken };
  return moveAllocated(state, 'giveBack', taken.moved, context);
}

export function fulfill(state: OrderState, command: Of<'fulfill'>, context: Context): Decision<OrderEvent> {
  if (state.operation !== null) return waitFor(state.operation, context.receipt);
  const all = { itemId: null, warehouseId: null, quantity: null };
  const pool = poolOf(state);
  if (command.lines.length === 0 && isRepeatOfAll(all, pool, state, 'fulfilled')) return nothingLeft;
  const moved: Moved[] = [];
  for (const wanted of command.lines.length === 0 ? [all] : command.lines) {
    const taken = take(pool, wanted);
    if ('error' in taken) return { reply: taken };
    moved.push(...taken.moved);
  }
  return moveAllocated(state, 'fulfill', moved, context);
}

/** The answer to a repeat of what was done whole: it is done, and no level changes. */
const nothingLeft: Decision<OrderEvent> = { reply: { ok: { success: true, levels: [] } } };

/** Whether everything is asked for, nothing is left, and something went that way before. */
function isRepeatOfAll(
  { itemId, warehouseId, quantity }: Wanted,
  pool: Pool,
  state: OrderState,
  went: 'fulfilled' | 'givenBack',
): boolean {
  if (itemId !== null || warehouseId !== null || quantity !== null || pool.size > 0) return false;
  return [...state.attempts.flatMap((attempt) => attempt.lines), ...state.direct].some(
    (line) => line[went] > 0,
  );
}

function moveAllocated(
  state: OrderState,
  kind: 'giveBack' | 'fulfill',
  moved: readonly Moved[],
  context: Context,
): Decision<OrderEvent> {
  const groups = groupsOf(moved, context);
  const messages = moveMessages(context.self.id, state.operations + 1, kind, groups);
  return begin(state, { kind, attempt: null, groups, receipt: context.receipt }, messages, context);
}

/** What of a line has not been taken yet, while one command picks its units. */
interface Slot {
  readonly itemId: string;
  readonly sku: string;
  readonly warehouseId: string;
  left: number;
}

type Pool = ReadonlyMap<string, readonly Slot[]>;

interface Wanted {
  readonly itemId: string | null;
  readonly warehouseId: string | null;
  readonly quantity: number | null;
}

/** By item: the committed reservation's lines first, then those without a reservation; each in order of warehouse. */
function poolOf(state: OrderState): Pool {
  const last = lastAttempt(state);
  const committed = last?.status === 'committed' ? last.lines : [];
  const pool = new Map<string, Slot[]>();
  for (const line of [...inOrder(committed), ...inOrder(state.direct)]) {
    if (line.allocated === 0) continue;
    const { itemId, sku, warehouseId, allocated } = line;
    const slot = { itemId, sku, warehouseId, left: allocated };
    const slots = pool.get(line.itemId);
    if (slots === undefined) pool.set(line.itemId, [slot]);
    else slots.push(slot);
  }
  return pool;
}

function inOrder(lines: readonly Line[]): readonly Line[] {
  return lines.toSorted((a, b) => compareText(a.warehouseId, b.warehouseId));
}

function take(
  pool: Pool,
  wanted: Wanted,
): { readonly moved: readonly Moved[] } | { readonly error: Failure } {
  const { itemId, quantity, warehouseId } = wanted;
  const slots = (itemId === null ? [...pool.values()].flat() : (pool.get(itemId) ?? [])).filter(
    (slot) => slot.left > 0 && (warehouseId === null || slot.warehouseId === warehouseId),
  );
  const allocated = slots.reduce((sum, slot) => sum + slot.left, 0);
  const where = describe(wanted);
  if (allocated === 0) return fail('allocation-not-found', `the order has nothing allocated${where}`);
  if (quantity !== null && quantity > allocated) {
    return fail('insufficient-available', `the order has ${allocated} allocated${where}, not ${quantity}`, {
      allocated: String(allocated),
    });
  }
  let rest = quantity ?? allocated;
  const moved: Moved[] = [];
  for (const slot of slots) {
    const taken = Math.min(rest, slot.left);
    const { left: _, ...place } = slot;
    if (taken > 0) moved.push({ ...place, quantity: taken });
    slot.left -= taken;
    rest -= taken;
  }
  return { moved };
}

function describe({ itemId, warehouseId }: Wanted): string {
  const item = itemId === null ? '' : ` of item ${itemId}`;
  return warehouseId === null ? item : `${item} in warehouse ${warehouseId}`;
}
