// What holds for every route of a group without the route saying so: its tag, Accept, strict query strings, and bodies
// that may be left out.
import type { FastifySchema } from 'fastify';
import { isObject } from '../../actors/shape.ts';
import { Refused } from '../../api/errors.ts';
import type { Rest } from '../group.ts';
import { isOptionalBody } from '../openapi/marks.ts';
import { accepts } from './accept.ts';
import { queryReader } from './query.ts';

interface Rules {
  /** Of the answers; none where there is nothing to negotiate. */
  readonly types: readonly string[];
  readonly readQuery: ((query: unknown) => Record<string, unknown>) | null;
  readonly bodyIsOptional: boolean;
}

export function addRules(rest: Rest, tag: string): void {
  rest.addHook('onRoute', (route) => {
    route.schema = Object.assign(route.schema ?? {}, { tags: [tag] });
  });
  rest.addHook('onRequest', (request, reply, done) => {
    reply.header('cache-control', 'no-store');
    const { types } = rulesOf(request.routeOptions.schema);
    const { accept, 'content-encoding': encoding } = request.raw.headers;
    if (encoding !== undefined && encoding !== 'identity') done(encoded);
    else if (types.length === 0 || types.some((type) => accepts(accept, type))) done();
    else done(notAcceptable(types));
  });
  rest.addHook('preValidation', (request, _reply, done) => {
    const { readQuery, bodyIsOptional } = rulesOf(request.routeOptions.schema);
    try {
      if (readQuery !== null) request.query = readQuery(request.query);
      if (bodyIsOptional && request.body === undefined) request.body = {};
      done();
    } catch (refused) {
      done(refused instanceof Refused ? refused : new TypeError('a query reader failed', { cause: refused }));
    }
  });
}

/** By the schema of the route, made when it is first called. */
const known = new WeakMap<FastifySchema, Rules>();

function rulesOf(schema: FastifySchema | undefined): Rules {
  if (schema === undefined) return { types: [], readQuery: null, bodyIsOptional: false };
  const made = known.get(schema);
  if (made !== undefined) return made;
  const rules = {
    types: typesOf(schema.response),
    readQuery: schema.querystring === undefined ? null : queryReader(schema.querystring),
    bodyIsOptional: isOptionalBody(schema.body),
  };
  known.set(schema, rules);
  return rules;
}

function typesOf(answers: unknown): string[] {
  const found = Object.entries(isObject(answers) ? answers : {})
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([, answer]) => {
      const content = isObject(answer) ? answer['content'] : undefined;
      return isObject(content) ? Object.keys(content) : [];
    });
  return [...new Set(found)];
}

/** A small body may unfold to a huge one; there is no need for it. */
const encoded = new Refused({
  code: 'unsupported-media-type',
  message: 'encoded bodies are not read: send it without Content-Encoding',
});

function notAcceptable(types: readonly string[]): Refused {
  return new Refused({
    code: 'not-acceptable',
    message: `Accept lets through no ${types.join(' and no ')}, and there is nothing else`,
  });
}
