// What a method of the API is, whatever it is called through: gRPC, REST, or another service in this process. A method
// reads a request, asks actors or tables, and answers, or throws `Refused`. Transports decode, encode and tell statuses.
import type { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import type { Call, EdgeDeps } from './call.ts';
import { type EdgeFailure, Refused } from './errors.ts';
import { inCallersWords, type NamedLine } from './naming.ts';

export interface MessageType<T> {
  encode(message: T): BinaryWriter;
  decode(input: BinaryReader | Uint8Array): T;
}

export interface RequestType<T> extends MessageType<T> {
  /** What is wrong with these bytes, which can be decoded, that the value does not show any more. */
  problemOf?(bytes: Uint8Array): EdgeFailure | null;
}

export interface Method<Request, Response, Deps extends EdgeDeps> {
  /** As the contract spells it. */
  readonly name: string;
  readonly request: RequestType<Request>;
  readonly response: MessageType<Response>;
  /** @throws Refused */
  handle(request: Request, call: Call<Deps>): Promise<Response>;
  /** The items that the request names, for a refusal to call them as the caller does. */
  itemsOf?(request: Request): readonly NamedLine[];
  /** What to observe of an answer that is not simply 'ok'. */
  outcomeOf?(response: Response): string;
}

/** @throws Refused, in the caller's own words */
export async function answerTo<Request, Response, Deps extends EdgeDeps>(
  method: Pick<Method<Request, Response, Deps>, 'handle' | 'itemsOf'>,
  request: Request,
  call: Call<Deps>,
): Promise<Response> {
  try {
    return await method.handle(request, call);
  } catch (thrown) {
    if (!(thrown instanceof Refused) || method.itemsOf === undefined) throw thrown;
    throw new Refused(inCallersWords(thrown.failure, method.itemsOf(request), call.deps.itemIds));
  }
}
