// A real client on a real socket, and LogisticsService behind it, over fakes and the real vault.
import { type ClientReadableStream, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { Follower } from '../../../src/api/feed/follower.ts';
import type { OrderChange } from '../../../src/api/logistics/updates.ts';
import * as pb from '../../../src/generated/synkro/logistics/v1/logistics.ts';
import { logisticsService } from '../../../src/grpc/logistics-service.ts';
import { createGrpcServer, type GrpcServer } from '../../../src/grpc/server.ts';
import { until } from '../../grpc/support/client.ts';
import type { Asked } from '../../grpc/support/fakes.ts';
import { type LogisticsFakes, logisticsFakes } from '../../http/support/logistics-fakes.ts';

export interface Harness {
  readonly fakes: LogisticsFakes;
  readonly server: GrpcServer;
  readonly client: pb.LogisticsServiceClient;
  readonly address: string;
  stop(): Promise<void>;
}

export async function serve(
  given: LogisticsFakes = logisticsFakes(),
  updates?: Follower<OrderChange>,
): Promise<Harness> {
  const server = createGrpcServer((open) => [logisticsService(given, open, updates)]);
  const port = await server.bind('127.0.0.1', 0);
  server.setServing(true);
  const address = `127.0.0.1:${port}`;
  const client = new pb.LogisticsServiceClient(address, credentials.createInsecure());
  return {
    fakes: given,
    server,
    client,
    address,
    async stop() {
      client.close();
      await server.drain(100);
    },
  };
}

/** Actors answer as usual, Inventory has every item, and nothing has been asked. */
export function reset({ fakes }: Harness): void {
  fakes.asker.asked.length = 0;
  fakes.asker.answer = (asked) => fakes.usual(asked);
  fakes.queries.asked.length = 0;
  fakes.unknownItems.clear();
}

export type MethodName = Exclude<keyof typeof pb.LogisticsServiceService, 'streamOrderUpdates'>;

export interface CallOptions {
  readonly metadata?: Metadata;
  /** Null: the caller gives none. */
  readonly deadlineMs?: number | null;
}

export interface Answered {
  readonly error: ServiceError | null;
  readonly response: unknown;
  readonly header: Metadata;
  /** What the actors were asked since the call began. */
  readonly asked: readonly Asked[];
}

/** Calls any unary method with these bytes. */
export function callBytes(
  { client, fakes }: Harness,
  name: MethodName,
  bytes: Uint8Array,
  { metadata = new Metadata(), deadlineMs = 10_000 }: CallOptions = {},
): Promise<Answered> {
  const method = pb.LogisticsServiceService[name];
  const before = fakes.asker.asked.length;
  return new Promise((resolve) => {
    let header = new Metadata();
    const deserialize: (bytes: Buffer) => unknown = method.responseDeserialize;
    const call = client.makeUnaryRequest(
      method.path,
      (raw: Uint8Array) => Buffer.from(raw),
      deserialize,
      bytes,
      metadata,
      deadlineMs === null ? {} : { deadline: Date.now() + deadlineMs },
      (error, response) => resolve({ error, response, header, asked: fakes.asker.asked.slice(before) }),
    );
    call.on('metadata', (received) => {
      header = received;
    });
  });
}

export function callMessage<T>(
  harness: Harness,
  method: MethodName,
  type: pb.MessageFns<T>,
  request: Parameters<pb.MessageFns<T>['create']>[0],
  options?: CallOptions,
): Promise<Answered> {
  return callBytes(harness, method, type.encode(type.create(request)).finish(), options);
}

export function withKey(key: string): CallOptions {
  const metadata = new Metadata();
  metadata.set('idempotency-key', key);
  return { metadata };
}

export interface Opened {
  readonly stream: ClientReadableStream<pb.OrderStatusEvent>;
  readonly messages: pb.OrderStatusEvent[];
  /** The token that the stream begins at. */
  readonly begun: Promise<string>;
  readonly ended: Promise<ServiceError>;
}

export function open(
  client: pb.LogisticsServiceClient,
  request: Parameters<typeof pb.StreamOrderUpdatesRequest.create>[0] = {},
): Opened {
  const stream = client.streamOrderUpdates(pb.StreamOrderUpdatesRequest.create(request));
  const messages: pb.OrderStatusEvent[] = [];
  stream.on('data', (message: pb.OrderStatusEvent) => messages.push(message));
  const begun = new Promise<string>((resolve) => {
    stream.on('metadata', (header: Metadata) => resolve(String(header.get('x-synkro-resume-token')[0])));
  });
  const ended = new Promise<ServiceError>((resolve) => stream.on('error', resolve));
  return { stream, messages, begun, ended };
}

export { until };
