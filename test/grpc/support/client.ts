// A real client on a real socket, and the server that it talks to.
import { credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { Follower } from '../../../src/api/feed/follower.ts';
import type { LevelChange } from '../../../src/api/inventory/updates.ts';
import { BadRequest, ErrorInfo, RetryInfo } from '../../../src/generated/google/rpc/error_details.ts';
import { Status } from '../../../src/generated/google/rpc/status.ts';
import {
  InventoryServiceClient,
  InventoryServiceService,
  type MessageFns,
} from '../../../src/generated/synkro/inventory/v1/inventory.ts';
import { inventoryService } from '../../../src/grpc/inventory-service.ts';
import { createGrpcServer, type GrpcServer } from '../../../src/grpc/server.ts';
import { type Fakes, fakes } from './fakes.ts';

export interface Harness {
  readonly fakes: Fakes;
  readonly server: GrpcServer;
  readonly client: InventoryServiceClient;
  readonly address: string;
  stop(): Promise<void>;
}

export async function serve(given = fakes(), updates?: Follower<LevelChange>): Promise<Harness> {
  const server = createGrpcServer((open) => [inventoryService(given, open, updates)]);
  const port = await server.bind('127.0.0.1', 0);
  server.setServing(true);
  const address = `127.0.0.1:${port}`;
  const client = new InventoryServiceClient(address, credentials.createInsecure());
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

export type MethodName = keyof typeof InventoryServiceService;

export interface Answered {
  readonly error: ServiceError | null;
  readonly response: unknown;
  readonly header: Metadata;
}

/** Calls any unary method with these bytes. */
export function callBytes(
  harness: Pick<Harness, 'client'>,
  name: MethodName,
  bytes: Uint8Array,
  metadata: Metadata = new Metadata(),
  deadlineMs = 10_000,
): Promise<Answered> {
  const method = InventoryServiceService[name];
  return new Promise((resolve) => {
    let header = new Metadata();
    const deserialize: (bytes: Buffer) => unknown = method.responseDeserialize;
    const call = harness.client.makeUnaryRequest(
      method.path,
      (raw: Uint8Array) => Buffer.from(raw),
      deserialize,
      bytes,
      metadata,
      { deadline: Date.now() + deadlineMs },
      (error, response) => resolve({ error, response, header }),
    );
    call.on('metadata', (received) => {
      header = received;
    });
  });
}

export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly reason: string;
  readonly details: Readonly<Record<string, string>>;
  readonly fields: readonly string[];
  readonly violations: readonly { readonly field: string; readonly description: string }[];
  readonly retryDelayMs: number | null;
}

/** What a client reads of an error, all of it decoded. */
export function problemOf(error: ServiceError | null): Problem {
  if (error === null) throw new Error('there was an answer, not an error');
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  if (!Buffer.isBuffer(bytes)) throw new Error(`an error without details: ${error.message}`);
  const rpc = Status.decode(bytes);
  if (rpc.code !== error.code) throw new Error(`${rpc.code} within, ${error.code} outside`);
  return problemOfStatus(rpc);
}

export function problemOfStatus(rpc: Status): Problem {
  const find = (name: string) =>
    rpc.details.find(({ typeUrl }) => typeUrl.endsWith(`google.rpc.${name}`))?.value;
  const info = ErrorInfo.decode(find('ErrorInfo') ?? new Uint8Array());
  const violations = BadRequest.decode(find('BadRequest') ?? new Uint8Array()).fieldViolations;
  const retry = find('RetryInfo');
  const delay = retry === undefined ? undefined : RetryInfo.decode(retry).retryDelay;
  return {
    code: status[rpc.code] ?? '',
    message: rpc.message,
    reason: info.reason,
    details: info.metadata,
    fields: violations.map(({ field }) => field),
    violations,
    retryDelayMs: delay === undefined ? null : Number(delay.seconds) * 1_000 + delay.nanos / 1e6,
  };
}

/** Waits until it holds, and says what it waited for. */
export async function until(what: string, holds: () => boolean, deadlineMs = 30_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited ${deadlineMs} ms for ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Calls any unary method. `asked` is the last that the asker was asked. */
export async function callMessage<T>(
  harness: Harness,
  method: MethodName,
  type: MessageFns<T>,
  request: Parameters<MessageFns<T>['create']>[0],
  metadata = new Metadata(),
) {
  const answered = await callBytes(harness, method, type.encode(type.create(request)).finish(), metadata);
  return { ...answered, asked: harness.fakes.asker.asked.at(-1) };
}
