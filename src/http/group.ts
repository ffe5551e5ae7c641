// How routes get onto the server: in groups, one for each tag of the documentation. A group declares its routes as any
// Fastify plugin would, with TypeBox schemas that check, type and document at once; what holds for all routes (problem
// documents, strict queries, Accept, Allow) the server adds.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { EventStreams } from './events/streams.ts';
import type { HttpLimits } from './limits.ts';
import type { ProblemDeps } from './problems/from-thrown.ts';

export type Rest = FastifyInstance<
  Server,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** What the server lends to the routes. */
export interface Edge extends ProblemDeps {
  readonly streams: EventStreams;
  readonly limits: HttpLimits;
}

export interface RouteGroup {
  readonly tag: { readonly name: string; readonly description: string };
  routes(rest: Rest, edge: Edge): void;
}
