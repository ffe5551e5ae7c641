// Has done outside what the actors of a thread want, as their durable states say: each effect that is not under way is
// performed, and its result comes back as work. One of these lives and dies with a memory; nothing of it is stored, since
// the recovered states want the same again.
//
// An effect is known until a durable state no longer wants it, so that one whose result waits to be decided on is not
// performed a second time. At most `effectsInFlightMax` of a kind are under way, and the others of that kind wait in line: a
// payment gateway that hangs keeps no goods from being shipped. Watches take no place: they only wait for news.
import type { Effect, Ref, Reply } from '../actors/behaviour.ts';
import { fail, failures } from '../actors/failure.ts';
import { type Clock, pause } from './clock.ts';
import type { RuntimeLimits } from './limits.ts';
import type { Observer } from './observer.ts';
import { keyOf, type Resident } from './residents.ts';
import type { Work } from './work.ts';

export interface EffectPerformer {
  /**
   * Performs an effect once. 'unavailable' and other repeatable failures: it is to be tried again; whatever else is
   * answered is the result. What it throws is a fault of ours, logged, and tried again.
   * @param signal nobody wants it any more
   */
  perform(ref: Ref, effect: Effect, signal: AbortSignal): Promise<Reply>;
}

/** For services whose actors want nothing. */
export const noEffects: EffectPerformer = {
  perform: async (ref, effect) => {
    throw new Error(`${ref.kind} wants ${effect.kind}, which nobody performs`);
  },
};

export interface EffectsHost {
  readonly clock: Clock;
  readonly limits: RuntimeLimits;
  readonly observer: Observer;
  readonly performer: EffectPerformer;
  take(work: Work): void;
}

export class Effects {
  readonly #host: EffectsHost;
  readonly #known = new Map<string, Map<string, Running>>();
  /** By kind of effect. */
  readonly #lanes = new Map<string, Lane>();
  #isStopped = false;

  constructor(host: EffectsHost) {
    this.#host = host;
  }

  get inFlight(): number {
    return [...this.#lanes.values()].reduce((sum, { inFlight }) => sum + inFlight, 0);
  }

  /** Of the kind of which most wait. */
  get inLine(): number {
    return Math.max(0, ...[...this.#lanes.values()].map(({ line }) => line.length));
  }

  /** @param state of the actor, that is durable now */
  consider({ ref, shard, behaviour }: Resident, state: unknown): void {
    if (behaviour.effects === undefined || this.#isStopped) return;
    const wanted = behaviour.effects(state);
    const key = keyOf(ref);
    const known = this.#known.get(key);
    if (wanted.length === 0 && known === undefined) return;
    const still = new Map<string, Running>();
    for (const effect of wanted) {
      still.set(effect.key, known?.get(effect.key) ?? this.#begin(ref, shard, effect));
      known?.delete(effect.key);
    }
    for (const unwanted of known?.values() ?? []) end(unwanted);
    if (still.size === 0) this.#known.delete(key);
    else this.#known.set(key, still);
  }

  /** Nothing is performed or heard of any more. */
  stop(): void {
    this.#isStopped = true;
    for (const effects of this.#known.values()) for (const effect of effects.values()) end(effect);
    this.#known.clear();
    for (const { line } of this.#lanes.values()) for (const proceed of line.splice(0)) proceed();
  }

  #begin(ref: Ref, shard: number, effect: Effect): Running {
    const running: Running = { controller: new AbortController(), isOver: false };
    const { signal } = running.controller;
    void this.#perform(ref, effect, signal).then((result) => {
      running.isOver = true;
      if (result === null || signal.aborted || this.#isStopped) return;
      this.#host.take({ type: 'result', ref, shard, key: effect.key, result });
    });
    return running;
  }

  /** Never rejects. @returns null where nobody wants it any more */
  async #perform(ref: Ref, effect: Effect, signal: AbortSignal): Promise<Reply | null> {
    const { effectBackoffMsMin, effectBackoffMsMax } = this.#host.limits;
    for (let backoffMs = effectBackoffMsMin; ; backoffMs = Math.min(backoffMs * 2, effectBackoffMsMax)) {
      const result =
        effect.isWatch === true
          ? await this.#try(ref, effect, signal)
          : await this.#inTurn(ref, effect, signal);
      if (signal.aborted || this.#isStopped) return null;
      if (!isPassing(result)) return result;
      await pause(this.#host.clock, backoffMs, signal);
      if (signal.aborted || this.#isStopped) return null;
    }
  }

  async #inTurn(ref: Ref, effect: Effect, signal: AbortSignal): Promise<Reply> {
    const lane = this.#laneOf(effect);
    if (lane.inFlight >= this.#host.limits.effectsInFlightMax) {
      await new Promise<void>((resolve) => lane.line.push(resolve));
    } else {
      lane.inFlight++;
    }
    try {
      return signal.aborted ? unwanted : await this.#try(ref, effect, signal);
    } finally {
      // The place goes to the next in line, or is free.
      const next = lane.line.shift();
      if (next === undefined) lane.inFlight--;
      else next();
    }
  }

  #laneOf({ kind }: Effect): Lane {
    const known = this.#lanes.get(kind);
    if (known !== undefined) return known;
    const made: Lane = { inFlight: 0, line: [] };
    this.#lanes.set(kind, made);
    return made;
  }

  async #try(ref: Ref, effect: Effect, signal: AbortSignal): Promise<Reply> {
    try {
      return await this.#host.performer.perform(ref, effect, signal);
    } catch (error) {
      if (!signal.aborted)
        this.#host.observer.log('error', 'performing an effect failed; it will be tried again', {
          kind: ref.kind,
          effect: effect.kind,
          error,
        });
      return fail('internal', 'performing an effect failed');
    }
  }
}

/** The effects of one kind: how many are under way, and those that wait for a place. */
interface Lane {
  inFlight: number;
  readonly line: (() => void)[];
}

/** One effect, from the state that wants it to the one that does not. */
interface Running {
  readonly controller: AbortController;
  isOver: boolean;
}

/** An abort makes an exception, with its stack: a tenth of all that an order costs, where nobody is left to hear it. */
function end({ controller, isOver }: Running): void {
  if (!isOver) controller.abort();
}

const unwanted = fail('unavailable', 'nobody wants it any more');

function isPassing(result: Reply): boolean {
  return 'error' in result && (failures[result.error.code].repeatable || result.error.code === 'internal');
}
