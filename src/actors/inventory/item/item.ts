// The item and its stock cell: one actor a SKU, and the only place where its stock is counted. What an order holds of
// it is not known here (see ../order). Decisions are in details.ts, stock.ts and cell.ts.
import type { Context, Decision } from '../../behaviour.ts';
import { numbered } from '../../numbered.ts';
import { allocate, hold, move } from './cell.ts';
import { create, get, remove, update } from './details.ts';
import { evolve } from './evolve.ts';
import type { ItemCommand, ItemEvent, ItemState } from './model.ts';
import { publishedCount } from './published.ts';
import { adjust, setPolicy, transfer } from './stock.ts';

function decide(state: ItemState, command: ItemCommand, context: Context): Decision<ItemEvent> {
  switch (command.type) {
    case 'create':
      return create(state, command, context);
    case 'get':
      return get(state, context);
    case 'update':
      return update(state, command, context);
    case 'delete':
      return remove(state, context);
    case 'adjust':
      return adjust(state, command, context);
    case 'transfer':
      return transfer(state, command, context);
    case 'setPolicy':
      return setPolicy(state, command, context);
    case 'hold':
      return hold(state, command, context);
    case 'allocate':
      return allocate(state, command, context);
    case 'move':
      return move(state, command, context);
  }
}

const initial: ItemState = { details: null, deletedAt: null, levels: {} };

/** Every change of a quantity is a stock movement; what only moves between held, allocated and free is none. */
function isLedger(event: ItemEvent): boolean {
  return event.type === 'level' && event.delta !== 0;
}

export const item = numbered({ kind: 'item', initial, decide, evolve, isLedger }, publishedCount);
