// Callers that wait for something their actor has begun. They are of this process only: after a crash the caller has
// been told UNAVAILABLE, and its repeat is parked again or finds the outcome.
import type { Ref } from '../actors/behaviour.ts';
import { keyOf } from './residents.ts';
import type { Caller } from './work.ts';

export class Parked {
  readonly #byActor = new Map<string, { readonly token: string; readonly caller: Caller }[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(ref: Ref, token: string, caller: Caller): void {
    const key = keyOf(ref);
    const waiting = this.#byActor.get(key);
    if (waiting === undefined) this.#byActor.set(key, [{ token, caller }]);
    else waiting.push({ token, caller });
    this.#size++;
  }

  /** Takes out those that wait for `token`, in the order in which they came. */
  take(ref: Ref, token: string): Caller[] {
    const key = keyOf(ref);
    const waiting = this.#byActor.get(key);
    if (waiting === undefined) return [];
    const taken = waiting.filter((entry) => entry.token === token).map((entry) => entry.caller);
    if (taken.length === waiting.length) this.#byActor.delete(key);
    else
      this.#byActor.set(
        key,
        waiting.filter((entry) => entry.token !== token),
      );
    this.#size -= taken.length;
    return taken;
  }

  /** Takes out those whose deadline has passed. */
  takeExpired(now: number): Caller[] {
    const expired: Caller[] = [];
    for (const [key, waiting] of this.#byActor) {
      const live = waiting.filter((entry) => entry.caller.request.deadline > now);
      if (live.length === waiting.length) continue;
      expired.push(
        ...waiting.filter((entry) => entry.caller.request.deadline <= now).map((entry) => entry.caller),
      );
      if (live.length === 0) this.#byActor.delete(key);
      else this.#byActor.set(key, live);
    }
    this.#size -= expired.length;
    return expired;
  }

  takeAll(): Caller[] {
    const all = [...this.#byActor.values()].flatMap((waiting) => waiting.map((entry) => entry.caller));
    this.#byActor.clear();
    this.#size = 0;
    return all;
  }
}
