// Unary calls: decode, handle, answer once. Every path of a call ends here, is answered and observed exactly once, and
// nothing that a handler throws gets past it.
import type { handleUnaryCall, MethodDefinition } from '@grpc/grpc-js';
import { processNow } from '../runtime/ask.ts';
import { Call, type Edge } from './call.ts';
import { type Decoded, decodeRequest, type RequestType } from './decode.ts';
import { type EdgeFailure, failureOf, Refused, serviceErrorOf } from './errors.ts';
import { inCallersWords, type NamedLine } from './naming.ts';
import type { OpenCalls } from './open-calls.ts';

export interface MessageType<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(input: Uint8Array): T;
}

/** One unary method of the service. */
export interface Unary<Request, Response> {
  /** As the contract spells it. */
  readonly name: string;
  readonly request: RequestType<Request> & MessageType<Request>;
  readonly response: MessageType<Response>;
  handle(request: Request, call: Call): Promise<Response>;
  /** The items that the request names, for a refusal to call them as the caller does. */
  itemsOf?(request: Request): readonly NamedLine[];
  /** What to observe of an answer that is not simply 'ok'. */
  outcomeOf?(response: Response): string;
}

export function definitionOf<Request, Response>(
  method: Pick<Unary<Request, Response>, 'name' | 'request' | 'response'>,
  kind: { readonly requestStream: boolean; readonly responseStream: boolean },
): MethodDefinition<Decoded<Request>, Response> {
  return {
    path: `/synkro.inventory.v1.InventoryService/${method.name}`,
    ...kind,
    requestSerialize: (decoded) =>
      Buffer.from('value' in decoded ? method.request.encode(decoded.value).finish() : []),
    requestDeserialize: (bytes) => decodeRequest(method.request, bytes),
    responseSerialize: (response) => Buffer.from(method.response.encode(response).finish()),
    responseDeserialize: (bytes) => method.response.decode(bytes),
  };
}

export function unaryHandler<Request, Response>(
  method: Unary<Request, Response>,
  edge: Edge,
  open: OpenCalls,
): handleUnaryCall<Decoded<Request>, Response> {
  return (source, callback) => {
    const call = new Call(method.name, edge, source);
    const begunAt = processNow();
    const over = open.begin();
    let settled = false;
    const settle = (outcome: string, answer: () => void) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      edge.observe(method.name, outcome, (processNow() - begunAt) / 1_000);
      answer();
      over();
    };
    const refuse = (thrown: unknown) => {
      if (settled) return;
      const failure = failureOf(thrown, { log: edge.log, newId: edge.newId, method: method.name });
      settle(failure.code, () => callback(serviceErrorOf(failure)));
    };
    const timer = setTimeout(
      () => refuse(new Refused(deadlineExceeded)),
      Math.max(0, call.deadline - begunAt),
    );
    source.on('cancelled', () => {
      settle(processNow() < call.deadline ? 'cancelled' : 'deadline-exceeded', () => {});
    });
    answerTo(method, source.request, call).then(
      (response) => settle(method.outcomeOf?.(response) ?? 'ok', () => callback(null, response)),
      refuse,
    );
  };
}

/** @throws Refused */
export async function answerTo<Request, Response>(
  method: Pick<Unary<Request, Response>, 'handle' | 'itemsOf'>,
  decoded: Decoded<Request>,
  call: Call,
): Promise<Response> {
  if ('malformed' in decoded) throw new Refused(decoded.malformed);
  try {
    return await method.handle(decoded.value, call);
  } catch (thrown) {
    if (!(thrown instanceof Refused) || method.itemsOf === undefined) throw thrown;
    throw new Refused(inCallersWords(thrown.failure, method.itemsOf(decoded.value), call.itemIds));
  }
}

export const deadlineExceeded: EdgeFailure = {
  code: 'deadline-exceeded',
  message: 'not answered in time; the outcome is unknown',
};
