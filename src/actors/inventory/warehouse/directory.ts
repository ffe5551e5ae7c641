// The directory: one shard's copy of what cells need to know of the warehouses, and how to read it. It decides nothing:
// it takes what the warehouses' own actors (warehouse.ts) send, and only ever a newer change.
import type { Behaviour, Context, Decision } from '../../behaviour.ts';
import { isFlag, isInteger, objectOf, recordOf } from '../../shape.ts';
import type { DirectoryCommand, DirectoryEntry, DirectoryEvent, DirectoryState } from './model.ts';

export const isDirectoryEntry = objectOf<DirectoryEntry>({
  isActive: isFlag,
  priority: isInteger,
  change: isInteger,
});

export const isDirectoryState = objectOf<DirectoryState>({ warehouses: recordOf(isDirectoryEntry) });

/** Directories that were looked through already: states are values, and every hold asks. */
const known = new WeakSet<DirectoryState>();

/** The directory of the shard that a decision is made in. */
export function directoryOf(context: Context): DirectoryState {
  const { shared } = context;
  if (typeof shared === 'object' && shared !== null && isKnown(shared)) return shared;
  if (!isDirectoryState(shared)) throw new TypeError('the shared state of the shard is not a directory');
  known.add(shared);
  return shared;
}

function isKnown(shared: object): shared is DirectoryState {
  const seen: WeakSet<object> = known;
  return seen.has(shared);
}

/** Null: no such warehouse. */
export function entryOf(directory: DirectoryState, warehouseId: string): DirectoryEntry | null {
  if (!Object.hasOwn(directory.warehouses, warehouseId)) return null;
  return directory.warehouses[warehouseId] ?? null;
}

function decide(
  state: DirectoryState,
  command: DirectoryCommand,
  _context: Context,
): Decision<DirectoryEvent> {
  const { warehouseId, entry } = command;
  const reply = { ok: { change: entry.change } };
  const last = entryOf(state, warehouseId);
  if (last !== null && last.change >= entry.change) return { reply };
  return { events: [{ type: 'put', warehouseId, entry }], reply };
}

function evolve(state: DirectoryState, event: DirectoryEvent): DirectoryState {
  return { warehouses: { ...state.warehouses, [event.warehouseId]: event.entry } };
}

export const directory: Behaviour<DirectoryState, DirectoryCommand, DirectoryEvent> = {
  kind: 'directory',
  initial: { warehouses: {} },
  decide,
  evolve,
};
