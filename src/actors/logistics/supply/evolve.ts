// How events change a supply. What was counted does not depend on the order in which they came.
import type { Losses, Place, Supply, SupplyEvent, SupplyState } from './model.ts';

export const initial: SupplyState = { supply: null };

export function evolve({ supply }: SupplyState, event: SupplyEvent): SupplyState {
  switch (event.type) {
    case 'alerted': {
      const { sku, warehouseId, alert } = event;
      const known = heard(supply ?? begun(sku, alert.at), alert.at);
      return { supply: { ...known, alerts: { ...known.alerts, [warehouseId]: alert } } };
    }
    case 'alertsEnded':
      return { supply: supply && ended(heard(supply, event.place.at), event.warehouseIds, event.place) };
    case 'expired':
    case 'refused': {
      const known = heard(supply ?? begun(event.sku, event.at), event.at);
      return { supply: { ...known, ...counted(known, event.type, event.units) } };
    }
  }
}

function begun(sku: string, at: number): Supply {
  return {
    sku,
    alerts: {},
    expiredHolds: 0,
    expiredUnits: 0,
    refusals: 0,
    refusedUnits: 0,
    since: at,
    updatedAt: at,
  };
}

function heard(supply: Supply, at: number): Supply {
  return { ...supply, since: Math.min(supply.since, at), updatedAt: Math.max(supply.updatedAt, at) };
}

function counted(losses: Losses, type: 'expired' | 'refused', units: number): Partial<Losses> {
  return type === 'expired'
    ? { expiredHolds: plus(losses.expiredHolds, 1), expiredUnits: plus(losses.expiredUnits, units) }
    : { refusals: plus(losses.refusals, 1), refusedUnits: plus(losses.refusedUnits, units) };
}

/** Stops at what a number holds exactly. */
function plus(sum: number, more: number): number {
  return Math.min(sum + more, Number.MAX_SAFE_INTEGER);
}

function ended(supply: Supply, warehouseIds: readonly string[], place: Place): Supply {
  const alerts = { ...supply.alerts };
  for (const warehouseId of warehouseIds) {
    const alert = alerts[warehouseId];
    if (alert !== undefined) alerts[warehouseId] = { ...alert, ...place, isLow: false };
  }
  return { ...supply, alerts };
}
