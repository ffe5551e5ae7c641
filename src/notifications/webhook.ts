// One attempt at a webhook: a signed POST with a deadline, no redirects. Of the answer only the status counts.
import { codeOf, type Outcome } from './outcome.ts';
import { signed } from './signature.ts';

export interface WebhookAttempt {
  readonly url: string;
  readonly secrets: readonly string[];
  /** The same whenever it is sent again. */
  readonly id: string;
  readonly body: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly msMax: number;
  readonly retryAfterMsMax: number;
  /** Ends the attempt. */
  readonly signal: AbortSignal;
}

/** So much of an answer is let through, so that its connection can be used again; beyond that it is closed. */
const answerBytesMax = 16 * 1_024;

/** Never rejects. */
export async function postWebhook(attempt: WebhookAttempt): Promise<Outcome> {
  const { url, body, msMax, now, retryAfterMsMax } = attempt;
  const deadline = AbortSignal.timeout(msMax);
  const headers = { 'content-type': 'application/json', 'user-agent': 'synkro', ...signed(attempt) };
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers,
      body,
      signal: AbortSignal.any([deadline, attempt.signal]),
    });
    await letThrough(response);
    return outcomeOf(response, now, retryAfterMsMax);
  } catch (thrown) {
    const reason = deadline.aborted ? `no answer within ${msMax} ms` : `no connection: ${causeOf(thrown)}`;
    return { is: 'later', reason, afterMs: null, isTargetAway: true };
  }
}

function outcomeOf({ status, ok, headers }: Response, now: number, retryAfterMsMax: number): Outcome {
  if (ok) return { is: 'sent' };
  const reason = `HTTP ${status}`;
  // Gone: whoever received does not want any more.
  if (status === 410) return { is: 'failed', reason };
  const said = status === 429 || status === 503 ? retryAfterMsOf(headers.get('retry-after'), now) : null;
  const afterMs = said === null ? null : Math.min(said, retryAfterMsMax);
  return { is: 'later', reason, afterMs, isTargetAway: true };
}

/** Seconds, or a date. Null where it is neither. */
export function retryAfterMsOf(text: string | null, now: number): number | null {
  if (text === null) return null;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

/** The status has come already, so a body that breaks off changes nothing. */
async function letThrough(response: Response): Promise<void> {
  if (response.body === null) return;
  let bytes = 0;
  try {
    // Leaving the loop early closes the connection.
    for await (const chunk of response.body) {
      bytes += chunk.byteLength;
      if (bytes > answerBytesMax) return;
    }
  } catch {
    // Whatever it was.
  }
}

/** fetch hides what happened in the cause. */
function causeOf(thrown: unknown): string {
  return codeOf(thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown);
}
