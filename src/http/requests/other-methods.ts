// The methods that a path has not got: 405 with Allow, where Fastify by itself would say that there is no such path.
import type { FastifyInstance, HTTPMethods } from 'fastify';
import { Refused } from '../../api/errors.ts';

const methods: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Remembers the routes that are declared from here on. @returns what answers for the rest; to be called after them */
export function otherMethods(app: FastifyInstance): () => void {
  const byPath = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = byPath.get(url) ?? new Set();
    for (const each of [method].flat()) known.add(each);
    byPath.set(url, known);
  });
  return () => {
    for (const [url, known] of [...byPath]) {
      const others = methods.filter((method) => !known.has(method));
      const allow = [...known].join(', ');
      if (others.length > 0) declare(app, url, others, allow);
    }
  };
}

function declare(app: FastifyInstance, url: string, others: HTTPMethods[], allow: string): void {
  app.route({
    url,
    method: others,
    schema: { hide: true },
    // Before the body is looked at.
    onRequest: (request, reply, done) => {
      reply.header('allow', allow);
      done(new Refused({ code: 'method-not-allowed', message: `${request.method} is not among ${allow}` }));
    },
    handler: () => {},
  });
}
