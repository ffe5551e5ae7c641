// What Logistics does with events (the queue `order_processing`): of Inventory's it keeps count, item by item. What stock
// comes and goes for orders that wait, their queues hear from the stream of levels, not from here.
//
// The event's id is the idempotency key of each command that it causes, and the key is kept in the same record as the
// command's effect: a repeat does nothing, whichever commands the first try had come to. Keys are kept for 48 hours: what was
// counted and comes again after that counts again.
import type { Reply } from '../actors/behaviour.ts';
import { failures } from '../actors/failure.ts';
import type { SupplyCommand } from '../actors/logistics/supply/model.ts';
import { receiptOf } from '../api/idempotency.ts';
import { allSettledInOrder } from '../api/parallel.ts';
import type { PublishedEvent } from '../events/event.ts';
import { type EventHandler, NotNow } from '../events/handler.ts';
import { type Asker, processNow } from '../runtime/ask.ts';
import { effectLimits } from './limits.ts';
import { supplyCommandsOf } from './supply-commands.ts';

export interface OrderProcessingParts {
  /** Reaches the shard threads of Logistics. */
  readonly asker: Asker;
  readonly limits?: { readonly eventMsMax: number; readonly eventCommandsInFlightMax: number };
}

export function createOrderProcessing({ asker, limits = effectLimits }: OrderProcessingParts): EventHandler {
  return {
    async handle(event) {
      const deadline = processNow() + limits.eventMsMax;
      const commands = [...supplyCommandsOf(event)];
      const results = await allSettledInOrder(commands, limits.eventCommandsInFlightMax, (command) =>
        tell(asker, event, command, deadline),
      );
      const thrown: unknown[] = results.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
      // What may still be done is done before the event is put aside for the rest.
      if (thrown.length > 0) throw thrown.find((each) => each instanceof NotNow) ?? thrown[0];
    },
  };
}

/** @throws NotNow where the command may simply be repeated */
async function tell(
  asker: Asker,
  event: PublishedEvent,
  [itemId, command]: readonly [string, SupplyCommand],
  deadline: number,
): Promise<void> {
  // The content of an event with this id is always the same, whatever later versions make of it.
  const receipt = receiptOf('order_processing', itemId, event.id, event.type);
  const reply = await asker.ask({ kind: 'supply', id: itemId }, command, {
    deadline,
    receipt,
    kind: 'write',
  });
  if ('error' in reply) throw refusal(event, reply);
}

function refusal({ type }: PublishedEvent, { error }: Extract<Reply, { readonly error: unknown }>): Error {
  const why = `${type} was not taken in: ${error.code}: ${error.message}`;
  return failures[error.code].repeatable ? new NotNow(why) : new Error(why);
}
