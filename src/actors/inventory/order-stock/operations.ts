// Operations: how one begins, how other commands wait for it, and what settles before anything else may happen. At
// most one an order is in flight.

import type { Context, Decision, Message, ReceiptKey } from '../../behaviour.ts';
import { keyReused } from '../../failure.ts';
import { groupsOf, type MoveKind, moveMessages } from './groups.ts';
import type { Attempt, Operation, OperationKind, OrderEvent, OrderState } from './model.ts';

/** Whoever waits here decides again when the operation in flight is over. */
export const restToken = 'rest';

/** Whoever waits here hears the outcome of the attempt. */
export function attemptToken(number: number): string {
  return `attempt:${number}`;
}

/** Whoever waits here gets the same answer as who began the operation. */
export function operationToken(number: number): string {
  return `operation:${number}`;
}

/**
 * `isSame`: the operation does exactly what this command asks for, so that one answer serves both. Not where the command
 * has a key of its own: it is decided again afterwards, so that its answer is kept under that key.
 */
export function waitFor(
  operation: Operation,
  receipt: ReceiptKey | null,
  isSame = false,
): Decision<OrderEvent> {
  const token = operationToken(operation.number);
  if (receipt === null) return { park: isSame ? token : restToken };
  if (operation.receipt?.key !== receipt.key) return { park: restToken };
  return operation.receipt.fingerprint === receipt.fingerprint ? { park: token } : { reply: keyReused() };
}

/** `messages` are those of the operation's groups, for the number that it will have. */
export function begin(
  state: OrderState,
  began: {
    readonly kind: OperationKind;
    readonly attempt: number | null;
    readonly groups: Extract<OrderEvent, { readonly type: 'began' }>['groups'];
    readonly receipt: ReceiptKey | null;
    readonly reason?: string;
  },
  messages: readonly Message[],
  context: Context,
): Decision<OrderEvent> {
  const { kind, attempt, groups, receipt, reason } = began;
  return {
    events: [
      {
        type: 'began',
        kind,
        attempt,
        at: context.now,
        groups,
        receipt: receipt === null ? null : { key: receipt.key, fingerprint: receipt.fingerprint },
        reason: reason ?? '',
      },
    ],
    messages,
    park: operationToken(state.operations + 1),
  };
}

/** Ends a hold: everything that the attempt holds is committed, released or expired. */
export function resolve(
  state: OrderState,
  kind: Extract<MoveKind, 'commit' | 'release' | 'expire'>,
  attempt: Attempt,
  context: Context,
  caller: { readonly receipt: ReceiptKey | null; readonly reason?: string },
): Decision<OrderEvent> {
  const groups = groupsOf(
    attempt.lines.map(({ itemId, sku, warehouseId, held }) => ({
      itemId,
      sku,
      warehouseId,
      quantity: held,
    })),
    context,
  );
  const messages = moveMessages(context.self.id, state.operations + 1, kind, groups);
  return begin(state, { kind, attempt: attempt.number, groups, ...caller }, messages, context);
}

/** The timer has nobody who waits. */
export function expire(state: OrderState, attempt: Attempt, context: Context): Decision<OrderEvent> {
  const { park: _nobody, ...decision } = resolve(state, 'expire', attempt, context, { receipt: null });
  return decision;
}

/** A command that finds the time over expires the hold at once, and is decided again when that is done. */
export function expireFirst(state: OrderState, attempt: Attempt, context: Context): Decision<OrderEvent> {
  return { ...expire(state, attempt, context), park: restToken };
}
