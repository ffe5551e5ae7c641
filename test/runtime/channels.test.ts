// Channels between shards: what the journal holds of them is enough to go on after a crash, and only goes forward.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvariantViolation } from '../../src/actors/behaviour.ts';
import { DurableChannels, LiveChannels } from '../../src/runtime/channels.ts';
import { emptyRecord, type Sent, type ShardRecord } from '../../src/runtime/record.ts';

const answer = { refused: false, replies: [{ ok: null }] };

function sent(to: number, n: number): Sent {
  return { n, origin: { kind: 'order', id: 'o' }, message: { to, tag: `tag ${n}`, parts: [] } };
}

function folded(...records: Partial<ShardRecord>[]): DurableChannels {
  const channels = new DurableChannels();
  for (const record of records) channels.fold({ ...emptyRecord, ...record });
  return channels;
}

test('what was sent waits until its answer is recorded', () => {
  const channels = folded({
    sent: [sent(3, 1), sent(3, 2)],
    outgoing: [{ to: 3, next: 3, answeredTo: 0 }],
  });
  expect([...(channels.outgoing.get(3)?.waiting.keys() ?? [])]).toEqual([1, 2]);
  channels.fold({ ...emptyRecord, outgoing: [{ to: 3, next: 3, answeredTo: 1 }] });
  expect([...(channels.outgoing.get(3)?.waiting.keys() ?? [])]).toEqual([2]);
});

test('an answer is kept until the sender is known to have recorded it', () => {
  const channels = folded({
    incoming: [{ from: 5, applied: 3 }],
    answers: [1, 2, 3].map((n) => ({ from: 5, n, answer })),
  });
  channels.acknowledge(5, 2);
  expect([...(channels.incoming.get(5)?.answers.keys() ?? [])]).toEqual([3]);
  channels.acknowledge(6, 2);
  channels.acknowledge(5, 1);
  expect(channels.incoming.get(5)).toMatchObject({ applied: 3 });
});

test.each([
  ['numbers that go back', { to: 1, next: 2, answeredTo: 1 }],
  ['answers that go back', { to: 1, next: 3, answeredTo: 0 }],
  ['an answer to what was not sent', { to: 1, next: 3, answeredTo: 3 }],
])('I12: %s are refused', (_, outgoing) => {
  const channels = folded({
    sent: [sent(1, 1), sent(1, 2)],
    outgoing: [{ to: 1, next: 3, answeredTo: 1 }],
  });
  expect(() => channels.fold({ ...emptyRecord, outgoing: [outgoing] })).toThrow(InvariantViolation);
});

test('what a thread has decided beyond the journal does not touch what the journal has', () => {
  const durable = folded({ sent: [sent(1, 1)], outgoing: [{ to: 1, next: 2, answeredTo: 0 }] });
  const live = new LiveChannels(durable);
  live.out(1).next = 9;
  live.out(1).waiting.clear();
  live.in(2).applied = 7;
  expect(durable.outgoing.get(1)).toMatchObject({ next: 2 });
  expect(durable.outgoing.get(1)?.waiting.size).toBe(1);
  expect(durable.incoming.size).toBe(0);
});

test('a channel begins at 1, with nothing answered or applied', () => {
  const live = new LiveChannels(new DurableChannels());
  expect(live.out(4)).toEqual({ next: 1, answeredTo: 0, waiting: new Map() });
  expect(live.in(4)).toEqual({ applied: 0 });
});

/** What may happen to the channels of one shard, one record after another. */
const history = fc.array(
  fc.record({
    other: fc.integer({ min: 0, max: 2 }),
    sends: fc.integer({ min: 0, max: 3 }),
    settles: fc.integer({ min: 0, max: 3 }),
    applies: fc.integer({ min: 0, max: 3 }),
    acknowledged: fc.integer({ min: 0, max: 3 }),
  }),
  { maxLength: 30 },
);

test('I3: channels from a snapshot are the channels that were folded from the start, after any history', () => {
  fc.assert(
    fc.property(history, (steps) => {
      const channels = new DurableChannels();
      for (const { other, sends, settles, applies, acknowledged } of steps) {
        const { next, answeredTo } = channels.outgoing.get(other) ?? { next: 1, answeredTo: 0 };
        const { applied } = channels.incoming.get(other) ?? { applied: 0 };
        channels.fold({
          ...emptyRecord,
          sent: Array.from({ length: sends }, (_, index) => sent(other, next + index)),
          outgoing: [
            { to: other, next: next + sends, answeredTo: Math.min(answeredTo + settles, next + sends - 1) },
          ],
          incoming: [{ from: other, applied: applied + applies }],
          answers: Array.from({ length: applies }, (_, index) => ({
            from: other,
            n: applied + 1 + index,
            answer,
          })),
        });
        channels.acknowledge(other, applied + applies - acknowledged);
      }
      const restored = DurableChannels.decode(channels.encode());
      expect(restored).toEqual(channels);
      for (const { next, answeredTo, waiting } of channels.outgoing.values())
        expect([...waiting.keys()]).toEqual(
          Array.from({ length: next - 1 - answeredTo }, (_, index) => answeredTo + 1 + index),
        );
    }),
  );
  expect(DurableChannels.decode('')).toEqual(new DurableChannels());
});
