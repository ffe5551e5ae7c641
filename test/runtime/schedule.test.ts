// Due times come out in order, and none before its time.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Schedule } from '../../src/runtime/schedule.ts';

const entry = (at: number, id = '') => ({ at, ref: { kind: 'order', id }, shard: 0 });

test('nothing is due in an empty schedule', () => {
  const schedule = new Schedule();
  expect(schedule.next).toBeUndefined();
  expect(schedule.popDue(Number.MAX_SAFE_INTEGER)).toBeUndefined();
});

test('an entry is due at its very millisecond and not before', () => {
  const schedule = new Schedule();
  schedule.push(entry(100));
  expect(schedule.popDue(99)).toBeUndefined();
  expect(schedule.size).toBe(1);
  expect(schedule.popDue(100)).toEqual(entry(100));
  expect(schedule.size).toBe(0);
});

/** Pushes an entry, or takes out all that is due by a moment. */
const steps = fc.array(
  fc.oneof(
    fc.record({ push: fc.integer({ min: 0, max: 50 }) }),
    fc.record({ popUntil: fc.integer({ min: 0, max: 60 }) }),
  ),
  { maxLength: 200 },
);

test('it agrees with a sorted list, whatever is pushed and popped', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const schedule = new Schedule();
      let model: number[] = [];
      for (const [index, step] of list.entries()) {
        if ('push' in step) {
          schedule.push(entry(step.push, String(index)));
          model = [...model, step.push].toSorted((a, b) => a - b);
        } else {
          const popped: number[] = [];
          for (let top = schedule.popDue(step.popUntil); top; top = schedule.popDue(step.popUntil))
            popped.push(top.at);
          expect(popped).toEqual(model.filter((at) => at <= step.popUntil));
          model = model.filter((at) => at > step.popUntil);
        }
        expect([schedule.size, schedule.next]).toEqual([model.length, model[0]]);
      }
    }),
  );
});

test('no entry is lost or doubled', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (times) => {
      const schedule = new Schedule();
      for (const [index, at] of times.entries()) schedule.push(entry(at, String(index)));
      const ids: string[] = [];
      for (let top = schedule.popDue(20); top; top = schedule.popDue(20)) ids.push(top.ref.id);
      expect(ids.toSorted()).toEqual(times.map((_, index) => String(index)).toSorted());
    }),
  );
});
