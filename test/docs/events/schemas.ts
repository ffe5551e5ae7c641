// The JSON Schema of each type of event, from the catalogue: docs/events/{type}.v{version}.json. Each stands alone.
import { catalogue, type EventType } from '../../../src/events/catalogue.ts';
import { Envelope, eventVersion } from '../../../src/events/event.ts';

export const folder = new URL('../../../docs/events/', import.meta.url);

export function schemaFile(type: EventType): string {
  return `${type}.v${eventVersion}.json`;
}

/** As it stands in a file. */
export function asFile(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

export function schemaOf(type: EventType): object {
  const { data, summary } = catalogue[type];
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:synkro:event:${type}:v${eventVersion}`,
    title: type,
    description: summary,
    allOf: [envelope()],
    type: 'object',
    required: ['type', 'data'],
    properties: { type: { const: type }, data },
  };
}

/** The types that there are belong to no one schema: another type changes none of the others. */
function envelope(): object {
  const { data: _data, type: _type, ...properties } = Envelope.properties;
  return {
    ...Envelope,
    description: 'What all events have.',
    properties: {
      ...properties,
      type: { type: 'string', description: 'What happened: names the schema of the data.' },
      data: { type: 'object', description: 'Of the type. Further properties may be added.' },
    },
  };
}

/** What events of a type happen to, and come in the order of. */
export function subjectOf(type: EventType): string {
  const { data, routingKey } = catalogue[type];
  const [area] = routingKey.split('.');
  if (area === 'customer') return 'customers/{customerId}';
  if (area !== 'inventory') return 'orders/{orderId}';
  if ('priority' in data.properties) return 'warehouses/{warehouseId}';
  return 'orderId' in data.properties ? 'reservations/{orderId}' : 'items/{itemId}';
}
