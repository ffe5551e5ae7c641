/** Arbitrary records of the journal. */
import fc from 'fast-check';
import type { ShardRecord } from '../../src/runtime/record.ts';

const text = fc.string({ unit: 'binary', maxLength: 20 });
const number = fc.nat({ max: 1_000_000 });
const ref = fc.record({ kind: text, id: text });
/** Without negative zero, which JSON does not know. */
const value = fc.jsonValue().map((any): unknown => JSON.parse(JSON.stringify(any)));
const reply = fc.oneof(
  fc.record({ ok: value }),
  fc.record({ error: fc.record({ code: fc.constant('unavailable' as const), message: text }) }),
);
export const anyAnswer = fc.record({ refused: fc.boolean(), replies: fc.array(reply, { maxLength: 3 }) });
const part = fc.record({ ref, command: value });

export const anyRecord: fc.Arbitrary<ShardRecord> = fc.record({
  events: fc.array(fc.record({ ref, event: value }), { maxLength: 4 }),
  sent: fc.array(
    fc.record({
      n: number,
      origin: ref,
      message: fc.record({ to: number, tag: text, parts: fc.array(part, { maxLength: 3 }) }),
    }),
    { maxLength: 3 },
  ),
  outgoing: fc.array(fc.record({ to: number, next: number, answeredTo: number }), { maxLength: 3 }),
  incoming: fc.array(fc.record({ from: number, applied: number }), { maxLength: 3 }),
  answers: fc.array(fc.record({ from: number, n: number, answer: anyAnswer }), { maxLength: 3 }),
});
