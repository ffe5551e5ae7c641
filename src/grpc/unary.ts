// Unary calls: decode, handle, answer once. Every path of a call ends here, is answered and observed exactly once, and
// nothing that a handler throws gets past it.
import type { handleUnaryCall, MethodDefinition } from '@grpc/grpc-js';
import { Call, type EdgeDeps } from '../api/call.ts';
import { type EdgeFailure, failureOf, Refused } from '../api/errors.ts';
import { answerTo, type MessageType, type Method, type RequestType } from '../api/method.ts';
import { processNow } from '../runtime/ask.ts';
import { sourceOf } from './call-source.ts';
import { type Decoded, decodeRequest } from './decode.ts';
import type { OpenCalls } from './open-calls.ts';
import { serviceErrorOf } from './service-error.ts';

/** What a definition needs to know of a method or a stream. */
interface Described<Request, Response> {
  readonly name: string;
  readonly request: RequestType<Request>;
  readonly response: MessageType<Response>;
}

export function definitionOf<Request, Response>(
  service: string,
  method: Described<Request, Response>,
  kind: { readonly requestStream: boolean; readonly responseStream: boolean },
): MethodDefinition<Decoded<Request>, Response> {
  return {
    path: `/${service}/${method.name}`,
    ...kind,
    requestSerialize: (decoded) =>
      Buffer.from('value' in decoded ? method.request.encode(decoded.value).finish() : []),
    requestDeserialize: (bytes) => decodeRequest(method.request, bytes),
    responseSerialize: (response) => Buffer.from(method.response.encode(response).finish()),
    responseDeserialize: (bytes) => method.response.decode(bytes),
  };
}

export function unaryHandler<Request, Response, Deps extends EdgeDeps>(
  method: Method<Request, Response, Deps>,
  deps: Deps,
  open: OpenCalls,
): handleUnaryCall<Decoded<Request>, Response> {
  return (source, callback) => {
    const call = new Call(method.name, deps, sourceOf(source));
    const begunAt = processNow();
    const over = open.begin();
    let settled = false;
    const settle = (outcome: string, answer: () => void) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      deps.observe(method.name, outcome, (processNow() - begunAt) / 1_000);
      answer();
      over();
    };
    const refuse = (thrown: unknown) => {
      if (settled) return;
      const failure = failureOf(thrown, { log: deps.log, newId: deps.newId, method: method.name });
      settle(failure.code, () => callback(serviceErrorOf(failure)));
    };
    const timer = setTimeout(
      () => refuse(new Refused(deadlineExceeded)),
      Math.max(0, call.deadline - begunAt),
    );
    source.on('cancelled', () => {
      settle(processNow() < call.deadline ? 'cancelled' : 'deadline-exceeded', () => {});
    });
    answer(method, source.request, call).then(
      (response) => settle(method.outcomeOf?.(response) ?? 'ok', () => callback(null, response)),
      refuse,
    );
  };
}

export const deadlineExceeded: EdgeFailure = {
  code: 'deadline-exceeded',
  message: 'not answered in time; the outcome is unknown',
};

/** @throws Refused */
async function answer<Request, Response, Deps extends EdgeDeps>(
  method: Method<Request, Response, Deps>,
  decoded: Decoded<Request>,
  call: Call<Deps>,
): Promise<Response> {
  if ('malformed' in decoded) throw new Refused(decoded.malformed);
  return answerTo(method, decoded.value, call);
}
