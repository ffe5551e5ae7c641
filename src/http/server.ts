// The HTTP server of one ingress: routes in groups, what is around them, and its end. Knows no threads; all that it keeps
// is its own.
//
// While it drains it takes no connections, answers what is open and what still comes on connections that are, ends event
// streams, and says `Connection: close` in every answer. What is open after the deadline is cut off.
import compress from '@fastify/compress';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { type FastifyInstance } from 'fastify';
import { Refused } from '../api/errors.ts';
import { processNow } from '../runtime/ask.ts';
import type { ClientLimiter } from './clients/limiter.ts';
import { EventStreams } from './events/streams.ts';
import type { Edge, RouteGroup } from './group.ts';
import { type HttpLimits, httpLimits } from './limits.ts';
import { documentRoutes } from './openapi/document.ts';
import { marks } from './openapi/marks.ts';
import { type OpsDeps, opsRoutes } from './ops.ts';
import { routeNotFound, sendProblem } from './problems/answers.ts';
import { answerClientError } from './problems/client-errors.ts';
import type { ProblemDeps } from './problems/from-thrown.ts';
import { readJsonBodies } from './requests/body.ts';
import { otherMethods } from './requests/other-methods.ts';
import { parseQuery } from './requests/query.ts';
import { addRules } from './requests/route-rules.ts';

export interface HttpServerOptions extends ProblemDeps {
  readonly ops: OpsDeps;
  /** The routes of the services that are answered here; those of `ops` come by themselves. */
  readonly groups: readonly RouteGroup[];
  /**
   * Called once for each request when it is over.
   * @param operation its operationId; 'unknown' where there is no such route
   * @param outcome 'ok', the code of the problem that was answered, or 'cancelled' where the client went away
   */
  readonly observe: (operation: string, outcome: string, seconds: number) => void;
  /** How often each client may ask; without it as often as it likes. */
  readonly limiter?: ClientLimiter;
  /** For those that are to be others than the usual ones. */
  readonly limits?: Partial<HttpLimits>;
}

export interface HttpServer {
  /** @returns the port, which a given 0 leaves to the system. Rejects where it cannot be had. */
  listen(host: string, port: number): Promise<number>;
  /** Resolves when every connection is closed. May be called again with a deadline that is sooner. */
  drain(deadlineMs: number): Promise<void>;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** What became of it, for the metrics. */
    outcome: string;
  }
}

export function createHttpServer(options: HttpServerOptions): HttpServer {
  const limits = { ...httpLimits, ...options.limits };
  const app = makeApp(options, limits);
  const streams = new EventStreams(limits.eventStreamsMax);
  const life = { draining: false, open: 0 };
  watch(app, options, life);
  const assembled = assemble(app, options, { ...options, streams, limits }, life);
  // Whoever listens hears of what went wrong. Fastify cannot be closed while it is being put together.
  const settled = assembled.catch(() => {});
  return {
    async listen(host, port) {
      await assembled;
      if (life.draining) throw new Error('the server has been told to stop');
      await app.listen({ host, port });
      const address = app.server.address();
      return typeof address === 'object' && address !== null ? address.port : port;
    },
    async drain(deadlineMs) {
      life.draining = true;
      // At once: Fastify, which does the rest, takes a while to come to it.
      if (app.server.listening) app.server.close();
      streams.stop();
      const deadline = setTimeout(() => app.server.closeAllConnections(), deadlineMs);
      await settled;
      await app.close().finally(() => clearTimeout(deadline));
    },
  };
}

interface Life {
  draining: boolean;
  /** Requests that are being answered. */
  open: number;
}

function makeApp(deps: ProblemDeps, limits: HttpLimits): FastifyInstance {
  const app = fastify({
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: limits.requestMsMax,
    keepAliveTimeout: limits.keepAliveMs,
    http: {
      maxHeaderSize: limits.headerBytesMax,
      headersTimeout: limits.headersMsMax,
      connectionsCheckingInterval: limits.lateCheckIntervalMs,
      keepAlive: true,
      keepAliveInitialDelay: limits.tcpKeepAliveMs,
      noDelay: true,
    },
    // What comes while it drains is answered, not refused.
    return503OnClosing: false,
    routerOptions: {
      // The API's own rules say how long an id may be.
      maxParamLength: limits.headerBytesMax,
      querystringParser: parseQuery,
    },
    ajv: {
      customOptions: {
        // What a client sent is taken as it is or refused, never changed. One problem at a time: gathering all would let
        // 8 MiB of wrong values make as many errors.
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: false,
        allErrors: false,
        keywords: [...marks],
      },
    },
    frameworkErrors: (error, request, reply) => {
      request.outcome = 'ok';
      sendProblem(error, request, reply, deps);
    },
    clientErrorHandler: answerClientError,
  });
  app.server.maxConnections = limits.connectionsMax;
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, deps));
  // Answers are documented by schemas, and tests hold them to it. A serializer made of the schema would hide what is
  // not in it, and gains nothing over JSON.stringify on answers of this size.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  readJsonBodies(app);
  return app;
}

/** What happens around every request. */
function watch(app: FastifyInstance, { observe }: HttpServerOptions, life: Life): void {
  app.decorateRequest('outcome', 'ok');
  app.addHook('onRequest', (request, reply, done) => {
    life.open += 1;
    const begunAt = processNow();
    // Not the hook onResponse, which does not come where the client goes away.
    reply.raw.once('close', () => {
      life.open -= 1;
      // An answer that had begun before the drain could not say that its connection is to close.
      if (life.draining) setImmediate(() => app.server.closeIdleConnections());
      const operation = request.routeOptions.schema?.operationId ?? 'unknown';
      const outcome = reply.raw.writableFinished ? request.outcome : 'cancelled';
      observe(operation, outcome, (processNow() - begunAt) / 1_000);
    });
    reply.header('x-content-type-options', 'nosniff');
    // Before the body is looked at.
    done(request.is404 ? routeNotFound(request.method, request.url) : undefined);
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (life.draining) reply.header('connection', 'close');
    done();
  });
}

async function assemble(
  app: FastifyInstance,
  { ops, groups, limiter }: HttpServerOptions,
  edge: Edge,
  life: Life,
): Promise<void> {
  const all = [...groups, opsRoutes(ops)];
  // Also of answers that are not compressed: which they are follows from what was accepted.
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('vary')) reply.header('vary', 'accept-encoding');
  });
  await app.register(compress, {
    threshold: edge.limits.compressBytesMin,
    encodings: ['br', 'gzip'],
    globalDecompression: false,
  });
  await documentRoutes(app, all);
  const declareOtherMethods = otherMethods(app);
  for (const group of groups) {
    await app.register(async (scope) => {
      admit(scope, life, edge.limits);
      if (limiter !== undefined) limitClients(scope, limiter);
      addGroup(scope, group, edge);
    });
  }
  await app.register(async (scope) => addGroup(scope, opsRoutes(ops), edge));
  declareOtherMethods();
  await app.ready();
  // Made once, and now: a document that cannot be made is to show at the start.
  app.swagger();
}

function addGroup(scope: FastifyInstance, group: RouteGroup, edge: Edge): void {
  const rest = scope.withTypeProvider<TypeBoxTypeProvider>();
  addRules(rest, group.tag.name);
  group.routes(rest, edge);
}

/** The API refuses what it has no room for; whether it is ready can always be asked. */
function admit(scope: FastifyInstance, life: Life, limits: HttpLimits): void {
  scope.addHook('onRequest', (_request, _reply, done) => {
    if (life.open <= limits.openRequestsMax) done();
    else done(new Refused({ code: 'overloaded', message: 'too many requests are being answered' }));
  });
}

/** Before the body is looked at. By the address that the connection comes from, whatever headers say. */
function limitClients(scope: FastifyInstance, limiter: ClientLimiter): void {
  scope.addHook('onRequest', async (request) => {
    const waitMs = await limiter.take(request.raw.socket.remoteAddress);
    if (waitMs === 0) return;
    throw new Refused({
      code: 'rate-limited',
      message: 'this client address asks more often than it may',
      details: { retryAfterMs: String(Math.ceil(waitMs)) },
    });
  });
}
