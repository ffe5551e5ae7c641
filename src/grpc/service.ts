// A gRPC service, put together of the API's methods and streams.
import type { ServiceDefinition, UntypedHandleCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { EdgeDeps } from '../api/call.ts';
import type { Follower } from '../api/feed/follower.ts';
import type { FeedDeps, UpdateStream } from '../api/feed/updates.ts';
import type { Method } from '../api/method.ts';
import type { OpenCalls } from './open-calls.ts';
import { definitionOf, unaryHandler } from './unary.ts';
import { updatesHandler } from './update-stream.ts';

export interface GrpcService {
  readonly name: string;
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

export interface Entry {
  readonly name: string;
  readonly definition: ServiceDefinition[string];
  readonly handler: UntypedHandleCall;
}

export function serviceOf(name: string, entries: readonly Entry[]): GrpcService {
  return {
    name,
    definition: Object.fromEntries(entries.map((entry) => [entry.name, entry.definition])),
    implementation: Object.fromEntries(entries.map((entry) => [entry.name, entry.handler])),
  };
}

/** @returns what makes an entry of a method */
export function unaryEntries<Deps extends EdgeDeps>(service: string, deps: Deps, open: OpenCalls) {
  return <Request, Response>(method: Method<Request, Response, Deps>): Entry => ({
    name: method.name,
    definition: definitionOf(service, method, { requestStream: false, responseStream: false }),
    handler: unaryHandler(method, deps, open),
  });
}

export function updatesEntry<Request, Event, Change, Deps extends FeedDeps>(
  service: string,
  stream: UpdateStream<Request, Event, Change, Deps>,
  deps: Deps,
  open: OpenCalls,
  follower: Follower<Change>,
): Entry {
  return {
    name: stream.name,
    definition: definitionOf(service, stream, { requestStream: false, responseStream: true }),
    handler: updatesHandler(stream, deps, open, follower),
  };
}
