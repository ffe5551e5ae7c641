// I2 and I6 for orders: at every journal position, what cells hold for an order is what its lines say, except for the
// groups whose answer it has not taken in: those have been applied whole, or not at all.
import type { Group, Operation, OrderState } from '../../actors/inventory/order-stock/model.ts';
import { isObject } from '../../actors/shape.ts';
import { type Counted, levelKey } from './levels.ts';
import type { Verdict } from './verdict.ts';

interface Difference {
  held: number;
  allocated: number;
}

export function isOrderState(state: unknown): state is OrderState {
  return isObject(state) && Array.isArray(state['attempts']) && 'operation' in state;
}

export function checkConservation(
  orderId: string,
  state: OrderState,
  counted: ReadonlyMap<string, Counted>,
  verdict: Verdict,
): void {
  const differences = differencesOf(state, counted);
  const { operation } = state;
  const commits =
    state.attempts.find(({ number }) => number === operation?.attempt)?.request.commits === true;
  const waiting = operation?.groups.filter((group) => group.answer === 'waiting') ?? [];
  for (const group of waiting) {
    if (operation === null) continue;
    const explained = explain(operation, group, differences, commits);
    verdict.check(
      'I6',
      explained,
      () => `order ${orderId}: group ${group.shard} of ${operation.kind} is neither applied nor not applied`,
      () => ({ operation, group, differences: [...differences] }),
    );
  }
  const left = [...differences].filter(([, { held, allocated }]) => held !== 0 || allocated !== 0);
  verdict.check(
    'I2',
    left.length === 0,
    () => `order ${orderId}: cells hold for it what it does not know of, or the other way round`,
    () => ({ left, operation, lines: linesOf(state) }),
  );
}

function linesOf(state: OrderState) {
  return [...state.attempts.flatMap((attempt) => attempt.lines), ...state.direct];
}

/** What cells hold beyond what the order's lines say, by level. */
function differencesOf(state: OrderState, counted: ReadonlyMap<string, Counted>): Map<string, Difference> {
  const differences = new Map<string, Difference>();
  for (const [key, { held, allocated }] of counted) differences.set(key, { held, allocated });
  for (const line of linesOf(state)) {
    const key = levelKey(line);
    const difference = differences.get(key) ?? { held: 0, allocated: 0 };
    difference.held -= line.held;
    difference.allocated -= line.allocated;
    differences.set(key, difference);
  }
  return differences;
}

/**
 * Takes what a waiting group explains out of the differences.
 * @param commits the attempt that it is about allocates at once
 * @returns false where it was applied in part
 */
function explain(
  { kind }: Operation,
  group: Group,
  differences: Map<string, Difference>,
  commits: boolean,
): boolean {
  const effect = effects[commits && kind === 'undo' ? 'giveBack' : kind];
  const applied = group.parts.map((part) =>
    kind === 'hold'
      ? explainHold(part, differences, commits ? 'allocated' : 'held')
      : part.moves.map(({ warehouseId, quantity }) => {
          const key = levelKey({ itemId: part.itemId, warehouseId });
          return explainMove(effect, quantity, differences.get(key));
        }),
  );
  const all = applied.flat();
  return all.every((each) => each === all[0]);
}

/** A hold's warehouses are the cell's choice: only their sum is known. */
function explainHold(
  part: Group['parts'][number],
  differences: Map<string, Difference>,
  as: keyof Difference,
): boolean {
  const wanted = part.moves.reduce((sum, each) => sum + each.quantity, 0);
  const here = [...differences].filter(([key]) => key.startsWith(`${part.itemId}/`));
  const taken = here.reduce((sum, [, difference]) => sum + difference[as], 0);
  if (taken !== wanted || here.some(([, difference]) => difference[as] < 0)) return false;
  for (const [, difference] of here) difference[as] = 0;
  return true;
}

function explainMove(
  { held, allocated }: Difference,
  quantity: number,
  difference: Difference | undefined,
): boolean {
  if (difference?.held !== held * quantity || difference.allocated !== allocated * quantity) return false;
  difference.held = 0;
  difference.allocated = 0;
  return true;
}

/** What a group does to a cell's counters, for each unit. */
const effects: Readonly<Record<Operation['kind'], Difference>> = {
  hold: { held: 1, allocated: 0 },
  undo: { held: -1, allocated: 0 },
  release: { held: -1, allocated: 0 },
  expire: { held: -1, allocated: 0 },
  commit: { held: -1, allocated: 1 },
  allocate: { held: 0, allocated: 1 },
  giveBack: { held: 0, allocated: -1 },
  fulfill: { held: 0, allocated: -1 },
};
