// What one decision gathers while an order goes from step to step: events with the order as they leave it, messages to
// queues, who is woken.
import type { Context, Decision, Message, ReceiptKey, Reply, Wake } from '../../behaviour.ts';
import { evolve } from './evolve.ts';
import type { OrderEvent } from './messages.ts';
import type { Order, OrderState } from './model.ts';
import { isUndone } from './views.ts';

export class Steps {
  readonly context: Context;
  readonly #events: OrderEvent[] = [];
  readonly #messages: Message[] = [];
  readonly #wake: Wake[] = [];
  /** Whether everything that a cancellation undoes was undone before. */
  readonly wasUndone: boolean;
  /** Of what was just asked: some queue refuses only because others have been granted, and may give back. */
  isContended = false;
  #state: OrderState;
  #receipt: (ReceiptKey & { readonly reply: Reply }) | undefined;

  constructor(state: OrderState, context: Context) {
    this.#state = state;
    this.context = context;
    this.wasUndone = state.order !== null && isUndone(state.order);
  }

  get order(): Order {
    const { order } = this.#state;
    if (order === null) throw new TypeError('the order was never made');
    return order;
  }

  add(event: OrderEvent): void {
    this.#events.push(event);
    this.#state = evolve(this.#state, event);
  }

  send(messages: readonly Message[]): void {
    this.#messages.push(...messages);
  }

  wake(token: string, reply?: Reply): void {
    this.#wake.push(reply === undefined ? { token } : { token, reply });
  }

  /** Keeps the answer to a keyed command that was parked. The first of a decision is the one that ended with it. */
  keep(receipt: ReceiptKey | null, reply: Reply): void {
    if (receipt !== null) this.#receipt ??= { ...receipt, reply };
  }

  /**
   * @param rest what becomes of the caller. The answer to one who is answered directly is kept by the runtime.
   */
  decision(rest: Pick<Decision<OrderEvent>, 'reply' | 'park'> = {}): Decision<OrderEvent> {
    const receipt = this.#receipt === undefined || rest.reply !== undefined ? {} : { receipt: this.#receipt };
    return { events: this.#events, messages: this.#messages, wake: this.#wake, ...receipt, ...rest };
  }
}

/** Whoever waits here decides again when something has changed for it. */
export const restToken = 'rest';
/** Who made the order: hears where it comes to rest. */
export const restingToken = 'resting';
/** Who cancelled it: hears when that is done. */
export const cancelToken = 'cancel';

export function operationToken(number: number): string {
  return `operation:${number}`;
}
