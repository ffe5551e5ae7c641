// A warehouse: one actor each, which decides every change and tells it to the directory of every shard. A change is
// answered when all of them have it; until then further changes wait.
import {
  type Answer,
  type Context,
  type Decision,
  InvariantViolation,
  type Message,
  type ReceiptKey,
} from '../../behaviour.ts';
import { fail, keyReused } from '../../failure.ts';
import { numbered } from '../../numbered.ts';
import { formatTag, parseTag } from '../../tag.ts';
import { limits } from '../limits.ts';
import { directoryOf } from './directory.ts';
import type {
  DirectoryCommand,
  Spread,
  Warehouse,
  WarehouseCommand,
  WarehouseEvent,
  WarehouseState,
} from './model.ts';

type Create = Extract<WarehouseCommand, { readonly type: 'create' }>;
type Update = Extract<WarehouseCommand, { readonly type: 'update' }>;

const restToken = 'rest';

function decide(
  state: WarehouseState,
  command: WarehouseCommand,
  context: Context,
): Decision<WarehouseEvent> {
  if (command.type === 'get') {
    return { reply: state.warehouse === null ? notFound(context.self.id) : { ok: state.warehouse } };
  }
  if (state.spread !== null) return waitFor(state.spread, context.receipt);
  return command.type === 'create' ? create(state, command, context) : update(state, command, context);
}

function waitFor(spread: Spread, receipt: ReceiptKey | null): Decision<WarehouseEvent> {
  if (receipt === null || spread.receipt?.key !== receipt.key) return { park: restToken };
  if (spread.receipt.fingerprint !== receipt.fingerprint) return { reply: keyReused() };
  return { park: spreadToken(spread.number) };
}

function create(state: WarehouseState, command: Create, context: Context): Decision<WarehouseEvent> {
  const { name, location, customerId, priority } = command;
  const last = state.warehouse;
  if (last !== null) {
    // The id is derived from the key: this is a repeat of a creation whose receipt is no longer kept.
    const isSame =
      last.name === name &&
      last.location === location &&
      last.customerId === customerId &&
      last.priority === priority;
    return { reply: isSame ? { ok: last } : keyReused() };
  }
  if (Object.keys(directoryOf(context).warehouses).length >= limits.warehousesMax) {
    return {
      reply: fail('limit-reached', `there are ${limits.warehousesMax} warehouses, the most there can be`),
    };
  }
  const { self, now } = context;
  return spread(
    state,
    { id: self.id, name, location, isActive: true, customerId, priority, createdAt: now, updatedAt: now },
    context,
  );
}

function update(state: WarehouseState, command: Update, context: Context): Decision<WarehouseEvent> {
  const last = state.warehouse;
  if (last === null) return { reply: notFound(context.self.id) };
  const name = command.name ?? last.name;
  const location = command.location ?? last.location;
  const isActive = command.isActive ?? last.isActive;
  const priority = command.priority ?? last.priority;
  const isSame =
    name === last.name &&
    location === last.location &&
    isActive === last.isActive &&
    priority === last.priority;
  if (isSame) return { reply: { ok: last } };
  return spread(state, { ...last, name, location, isActive, priority, updatedAt: context.now }, context);
}

function spread(state: WarehouseState, warehouse: Warehouse, context: Context): Decision<WarehouseEvent> {
  const number = state.changes + 1;
  const { receipt, shards } = context;
  const command: DirectoryCommand = {
    type: 'put',
    warehouseId: warehouse.id,
    entry: { isActive: warehouse.isActive, priority: warehouse.priority, change: number },
  };
  return {
    events: [
      {
        type: 'changed',
        isNew: state.warehouse === null,
        warehouse,
        shards,
        receipt: receipt === null ? null : { key: receipt.key, fingerprint: receipt.fingerprint },
      },
    ],
    messages: allShards(shards).map(
      (shard): Message => ({
        to: shard,
        tag: formatTag(number, shard),
        parts: [{ ref: { kind: 'directory', id: String(shard) }, command }],
      }),
    ),
    park: spreadToken(number),
  };
}

function answered(state: WarehouseState, tag: string, answer: Answer): Decision<WarehouseEvent> {
  const { spread, warehouse } = state;
  const told = parseTag(tag);
  if (warehouse === null || spread === null || told?.number !== spread.number) {
    throw new InvariantViolation('I12', `a directory answers ${tag}, which nobody asked`);
  }
  if (answer.refused || answer.replies.some((reply) => 'error' in reply)) {
    throw new InvariantViolation('I12', `a directory refuses change ${tag} of warehouse ${warehouse.id}`);
  }
  const event: WarehouseEvent = { type: 'spread', number: told.number, shard: told.shard };
  if (evolve(state, event).spread !== null) return { events: [event] };
  const reply = { ok: warehouse };
  const over = {
    events: [event],
    wake: [{ token: spreadToken(spread.number), reply }, { token: restToken }],
  };
  return spread.receipt === null ? over : { ...over, receipt: { ...spread.receipt, reply } };
}

function evolve(state: WarehouseState, event: WarehouseEvent): WarehouseState {
  if (event.type === 'changed') {
    const number = state.changes + 1;
    const waiting = allShards(event.shards);
    return {
      warehouse: event.warehouse,
      changes: number,
      spread: { number, waiting, receipt: event.receipt },
    };
  }
  const { spread } = state;
  if (spread?.number !== event.number || !spread.waiting.includes(event.shard)) {
    throw new InvariantViolation('I12', `shard ${event.shard} has change ${event.number} a second time`);
  }
  const waiting = spread.waiting.filter((shard) => shard !== event.shard);
  return { ...state, spread: waiting.length === 0 ? null : { ...spread, waiting } };
}

function allShards(shards: number): readonly number[] {
  return Array.from({ length: shards }, (_, shard) => shard);
}

function spreadToken(number: number): string {
  return `spread:${number}`;
}

function notFound(warehouseId: string) {
  return fail('warehouse-not-found', `no warehouse ${warehouseId}`, { warehouseId });
}

const initial: WarehouseState = { warehouse: null, changes: 0, spread: null };

/** Every change is heard of outside; how it gets to the shards is nobody's business. */
export const warehouse = numbered({ kind: 'warehouse', initial, decide, evolve, answered }, (event) =>
  event.type === 'changed' ? 1 : 0,
);
