// What counts as a break of a schema, which test/docs/events.test.ts holds the checked-in ones to.
import { expect, test } from 'vitest';
import { breaksOf } from './events/compatibility.ts';

const old = {
  type: 'object',
  description: 'An order.',
  required: ['id', 'lines'],
  properties: {
    id: { type: 'string', format: 'uuid' },
    state: { enum: ['new', 'done'] },
    note: { type: 'string' },
    at: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    lines: { type: 'array', items: { type: 'object', properties: { sku: { type: 'string' } } } },
  },
  allOf: [{ required: ['amount'], properties: { amount: { type: 'string' } } }],
};

const with_ = (properties: object) => ({ ...old, properties: { ...old.properties, ...properties } });

test('the same breaks nothing', () => {
  expect(breaksOf(old, structuredClone(old))).toEqual([]);
});

test.each([
  ['another property', with_({ more: { type: 'number' } })],
  ['a property that is always there now', { ...old, required: ['id', 'lines', 'note'] }],
  ['other words', { ...old, description: 'What was ordered.', title: 'Order' }],
  ['fewer values', with_({ state: { enum: ['new'] } })],
  ['a narrower value', with_({ note: { type: 'string', maxLength: 9 } })],
  [
    'another property of an element',
    with_({
      lines: {
        type: 'array',
        items: { type: 'object', properties: { sku: { type: 'string' }, at: { type: 'string' } } },
      },
    }),
  ],
])('%s breaks nothing', (_name, now) => {
  expect(breaksOf(old, now)).toEqual([]);
});

const { note: _note, ...withoutNote } = old.properties;

test.each([
  ['a property less', { ...old, properties: withoutNote }, '/properties/note: is gone'],
  ['one that may be missing now', { ...old, required: ['id'] }, ': "lines" is not required any more'],
  ['another type', with_({ note: { type: 'number' } }), '/properties/note/type: was "string"'],
  ['another format', with_({ id: { type: 'string' } }), '/properties/id/format: was "uuid"'],
  [
    'a further value',
    with_({ state: { enum: ['new', 'done', 'lost'] } }),
    '/properties/state: "lost" was no value',
  ],
  ['any value', with_({ state: {} }), '/properties/state: "anything" was no value'],
  ['another alternative', with_({ at: { anyOf: [{ type: 'string' }] } }), '/properties/at/anyOf: were 2'],
  [
    'an alternative that is another',
    with_({ at: { anyOf: [{ type: 'number' }, { type: 'null' }] } }),
    '/properties/at/anyOf/0/type: was "string"',
  ],
  [
    'less of an element',
    with_({ lines: { type: 'array', items: { type: 'object', properties: {} } } }),
    '/properties/lines/items/properties/sku: is gone',
  ],
  [
    'elements of any kind',
    with_({ lines: { type: 'array' } }),
    '/properties/lines/items: was {"type":"object","properties":{"sku":{"type":"string"}}}',
  ],
  [
    'another type of what is required besides',
    { ...old, allOf: [{ required: ['amount'], properties: { amount: { type: 'number' } } }] },
    '/allOf/0/properties/amount/type: was "string"',
  ],
  ['nothing required besides', { ...old, allOf: [] }, '/allOf: were 1'],
])('%s is a break', (_name, now, what) => {
  expect(breaksOf(old, now)).toEqual([what]);
});
