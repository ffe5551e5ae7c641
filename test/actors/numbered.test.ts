import { describe, expect, it } from 'vitest';
import { type Behaviour, type Context, InvariantViolation } from '../../src/actors/behaviour.ts';
import { numbered } from '../../src/actors/numbered.ts';

interface Event {
  readonly tells: number;
}

const plain: Behaviour<{ readonly sum: number }, readonly Event[], Event> = {
  kind: 'plain',
  initial: { sum: 0 },
  decide: (_state, events) => ({ events, reply: { ok: null } }),
  evolve: ({ sum }, { tells }) => ({ sum: sum + tells }),
  due: () => ({ events: [{ tells: 1 }] }),
};

const actor = numbered(plain, ({ tells }) => tells);
const context: Context = {
  self: { kind: 'plain', id: 'a' },
  now: 0,
  shared: null,
  shards: 1,
  shardOf: () => 0,
  receipt: null,
};

describe('a numbered behaviour', () => {
  it('stamps what is told with the number of its first message, and nothing else', () => {
    const { events = [] } = actor.decide(
      actor.initial,
      [{ tells: 0 }, { tells: 2 }, { tells: 1 }, { tells: 0 }],
      context,
    );
    expect(events).toEqual([{ tells: 0 }, { tells: 2, n: 1 }, { tells: 1, n: 3 }, { tells: 0 }]);
    expect(events.reduce(actor.evolve, actor.initial)).toEqual({ sum: 3, published: 3 });
  });

  it('goes on from the number in the state, by whatever way a decision comes about', () => {
    const state = { sum: 5, published: 5 };
    expect(actor.due?.(state, context)).toEqual({ events: [{ tells: 1, n: 6 }] });
  });

  it('leaves alone a decision without events', () => {
    expect(
      numbered({ ...plain, decide: () => ({ reply: { ok: 1 } }) }, () => 1).decide(
        actor.initial,
        [],
        context,
      ),
    ).toEqual({
      reply: { ok: 1 },
    });
  });

  it.each([4, 6, 7])('does not fold message %i after 4 (I15)', (n) => {
    const fold = () => actor.evolve({ sum: 0, published: 4 }, { tells: 1, n });
    expect(fold).toThrow(InvariantViolation);
  });
});
