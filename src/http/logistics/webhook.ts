// The webhook of the payment gateway. Its body is taken as the bytes that came: they are what was signed.
import Type from 'typebox';
import type { LogisticsDeps } from '../../api/logistics/deps.ts';
import { noticeLimits as limits, receiveNotice, signatureHeader } from '../../api/logistics/webhook.ts';
import { ask } from '../answer.ts';
import { sourceOf } from '../exchange.ts';
import { body, text, time, uuid } from '../fields.ts';
import type { RouteGroup } from '../group.ts';
import { noContent, problemsWithBody } from '../openapi/answers.ts';
import { named } from '../openapi/named.ts';
import { exampleIds } from './order-schemas.ts';

const Approved = body({
  outcome: Type.Literal('approved'),
  transactionId: text(limits.transactionIdCharactersMax, 'The gateway’s own.'),
  until: Type.Union([time('When the authorization lapses, in UTC.'), Type.Null()], {
    description: 'Null where it does not lapse; it may not be left out.',
  }),
});

const Declined = body({
  outcome: Type.Literal('declined'),
  reason: Type.String({
    description: `For people; ${limits.reasonCharactersMax} characters of it are kept.`,
  }),
});

const PaymentNotice = named(
  'PaymentNotice',
  body(
    {
      id: text(limits.noticeIdCharactersMax, 'Of the notice: the same id is the same notice.'),
      paymentId: uuid('As it came with the request.'),
      orderId: uuid('As it came with the request.'),
      authorization: Type.Union([Approved, Declined]),
    },
    {
      description: 'What a gateway tells of an authorization by itself.',
      examples: [
        {
          id: 'n-1',
          paymentId: exampleIds.payment,
          orderId: exampleIds.order,
          authorization: { outcome: 'approved', transactionId: 'tx-1', until: null },
        },
      ],
    },
  ),
);

export function webhookRoutes(deps: LogisticsDeps): RouteGroup {
  return {
    tag: { name: 'Payments', description: 'What the payment gateway tells by itself.' },
    routes(rest) {
      // Those of the server make JSON of the bytes.
      rest.removeAllContentTypeParsers();
      rest.addContentTypeParser<Buffer>(
        'application/json',
        { parseAs: 'buffer', bodyLimit: limits.bodyBytesMax },
        (_request, bytes, done) => done(null, bytes),
      );
      // Demanded of every 401 (RFC 9110, 15.5.2).
      rest.addHook('onSend', (_request, reply, _payload, done) => {
        if (reply.statusCode === 401) reply.header('www-authenticate', signatureHeader);
        done();
      });
      rest.post(
        '/v1/payments/webhook',
        {
          // The schema documents; nothing is looked at before the signature is.
          validatorCompiler: () => () => true,
          schema: {
            operationId: 'receivePaymentNotice',
            summary: 'Tell the answer to an authorization',
            description: `For the payment gateway alone: signed with a secret that it shares with the service, over the bytes of the body, not more than ${limits.toleranceMs / 60_000} minutes ago. The same notice again changes nothing, and is answered the same.`,
            headers: Type.Object({
              [signatureHeader]: Type.Optional(
                Type.String({
                  description:
                    'Time of signing (seconds since 1970) and HMAC-SHA256 of `<t>.<body>`; several `v1` while one secret replaces another.',
                  examples: [`t=1800000000,v1=${'0'.repeat(64)}`],
                }),
              ),
            }),
            body: PaymentNotice,
            response: {
              204: noContent('It is taken, or was taken before.'),
              ...problemsWithBody('signature-invalid', 'order-not-found', 'payment-not-found'),
            },
          },
        },
        async (request, reply) => {
          const bytes: unknown = request.body;
          const signature = request.raw.headers[signatureHeader];
          const asked = {
            body: Buffer.isBuffer(bytes) ? bytes : Buffer.alloc(0),
            signature: Array.isArray(signature) ? signature.join(',') : signature,
            now: Date.now(),
          };
          await ask(receiveNotice, asked, deps, sourceOf({ request, reply }), null);
          reply.code(204);
          return null;
        },
      );
    },
  };
}
