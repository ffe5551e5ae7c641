// The table of all types in docs/EVENTS.md.
import { catalogue, eventTypes } from '../../../src/events/catalogue.ts';
import { schemaFile, subjectOf } from './schemas.ts';

export function table(): string {
  const rows = eventTypes.map((type) => {
    const { routingKey, summary } = catalogue[type];
    return `| [\`${type}\`](events/${schemaFile(type)}) | \`${routingKey}\` | \`${subjectOf(type)}\` | ${summary} |`;
  });
  return ['| type | routing key | subject | when |', '|---|---|---|---|', ...rows, ''].join('\n');
}
