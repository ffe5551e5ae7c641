// Effects under way: bounded by kind, so that what hangs holds up only its own.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AnyBehaviour, Effect, Reply } from '../../src/actors/behaviour.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { Effects } from '../../src/runtime/effects.ts';
import { defaultRuntimeLimits } from '../../src/runtime/limits.ts';
import { silentObserver } from '../../src/runtime/observer.ts';
import { Resident } from '../../src/runtime/residents.ts';
import { until } from '../support/until.ts';

const effectsInFlightMax = 3;

let performing: Map<string, (reply: Reply) => void>;
let results: string[];
let effects: Effects;

beforeEach(() => {
  performing = new Map();
  results = [];
  effects = new Effects({
    clock: systemClock,
    limits: { ...defaultRuntimeLimits, effectsInFlightMax },
    observer: silentObserver,
    performer: { perform: ({ id }) => new Promise((resolve) => performing.set(id, resolve)) },
    take: (work) => void results.push(work.type === 'result' ? work.ref.id : work.type),
  });
});
afterEach(() => effects.stop());

/** An actor that wants one effect of this kind for ever. */
function want(id: string, kind: string): void {
  const wanted: Effect = { key: kind, kind, request: null };
  const behaviour: AnyBehaviour = {
    kind: 'order',
    initial: null,
    decide: () => ({}),
    evolve: (state) => state,
    effects: () => [wanted],
  };
  effects.consider(new Resident({ kind: 'order', id }, 0, behaviour, null, 0), null);
}

test('those of one kind wait for one another, and not for those of another kind', async () => {
  for (let number = 0; number < 5; number += 1) want(`pays-${number}`, 'authorize');
  want('ships', 'fulfill');
  await until('as many as may be under way, and the other kind', () => performing.size === 4);
  expect([...performing.keys()]).toEqual(['pays-0', 'pays-1', 'pays-2', 'ships']);
  expect([effects.inFlight, effects.inLine]).toEqual([4, 2]);
  performing.get('ships')?.({ ok: null });
  await until('its result', () => results.length === 1);
  expect(results).toEqual(['ships']);
  performing.get('pays-1')?.({ ok: null });
  await until('the place to be taken', () => performing.has('pays-3'));
  expect([effects.inFlight, effects.inLine]).toEqual([3, 1]);
});

test('of which kind most wait tells whether more should be begun', async () => {
  for (let number = 0; number < 10; number += 1) want(`pays-${number}`, 'authorize');
  for (let number = 0; number < 5; number += 1) want(`ships-${number}`, 'fulfill');
  expect(effects.inLine).toBe(7);
});
