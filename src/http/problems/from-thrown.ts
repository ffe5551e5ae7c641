// From whatever ended a request, ours or Fastify's, to a failure with a stable code. What is unknown is a fault of ours:
// it is logged under an id, and only the id leaves.
import { type EdgeFailure, failureOf, invalid, Refused } from '../../api/errors.ts';
import { isSchemaErrors, violationOf } from '../requests/violations.ts';

export interface ProblemDeps {
  readonly log: Parameters<typeof failureOf>[1]['log'];
  readonly newId: () => string;
}

const unreadable = (description: string): EdgeFailure => invalid([{ field: '', description }]);

const byFastifyCode: Readonly<Record<string, EdgeFailure>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: {
    code: 'request-too-large',
    message: 'the body is larger than the route takes',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'unsupported-media-type',
    message: 'the body has to be application/json',
  },
  FST_ERR_CTP_INVALID_JSON_BODY: unreadable('the body is not valid JSON'),
  FST_ERR_CTP_EMPTY_JSON_BODY: unreadable('the body is empty'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: unreadable('the body is not as long as Content-Length says'),
  FST_ERR_BAD_URL: unreadable('the path is not percent-encoded UTF-8'),
};

/** @param operation names the request in the log */
export function failureOfThrown(thrown: unknown, operation: string, deps: ProblemDeps): EdgeFailure {
  if (thrown instanceof Error && !(thrown instanceof Refused)) {
    const known = failureOfFastify(thrown);
    if (known !== null) return known;
  }
  return failureOf(thrown, { ...deps, method: operation });
}

function failureOfFastify(error: Error): EdgeFailure | null {
  const part: unknown = Reflect.get(error, 'validationContext');
  const found: unknown = Reflect.get(error, 'validation');
  if (isSchemaErrors(found)) return invalid(found.map((each) => violationOf(each, String(part))));
  const code: unknown = Reflect.get(error, 'code');
  const known = typeof code === 'string' ? byFastifyCode[code] : undefined;
  if (known !== undefined) return known;
  // Such as a client that went away in the middle of its body.
  const status: unknown = Reflect.get(error, 'statusCode');
  const isTheirs = typeof status === 'number' && status >= 400 && status < 500;
  return isTheirs ? unreadable('the request cannot be read') : null;
}
