// How the service in memory answers calls: recorded, with the faults that a test orders, a repeated key with the first
// answer, and errors as the real one spells them.
import { Metadata, type ServiceError, type sendUnaryData, status } from '@grpc/grpc-js';
import { Any } from '../../src/generated/google/protobuf/any.ts';
import { ErrorInfo, RetryInfo } from '../../src/generated/google/rpc/error_details.ts';
import { Status } from '../../src/generated/google/rpc/status.ts';

/** What happens to one call: refused before it does anything, or done with its answer lost. */
export type Fault =
  | { readonly code: status; readonly applied: boolean; readonly retryAfterMs?: number }
  | undefined;

export class FakeCalls {
  readonly calls: { method: string; request: unknown }[] = [];
  /** Asked for every call. */
  fault: (method: string, callsOfMethod: number, request: unknown) => Fault = () => undefined;
  readonly #callsOf = new Map<string, number>();

  callsOf(method: string): number {
    return this.#callsOf.get(method) ?? 0;
  }

  /** A handler that records the call, has its fault, and answers a repeated key with the first answer. */
  unary<Q extends object, A>(method: string, answer: (request: Q) => A) {
    const once = remembering(answer);
    return (call: { request: Q }, callback: sendUnaryData<A>): void => {
      this.calls.push({ method, request: call.request });
      this.#callsOf.set(method, this.callsOf(method) + 1);
      const fault = this.fault(method, this.callsOf(method), call.request);
      try {
        if (fault?.applied === false) throw failure(fault.code, 'not now', fault.retryAfterMs);
        const result = once(call.request);
        if (fault !== undefined) throw failure(fault.code, 'answer lost');
        callback(null, result);
      } catch (error) {
        callback(serviceError(isFailure(error) ? error : failure(status.INTERNAL, String(error))));
      }
    };
  }
}

/** What is thrown is not remembered: a request that was refused uses no key up. */
export function remembering<Q extends object, A>(answer: (request: Q) => A): (request: Q) => A {
  const answers = new Map<string, A>();
  return (request) => {
    const key = keyOf(request);
    const known = answers.get(key);
    if (known !== undefined) return known;
    const made = answer(request);
    if (key !== '') answers.set(key, made);
    return made;
  };
}

/** Keys count for a method and what it addresses. */
function keyOf(request: object): string {
  const key = textOf(request, 'idempotencyKey');
  return key === '' ? '' : `${textOf(request, 'orderId')}|${key}`;
}

function textOf(request: object, field: string): string {
  const value: unknown = Reflect.get(request, field);
  return typeof value === 'string' ? value : '';
}

class FakeFailure extends Error {
  readonly code: status;
  readonly retryAfterMs: number | undefined;

  constructor(code: status, message: string, retryAfterMs?: number) {
    super(message);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

export function failure(code: status, message: string, retryAfterMs?: number): FakeFailure {
  return new FakeFailure(code, message, retryAfterMs);
}

export function isFailure(error: unknown): error is FakeFailure {
  return error instanceof FakeFailure;
}

function serviceError({ code, message, retryAfterMs }: FakeFailure): ServiceError {
  const metadata = new Metadata();
  const details = [
    Any.create({
      typeUrl: 'type.googleapis.com/google.rpc.ErrorInfo',
      value: ErrorInfo.encode(ErrorInfo.create({ reason: 'FAKE', domain: 'test' })).finish(),
    }),
  ];
  if (retryAfterMs !== undefined) {
    const retryDelay = {
      seconds: BigInt(Math.floor(retryAfterMs / 1_000)),
      nanos: (retryAfterMs % 1_000) * 1e6,
    };
    const value = RetryInfo.encode({ retryDelay }).finish();
    details.push(Any.create({ typeUrl: 'type.googleapis.com/google.rpc.RetryInfo', value }));
  }
  metadata.set('grpc-status-details-bin', Buffer.from(Status.encode({ code, message, details }).finish()));
  return Object.assign(new Error(message), { code, details: message, metadata });
}
