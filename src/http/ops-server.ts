// The small HTTP server for those who operate the service: is it alive, is it ready, what does it measure.
import fastify from 'fastify';

export interface OpsDeps {
  /** Why it is not ready, or null. */
  notReady(): string | null;
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
}

export interface OpsServer {
  readonly port: number;
  close(): Promise<void>;
}

export async function startOpsServer(host: string, port: number, deps: OpsDeps): Promise<OpsServer> {
  const server = fastify({ bodyLimit: 1_024, requestTimeout: 10_000 });
  server.get('/healthz', () => ({ status: 'ok' }));
  server.get('/readyz', (_, reply) => {
    const why = deps.notReady();
    return reply
      .code(why === null ? 200 : 503)
      .send(why === null ? { status: 'ready' } : { status: 'not ready', why });
  });
  server.get('/metrics', async (_, reply) => {
    const { contentType, text } = await deps.metrics();
    return reply.header('content-type', contentType).send(text);
  });
  await server.listen({ host, port });
  const address = server.server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () => server.close(),
  };
}
