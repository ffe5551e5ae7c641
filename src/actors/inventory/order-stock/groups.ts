// How an order's lines become messages: one group for each shard that holds any of the cells, one message a group.
import type { Context, Message, Part } from '../../behaviour.ts';
import { compareText } from '../../compare.ts';
import { formatTag } from '../../tag.ts';
import type { CellCommand, CellMove } from '../item/model.ts';
import type { Group, GroupPart, OperationKind, ReserveRequest } from './model.ts';

export type NewGroup = Omit<Group, 'answer'>;

/** What one (item, warehouse) is to move. */
export interface Moved {
  readonly itemId: string;
  /** Where it is known: for whoever reads the event without the state. */
  readonly sku?: string;
  readonly warehouseId: string;
  readonly quantity: number;
}

interface ItemMoves {
  readonly sku: string | undefined;
  /** By warehouse. */
  readonly quantities: Map<string, number>;
}

/** One group a shard, in order of shard; its parts in order of item, a part's moves in order of warehouse. */
export function groupsOf(moved: readonly Moved[], context: Context): readonly NewGroup[] {
  const shards = new Map<number, Map<string, ItemMoves>>();
  for (const { itemId, sku, warehouseId, quantity } of moved) {
    const items = entry(shards, context.shardOf(itemId), () => new Map<string, ItemMoves>());
    const { quantities } = entry(items, itemId, () => ({ sku, quantities: new Map<string, number>() }));
    quantities.set(warehouseId, (quantities.get(warehouseId) ?? 0) + quantity);
  }
  return [...shards]
    .sort(([a], [b]) => a - b)
    .map(([shard, items]) => ({
      shard,
      parts: sorted(items).map(([itemId, moves]) => partOf(itemId, moves)),
    }));
}

function partOf(itemId: string, { sku, quantities }: ItemMoves): GroupPart {
  const moves = sorted(quantities).map(([warehouseId, quantity]) => ({ warehouseId, quantity }));
  return sku === undefined ? { itemId, moves } : { itemId, sku, moves };
}

function sorted<T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...map].sort(([a], [b]) => compareText(a, b));
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

/** The messages of a hold. */
export function holdMessages(
  orderId: string,
  operation: number,
  groups: readonly NewGroup[],
  request: ReserveRequest,
): readonly Message[] {
  const { commits, strategy, warehouseId } = request;
  return messages(operation, groups, (part) => ({
    type: 'hold',
    orderId,
    quantity: part.moves.reduce((sum, each) => sum + each.quantity, 0),
    warehouseId,
    strategy,
    ...(commits === true ? { commits } : {}),
  }));
}

export function allocateMessages(
  orderId: string,
  operation: number,
  groups: readonly NewGroup[],
  line: { readonly warehouseId: string; readonly quantity: number },
): readonly Message[] {
  const { quantity, warehouseId } = line;
  return messages(operation, groups, () => ({ type: 'allocate', orderId, warehouseId, quantity }));
}

export type MoveKind = Exclude<OperationKind, 'hold' | 'allocate'>;

/** The messages of everything that moves what the order has already. */
export function moveMessages(
  orderId: string,
  operation: number,
  kind: MoveKind,
  groups: readonly NewGroup[],
  /** Of an undo: what the attempt has taken is allocated. */
  isAllocated = false,
): readonly Message[] {
  const move: CellMove = kind !== 'undo' ? kind : isAllocated ? 'giveBack' : 'release';
  return messages(operation, groups, (part) => ({ type: 'move', orderId, move, lines: part.moves }));
}

function messages(
  operation: number,
  groups: readonly NewGroup[],
  commandOf: (part: GroupPart) => CellCommand,
): readonly Message[] {
  return groups.map(({ shard, parts }) => ({
    to: shard,
    tag: formatTag(operation, shard),
    parts: parts.map((part): Part => ({ ref: { kind: 'item', id: part.itemId }, command: commandOf(part) })),
  }));
}
