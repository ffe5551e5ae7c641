// What clients have asked and been told: the record that checkers compare with the journal.
import type { ReceiptKey, Ref, Reply } from '../../actors/behaviour.ts';
import type { ItemCommand } from '../../actors/inventory/item/model.ts';
import type { OrderCommand } from '../../actors/inventory/order-stock/model.ts';
import type { WarehouseCommand } from '../../actors/inventory/warehouse/model.ts';

export type Asked =
  | { readonly kind: 'item'; readonly command: ItemCommand }
  | { readonly kind: 'order'; readonly command: OrderCommand }
  | { readonly kind: 'warehouse'; readonly command: WarehouseCommand };

/** One try of a call: repeats with the same key are tries of the same call. */
export interface Try {
  readonly number: number;
  readonly askedAt: number;
  /** How many appends had been committed when it was asked. */
  readonly askedAtCommit: number;
  /** Null: nothing was heard. */
  reply: Reply | null;
  endedAt: number | null;
}

export interface Call {
  readonly id: number;
  readonly client: number;
  readonly ref: Ref;
  readonly asked: Asked;
  readonly receipt: ReceiptKey | null;
  readonly tries: Try[];
}

/** What a reply says of the outcome. */
export type Outcome = 'ok' | 'refused' | 'unknown';

export function outcomeOf(reply: Reply | null): Outcome {
  if (reply === null) return 'unknown';
  if ('error' in reply) {
    const { code } = reply.error;
    return code === 'unavailable' || code === 'deadline-exceeded' ? 'unknown' : 'refused';
  }
  const { ok } = reply;
  const isShort = typeof ok === 'object' && ok !== null && 'success' in ok && ok.success === false;
  return isShort ? 'refused' : 'ok';
}

/** The name under which repeats of a call are the same call; null: it has none. */
export function keyOfCall({ asked, receipt, ref }: Call): string | null {
  if (asked.kind === 'order' && asked.command.type === 'reserve')
    return `reserve|${ref.id}|${asked.command.key}`;
  return receipt?.key ?? null;
}

export function contentOfCall({ asked, receipt }: Call): string {
  if (asked.kind === 'order' && asked.command.type === 'reserve') return asked.command.fingerprint;
  return receipt?.fingerprint ?? '';
}

export class History {
  readonly calls: Call[] = [];
  readonly #byReference = new Map<string, Call[]>();
  readonly #byReceipt = new Map<string, Call[]>();
  readonly #byOrder = new Map<string, Call[]>();
  tries = 0;

  add(client: number, ref: Ref, asked: Asked, receipt: ReceiptKey | null): Call {
    const call: Call = { id: this.calls.length, client, ref, asked, receipt, tries: [] };
    this.calls.push(call);
    if (receipt !== null) append(this.#byReceipt, receipt.key, call);
    if (asked.kind === 'order') append(this.#byOrder, ref.id, call);
    if ('reference' in asked.command) append(this.#byReference, asked.command.reference, call);
    return call;
  }

  withReference(reference: string): readonly Call[] {
    return this.#byReference.get(reference) ?? [];
  }

  withReceipt(key: string): readonly Call[] {
    return this.#byReceipt.get(key) ?? [];
  }

  ofOrder(orderId: string): readonly Call[] {
    return this.#byOrder.get(orderId) ?? [];
  }
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
