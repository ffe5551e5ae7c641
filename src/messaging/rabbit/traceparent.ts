// The W3C trace context of a message. There are no traces yet: made from the event's id, so that it is the same whenever
// the event is published again and a consumer's traces of one event belong together; its flags say: not sampled here.
import { hash } from 'node:crypto';

export function traceparentOf(eventId: string): string {
  const digits = hash('sha256', eventId, 'hex');
  return `00-${digits.slice(0, 32)}-${digits.slice(32, 48)}-00`;
}
