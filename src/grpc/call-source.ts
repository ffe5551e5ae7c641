// What a grpc-js call says of itself to the API.
import { Metadata } from '@grpc/grpc-js';
import { type CallSource, deadlineAfter } from '../api/call.ts';

/** The part of a grpc-js call that every kind of call has. */
export interface ServerCall {
  readonly metadata: Metadata;
  getDeadline(): Date | number;
  sendMetadata(metadata: Metadata): void;
}

export function sourceOf(call: ServerCall): CallSource {
  const remainingMs = Number(call.getDeadline()) - Date.now();
  return {
    deadline: deadlineAfter(remainingMs),
    isDeadlineGiven: Number.isFinite(remainingMs),
    idempotencyKey: call.metadata.get('idempotency-key')[0]?.toString() ?? '',
    sendAsOf(at) {
      const header = new Metadata();
      header.set('x-synkro-as-of', String(Math.trunc(at)));
      call.sendMetadata(header);
    },
  };
}
