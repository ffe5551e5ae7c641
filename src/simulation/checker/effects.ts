// I9 and I10 for what is asked of items, and for receipts: everything asked for, each key one effect and one answer.

import { isObject } from '../../actors/shape.ts';
import { type ReceiptEvent, receiptKind } from '../../runtime/receipts.ts';
import type { History } from '../workload/history.ts';
import type { FoldedEvent } from './journal.ts';
import { isLevelChange } from './levels.ts';
import type { Verdict } from './verdict.ts';

/** How many level changes one call makes. */
const changesOf = { adjusted: 1, transferred: 2 };

export class Effects {
  readonly #verdict: Verdict;
  readonly #history: History;
  readonly #changes = new Map<string, number>();

  constructor(verdict: Verdict, history: History) {
    this.#verdict = verdict;
    this.#history = history;
  }

  changed(folded: FoldedEvent): void {
    if (folded.ref.kind === receiptKind) this.#receipt(folded);
    else if (isLevelChange(folded.event)) {
      const { cause, reference } = folded.event;
      if (cause === 'adjusted' || cause === 'transferred') this.#level(reference, cause, folded);
    }
  }

  /** How many changes carry this reference. */
  changes(reference: string): number {
    return this.#changes.get(reference) ?? 0;
  }

  #level(reference: string, cause: keyof typeof changesOf, { event }: FoldedEvent): void {
    const times = this.changes(reference) + 1;
    this.#changes.set(reference, times);
    this.#verdict.check(
      'I9',
      this.#history.withReference(reference).length > 0,
      () => `nobody asked for ${cause} ${reference}`,
      () => ({ event }),
    );
    this.#verdict.check(
      'I10',
      times <= changesOf[cause],
      () => `${cause} ${reference} has had its effect more than once`,
      () => ({ event }),
    );
  }

  #receipt({ ref, event, before }: FoldedEvent): void {
    this.#verdict.check(
      'I10',
      before === null,
      () => `key ${ref.id} is answered a second time`,
      () => ({ before, event }),
    );
    this.#verdict.check(
      'I9',
      isReceipt(event) &&
        this.#history.withReceipt(ref.id).some((call) => call.receipt?.fingerprint === event.fingerprint),
      () => `nobody used key ${ref.id}`,
      () => ({ event }),
    );
  }
}

function isReceipt(event: unknown): event is ReceiptEvent {
  return isObject(event) && 'fingerprint' in event && 'reply' in event;
}
