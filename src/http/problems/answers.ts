// Where every error over HTTP is answered: one shape, one set of headers, one outcome for the metrics.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type EdgeFailure, Refused } from '../../api/errors.ts';
import { failureOfThrown, type ProblemDeps } from './from-thrown.ts';
import { type Problem, problemOf, problemType, RefusedWith } from './problem.ts';

/** Answers what was thrown. The outcome of the request is the failure's code. */
export function sendProblem(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  deps: ProblemDeps,
): void {
  const operation = request.routeOptions.schema?.operationId ?? `${request.method} ${request.url}`;
  const failure = failureOfThrown(thrown, operation, deps);
  request.outcome = failure.code;
  const problem = { ...problemOf(failure), ...(thrown instanceof RefusedWith ? thrown.members : {}) };
  const retryAfter = retryAfterOf(problem);
  if (retryAfter !== null) reply.header('retry-after', retryAfter);
  // As bytes: to text Fastify would add a charset, which the media type has not got.
  reply
    .code(problem.status)
    .type(problemType)
    .send(Buffer.from(JSON.stringify(problem)));
}

/** Whole seconds, at least one; null where the request is not to be repeated. */
export function retryAfterOf({ retryAfterMs }: Problem): string | null {
  return retryAfterMs === undefined ? null : String(Math.max(1, Math.ceil(retryAfterMs / 1_000)));
}

export function routeNotFound(method: string, url: string): Refused {
  const [path = ''] = url.split('?');
  const failure: EdgeFailure = {
    code: 'route-not-found',
    message: `there is no ${method} ${path}; what there is stands at /docs`,
  };
  return new Refused(failure);
}
