// Receipts: what a keyed call was answered, so that a repeat gets the same. A receipt is an actor of the runtime's own,
// on the shard of the entity that the call addressed, and stands in the same record as the call's effect.
import type { Behaviour, ReceiptKey, Ref, Reply } from '../actors/behaviour.ts';
import { keyReused } from '../actors/failure.ts';

/** Null: the key has not been used. */
export type ReceiptState = {
  readonly fingerprint: string;
  readonly reply: Reply;
  readonly at: number;
} | null;

export interface ReceiptEvent {
  readonly fingerprint: string;
  readonly reply: Reply;
  /** Milliseconds since 1970; receipts are kept 24 hours and more after it. */
  readonly at: number;
}

export const receiptKind = 'receipt';

export function receiptRef(receipt: ReceiptKey): Ref {
  return { kind: receiptKind, id: receipt.key };
}

/** Nobody commands a receipt: it only records. */
export const receiptBehaviour: Behaviour<ReceiptState, never, ReceiptEvent> = {
  kind: receiptKind,
  initial: null,
  decide: () => ({}),
  evolve: (_, event) => event,
};

/** The answer to a call whose key was used before; undefined where it was not. */
export function replyOf(state: ReceiptState, receipt: ReceiptKey): Reply | undefined {
  if (state === null) return undefined;
  if (state.fingerprint === receipt.fingerprint) return state.reply;
  return keyReused();
}
