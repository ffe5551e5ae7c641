import { randomUUID } from 'node:crypto';
import { isPublishedEvent, type PublishedEvent } from '../../src/events/event.ts';

/** An event that goes to order_processing. */
export function itemEvent(subject: string, sequence: number): PublishedEvent {
  return {
    id: `test.${subject}.${sequence}`,
    sequence,
    type: 'ItemDeleted',
    time: '2026-01-02T03:04:05.678Z',
    version: 1,
    subject,
    data: { itemId: randomUUID() },
  };
}

/** One whose body is at least so long. */
export function longEvent(subject: string, sequence: number, length: number): PublishedEvent {
  const data = { itemId: randomUUID(), sku: 'A', name: 'x'.repeat(length), category: '' };
  return { ...itemEvent(subject, sequence), type: 'ItemUpdated', data };
}

export function eventIn(message: { readonly content: Buffer }): PublishedEvent {
  const value: unknown = JSON.parse(message.content.toString());
  if (!isPublishedEvent(value)) throw new Error(`no event: ${message.content.toString()}`);
  return value;
}
