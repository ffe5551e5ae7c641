// Decisions about the item itself: create, get, update, delete.
import type { Context, Decision } from '../../behaviour.ts';
import { type Failure, fail, failField } from '../../failure.ts';
import { limits } from '../limits.ts';
import { directoryOf, entryOf } from '../warehouse/directory.ts';
import { evolve } from './evolve.ts';
import { levelChanged, levelOf } from './levels.ts';
import type { DeletedView, ItemCommand, ItemDetails, ItemEvent, ItemState, LevelChanged } from './model.ts';
import { itemNotFound, itemView, liveDetails, warehouseNotFound } from './views.ts';

type Create = Extract<ItemCommand, { readonly type: 'create' }>;
type Update = Extract<ItemCommand, { readonly type: 'update' }>;

export function create(state: ItemState, command: Create, context: Context): Decision<ItemEvent> {
  if (liveDetails(state) !== null) {
    return {
      reply: fail('sku-exists', `an item with SKU ${command.sku} exists`, { itemId: context.self.id }),
    };
  }
  const refusal = checkInitialLevels(command, context);
  if (refusal !== null) return { reply: refusal };
  const { sku, name, description, category, attributes } = command;
  const { now } = context;
  const details: ItemDetails = {
    sku,
    name,
    description,
    category,
    attributes,
    createdAt: now,
    updatedAt: now,
  };
  const received = command.initialLevels
    .filter((initial) => initial.quantity > 0)
    .map(({ warehouseId, quantity }) =>
      levelChanged(
        levelOf(state.levels, warehouseId),
        { sku, warehouseId },
        { cause: 'created', delta: quantity, reason: 'received', reference: '' },
        now,
      ),
    );
  const events: readonly ItemEvent[] = [{ type: 'created', details }, ...received];
  return { events, reply: { ok: itemView(context, details, events.reduce(evolve, state).levels) } };
}

function checkInitialLevels(command: Create, context: Context): { readonly error: Failure } | null {
  const directory = directoryOf(context);
  const seen = new Set<string>();
  let total = 0;
  for (const [index, { warehouseId, quantity }] of command.initialLevels.entries()) {
    if (seen.has(warehouseId)) {
      return failField(`initial_levels[${index}].warehouse_id`, 'this warehouse was named before');
    }
    seen.add(warehouseId);
    if (entryOf(directory, warehouseId) === null) return warehouseNotFound(warehouseId);
    total += quantity;
    if (total > limits.quantityMax) {
      return failField(
        `initial_levels[${index}].quantity`,
        `the item's stock would exceed ${limits.quantityMax}`,
      );
    }
  }
  return null;
}

export function get(state: ItemState, context: Context): Decision<ItemEvent> {
  const details = liveDetails(state);
  if (details === null) return { reply: itemNotFound(context.self.id) };
  return { reply: { ok: itemView(context, details, state.levels) } };
}

export function update(state: ItemState, command: Update, context: Context): Decision<ItemEvent> {
  const last = liveDetails(state);
  if (last === null) return { reply: itemNotFound(context.self.id) };
  const { name, description, category, attributes } = command;
  if ([name, description, category, attributes].every((field) => field === undefined)) {
    return { reply: { ok: itemView(context, last, state.levels) } };
  }
  const details: ItemDetails = {
    ...last,
    name: name ?? last.name,
    description: description ?? last.description,
    category: category ?? last.category,
    attributes: attributes ?? last.attributes,
    updatedAt: context.now,
  };
  return {
    events: [{ type: 'updated', details }],
    reply: { ok: itemView(context, details, state.levels) },
  };
}

export function remove(state: ItemState, context: Context): Decision<ItemEvent> {
  const details = liveDetails(state);
  if (details === null) return { reply: itemNotFound(context.self.id) };
  const levels = Object.entries(state.levels);
  const reserved = levels.reduce((sum, [, level]) => sum + level.held + level.allocated, 0);
  if (reserved > 0) {
    return {
      reply: fail('item-reserved', `${reserved} of ${details.sku} are reserved`, {
        reserved: String(reserved),
      }),
    };
  }
  const writtenOff = levels
    .filter(([, level]) => level.quantity > 0)
    .map(
      ([warehouseId, level]): LevelChanged =>
        levelChanged(
          level,
          { sku: details.sku, warehouseId },
          { cause: 'deleted', delta: -level.quantity, reason: 'deleted', reference: '' },
          context.now,
        ),
    );
  const ok: DeletedView = { id: context.self.id };
  return { events: [...writtenOff, { type: 'deleted', at: context.now }], reply: { ok } };
}
