// The gRPC server of one ingress: the services of its role, health and reflection behind one port. Knows no threads; any
// number of these may run beside each other, since all that it keeps is its own.
import { Server, ServerCredentials, type ServerOptions } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { serverLimits as limits } from './limits.ts';
import { OpenCalls } from './open-calls.ts';
import { addReflection } from './reflection.ts';
import type { GrpcService } from './service.ts';

export interface GrpcServer {
  readonly server: Server;
  /** @returns the port, which a given 0 leaves to the system. Rejects where it cannot be had. */
  bind(host: string, port: number): Promise<number>;
  /** What the health service says; not serving until told. */
  setServing(serving: boolean): void;
  /** Takes no new calls, answers those that are open, then closes; after `deadlineMs` it closes whatever is open. */
  drain(deadlineMs: number): Promise<void>;
}

const options: ServerOptions = {
  'grpc.max_receive_message_length': limits.messageBytesMax,
  'grpc.max_send_message_length': -1,
  'grpc.max_concurrent_streams': limits.concurrentCallsPerConnectionMax,
  'grpc.keepalive_time_ms': limits.keepaliveIntervalMs,
  'grpc.keepalive_timeout_ms': limits.keepaliveTimeoutMs,
  // Channelz stays on, as it is unless told: without it forceShutdown (of grpc-js 1.14) finds no session to end.
};

/** @param makeServices what stands behind the port; the calls that are open are counted for the drain */
export function createGrpcServer(makeServices: (open: OpenCalls) => readonly GrpcService[]): GrpcServer {
  const server = new Server(options);
  const open = new OpenCalls();
  const health = new HealthImplementation();
  const services = makeServices(open);
  for (const { definition, implementation } of services) server.addService(definition, implementation);
  health.addToServer(server);
  const names = services.map(({ name }) => name);
  addReflection(server, [...names, 'grpc.health.v1.Health']);

  const setServing = (serving: boolean) => {
    for (const name of ['', ...names]) health.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING');
  };
  setServing(false);
  return {
    server,
    setServing,
    bind: (host, port) => bind(server, host, port),
    async drain(deadlineMs) {
      setServing(false);
      await drain(server, open, deadlineMs);
    },
  };
}

function bind(server: Server, host: string, port: number): Promise<number> {
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
}

/**
 * Calls that are not ours (a health watch) go on for as long as their client likes: they are not waited for once ours
 * are over, and their answers have had time to leave.
 */
async function drain(server: Server, open: OpenCalls, deadlineMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  const over = new AbortController();
  const answered = open.drain().then(() => wait(limits.drainGraceMs, over.signal));
  await Promise.race([closed, answered, wait(deadlineMs, over.signal)]);
  over.abort();
  server.forceShutdown();
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
