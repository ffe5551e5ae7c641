// One try of one request to an HTTP gateway: a signed POST with a deadline, no redirects, and an answer of bounded size.
// Says what came back; what that means is decided in http-gateway.ts.
import { Ending } from './ending.ts';
import { signatureHeader, signWebhook } from './webhook.ts';

export interface Exchange {
  readonly url: URL;
  readonly secret: string;
  readonly key: string;
  readonly body: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly tryMs: number;
  readonly answerBytesMax: number;
  /** Ends the try. */
  readonly signal: AbortSignal;
}

/** lost: no answer, or not all of it: the request may or may not have had its effect. */
export type Exchanged =
  | { readonly status: number; readonly json: unknown; readonly retryAfterMs: number }
  | { readonly lost: unknown };

/** Never rejects for what happens on the way. @throws TypeError where the key cannot be a header */
export async function exchange(request: Exchange): Promise<Exchanged> {
  const { url, secret, key, body, now } = request;
  const headers = new Headers({
    'content-type': 'application/json',
    accept: 'application/json',
    'idempotency-key': key,
    [signatureHeader]: signWebhook({ secret, body, now }),
  });
  const ending = new Ending(request.tryMs, [request.signal]);
  try {
    const init = { method: 'POST', redirect: 'manual', headers, body, signal: ending.signal } as const;
    const response = await fetch(url, init);
    const text = await readBounded(response, request.answerBytesMax);
    return { status: response.status, json: jsonOf(text), retryAfterMs: retryAfterMsOf(response) };
  } catch (thrown) {
    return { lost: thrown };
  } finally {
    ending.release();
  }
}

/** Null where it is longer, or no UTF-8; the rest is not read then. */
async function readBounded(response: Response, bytesMax: number): Promise<string | null> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop early cancels the body, which gives its connection free.
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) return null;
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    return null;
  }
}

function jsonOf(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** 0 where the gateway does not say, or says it as a date. */
function retryAfterMsOf(response: Response): number {
  const text = response.headers.get('retry-after') ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : 0;
}
