// An update stream over gRPC: writes what the subscription delivers, no faster than the client takes it.
import { once } from 'node:events';
import { type handleServerStreamingCall, Metadata, type ServerWritableStream } from '@grpc/grpc-js';
import { Call } from '../api/call.ts';
import { failureOf, Refused } from '../api/errors.ts';
import type { Follower } from '../api/feed/follower.ts';
import { type FeedDeps, follow, type UpdateStream } from '../api/feed/updates.ts';
import { processNow } from '../runtime/ask.ts';
import { sourceOf } from './call-source.ts';
import type { Decoded } from './decode.ts';
import { serverLimits } from './limits.ts';
import type { OpenCalls } from './open-calls.ts';
import { stopping } from './reserve-stream.ts';
import { serviceErrorOf } from './service-error.ts';

type Source<Request, Event> = ServerWritableStream<Decoded<Request>, Event>;

/** Ends by the client's cancelling or its deadline, or, with an error, when it cannot go on. */
export function updatesHandler<Request, Event, Change, Deps extends FeedDeps>(
  stream: UpdateStream<Request, Event, Change, Deps>,
  deps: Deps,
  open: OpenCalls,
  follower: Follower<Change>,
): handleServerStreamingCall<Decoded<Request>, Event> {
  const { name } = stream;
  return (source) => {
    const begunAt = processNow();
    const ending = new AbortController();
    let cancelled = false;
    const over = open.begin(() => ending.abort());
    source.on('cancelled', () => {
      cancelled = true;
      ending.abort();
    });
    run(stream, deps, source, follower, ending.signal)
      .then(() => {
        if (!cancelled) throw new Refused(stopping);
        return 'cancelled';
      })
      .catch((thrown: unknown) => {
        if (cancelled) return 'cancelled';
        const failure = failureOf(thrown, { log: deps.log, newId: deps.newId, method: name });
        source.emit('error', serviceErrorOf(failure));
        return failure.code;
      })
      .then((outcome) => {
        deps.observe(name, outcome, (processNow() - begunAt) / 1_000);
        over();
      });
  };
}

async function run<Request, Event, Change, Deps extends FeedDeps>(
  stream: UpdateStream<Request, Event, Change, Deps>,
  deps: Deps,
  source: Source<Request, Event>,
  follower: Follower<Change>,
  signal: AbortSignal,
): Promise<void> {
  if ('malformed' in source.request) throw new Refused(source.request.malformed);
  const call = new Call(stream.name, deps, sourceOf(source));
  const sink = {
    begin(token: string): void {
      const header = new Metadata();
      header.set('x-synkro-resume-token', token);
      source.sendMetadata(header);
    },
    deliver: (event: Event) => send(source, event, signal),
  };
  await follow(stream, source.request.value, call, follower, sink, signal);
}

/**
 * Resolves when the client can take more, or the stream is to end.
 * @throws Refused where it has not read for too long: it takes a place that others could have
 */
async function send<Request, Event>(
  source: Source<Request, Event>,
  message: Event,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted || source.write(message)) return;
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(), serverLimits.stalledMsMax);
  try {
    await once(source, 'drain', { signal: AbortSignal.any([signal, stalled.signal]) });
  } catch (err) {
    if (stalled.signal.aborted) throw new Refused(unread);
    if (!signal.aborted) throw err;
  } finally {
    clearTimeout(timer);
  }
}

const unread = {
  code: 'unavailable',
  message: 'the updates were not read for too long; resume with the last token',
} as const;
