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

/** Of the headers that are kept, in characters: what encodes them has room for 64 KiB. */
const headersLengthMax = 8_192;
const plainTypes: ReadonlySet<string> = new Set(['string', 'number', 'boolean']);

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
  const death = lastDeathOf(message);
  const attempts: unknown = message.properties.headers?.[names.attempts];
  const { type } = message.properties;
  return {
    id: idOf(message),
    type: typeof type === 'string' ? type : '',
    subject: textHeader(message, 'x-subject'),
    reason: textHeader(message, names.reason) || reasonOfBroker(death['reason']),
    attempts: typeof attempts === 'number' ? attempts : null,
    deadAt: textHeader(message, names.deadAt) || isoTime(death['time']),
    routingKey: originalRoutingKey(message),
    body: message.content.toString('utf8'),
  };
}

function keptProperties({ properties }: Message): Options.Publish {
  const { contentType, contentEncoding, type, timestamp, correlationId, appId } = properties;
  return { contentType, contentEncoding, type, timestamp, correlationId, appId };
}

/** Those that are sure to be written again: what somebody attached must not keep a message from being put aside. */
function keptHeaders({ properties }: Message): Record<string, unknown> {
  const ours: readonly string[] = Object.values(names);
  const kept: Record<string, unknown> = {};
  let length = 0;
  for (const [name, value] of Object.entries(properties.headers ?? {})) {
    if (brokersOwn.test(name) || ours.includes(name)) continue;
    if (!plainTypes.has(typeof value)) continue;
    length += name.length + String(value).length;
    if (length > headersLengthMax) break;
    kept[name] = value;
  }
  return kept;
}

function originalRoutingKey(message: Message): string {
  const keys = lastDeathOf(message)['routing-keys'];
  const first: unknown = Array.isArray(keys) ? keys[0] : undefined;
  return (
    textHeader(message, names.routingKey) || (typeof first === 'string' ? first : message.fields.routingKey)
  );
}

/** As the broker has put it down; anybody else may have written anything there. Empty where it has never died. */
function lastDeathOf({ properties }: Message): Readonly<Record<string, unknown>> {
  const deaths: unknown = properties.headers?.['x-death'];
  const last: unknown = Array.isArray(deaths) ? deaths[0] : undefined;
  return isTable(last) ? last : {};
}

/** That it was delivered too often is all that the broker knows. */
function reasonOfBroker(reason: unknown): string {
  return typeof reason === 'string' ? `the broker has put it aside: ${reason}` : '';
}

function isoTime(timestamp: unknown): string | null {
  const seconds = isTable(timestamp) ? timestamp['value'] : undefined;
  if (typeof seconds !== 'number') return null;
  const time = new Date(seconds * 1_000);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
