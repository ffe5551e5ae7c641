// Ids of what callers make, and what idempotency keys have to do with them. Without an id of the caller's own it follows from
// the key, so that repeats reach one actor; that actor is where the key counts. With both the key is claimed there for the
// given id first: used before for anything else, it is refused.
import type { AskedKey, ReceiptKey, Ref } from '../../actors/behaviour.ts';
import { uuidv5 } from '../../actors/ids.ts';
import { isAnything } from '../inventory/views.ts';
import type { LogisticsCall } from './deps.ts';

export interface MadeId {
  readonly id: string;
  readonly isIdOfKey: boolean;
  /** For the command that makes it: refuses a key that was claimed for another id. Null where no key can be in the way. */
  readonly receipt: AskedKey | null;
}

/** @param given the caller's own id; null: none */
export function madeIdOf(call: LogisticsCall, given: string | null, key: string): MadeId {
  const scope = scopeOf(call, key);
  const isOther = given !== null && (key === '' || given !== uuidv5(scope));
  if (isOther) return { id: given, isIdOfKey: false, receipt: null };
  if (key === '') return { id: call.newId(), isIdOfKey: false, receipt: null };
  // No claim has this fingerprint: it is an id.
  return { id: uuidv5(scope), isIdOfKey: true, receipt: { key: scope, fingerprint: '', isCheckOnly: true } };
}

/** To be called when nothing else is in the way of making it. @throws Refused (idempotency-key-reused) */
export async function claimKey(
  call: LogisticsCall,
  kind: Ref['kind'],
  given: string | null,
  key: string,
): Promise<void> {
  if (given === null || key === '') return;
  const scope = scopeOf(call, key);
  // Its own.
  if (given === uuidv5(scope)) return;
  const receipt: ReceiptKey = { key: scope, fingerprint: given };
  await call.write({ kind, id: uuidv5(scope) }, { type: 'claimKey' }, receipt, isAnything);
}

function scopeOf({ method }: LogisticsCall, key: string): string {
  return `${method}|${key}`;
}
