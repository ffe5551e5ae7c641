// What actors want done outside, and that its keys keep their promise: the same key is the same request for as long as the
// actor lives, and what was answered is never wanted again.
import { isDeepStrictEqual } from 'node:util';
import type { Effect, Ref } from '../../../src/actors/behaviour.ts';

export interface Wanted {
  readonly ref: Ref;
  readonly effect: Effect;
}

export class WantedKeys {
  readonly #requests = new Map<string, unknown>();
  readonly #answered = new Set<string>();

  /** @throws where a key comes twice, with another request, or after its answer */
  check(ref: Ref, effects: readonly Effect[]): void {
    const keys = new Set<string>();
    for (const { key, kind, request } of effects) {
      const name = nameOf(ref, key);
      if (keys.has(key)) throw new Error(`${name} is wanted twice`);
      keys.add(key);
      if (this.#answered.has(name)) throw new Error(`${name} is wanted again`);
      if (!this.#requests.has(name)) this.#requests.set(name, { kind, request });
      else if (!isDeepStrictEqual(this.#requests.get(name), { kind, request }))
        throw new Error(`${name} has become another request`);
    }
  }

  answered(ref: Ref, key: string): void {
    this.#answered.add(nameOf(ref, key));
  }
}

function nameOf(ref: Ref, key: string): string {
  return `${ref.kind}/${ref.id} ${key}`;
}
