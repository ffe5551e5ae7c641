// An event as a message of AMQP, and a message's own names for what it carries.
import { hash } from 'node:crypto';
import type { Message, Options } from 'amqplib';
import type { PublishedEvent } from '../../events/event.ts';
import { traceparentOf } from './traceparent.ts';

export function contentOf(event: PublishedEvent): Buffer {
  return Buffer.from(JSON.stringify(event));
}

/** Kept on disk by the broker, and given back where no queue takes it. */
export function propertiesOf(event: PublishedEvent): Options.Publish {
  return {
    mandatory: true,
    deliveryMode: 2,
    contentType: 'application/json',
    messageId: event.id,
    type: event.type,
    timestamp: Math.floor(Date.parse(event.time) / 1_000),
    headers: {
      traceparent: traceparentOf(event.id),
      'x-sequence': event.sequence,
      'x-subject': event.subject,
    },
  };
}

/** That of the event; of a message without, one that follows from its content. */
export function idOf(message: Message): string {
  const { messageId } = message.properties;
  return typeof messageId === 'string' && messageId !== ''
    ? messageId
    : `sha256-${hash('sha256', message.content, 'hex').slice(0, 16)}`;
}

/** A header that is text; '' where there is none. */
export function textHeader(message: Message, name: string): string {
  const value: unknown = message.properties.headers?.[name];
  return typeof value === 'string' ? value : '';
}
