// A failure as grpc-js sends it: status, message, and google.rpc.Status in the trailers.
import { Metadata, type ServiceError } from '@grpc/grpc-js';
import { type EdgeFailure, rpcStatusOf } from '../api/errors.ts';
import { Status } from '../generated/google/rpc/status.ts';

export function serviceErrorOf(failure: EdgeFailure): ServiceError {
  const rpc = rpcStatusOf(failure);
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from(Status.encode(rpc).finish()));
  return Object.assign(new Error(rpc.message), { code: rpc.code, details: rpc.message, metadata });
}
