// The trace context is that of the event, and of the form that W3C asks for.
import { expect, test } from 'vitest';
import { traceparentOf } from '../../src/messaging/rabbit/traceparent.ts';

test('has the form of version 00, is not sampled, and is the same for the same event only', () => {
  const one = traceparentOf('inventory.1');
  expect(one).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  expect(traceparentOf('inventory.1')).toBe(one);
  expect(traceparentOf('inventory.2').slice(3, 35)).not.toBe(one.slice(3, 35));
});
