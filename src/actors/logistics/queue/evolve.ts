// How events change a queue.
import { limits } from '../limits.ts';
import type { Entry, KnownLevel, QueueEvent, QueueState, SeenLevel, Taken } from './model.ts';

export const initial: QueueState = { entries: [], levels: {}, taken: [], doubt: 'none', looks: 0 };

export function evolve(state: QueueState, event: QueueEvent): QueueState {
  switch (event.type) {
    case 'joined': {
      const { orderId, quantity } = event;
      return { ...state, entries: [...state.entries, { orderId, quantity, state: 'waiting' }] };
    }
    case 'granted': {
      const granted = new Set(event.orderIds);
      return withEntries(state, (entry) =>
        granted.has(entry.orderId) ? { ...entry, state: 'granted', look: state.looks } : entry,
      );
    }
    case 'withdrawn': {
      const { orderId, isPassed } = event;
      const back = isPassed ? 'passed' : 'waiting';
      const after = withEntries(state, (entry) =>
        entry.orderId === orderId ? { orderId, quantity: entry.quantity, state: back } : entry,
      );
      return event.isStale ? { ...after, doubt: 'stale' } : after;
    }
    case 'left':
      return left(state, event.orderId, event.taken);
    case 'seen':
      return seen(state, event.levels);
  }
}

function withEntries(state: QueueState, change: (entry: Entry) => Entry): QueueState {
  return { ...state, entries: state.entries.map(change) };
}

/**
 * A queue that nobody waits in knows nothing: what it knew would be old when somebody comes. Whoever leaves unserved may be
 * the one for whom there was too little, and there may be enough for the next.
 */
function left(state: QueueState, orderId: string, taken: readonly Taken[]): QueueState {
  const entries = state.entries.filter((entry) => entry.orderId !== orderId);
  if (entries.length === 0) return { ...initial, looks: state.looks + 1 };
  const unseen = taken.filter(({ warehouseId, version }) => version > versionOf(state.levels, warehouseId));
  const all = [...state.taken, ...unseen];
  // Beyond the bound the oldest are forgotten: an order may then be granted too early, and finds too little.
  const doubt = state.doubt === 'stale' && taken.length > 0 ? 'stale' : 'none';
  return { ...state, entries, taken: all.slice(-limits.takenMax), doubt };
}

/** A level of the same version has another number where its warehouse was closed or opened. */
function seen(state: QueueState, levels: readonly SeenLevel[]): QueueState {
  const next: Record<string, KnownLevel> = { ...state.levels };
  for (const { warehouseId, available, version } of levels) {
    if (version >= versionOf(state.levels, warehouseId)) next[warehouseId] = { available, version };
  }
  const hasChanged = levels.some((level) => isNews(state.levels, level));
  const doubt = hasChanged || state.doubt === 'none' ? 'none' : 'probing';
  const taken = state.taken.filter(({ warehouseId, version }) => version > versionOf(next, warehouseId));
  return { ...state, levels: next, taken, doubt, looks: state.looks + 1 };
}

/** Whether it says something else than what is known. */
export function isNews(known: QueueState['levels'], { warehouseId, available, version }: SeenLevel): boolean {
  const before = Object.hasOwn(known, warehouseId) ? known[warehouseId] : undefined;
  if (before === undefined) return version > 0;
  return version > before.version || (version === before.version && available !== before.available);
}

function versionOf(levels: QueueState['levels'], warehouseId: string): number {
  return (Object.hasOwn(levels, warehouseId) ? levels[warehouseId]?.version : undefined) ?? 0;
}
