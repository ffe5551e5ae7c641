// What orders make the stock cell do. A cell only counts: who holds what is known to the orders alone. What it refuses
// it refuses as part of a message, so that the whole message has no effect; too little is an answer, not an error.
import { type Context, type Decision, InvariantViolation } from '../../behaviour.ts';
import type { Failure } from '../../failure.ts';
import { directoryOf, entryOf } from '../warehouse/directory.ts';
import type { DirectoryState } from '../warehouse/model.ts';
import { chooseDraws, drawable, type Source } from './draws.ts';
import { availableOf, type LevelChange, levelChanged, levelOf, levelView, viewAfter } from './levels.ts';
import type { CellCommand, CellMove, CellView, ItemEvent, ItemState, LevelCause } from './model.ts';
import { itemNotFound, liveDetails, warehouseNotFound } from './views.ts';

type Hold = Extract<CellCommand, { readonly type: 'hold' }>;
type Allocate = Extract<CellCommand, { readonly type: 'allocate' }>;
type Move = Extract<CellCommand, { readonly type: 'move' }>;

interface Taken {
  readonly warehouseId: string;
  readonly quantity: number;
  readonly change: LevelChange;
}

export function hold(state: ItemState, command: Hold, context: Context): Decision<ItemEvent> {
  const details = liveDetails(state);
  if (details === null) return refuse(itemNotFound(context.self.id));
  const { commits, orderId, quantity, strategy, warehouseId } = command;
  const directory = directoryOf(context);
  if (warehouseId !== null && entryOf(directory, warehouseId) === null) {
    return refuse(warehouseNotFound(warehouseId));
  }
  const sources = sourcesOf(state, directory, warehouseId);
  const available = drawable(strategy, sources);
  const draws = chooseDraws(strategy, sources, quantity);
  if (draws === null) return refuse(tooLittle({ sku: details.sku, available, draws: [] }));
  const taken = draws.map((draw) => ({
    ...draw,
    change:
      commits === true
        ? { cause: 'allocated' as const, allocated: draw.quantity, reference: orderId }
        : { cause: 'held' as const, held: draw.quantity, reference: orderId },
  }));
  return change(state, details.sku, available, taken, context);
}

export function allocate(state: ItemState, command: Allocate, context: Context): Decision<ItemEvent> {
  const details = liveDetails(state);
  if (details === null) return refuse(itemNotFound(context.self.id));
  const { orderId, quantity, warehouseId } = command;
  const directory = directoryOf(context);
  if (entryOf(directory, warehouseId) === null) return refuse(warehouseNotFound(warehouseId));
  const available = drawable('priority', sourcesOf(state, directory, warehouseId));
  if (available < quantity) {
    const level = state.levels[warehouseId];
    const levels = level === undefined ? [] : [levelView(context.self.id, details.sku, warehouseId, level)];
    return refuse(tooLittle({ sku: details.sku, available, draws: [], levels }));
  }
  const taken = {
    warehouseId,
    quantity,
    change: { cause: 'allocated' as const, allocated: quantity, reference: orderId },
  };
  return change(state, details.sku, available, [taken], context);
}

/** Moves what is held or allocated already: an order that asks for more than there is has lost count. */
export function move(state: ItemState, command: Move, context: Context): Decision<ItemEvent> {
  const { orderId, lines } = command;
  const details = liveDetails(state);
  if (details === null) {
    throw new InvariantViolation('I2', `order ${orderId} moves stock of the absent item ${context.self.id}`);
  }
  if (new Set(lines.map((line) => line.warehouseId)).size !== lines.length) {
    throw new InvariantViolation('I2', `order ${orderId} names a warehouse of ${details.sku} twice`);
  }
  for (const { warehouseId, quantity } of lines) {
    const level = levelOf(state.levels, warehouseId);
    const counted = moves[command.move].from === 'held' ? level.held : level.allocated;
    if (quantity <= 0 || counted < quantity) {
      throw new InvariantViolation(
        'I2',
        `${command.move} of ${quantity} for order ${orderId}: ${details.sku} in ${warehouseId} has ${counted} ${moves[command.move].from}`,
      );
    }
  }
  const available = lines.reduce(
    (sum, line) => sum + availableOf(levelOf(state.levels, line.warehouseId)),
    0,
  );
  const taken = lines.map((line) => ({
    ...line,
    change: { ...moves[command.move].change(line.quantity), reference: orderId },
  }));
  return change(state, details.sku, available, taken, context);
}

interface MoveRule {
  readonly from: 'held' | 'allocated';
  change(quantity: number): Omit<LevelChange, 'reference'>;
}

const moves: Readonly<Record<CellMove, MoveRule>> = {
  commit: {
    from: 'held',
    change: (quantity) => ({ cause: 'committed', held: -quantity, allocated: quantity }),
  },
  release: { from: 'held', change: (quantity) => freed('released', quantity) },
  expire: { from: 'held', change: (quantity) => freed('expired', quantity) },
  giveBack: { from: 'allocated', change: (quantity) => ({ cause: 'givenBack', allocated: -quantity }) },
  fulfill: {
    from: 'allocated',
    change: (quantity) => ({
      cause: 'fulfilled',
      delta: -quantity,
      allocated: -quantity,
      reason: 'fulfilled',
    }),
  },
};

function freed(cause: LevelCause, quantity: number): Omit<LevelChange, 'reference'> {
  return { cause, held: -quantity };
}

/** Active warehouses that have any; only the named one, where one is named. */
function sourcesOf(
  state: ItemState,
  directory: DirectoryState,
  warehouseId: string | null,
): readonly Source[] {
  const sources: Source[] = [];
  for (const id of warehouseId === null ? Object.keys(state.levels) : [warehouseId]) {
    const entry = entryOf(directory, id);
    const available = availableOf(levelOf(state.levels, id));
    if (entry?.isActive === true && available > 0) {
      sources.push({ warehouseId: id, available, priority: entry.priority });
    }
  }
  return sources;
}

function change(
  state: ItemState,
  sku: string,
  available: number,
  taken: readonly Taken[],
  context: Context,
): Decision<ItemEvent> {
  const changes = taken.map(({ warehouseId, quantity, change }) => ({
    quantity,
    event: levelChanged(levelOf(state.levels, warehouseId), { sku, warehouseId }, change, context.now),
  }));
  const draws = changes.map(({ quantity, event }) => ({
    quantity,
    level: viewAfter(context.self.id, event),
  }));
  const ok: CellView = { sku, available, draws };
  return { events: changes.map(({ event }) => event), reply: { ok } };
}

function tooLittle(view: CellView): { readonly ok: CellView } {
  return { ok: view };
}

function refuse(reply: { readonly ok: CellView } | { readonly error: Failure }): Decision<ItemEvent> {
  return { refuse: true, reply };
}
