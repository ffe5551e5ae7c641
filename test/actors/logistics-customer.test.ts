// A customer: made once, changed by whoever saw the last change, and deleted for good: also across crashes, of which only
// the events remain.
import { describe, expect, it } from 'vitest';
import {
  type Context,
  type Decision,
  InvariantViolation,
  type Ref,
  type Reply,
  type Wake,
} from '../../src/actors/behaviour.ts';
import { logisticsBehaviours } from '../../src/actors/logistics/behaviours.ts';
import { customer } from '../../src/actors/logistics/customer/customer.ts';
import { isCustomerState } from '../../src/actors/logistics/customer/guards.ts';
import type {
  CustomerCommand,
  CustomerEvent,
  CustomerState,
} from '../../src/actors/logistics/customer/model.ts';
import { type Numbered, numberedShape } from '../../src/actors/numbered.ts';

const id = '30000000-0000-4000-8000-000000000001';
const self: Ref = { kind: 'customer', id };

const create: CustomerCommand = {
  type: 'create',
  sealed: 'sealed',
  terms: ['ada'],
  fingerprint: 'print',
  isIdOfKey: false,
};
const get: CustomerCommand = { type: 'get' };
const erase: CustomerCommand = { type: 'erase' };
const update = (updatedAt: number, sealed = 'sealed anew'): CustomerCommand => ({
  type: 'update',
  sealed,
  terms: ['lovelace'],
  updatedAt,
});

const isNumberedCustomer = numberedShape(isCustomerState);

/** One customer as a runtime would have it: what it was told, what it wants, and who waits for it. */
class World {
  now = 1_000;
  readonly #journal: string[] = [];
  /** As JSON, so that nothing is ever changed in place. */
  #state = JSON.stringify(customer.initial);

  get state(): CustomerState & Numbered {
    const state: unknown = JSON.parse(this.#state);
    if (!isNumberedCustomer(state)) throw new Error('no state of a customer');
    return state;
  }

  get events(): readonly CustomerEvent[] {
    return this.#journal.map((event) => JSON.parse(event));
  }

  get wanted(): readonly string[] {
    return (customer.effects?.(this.state) ?? []).map(({ key }) => key);
  }

  /** The reply, or the token that the caller waits under. */
  ask(command: CustomerCommand): Reply | string {
    const decision = customer.decide(this.state, command, this.#context());
    this.#take(decision);
    const { reply, park } = decision;
    if ((reply === undefined) === (park === undefined))
      throw new Error('neither a reply nor a wait, or both');
    return reply ?? park ?? '';
  }

  /** @returns whoever is to go on */
  come(key: string, result: Reply = { ok: null }): readonly Wake[] {
    const decision = customer.resulted?.(this.state, key, result, this.#context()) ?? {};
    this.#take(decision);
    return decision.wake ?? [];
  }

  /** What is in memory is lost; the journal remains. */
  crash(): void {
    this.#state = JSON.stringify(this.events.reduce(customer.evolve, customer.initial));
  }

  #take({ events = [], messages = [] }: Decision<CustomerEvent>): void {
    expect(messages).toEqual([]);
    for (const event of events) {
      this.#journal.push(JSON.stringify(event));
      this.#state = JSON.stringify(customer.evolve(this.state, event));
    }
  }

  #context(): Context {
    return { self, now: this.now, shared: undefined, shards: 1, shardOf: () => 0, receipt: null };
  }
}

function codeOf(reply: Reply | string): string {
  return typeof reply !== 'string' && 'error' in reply ? reply.error.code : 'no failure';
}

function made(): World {
  const world = new World();
  world.ask(create);
  return world;
}

function erased(): World {
  const world = made();
  world.ask(erase);
  world.come('destroyKey');
  return world;
}

const view = { id, sealed: 'sealed', createdAt: 1_000, updatedAt: 1_000 };

it('a customer is one of the kinds of Logistics', () => {
  expect(logisticsBehaviours.byKind.get('customer')).toBe(customer);
});

describe('create', () => {
  it('makes the customer, who is there from then on', () => {
    const world = new World();
    expect(world.ask(create)).toEqual({ ok: view });
    world.now += 1;
    expect(world.ask(get)).toEqual({ ok: view });
    expect(world.wanted).toEqual([]);
    expect(customer.dueAt?.(world.state) ?? null).toBeNull();
  });

  it('answers a repeat the same, though what is sealed never is, and changes nothing', () => {
    const world = made();
    world.now += 5;
    expect(world.ask({ ...create, sealed: 'sealed another time' })).toEqual({ ok: view });
    expect(world.events).toHaveLength(1);
  });

  it('answers a repeat also once the customer was changed', () => {
    const world = made();
    world.ask(update(1_000));
    expect(world.ask(create)).toEqual({ ok: { ...view, sealed: 'sealed anew', updatedAt: 1_001 } });
  });

  it.each([
    [false, 'customer-exists'],
    [true, 'idempotency-key-reused'],
  ])('refuses other content (id of the key: %s): %s', (isIdOfKey, code) => {
    const world = made();
    expect(codeOf(world.ask({ ...create, fingerprint: 'another', isIdOfKey }))).toBe(code);
    expect(world.events).toHaveLength(1);
  });

  it.each([false, true])(
    'refuses the id of one who was deleted, for good (id of the key: %s)',
    (isIdOfKey) => {
      const erasing = made();
      erasing.ask(erase);
      for (const world of [erasing, erased()]) {
        const before = world.events;
        for (const fingerprint of ['print', '', 'another']) {
          expect(codeOf(world.ask({ ...create, fingerprint, isIdOfKey }))).toBe('customer-exists');
        }
        expect(world.events).toEqual(before);
      }
    },
  );
});

describe('get', () => {
  it('finds nobody who was never made, or was deleted', () => {
    const erasing = made();
    erasing.ask(erase);
    for (const world of [new World(), erasing, erased()]) {
      expect(world.ask(get)).toMatchObject({
        error: { code: 'customer-not-found', details: { customerId: id } },
      });
    }
  });
});

describe('update', () => {
  it('puts the whole in place of what was seen, and of nothing else', () => {
    const world = made();
    world.now = 2_000;
    const changed = { ...view, sealed: 'sealed anew', updatedAt: 2_000 };
    expect(world.ask(update(1_000))).toEqual({ ok: changed });
    expect(world.state.customer).toMatchObject({ terms: ['lovelace'], fingerprint: 'print' });
    expect(codeOf(world.ask(update(1_000, 'too late')))).toBe('customer-changed');
    expect(world.ask(get)).toEqual({ ok: changed });
  });

  it('is told from another within the same millisecond, and where the clock went back', () => {
    const world = made();
    expect(world.ask(update(1_000, 'second'))).toMatchObject({ ok: { updatedAt: 1_001 } });
    expect(codeOf(world.ask(update(1_000, 'overtaken')))).toBe('customer-changed');
    world.now = 500;
    expect(world.ask(update(1_001, 'third'))).toMatchObject({ ok: { sealed: 'third', updatedAt: 1_002 } });
  });

  it('finds nobody who was never made, or is deleted', () => {
    const erasing = made();
    erasing.ask(erase);
    for (const world of [new World(), erasing, erased()]) {
      const before = world.events;
      expect(codeOf(world.ask(update(1_000)))).toBe('customer-not-found');
      expect(world.events).toEqual(before);
    }
  });
});

describe('erase', () => {
  it('is answered when the key is destroyed, and not before', () => {
    const world = made();
    const token = world.ask(erase);
    expect(token).toBeTypeOf('string');
    expect(world.wanted).toEqual(['destroyKey']);
    expect(world.come('destroyKey')).toEqual([{ token, reply: { ok: { id } } }]);
    expect(world.wanted).toEqual([]);
  });

  it('leaves nothing of the person in the state, nor in any event that follows from it', () => {
    const world = erased();
    expect(world.state).toEqual({
      customer: { sealed: '', terms: [], fingerprint: '', createdAt: 1_000, updatedAt: 1_000 },
      erasure: 'erased',
      published: 2,
    });
    expect(JSON.stringify(world.events.slice(1))).not.toMatch(/sealed|ada|print/);
  });

  it('asked for again meanwhile waits for the same, and afterwards is answered the same', () => {
    const world = made();
    const token = world.ask(erase);
    expect(world.ask(erase)).toBe(token);
    expect(world.events.filter(({ type }) => type === 'erasureBegan')).toHaveLength(1);
    const [wake] = world.come('destroyKey');
    const { length } = world.events;
    expect(world.ask(erase)).toEqual(wake?.reply);
    expect(world.ask(erase)).toEqual({ ok: { id } });
    expect(world.events).toHaveLength(length);
  });

  it('finds nobody who was never made', () => {
    const world = new World();
    expect(codeOf(world.ask(erase))).toBe('customer-not-found');
    expect(world.wanted).toEqual([]);
  });

  it('is never refused: a key that cannot be destroyed stops the shard', () => {
    const world = made();
    world.ask(erase);
    expect(() => world.come('destroyKey', { error: { code: 'internal', message: '' } })).toThrow(
      InvariantViolation,
    );
  });
});

describe('a crash', () => {
  const steps: readonly [string, (world: World) => unknown][] = [
    ['create', (world) => world.ask(create)],
    ['update', (world) => world.ask(update(1_000))],
    ['erase', (world) => world.ask(erase)],
    ['destroyKey', (world) => world.come('destroyKey')],
    ['erase again', (world) => world.ask(erase)],
  ];

  it('after any step leaves the state that it had, wanting the same', () => {
    const world = new World();
    for (const [, step] of steps) {
      step(world);
      const { state, wanted } = world;
      world.crash();
      expect(world.state).toEqual(state);
      expect(world.wanted).toEqual(wanted);
    }
    expect(world.state.erasure).toBe('erased');
  });

  it('while the key is being destroyed: it is destroyed again, and whoever asks again is answered then', () => {
    const world = made();
    world.ask(erase);
    world.crash();
    expect(world.wanted).toEqual(['destroyKey']);
    expect(codeOf(world.ask(get))).toBe('customer-not-found');
    const token = world.ask(erase);
    expect(world.come('destroyKey')).toEqual([{ token, reply: { ok: { id } } }]);
    world.crash();
    expect(world.wanted).toEqual([]);
    expect(world.ask(erase)).toEqual({ ok: { id } });
  });

  it('before the erasure was durable: the customer is there, and nothing is wanted', () => {
    const world = made();
    const decision = customer.decide(world.state, erase, {
      self,
      now: 2_000,
      shared: undefined,
      shards: 1,
      shardOf: () => 0,
      receipt: null,
    });
    expect(decision.events).toEqual([{ type: 'erasureBegan' }]);
    world.crash();
    expect(world.wanted).toEqual([]);
    expect(world.ask(get)).toEqual({ ok: view });
  });
});
