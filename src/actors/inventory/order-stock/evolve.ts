// How events change an order's stock. Lines change only here, and only as groups answer.
import { InvariantViolation } from '../../behaviour.ts';
import type { Failure } from '../../failure.ts';
import { limits } from '../limits.ts';
import { oldestRefused } from './attempts.ts';
import type { NewGroup } from './groups.ts';
import { assertAllMoved, byItemAndWarehouse, linesTaken, mergeLines, moveLines, movesOf } from './lines.ts';
import type {
  Attempt,
  Group,
  ItemAvailability,
  Operation,
  OperationKind,
  OrderEvent,
  OrderState,
  PartOutcome,
  ReservationStatus,
} from './model.ts';

type Of<Type extends OrderEvent['type']> = Extract<OrderEvent, { readonly type: Type }>;

export function evolve(state: OrderState, event: OrderEvent): OrderState {
  switch (event.type) {
    case 'opened':
      return opened(state, event);
    case 'extended':
      return withAttempt(state, event.attempt, (attempt) => ({ ...attempt, expiresAt: event.expiresAt }));
    case 'began':
      return begin(state, event.kind, event.attempt, event.groups, event.receipt);
    case 'answered':
      return answered(state, event);
    case 'held':
      return over(
        withAttempt(state, event.attempt, (attempt) =>
          decided(attempt, attempt.request.commits === true ? 'committed' : 'held'),
        ),
      );
    case 'refused':
      return undoing(
        withAttempt(state, event.attempt, (attempt) => decided(attempt, 'refused')),
        event,
      );
    case 'abandoned':
      return event.undo.length === 0
        ? over(withoutAbandoned(abandon(state, event.attempt)))
        : undoing(abandon(state, event.attempt), event);
    case 'settled':
      return settled(state);
  }
}

function opened(state: OrderState, event: Of<'opened'>): OrderState {
  const attempt: Attempt = {
    number: event.attempt,
    key: event.key,
    fingerprint: event.fingerprint,
    status: 'pending',
    abandoned: false,
    request: event.request,
    availability: [],
    lines: [],
    createdAt: event.at,
    firstExpiresAt: event.expiresAt,
    expiresAt: event.expiresAt,
  };
  const forgotten = state.attempts.length < limits.attemptsPerOrderMax ? undefined : oldestRefused(state);
  return begin(
    { ...state, attempts: [...state.attempts.filter((each) => each !== forgotten), attempt] },
    'hold',
    event.attempt,
    event.groups,
    null,
  );
}

function begin(
  state: OrderState,
  kind: OperationKind,
  attempt: number | null,
  groups: readonly NewGroup[],
  receipt: Operation['receipt'],
): OrderState {
  const number = state.operations + 1;
  const waiting = groups.map((group): Group => ({ ...group, answer: 'waiting' }));
  return {
    ...state,
    operation: { number, kind, attempt, groups: waiting, failure: null, levels: [], receipt },
    operations: number,
  };
}

function over(state: OrderState): OrderState {
  return { ...state, operation: null };
}

function undoing(state: OrderState, event: Of<'refused' | 'abandoned'>): OrderState {
  return event.undo.length === 0 ? over(state) : begin(state, 'undo', event.attempt, event.undo, null);
}

function abandon(state: OrderState, number: number): OrderState {
  return withAttempt(state, number, (attempt) => ({ ...decided(attempt, 'refused'), abandoned: true }));
}

function withoutAbandoned(state: OrderState): OrderState {
  return { ...state, attempts: state.attempts.filter((attempt) => !attempt.abandoned) };
}

function withAttempt(state: OrderState, number: number, change: (attempt: Attempt) => Attempt): OrderState {
  const attempts = state.attempts.map((each) => (each.number === number ? change(each) : each));
  return { ...state, attempts };
}

/** All groups have answered: the first answer to the caller is complete, and never changes again. */
function decided(attempt: Attempt, status: ReservationStatus): Attempt {
  const byItem = new Map(attempt.availability.map((each) => [each.itemId, each]));
  const availability = attempt.request.items.flatMap(({ itemId }) => byItem.get(itemId) ?? []);
  return {
    ...attempt,
    status,
    availability: status !== 'refused' ? availability : availability.map((each) => ({ ...each, draws: [] })),
    lines: attempt.lines.toSorted(byItemAndWarehouse),
  };
}

function answered(state: OrderState, event: Of<'answered'>): OrderState {
  const { operation } = state;
  const group = operation?.groups.find((each) => each.shard === event.shard);
  if (operation === null || group?.answer !== 'waiting') {
    throw new InvariantViolation('I6', `shard ${event.shard} answers what nobody waits for`);
  }
  const answer = event.refused ? 'refused' : 'done';
  const groups = operation.groups.map((each) => (each === group ? ({ ...each, answer } as const) : each));
  const failure = event.parts.reduce((worst, part) => worse(worst, part.failure), operation.failure);
  const levels = reportsLevels(operation.kind)
    ? [...operation.levels, ...levelsOf(event.parts)]
    : operation.levels;
  const next = { ...state, operation: { ...operation, groups, failure, levels } };
  return applied(next, operation, group, event);
}

function applied(state: OrderState, operation: Operation, group: Group, event: Of<'answered'>): OrderState {
  const { attempt: number, kind } = operation;
  if (kind === 'hold') {
    return withAttempt(state, number ?? 0, (attempt) => ({
      ...attempt,
      availability: [...attempt.availability, ...availabilityOf(group, event.parts)],
      lines: [
        ...attempt.lines,
        ...linesTaken(event.parts, attempt.request.commits === true ? 'allocated' : 'held'),
      ],
    }));
  }
  if (kind === 'allocate') {
    return { ...state, direct: mergeLines(state.direct, linesTaken(event.parts, 'allocated')) };
  }
  const moves = movesOf(event.parts);
  const attempts = state.attempts.map((attempt) =>
    attempt.number === number || (number === null && attempt.status === 'committed')
      ? { ...attempt, lines: moveLines(attempt.lines, kind, moves) }
      : attempt,
  );
  const direct = number === null ? moveLines(state.direct, kind, moves) : state.direct;
  assertAllMoved(moves);
  return { ...state, attempts, direct };
}

function availabilityOf(group: Group, parts: readonly PartOutcome[]): readonly ItemAvailability[] {
  const requested = new Map(group.parts.map((part) => [part.itemId, part.moves[0]?.quantity ?? 0]));
  return parts.map(({ itemId, sku, enough, available, draws }) => ({
    itemId,
    sku,
    inStock: enough,
    requested: requested.get(itemId) ?? 0,
    available,
    draws: draws.map(({ quantity, level }) => ({
      warehouseId: level.warehouseId,
      quantity,
      levelVersion: level.version,
    })),
  }));
}

function reportsLevels(kind: OperationKind): boolean {
  return kind === 'allocate' || kind === 'giveBack' || kind === 'fulfill';
}

function levelsOf(parts: readonly PartOutcome[]) {
  return parts.flatMap((part) => part.draws.map((draw) => draw.level));
}

/** What is unknown comes before what went wrong: it is what the caller can do something about. */
const gravity: Partial<Record<Failure['code'], number>> = { 'item-not-found': 2, 'warehouse-not-found': 1 };

function worse(a: Failure | null, b: Failure | undefined): Failure | null {
  if (b === undefined) return a;
  return a === null || (gravity[b.code] ?? 0) > (gravity[a.code] ?? 0) ? b : a;
}

const outcomes: Partial<Record<OperationKind, ReservationStatus>> = {
  commit: 'committed',
  release: 'released',
  expire: 'expired',
};

function settled(state: OrderState): OrderState {
  const { operation } = state;
  if (operation === null) throw new InvariantViolation('I6', 'settled without an operation');
  const rest = over(state);
  if (operation.kind === 'undo') return withoutAbandoned(rest);
  const status = outcomes[operation.kind];
  if (status !== undefined) {
    return withAttempt(rest, operation.attempt ?? 0, (attempt) => ({ ...attempt, status }));
  }
  const attempts = rest.attempts.map((attempt) =>
    attempt.status === 'committed' ? { ...attempt, status: statusOfCommitted(attempt) } : attempt,
  );
  return { ...rest, attempts };
}

/** Committed as long as any unit is allocated; then what became of its units. */
function statusOfCommitted({ lines }: Attempt): ReservationStatus {
  if (lines.some((line) => line.allocated > 0)) return 'committed';
  return lines.some((line) => line.fulfilled > 0) ? 'fulfilled' : 'released';
}
