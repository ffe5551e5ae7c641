// The lanes whose first message was sent over the present channel and is not confirmed yet, by the channel's count of
// messages, which the broker's confirms name. A map keeps them in that order.
import type { Lane } from './lanes.ts';

export class InFlight {
  readonly #lanes = new Map<number, Lane>();
  /** Ids of those that came back, since no queue took them: their confirm follows, and means nothing. */
  readonly #returned = new Set<string>();
  #lastTag = 0;

  get size(): number {
    return this.#lanes.size;
  }

  /** When the one was sent that has waited longest; undefined where none waits. */
  get oldestSentAt(): number | undefined {
    for (const lane of this.#lanes.values()) return lane.sentAt;
    return undefined;
  }

  lanes(): ReadonlySet<Lane> {
    return new Set(this.#lanes.values());
  }

  /** In the order in which the channel is written to, each message once. */
  add(lane: Lane): void {
    this.#lastTag += 1;
    this.#lanes.set(this.#lastTag, lane);
  }

  cameBack(eventId: string): void {
    this.#returned.add(eventId);
  }

  /** Takes out those that a confirm names: that one, or with `multiple` all up to it. */
  *take(tag: number, multiple: boolean): Generator<Lane> {
    if (!multiple) {
      const lane = this.#lanes.get(tag);
      this.#lanes.delete(tag);
      if (lane !== undefined) yield lane;
      return;
    }
    for (const [each, lane] of this.#lanes) {
      if (each > tag) return;
      this.#lanes.delete(each);
      yield lane;
    }
  }

  /** @returns whether it came back; asked once for each confirm */
  wasReturned(lane: Lane): boolean {
    if (this.#returned.size === 0) return false;
    const first = lane.messages.peek();
    return first !== undefined && this.#returned.delete(first.event.id);
  }

  /** For a new channel, which counts from the start. @returns those that the old one leaves behind, in their order */
  reset(): Lane[] {
    const left = [...this.#lanes.values()];
    this.#lanes.clear();
    this.#returned.clear();
    this.#lastTag = 0;
    return left;
  }
}
