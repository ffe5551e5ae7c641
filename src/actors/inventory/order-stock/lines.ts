// Arithmetic of an order's lines: what an answered group adds to them or moves within them.
import { InvariantViolation } from '../../behaviour.ts';
import { compareText } from '../../compare.ts';
import type { MoveKind } from './groups.ts';
import type { Line, PartOutcome } from './model.ts';

/** What is still to be moved, by item and warehouse, and the version of the level that it made. */
export type Moves = Map<
  string,
  { readonly itemId: string; readonly quantity: number; readonly levelVersion: number }
>;

export function lineKey(line: { readonly itemId: string; readonly warehouseId: string }): string {
  return `${line.itemId}/${line.warehouseId}`;
}

export function movesOf(parts: readonly PartOutcome[]): Moves {
  const moves: Moves = new Map();
  for (const part of parts) {
    for (const { quantity, level } of part.draws) {
      moves.set(lineKey(level), { itemId: level.itemId, quantity, levelVersion: level.version });
    }
  }
  return moves;
}

/** New lines, for stock that was just held or allocated. */
export function linesTaken(parts: readonly PartOutcome[], as: 'held' | 'allocated'): readonly Line[] {
  return parts.flatMap(({ itemId, sku, draws }) =>
    draws.map(({ quantity, level }) => ({
      itemId,
      sku,
      warehouseId: level.warehouseId,
      held: as === 'held' ? quantity : 0,
      allocated: as === 'allocated' ? quantity : 0,
      fulfilled: 0,
      givenBack: 0,
      levelVersion: level.version,
    })),
  );
}

/** Allocated lines join: one of the same item and warehouse takes up the new one. */
export function mergeLines(lines: readonly Line[], added: readonly Line[]): readonly Line[] {
  const merged = [...lines];
  for (const line of added) {
    const index = merged.findIndex((each) => lineKey(each) === lineKey(line));
    const same = merged[index];
    if (same === undefined) merged.push(line);
    else merged[index] = joined(same, line);
  }
  return merged;
}

function joined(line: Line, { allocated, levelVersion }: Line): Line {
  return { ...line, allocated: line.allocated + allocated, levelVersion };
}

/** Takes from `moves` what these lines can give, and leaves the rest there. */
export function moveLines(lines: readonly Line[], kind: MoveKind, moves: Moves): readonly Line[] {
  if (moves.size === 0) return lines;
  // One group moves few of a wide basket's lines: the others are passed over without making a key for each.
  const items = new Set([...moves.values()].map((move) => move.itemId));
  return lines.map((line) => {
    if (!items.has(line.itemId)) return line;
    const key = lineKey(line);
    const asked = moves.get(key);
    if (asked === undefined) return line;
    const quantity = Math.min(asked.quantity, movable(line, kind));
    if (quantity === 0) return line;
    if (quantity === asked.quantity) moves.delete(key);
    else moves.set(key, { ...asked, quantity: asked.quantity - quantity });
    return { ...moveLine(line, kind, quantity), levelVersion: asked.levelVersion };
  });
}

function movable({ allocated, held }: Line, kind: MoveKind): number {
  if (kind === 'undo') return held + allocated;
  return kind === 'giveBack' || kind === 'fulfill' ? allocated : held;
}

function moveLine(line: Line, kind: MoveKind, quantity: number): Line {
  switch (kind) {
    case 'commit':
      return { ...line, held: line.held - quantity, allocated: line.allocated + quantity };
    case 'undo':
      // Of an attempt under way: all that it took is held, or all of it is allocated.
      return line.held > 0
        ? { ...line, held: line.held - quantity }
        : { ...line, allocated: line.allocated - quantity };
    case 'release':
    case 'expire':
      return { ...line, held: line.held - quantity };
    case 'giveBack':
      return { ...line, allocated: line.allocated - quantity, givenBack: line.givenBack + quantity };
    case 'fulfill':
      return { ...line, allocated: line.allocated - quantity, fulfilled: line.fulfilled + quantity };
  }
}

/** @throws InvariantViolation where cells have moved what the order does not have */
export function assertAllMoved(moves: Moves): void {
  for (const [key, { quantity }] of moves) {
    throw new InvariantViolation('I2', `the cell of ${key} moved ${quantity} more than the order has there`);
  }
}

export function byItemAndWarehouse(
  a: { readonly itemId: string; readonly warehouseId: string },
  b: { readonly itemId: string; readonly warehouseId: string },
): number {
  return compareText(a.itemId, b.itemId) || compareText(a.warehouseId, b.warehouseId);
}
