// The journal's text: what was written is read again, for ever, and what is none of it is refused.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeRecord, emptyRecord, encodeRecord, RecordError } from '../../src/runtime/record.ts';
import { anyRecord } from './support.ts';

test('any record comes back as it was', () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      expect(decodeRecord(encodeRecord(record))).toEqual(record);
    }),
  );
});

test('version 1 is written as it stands in journals that exist', () => {
  const order = { kind: 'order', id: 'o-1' };
  const item = { kind: 'item', id: 'i-1' };
  const text =
    '{"v":1,"e":[["order","o-1",{"type":"opened"}]],"s":[[4,"order","o-1",3,"hold/7",[["item","i-1",{"n":2}]]]],' +
    '"o":[[3,5,2]],"i":[[9,8]],"a":[[9,8,{"refused":false,"replies":[{"ok":null}]}]]}';
  const record = {
    events: [{ ref: order, event: { type: 'opened' } }],
    sent: [
      {
        n: 4,
        origin: order,
        message: { to: 3, tag: 'hold/7', parts: [{ ref: item, command: { n: 2 } }] },
      },
    ],
    outgoing: [{ to: 3, next: 5, answeredTo: 2 }],
    incoming: [{ from: 9, applied: 8 }],
    answers: [{ from: 9, n: 8, answer: { refused: false, replies: [{ ok: null }] } }],
  };
  expect(encodeRecord(record)).toBe(text);
  expect(decodeRecord(text)).toEqual(record);
  expect(encodeRecord(emptyRecord)).toBe('{"v":1}');
  expect(decodeRecord('{"v":1}')).toEqual(emptyRecord);
});

test('a newer version is refused by name, so that an old release does not read half of it', () => {
  expect(() => decodeRecord('{"v":2,"e":[]}')).toThrow('newer release');
});

test.each([
  ['null'],
  ['7'],
  ['{}'],
  ['{"v":1,"e":{}}'],
  ['{"v":1,"e":[["order","o-1"]]}'],
  ['{"v":1,"e":[[1,"o-1",{}]]}'],
  ['{"v":1,"o":[[1,2]]}'],
  ['{"v":1,"i":[["1",2]]}'],
  ['{"v":1,"s":[[1,"order","o-1",3,"tag",{}]]}'],
  ['{"v":1,"a":[[1,2,{"refused":"no","replies":[]}]]}'],
  ['{"v":1,"a":[[1,2,{"refused":false,"replies":[{}]}]]}'],
])('%s is no record', (text) => {
  expect(() => decodeRecord(text)).toThrow(RecordError);
});
