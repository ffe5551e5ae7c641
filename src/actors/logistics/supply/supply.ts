// The supply of one item (see model.ts). Whatever it is told it takes: events are what has happened. It asks nothing of
// anybody; that a repeat counts once is seen to by the runtime, which keeps the key of each command with its effect.
import type { Behaviour, Decision } from '../../behaviour.ts';
import { evolve, initial } from './evolve.ts';
import type { HeardAlert, Place, Supply, SupplyCommand, SupplyEvent, SupplyState } from './model.ts';

function decide({ supply }: SupplyState, command: SupplyCommand): Decision<SupplyEvent> {
  switch (command.type) {
    case 'get':
      return { reply: { ok: supply } };
    case 'stockLow':
      return alerted(supply, command.alert, true);
    case 'stockBack':
      return alerted(supply, command.alert, false);
    case 'alertsEnded':
      return alertsEnded(supply, command.warehouseId, command.place);
    case 'holdExpired':
      return taken([{ type: 'expired', ...command.loss }]);
    case 'reservationRefused':
      return taken([{ type: 'refused', ...command.loss }]);
  }
}

/** The newest counts, in whatever order they come. */
function alerted(supply: Supply | null, heard: HeardAlert, isLow: boolean): Decision<SupplyEvent> {
  const { sku, warehouseId, ...said } = heard;
  if (!isNews(supply, warehouseId, heard)) return taken([]);
  return taken([{ type: 'alerted', sku, warehouseId, alert: { ...said, isLow } }]);
}

/** Also those that are not low get the place, so that an older alert of theirs comes too late. */
function alertsEnded(supply: Supply | null, warehouseId: string | null, place: Place): Decision<SupplyEvent> {
  const warehouseIds = Object.keys(supply?.alerts ?? {}).filter(
    (each) => (warehouseId === null || each === warehouseId) && isNews(supply, each, place),
  );
  return taken(warehouseIds.length === 0 ? [] : [{ type: 'alertsEnded', warehouseIds, place }]);
}

function isNews(supply: Supply | null, warehouseId: string, place: Place): boolean {
  const alerts = supply?.alerts ?? {};
  const known = Object.hasOwn(alerts, warehouseId) ? alerts[warehouseId] : undefined;
  if (known === undefined) return true;
  return known.source === place.source ? place.sequence > known.sequence : place.at > known.at;
}

/** Answered with nothing: the answer is kept for as long as the key is. */
function taken(events: readonly SupplyEvent[]): Decision<SupplyEvent> {
  return { events, reply: { ok: null } };
}

export const supply: Behaviour<SupplyState, SupplyCommand, SupplyEvent> = {
  kind: 'supply',
  initial,
  decide,
  evolve,
};
