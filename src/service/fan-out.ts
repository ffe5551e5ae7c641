// Tells other processes live what happens here: every durable change of a level and every move of an order, as the event
// streams over HTTP have it. Only the process that serves tells; what it could not tell is not told later.
import { setTimeout as pause } from 'node:timers/promises';
import { Call, deadlineAfter } from '../api/call.ts';
import type { Follower } from '../api/feed/follower.ts';
import { type FeedDeps, follow, type UpdateStream } from '../api/feed/updates.ts';
import type { ServerSentEvent } from '../http/events/event-stream.ts';
import type { Logger } from '../telemetry/log.ts';

/** Before a journal that could not be followed is followed again, from where it is then. */
const followAgainMs = 1_000;

/** Where the updates of one stream come from and go to. */
export interface FanOutSource<Request, Event, Change, Deps extends FeedDeps> {
  readonly stream: UpdateStream<Request, Event, Change, Deps>;
  readonly deps: Deps;
  readonly follower: Follower<Change>;
  readonly present: (event: Event) => ServerSentEvent;
  /** Gets what clients of the stream get as `data:`. Returns at once. */
  readonly tell: (event: Event, data: string) => void;
}

/** Follows one stream while it is told to. */
export class FanOut {
  readonly #follow: (signal: AbortSignal) => Promise<void>;
  readonly #log: Logger;
  #ending: AbortController | null = null;

  private constructor(follow: (signal: AbortSignal) => Promise<void>, log: Logger) {
    this.#follow = follow;
    this.#log = log;
  }

  static of<Request, Event, Change, Deps extends FeedDeps>(
    source: FanOutSource<Request, Event, Change, Deps>,
  ): FanOut {
    return new FanOut((signal) => followOnce(source, signal), source.deps.log);
  }

  start(): void {
    if (this.#ending !== null) return;
    this.#ending = new AbortController();
    void this.#run(this.#ending.signal);
  }

  stop(): void {
    this.#ending?.abort();
    this.#ending = null;
  }

  /** Never rejects. */
  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#follow(signal);
      } catch (err) {
        if (!signal.aborted) this.#log.warn({ err }, 'other processes are told of no changes for a moment');
      }
      await pause(followAgainMs, undefined, { signal }).catch(() => {});
    }
  }
}

async function followOnce<Request, Event, Change, Deps extends FeedDeps>(
  { stream, deps, follower, present, tell }: FanOutSource<Request, Event, Change, Deps>,
  signal: AbortSignal,
): Promise<void> {
  const { startOf: _, ...events } = stream;
  const source = { deadline: deadlineAfter(Number.NaN), idempotencyKey: '', sendAsOf: () => {} };
  const call = new Call(stream.name, deps, source);
  // Of everything, from now on.
  const everything = stream.request.decode(new Uint8Array());
  const deliver = async (event: Event) => tell(event, JSON.stringify(present(event).data));
  await follow(events, everything, call, follower, { begin: () => {}, deliver }, signal);
}
