// For those who operate the service: is it alive, is it ready, what does it measure.
import Type from 'typebox';
import type { RouteGroup } from './group.ts';
import { json, onlyProblems } from './openapi/answers.ts';

export interface OpsDeps {
  /** Why it is not ready, or null. */
  notReady(): string | null;
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
}

const Alive = Type.Object({ status: Type.Literal('ok') });
const Ready = Type.Object({ status: Type.Literal('ready') });
const NotReady = Type.Object({ status: Type.Literal('not ready'), why: Type.String() });

export function opsRoutes(deps: OpsDeps): RouteGroup {
  return {
    tag: { name: 'Operations', description: 'Whether the service lives, serves, and how it fares.' },
    routes(rest) {
      rest.get(
        '/healthz',
        {
          schema: {
            operationId: 'getHealth',
            summary: 'Whether the process lives',
            description: 'Answered as long as the process runs at all.',
            response: {
              200: json('It lives.', Alive, { example: { status: 'ok' } }),
              ...onlyProblems('not-acceptable'),
            },
          },
        },
        () => ({ status: 'ok' as const }),
      );
      rest.get(
        '/readyz',
        {
          schema: {
            operationId: 'getReadiness',
            summary: 'Whether the process serves',
            description:
              'Ready means that it owns its shards. Does not change on a short absence of the database.',
            response: {
              200: json('It serves.', Ready, { example: { status: 'ready' } }),
              503: json('It does not, and says why.', NotReady, {
                example: { status: 'not ready', why: 'another process owns the database' },
              }),
              ...onlyProblems('not-acceptable'),
            },
          },
        },
        (_request, reply) => {
          const why = deps.notReady();
          if (why === null) return { status: 'ready' as const };
          reply.code(503);
          return { status: 'not ready' as const, why };
        },
      );
      rest.get(
        '/metrics',
        {
          schema: {
            operationId: 'getMetrics',
            summary: 'Measurements',
            description: 'Those of all threads, added up, in the text format of Prometheus.',
            response: {
              200: {
                description: 'The measurements.',
                content: { 'text/plain': { schema: Type.String(), example: 'synkro_ready 1\n' } },
              },
              ...onlyProblems('not-acceptable', 'internal'),
            },
          },
        },
        async (_request, reply) => {
          const { contentType, text } = await deps.metrics();
          reply.header('content-type', contentType);
          return text;
        },
      );
    },
  };
}
