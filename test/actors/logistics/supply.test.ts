// What is counted for an item, and what its alerts say: each event once, the newest alert whatever comes when.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logisticsBehaviours } from '../../../src/actors/logistics/behaviours.ts';
import type { Place, Supply, SupplyCommand } from '../../../src/actors/logistics/supply/model.ts';
import { World } from '../support/world.ts';

const itemId = 'item@1';
const sku = 'SKU-1';

const world = () => new World(4, logisticsBehaviours);
const place = (sequence: number, source = 'inventory', at = sequence): Place => ({ source, sequence, at });

function alert(
  type: 'stockLow' | 'stockBack',
  sequence: number,
  more: { readonly warehouseId?: string; readonly place?: Place } = {},
): SupplyCommand {
  const { warehouseId = 'north', place: at = place(sequence) } = more;
  return { type, alert: { sku, warehouseId, available: sequence, threshold: 10, ...at } };
}

const expired = (units: number, at = 1): SupplyCommand => ({ type: 'holdExpired', loss: { sku, units, at } });
const refused = (units: number, at = 1): SupplyCommand => ({
  type: 'reservationRefused',
  loss: { sku, units, at },
});

function supplyOf(...commands: readonly SupplyCommand[]): Supply {
  const w = world();
  for (const command of commands) expect(w.settle('supply', itemId, command)).toEqual({ ok: null });
  return stateOf(w);
}

function stateOf(w: World): Supply {
  const { supply } = Object(w.state('supply', itemId));
  w.checkFolds();
  expect(w.settle('supply', itemId, { type: 'get' })).toEqual({ ok: supply });
  return supply;
}

describe('what is lost', () => {
  test('nothing was heard of an item: null', () => {
    expect(world().settle('supply', itemId, { type: 'get' })).toEqual({ ok: null });
  });

  test('holds that expired and reservations that were refused are counted apart, with their units', () => {
    expect(supplyOf(expired(3, 20), expired(4, 10), refused(0, 30), refused(5, 15))).toEqual({
      sku,
      alerts: {},
      expiredHolds: 2,
      expiredUnits: 7,
      refusals: 2,
      refusedUnits: 5,
      since: 10,
      updatedAt: 30,
    });
  });

  test('sums stop at what a number holds exactly', () => {
    const { expiredHolds, expiredUnits } = supplyOf(expired(Number.MAX_SAFE_INTEGER), expired(7));
    expect([expiredHolds, expiredUnits]).toEqual([2, Number.MAX_SAFE_INTEGER]);
  });
});

describe('alerts', () => {
  const alertsOf = (...commands: readonly SupplyCommand[]) =>
    Object.entries(supplyOf(...commands).alerts).map(([warehouseId, { isLow, sequence }]) => [
      warehouseId,
      isLow,
      sequence,
    ]);

  test('each warehouse has its own, with what was there and when', () => {
    const { alerts } = supplyOf(alert('stockLow', 4), alert('stockBack', 5, { warehouseId: 'south' }));
    expect(alerts).toEqual({
      north: { isLow: true, available: 4, threshold: 10, source: 'inventory', sequence: 4, at: 4 },
      south: { isLow: false, available: 5, threshold: 10, source: 'inventory', sequence: 5, at: 5 },
    });
  });

  test('a newer one takes the place of an older one, and no older one that of a newer', () => {
    expect(alertsOf(alert('stockLow', 4), alert('stockBack', 9))).toEqual([['north', false, 9]]);
    expect(alertsOf(alert('stockBack', 9), alert('stockLow', 4))).toEqual([['north', false, 9]]);
    expect(alertsOf(alert('stockLow', 9), alert('stockBack', 9))).toEqual([['north', true, 9]]);
  });

  test('of two sources, whose sequences have nothing to do with each other, the later one counts', () => {
    const other = (sequence: number, at: number) => ({ place: place(sequence, 'restored', at) });
    expect(alertsOf(alert('stockLow', 9), alert('stockBack', 0, other(1, 10)))).toEqual([
      ['north', false, 1],
    ]);
    expect(alertsOf(alert('stockLow', 9), alert('stockBack', 0, other(50, 8)))).toEqual([['north', true, 9]]);
  });

  test('a warehouse may be called as what every object has', () => {
    expect(alertsOf(alert('stockLow', 1, { warehouseId: 'constructor' }))).toEqual([
      ['constructor', true, 1],
    ]);
  });

  test('they end with the threshold of a warehouse, and with the item in all; older ones come too late', () => {
    const both = [alert('stockLow', 1), alert('stockLow', 2, { warehouseId: 'south' })];
    const ended = (warehouseId: string | null, sequence: number): SupplyCommand => ({
      type: 'alertsEnded',
      warehouseId,
      place: place(sequence),
    });
    expect(alertsOf(...both, ended('north', 5), alert('stockLow', 4))).toEqual([
      ['north', false, 5],
      ['south', true, 2],
    ]);
    expect(alertsOf(...both, ended(null, 5))).toEqual([
      ['north', false, 5],
      ['south', false, 5],
    ]);
    expect(alertsOf(alert('stockLow', 6), ended(null, 5))).toEqual([['north', true, 6]]);
    expect(alertsOf(...both, ended(null, 5), alert('stockLow', 6))).toEqual([
      ['north', true, 6],
      ['south', false, 5],
    ]);
  });

  test('that end where there are none leave nothing behind', () => {
    const w = world();
    expect(w.settle('supply', itemId, { type: 'alertsEnded', warehouseId: null, place: place(1) })).toEqual({
      ok: null,
    });
    expect(w.ids('supply')).toEqual([]);
  });
});

/** By the sequence of its event. */
const commands: fc.Arbitrary<(sequence: number) => SupplyCommand> = fc.oneof(
  fc.nat(1_000).map((units) => () => expired(units)),
  fc.nat(1_000).map((units) => () => refused(units)),
  fc
    .record({
      type: fc.constantFrom<'stockLow' | 'stockBack'>('stockLow', 'stockBack'),
      warehouseId: fc.constantFrom('north', 'south'),
    })
    .map(
      ({ type, warehouseId }) =>
        (sequence: number) =>
          alert(type, sequence, { warehouseId }),
    ),
);

test('any events, in any order and repeated at will, come to what each of them comes to once', () => {
  const events = fc
    .array(commands, { maxLength: 12 })
    .map((all) => all.map((make, index) => ({ key: `event-${index}`, command: make(index + 1) })));
  const picks = fc.array(fc.record({ pick: fc.nat(), isAfterCrash: fc.boolean() }), { maxLength: 30 });
  fc.assert(
    fc.property(events, picks, (all, picked) => {
      const [delivered, once] = [world(), world()];
      const deliver = (event: (typeof all)[number] | undefined) => {
        if (event === undefined) return;
        const receipt = { key: event.key, fingerprint: '' };
        expect(delivered.settle('supply', itemId, event.command, receipt)).toEqual({ ok: null });
      };
      for (const { pick, isAfterCrash } of picked) {
        if (isAfterCrash) delivered.crash();
        deliver(all[pick % all.length]);
      }
      // Whatever has not come yet comes now, and all else once more.
      for (const event of all) deliver(event);
      for (const { command } of all) once.settle('supply', itemId, command);
      delivered.checkFolds();
      expect(countsOf(delivered)).toEqual(countsOf(once));
    }),
    { numRuns: 500 },
  );
});

/** Without the times of what came first and last, which an alert that comes too late does not change. */
function countsOf(w: World): unknown {
  const { supply } = Object(w.state('supply', itemId));
  if (supply === null) return null;
  const { since: _, updatedAt: __, ...counts } = supply;
  return counts;
}
