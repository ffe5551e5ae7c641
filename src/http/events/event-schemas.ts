// What routes of event streams have in common: how a client resumes, and what the documentation says of the answer.
import Type, { type TSchema } from 'typebox';
import { requestLimits } from '../../api/limits.ts';
import { type Exchange, headerOf } from '../exchange.ts';
import { text } from '../fields.ts';
import { eventStreamType } from './event-stream.ts';

const token = (description: string) =>
  Type.Optional(text(requestLimits.resumeTokenCharactersMax, description));

export const eventHeaders = Type.Object({
  'Last-Event-ID': token('The `id:` of the last event that came: what came after it is sent first.'),
});

export const eventQuery = {
  lastEventId: token('The same for clients that cannot set the header, which counts where both are given.'),
};

/** @returns '' where there is none, and how the client spells it */
export function resumeTokenOf(
  exchange: Exchange,
  lastEventId = '',
): { readonly token: string; readonly name: string } {
  const header = headerOf(exchange, 'last-event-id');
  return header === ''
    ? { token: lastEventId, name: 'lastEventId' }
    : { token: header, name: 'Last-Event-ID' };
}

/**
 * @param data of one event: the document has no better way to say what the lines of the text hold
 * @param example of one event, as text
 */
export function streamAnswer<S extends TSchema>(data: S, example: string) {
  return {
    description: `Events, until one of the two hangs up. The schema is that of each \`data:\` line. Such as:\n\n\`\`\`\n${example}\`\`\``,
    content: { [eventStreamType]: { schema: data } },
  };
}
