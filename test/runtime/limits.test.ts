// Bounds are checked when a thread starts, and the one that cannot be is named.
import { expect, test } from 'vitest';
import { checkLimits, defaultRuntimeLimits as sound } from '../../src/runtime/limits.ts';

test('the defaults can be', () => {
  expect(() => checkLimits(sound)).not.toThrow();
});

test.each(Object.keys(sound))('%s must be a whole number that is not negative', (name) => {
  for (const value of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
    expect(() => checkLimits({ ...sound, [name]: value })).toThrow(name);
});

test('no room for actors, and no waiting, can be; a turn without work cannot', () => {
  expect(() => checkLimits({ ...sound, residentActorsMax: 0, resendAfterMs: 0 })).not.toThrow();
  expect(() => checkLimits({ ...sound, turnWorkMax: 0 })).toThrow('turnWorkMax');
});

test('relations between bounds hold', () => {
  expect(() => checkLimits({ ...sound, recoveryBackoffMsMin: 100, recoveryBackoffMsMax: 99 })).toThrow(
    'recoveryBackoffMsMax',
  );
  // A due time read from the tables has to be read again before the tables can have hidden a newer one.
  const { snapshotIntervalMsMax } = sound;
  expect(() => checkLimits({ ...sound, dueHorizonMs: snapshotIntervalMsMax * 2 })).not.toThrow();
  expect(() => checkLimits({ ...sound, dueHorizonMs: snapshotIntervalMsMax * 2 - 1 })).toThrow(
    'dueHorizonMs',
  );
});
