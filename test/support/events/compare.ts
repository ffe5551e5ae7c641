/** What was heard, counted and sent, compared with what the journals say, row by row. Only the first differences are told. */
import postgres from 'postgres';
import { expect } from 'vitest';
import { isObject } from '../../../src/actors/shape.ts';
import type { Installation } from './installation.ts';
import { Ledger } from './ledger.ts';
import type { EventObserver } from './observer.ts';

const differencesMax = 10;

/** From the first row of both journals. */
export async function readLedger({ databases }: Installation): Promise<Ledger> {
  const ledger = new Ledger();
  await ledger.read('inventory', databases.inventory.url);
  await ledger.read('logistics', databases.logistics.url);
  return ledger;
}

/** I15: of each subject 1, 2, 3, … */
export function expectDense({ bySubject }: Ledger): void {
  const wrong = [...bySubject].filter(([, entries]) =>
    entries.some(({ sequence }, index) => sequence !== index + 1),
  );
  expect(wrong.slice(0, differencesMax)).toEqual([]);
}

/** Each event at least once, in the order of its subject, with the content of the mapping, and none besides. */
export function expectHeard({ bySubject: expected }: Ledger, observer: EventObserver): void {
  expect(observer.problems.slice(0, differencesMax)).toEqual([]);
  const subjects = new Set([...expected.keys(), ...observer.bySubject.keys()]);
  const differences = [...subjects].flatMap((subject) => {
    const heard = observer.bySubject.get(subject) ?? [];
    const told = expected.get(subject) ?? [];
    const isSame = JSON.stringify(heard) === JSON.stringify(told);
    return isSame ? [] : [{ subject, heard, told }];
  });
  expect(differences.slice(0, differencesMax)).toEqual([]);
}

/** What Logistics has counted of Inventory's events: each once, to the unit; and the newest alert of each level. */
export async function expectCounted(ledger: Ledger, { databases }: Installation): Promise<void> {
  const sql = postgres(databases.logistics.url, { max: 1 });
  try {
    const rows = await sql`
      select item_id::text as "itemId", expired_holds::int as "expiredHolds", expired_units::int as "expiredUnits",
        refusals::int, refused_units::bigint::text as "refusedUnits", state
      from supply`;
    const counted = new Map<string, object>();
    const alerts = new Map<string, object>();
    for (const { itemId, state, refusedUnits, ...counts } of rows) {
      const losses = { ...counts, refusedUnits: Number(refusedUnits) };
      // An item may be known by its alerts alone.
      if (Object.values(losses).some((count) => count !== 0)) counted.set(String(itemId), losses);
      for (const [warehouseId, alert] of alertsIn(String(state))) {
        const { sequence, isLow } = Object(alert);
        alerts.set(`${String(itemId)} ${warehouseId}`, { sequence, isLow });
      }
    }
    expect(inOrder(counted)).toEqual(inOrder(ledger.losses));
    expect(inOrder(alerts)).toEqual(inOrder(ledger.alerts));
  } finally {
    await sql.end();
  }
}

/** Each event that somebody is notified of led to one message to the target; each was sent, in the order of its subject. */
export async function expectNotified(ledger: Ledger, { databases, receiver }: Installation): Promise<void> {
  const sql = postgres(databases.notifications.url, { max: 1 });
  try {
    const rows = await sql<{ readonly eventId: string; readonly target: string; readonly status: string }[]>`
      select event_id as "eventId", target, status from notifications`;
    const expected = [...ledger.notified.values()]
      .flat()
      .map((eventId) => `${eventId} sent to ${receiver.url}`);
    const made = rows.map(({ eventId, target, status }) => `${eventId} ${status} to ${target}`);
    expect(made.sort()).toEqual(expected.sort());
  } finally {
    await sql.end();
  }
  expect(receiver.received.filter(({ isSigned }) => !isSigned)).toEqual([]);
  const seen = new Map<string, Set<string>>();
  for (const { id, body } of receiver.received) {
    const subject = String(body['subject']);
    seen.set(subject, (seen.get(subject) ?? new Set()).add(id));
  }
  const received = Array.from(seen, ([subject, ids]) => [subject, [...ids]] as const);
  expect(inOrder(new Map(received))).toEqual(inOrder(ledger.notified));
}

/** That each kind of consumer had something to do. */
export function expectVaried({ byType }: Ledger): void {
  const types = ['InventoryExpired', 'InventoryRefused', 'LowStock', 'BackInStock', 'OrderCancelled'];
  for (const type of [...types, 'PaymentFailed', 'ShipmentDelivered', 'OrderReturned'])
    expect(byType.get(type) ?? 0, `events of type ${type}`).toBeGreaterThan(0);
}

function alertsIn(state: string): readonly (readonly [string, unknown])[] {
  const { supply }: { readonly supply?: unknown } = Object(JSON.parse(state));
  return isObject(supply) && isObject(supply['alerts']) ? Object.entries(supply['alerts']) : [];
}

function inOrder<T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
