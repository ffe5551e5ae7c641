// Callers that wait are woken once, in order, and never forgotten.
import { expect, test } from 'vitest';
import { Parked } from '../../src/runtime/parked.ts';
import type { Caller } from '../../src/runtime/work.ts';

const order = { kind: 'order', id: '1' };
const other = { kind: 'order', id: '2' };

function caller(name: string, deadline = 1_000): Caller {
  return {
    request: { ref: order, shard: 0, command: name, receipt: null, deadline },
    reply: () => undefined,
  };
}

const names = (callers: readonly Caller[]): unknown[] => callers.map(({ request }) => request.command);

test('those of a token are taken in the order in which they came, once', () => {
  const parked = new Parked();
  for (const [name, token] of [
    ['first', 'a'],
    ['second', 'b'],
    ['third', 'a'],
  ] as const)
    parked.add(order, token, caller(name));
  parked.add(other, 'a', caller('another order'));
  expect(names(parked.take(order, 'a'))).toEqual(['first', 'third']);
  expect(names(parked.take(order, 'a'))).toEqual([]);
  expect(parked.size).toBe(2);
  expect(names(parked.take(order, 'b'))).toEqual(['second']);
  expect(names(parked.take(other, 'a'))).toEqual(['another order']);
  expect(parked.size).toBe(0);
});

test('a token that nobody waits for wakes nobody', () => {
  const parked = new Parked();
  parked.add(order, 'a', caller('first'));
  expect(parked.take(order, 'b')).toEqual([]);
  expect(parked.take(other, 'a')).toEqual([]);
  expect(parked.size).toBe(1);
});

test('those whose deadline has come are taken out, and no others', () => {
  const parked = new Parked();
  parked.add(order, 'a', caller('at 10', 10));
  parked.add(order, 'a', caller('at 11', 11));
  parked.add(other, 'a', caller('at 5', 5));
  expect(names(parked.takeExpired(4))).toEqual([]);
  expect(names(parked.takeExpired(10))).toEqual(['at 10', 'at 5']);
  expect(parked.size).toBe(1);
  expect(names(parked.takeAll())).toEqual(['at 11']);
  expect(parked.size).toBe(0);
  expect(parked.takeAll()).toEqual([]);
});
