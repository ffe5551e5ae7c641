// The schema of problem documents.
import Type from 'typebox';
import { failures } from '../../actors/failure.ts';
import { Availability } from '../availability-schema.ts';
import { named } from './named.ts';

const Violation = named(
  'Violation',
  Type.Object(
    {
      field: Type.String({
        description:
          'As the client wrote it, such as `items[3].quantity`; empty where the request cannot be read at all.',
      }),
      description: Type.String(),
    },
    { description: 'One thing that is wrong with a request.' },
  ),
);

export const Problem = named(
  'Problem',
  Type.Object(
    {
      type: Type.String({ description: 'URN of the code.', examples: ['urn:synkro:error:item-not-found'] }),
      title: Type.String({ description: 'What the code means.' }),
      status: Type.Integer({ description: 'The HTTP status.' }),
      detail: Type.String({ description: 'What happened, for people; the text may change.' }),
      code: Type.Enum(Object.keys(failures), { description: 'Stable: programs decide by it.' }),
      field: Type.Optional(Type.String({ description: 'The first field that is to blame.' })),
      violations: Type.Optional(
        Type.Array(Violation, { description: 'Everything that is wrong with the request.' }),
      ),
      retryAfterMs: Type.Optional(
        Type.Integer({
          minimum: 0,
          description:
            'How long to wait, in milliseconds, before the same request is sent again with the same key; absent where that does not help.',
        }),
      ),
      details: Type.Optional(
        Type.Record(Type.String(), Type.Unknown(), { description: 'Further facts for programs.' }),
      ),
      items: Type.Optional(
        Type.Array(Availability, { description: 'With `insufficient-stock`: what there is.' }),
      ),
    },
    { description: 'An error (RFC 9457). `type` and `title` follow from the code.' },
  ),
);
