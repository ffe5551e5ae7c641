// A dead letter as a message: what it was, and beside it why it is dead.
import type { Message, Options } from 'amqplib';
import type { DeadLetter } from '../dead-letters.ts';
import type { Dead } from '../delivery.ts';
import { idOf, textHeader } from './message.ts';

const names = {
  reason: 'x-reason',
  attempts: 'x-attempts',
  deadAt: 'x-dead-at',
  routingKey: 'x-original-routing-key',
} as const;

/** Set by the broker: where a message has died before. */
const brokersOwn = /^x-(death|first-death-.*|last-death-.*|delivery-count|acquired-count)$/;

/** Its properties among the dead letters. */
export function buried(message: Message, { dead, attempts }: Dead, now: Date): Options.Publish {
  return {
    ...keptProperties(message),
    headers: {
      ...keptHeaders(message),
      [names.reason]: dead,
      [names.attempts]: attempts,
      [names.deadAt]: now.toISOString(),
      [names.routingKey]: originalRoutingKey(message),
    },
  };
}

/** Its properties when it goes back to its queue; of what made it dead only the routing key stays, which is lost else. */
export function revived(message: Message): Options.Publish {
  return {
    ...keptProperties(message),
    headers: { ...keptHeaders(message), [names.routingKey]: originalRoutingKey(message) },
  };
}

export function deadLetterOf(message: Message): DeadLetter {
  const [death] = message.properties.headers?.['x-death'] ?? [];
  const attempts: unknown = message.properties.headers?.[names.attempts];
  const { type } = message.properties;
  return {
    id: idOf(message),
    type: typeof type === 'string' ? type : '',
    subject: textHeader(message, 'x-subject'),
    reason: textHeader(message, names.reason) || (death === undefined ? '' : reasonOfBroker(death.reason)),
    attempts: typeof attempts === 'number' ? attempts : null,
    deadAt: textHeader(message, names.deadAt) || (death === undefined ? null : isoTime(death.time)),
    routingKey: originalRoutingKey(message),
    body: message.content.toString('utf8'),
  };
}

function keptProperties({ properties }: Message): Options.Publish {
  const { contentType, contentEncoding, type, timestamp, correlationId, appId } = properties;
  return { contentType, contentEncoding, type, timestamp, correlationId, appId };
}

function keptHeaders({ properties }: Message): Record<string, unknown> {
  const ours: readonly string[] = Object.values(names);
  return Object.fromEntries(
    Object.entries(properties.headers ?? {}).filter(
      ([name]) => !brokersOwn.test(name) && !ours.includes(name),
    ),
  );
}

function originalRoutingKey(message: Message): string {
  const [death] = message.properties.headers?.['x-death'] ?? [];
  return textHeader(message, names.routingKey) || (death?.['routing-keys'][0] ?? message.fields.routingKey);
}

/** That it was delivered too often is all that the broker knows. */
function reasonOfBroker(reason: string): string {
  return `the broker has put it aside: ${reason}`;
}

function isoTime({ value }: { readonly value: number }): string | null {
  const time = new Date(value * 1_000);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}
