// docs/events/asyncapi.json, from the catalogue: who publishes what where, and which queues there are.
import { catalogue, type EventType, eventTypes } from '../../../src/events/catalogue.ts';
import { eventVersion } from '../../../src/events/event.ts';
import { bindings } from '../../../src/messaging/queues.ts';
import { schemaFile, subjectOf } from './schemas.ts';

const exchange = { name: 'order_events', type: 'topic', durable: true, autoDelete: false, vhost: '/' };
const bindingVersion = '0.3.0';
const security = [{ $ref: '#/components/securitySchemes/userPassword' }];

/** The queues of Synkro itself. */
const queues: Readonly<
  Record<string, { readonly description: string; readonly patterns: readonly string[] }>
> = {
  order_processing: {
    description: 'What Logistics acts on: stock that comes and goes.',
    patterns: bindings.order_processing,
  },
  notification_service: {
    description: 'What people are told of.',
    patterns: bindings.notification_service,
  },
};

export function asyncApi(): object {
  return {
    asyncapi: '3.0.0',
    id: 'urn:synkro:events',
    info: {
      title: 'Synkro events',
      version: `${eventVersion}.0.0`,
      description: [
        'Everything that happens to stock, orders, payments, shipments and customers, published from the journal to one topic exchange of RabbitMQ.',
        'At least once, in order for each subject, with a dense sequence for each source and subject: docs/EVENTS.md says what consumers do with that.',
      ].join('\n\n'),
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: { rabbitmq: server },
    channels: {
      ...Object.fromEntries(eventTypes.map((type) => [type, keyChannel(type)])),
      ...Object.fromEntries(Object.keys(queues).map((name) => [name, queueChannel(name)])),
    },
    operations: {
      ...Object.fromEntries(eventTypes.map((type) => [`publish${type}`, publishing(type)])),
      ...Object.fromEntries(Object.keys(queues).map((name) => [`consume_${name}`, consuming(name)])),
    },
    components: {
      messages: Object.fromEntries(eventTypes.map((type) => [type, message(type)])),
      schemas: { Headers: headers },
      correlationIds: { subject: correlation },
      securitySchemes: {
        userPassword: { type: 'userPassword', description: 'Those of AMQP_URL.' },
      },
    },
  };
}

const server = {
  host: '{host}:{port}',
  protocol: 'amqp',
  protocolVersion: '0.9.1',
  description: 'The broker that AMQP_URL names.',
  variables: {
    host: { default: 'localhost', description: 'Its name.' },
    port: { default: '5672', description: 'Its port for AMQP.' },
  },
  security,
};

const headers = {
  type: 'object',
  required: ['traceparent', 'x-sequence', 'x-subject'],
  properties: {
    traceparent: {
      type: 'string',
      pattern: '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$',
      description: 'W3C Trace Context; the same whenever the event is published again.',
    },
    'x-sequence': { type: 'integer', minimum: 1, description: 'The sequence of the event.' },
    'x-subject': { type: 'string', description: 'The subject of the event.' },
  },
};

const correlation = {
  description: 'All that happens to one subject.',
  location: '$message.payload#/subject',
};

function message(type: EventType): object {
  return {
    name: type,
    title: type,
    summary: catalogue[type].summary,
    description: `Its subject is \`${subjectOf(type)}\`.`,
    contentType: 'application/json',
    headers: { $ref: '#/components/schemas/Headers' },
    correlationId: { $ref: '#/components/correlationIds/subject' },
    payload: {
      schemaFormat: 'application/schema+json;version=draft-2020-12',
      schema: { $ref: `./${schemaFile(type)}` },
    },
    bindings: { amqp: { contentEncoding: 'utf-8', messageType: type, bindingVersion } },
  };
}

function keyChannel(type: EventType): object {
  return {
    address: catalogue[type].routingKey,
    title: type,
    description: catalogue[type].summary,
    servers: [{ $ref: '#/servers/rabbitmq' }],
    messages: messagesOf([type]),
    bindings: { amqp: { is: 'routingKey', exchange, bindingVersion } },
  };
}

function queueChannel(name: string): object {
  const { description = '', patterns = [] } = queues[name] ?? {};
  return {
    address: name,
    title: name,
    description: `${description} A quorum queue, bound to the exchange with ${patterns.map((each) => `\`${each}\``).join(', ')}.`,
    servers: [{ $ref: '#/servers/rabbitmq' }],
    messages: messagesOf(eventTypes.filter((type) => isFor(patterns, catalogue[type].routingKey))),
    bindings: {
      amqp: {
        is: 'queue',
        queue: { name, durable: true, exclusive: false, autoDelete: false, vhost: exchange.vhost },
        bindingVersion,
      },
    },
  };
}

/** Of topic exchanges what is used here: a whole key, or an area and all that is in it. */
function isFor(patterns: readonly string[], routingKey: string): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('.#') ? routingKey.startsWith(pattern.slice(0, -1)) : routingKey === pattern,
  );
}

function messagesOf(types: readonly EventType[]): object {
  return Object.fromEntries(types.map((type) => [type, { $ref: `#/components/messages/${type}` }]));
}

function publishing(type: EventType): object {
  return {
    action: 'send',
    channel: { $ref: `#/channels/${type}` },
    summary: catalogue[type].summary,
    messages: [{ $ref: `#/channels/${type}/messages/${type}` }],
    security,
    bindings: { amqp: { deliveryMode: 2, mandatory: true, timestamp: true, bindingVersion } },
  };
}

function consuming(name: string): object {
  return {
    action: 'receive',
    channel: { $ref: `#/channels/${name}` },
    summary: queues[name]?.description,
    security,
    bindings: { amqp: { ack: true, bindingVersion } },
  };
}
