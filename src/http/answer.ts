// A request over HTTP to a method of the API: calls it, waits no longer than the client does, and tells what is wrong in
// the client's own words.
import { Call, type CallSource, type EdgeDeps } from '../api/call.ts';
import { type EdgeFailure, Refused } from '../api/errors.ts';
import { answerTo, type Method } from '../api/method.ts';
import { processNow } from '../runtime/ask.ts';
import { type Exchange, sourceOf } from './exchange.ts';
import { inRestWords, type Names } from './names.ts';

/** What is needed of a method: REST has some of its own, which have no messages in the contract. */
export type Answerable<Request, Response, Deps extends EdgeDeps> = Pick<
  Method<Request, Response, Deps>,
  'name' | 'handle' | 'itemsOf'
>;

/**
 * @param names how the route spells what the method names otherwise
 * @throws Refused
 */
export async function answer<Request, Response, Deps extends EdgeDeps>(
  method: Answerable<Request, Response, Deps>,
  request: Request,
  exchange: Exchange,
  deps: Deps,
  names: Names = {},
): Promise<Response> {
  return ask(method, request, deps, sourceOf(exchange), names);
}

/** @param names null: problems keep the contract's words. @throws Refused */
export async function ask<Request, Response, Deps extends EdgeDeps>(
  method: Answerable<Request, Response, Deps>,
  request: Request,
  deps: Deps,
  source: CallSource,
  names: Names | null,
): Promise<Response> {
  try {
    const call = new Call(method.name, deps, source);
    return await before(call.deadline, answerTo(method, request, call));
  } catch (thrown) {
    if (names === null || !(thrown instanceof Refused)) throw thrown;
    throw new Refused(inRestWords(thrown.failure, names));
  }
}

const deadlineExceeded: EdgeFailure = {
  code: 'deadline-exceeded',
  message: 'not answered in time; the outcome is unknown',
};

/**
 * @param deadline in milliseconds of `processNow()`
 * @throws Refused (deadline-exceeded)
 */
async function before<T>(deadline: number, answered: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Refused(deadlineExceeded)), Math.max(0, deadline - processNow()));
  try {
    return await Promise.race([answered, late]);
  } finally {
    clearTimeout(timer);
  }
}
