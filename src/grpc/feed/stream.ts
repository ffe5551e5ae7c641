// StreamInventoryUpdates: the call around a subscription. Validates, says the position it starts from, then writes what
// the subscription delivers, no faster than the client takes it.
import { once } from 'node:events';
import type { handleServerStreamingCall, ServerWritableStream } from '@grpc/grpc-js';
import {
  InventoryUpdateEvent,
  StreamInventoryUpdatesRequest,
} from '../../generated/synkro/inventory/v1/inventory.ts';
import { processNow } from '../../runtime/ask.ts';
import { Call, type Edge } from '../call.ts';
import type { Decoded } from '../decode.ts';
import { failureOf, invalidField, Refused, serviceErrorOf } from '../errors.ts';
import { assertWarehouses } from '../methods/known-warehouses.ts';
import { uuids } from '../methods/levels.ts';
import type { OpenCalls } from '../open-calls.ts';
import type { JournalHead } from '../ports.ts';
import { levelMessage } from '../present.ts';
import { stopping } from '../reserve-stream.ts';
import { checked } from '../validate/check.ts';
import type { Follower } from './follower.ts';
import { assertKept, type Delivered, type Filter, Subscription } from './subscription.ts';
import { decodeToken, encodeToken, type Position } from './token.ts';

type Source = ServerWritableStream<Decoded<StreamInventoryUpdatesRequest>, InventoryUpdateEvent>;

export const streamInventoryUpdates = {
  name: 'StreamInventoryUpdates',
  request: StreamInventoryUpdatesRequest,
  response: InventoryUpdateEvent,
} as const;

/** Ends by the client's cancelling or its deadline, or, with an error, when it cannot go on. */
export function updatesHandler(
  edge: Edge,
  open: OpenCalls,
  follower: Follower,
): handleServerStreamingCall<Decoded<StreamInventoryUpdatesRequest>, InventoryUpdateEvent> {
  return (source) => {
    const { name } = streamInventoryUpdates;
    const begunAt = processNow();
    const ending = new AbortController();
    let cancelled = false;
    const over = open.begin(() => ending.abort());
    source.on('cancelled', () => {
      cancelled = true;
      ending.abort();
    });
    stream(edge, source, follower, ending.signal)
      .then(() => {
        if (!cancelled) throw new Refused(stopping);
        return 'cancelled';
      })
      .catch((thrown: unknown) => {
        if (cancelled) return 'cancelled';
        const failure = failureOf(thrown, { log: edge.log, newId: edge.newId, method: name });
        source.emit('error', serviceErrorOf(failure));
        return failure.code;
      })
      .then((outcome) => {
        edge.observe(name, outcome, (processNow() - begunAt) / 1_000);
        over();
      });
  };
}

async function stream(edge: Edge, source: Source, follower: Follower, signal: AbortSignal): Promise<void> {
  if ('malformed' in source.request) throw new Refused(source.request.malformed);
  const request = source.request.value;
  const filter = filterOf(request);
  const call = new Call(streamInventoryUpdates.name, edge, source);
  await assertWarehouses(call, 'warehouse_ids', filter.warehouseIds);
  if (follower.full) throw new Refused(tooMany);
  const { window, heads, leave } = await joined(edge, follower);
  try {
    const from = positionOf(request.resumeToken, heads);
    assertKept(from, heads);
    await send(source, InventoryUpdateEvent.fromPartial({ resumeToken: encodeToken(from) }), signal);
    const deliver = (delivered: Delivered) => send(source, eventOf(delivered), signal);
    await new Subscription({ queries: edge.queries, window, filter, signal, deliver }, from).run();
  } finally {
    leave();
  }
}

async function joined(edge: Edge, follower: Follower) {
  const heads = await edge.queries.journalHeads();
  return { heads, ...follower.join(heads) };
}

function filterOf(request: StreamInventoryUpdatesRequest): Filter {
  return checked((check) => ({
    itemIds: new Set(uuids(check, 'item_ids', request.itemIds)),
    warehouseIds: new Set(uuids(check, 'warehouse_ids', request.warehouseIds)),
  }));
}

/** @throws Refused where the token is none of this journal */
function positionOf(token: string, heads: readonly JournalHead[]): Position {
  if (token === '') return { seqs: new Map(heads.map(({ shard, seq }) => [shard, seq])), within: null };
  const position = decodeToken(token, heads.length);
  if (position === null) throw new Refused(invalidField('resume_token', 'is not a resume token'));
  const { seqs, within } = position;
  for (const { shard, seq } of heads) {
    const reached = (seqs.get(shard) ?? 0) + (within?.shard === shard ? 1 : 0);
    if (reached > seq) {
      throw new Refused(invalidField('resume_token', 'is ahead of the journal: it is of another database'));
    }
  }
  return position;
}

function eventOf({ row, change, token }: Delivered): InventoryUpdateEvent {
  const { event, itemId, index } = change;
  return {
    eventId: `${row.shard}-${row.seq}-${index}`,
    eventType: event.cause,
    inventoryLevel: levelMessage({ ...event, itemId, updatedAt: event.at }),
    timestamp: new Date(event.at),
    resumeToken: token,
  };
}

/** Resolves when the client can take more, or the stream is to end. */
async function send(source: Source, message: InventoryUpdateEvent, signal: AbortSignal): Promise<void> {
  if (signal.aborted || source.write(message)) return;
  await once(source, 'drain', { signal }).catch((err: unknown) => {
    if (!signal.aborted) throw err;
  });
}

const tooMany = {
  code: 'overloaded',
  message: 'too many update streams are open',
} as const;
