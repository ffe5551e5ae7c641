// An update stream as Server-Sent Events. Every event's `id:` is its resume token; the first thing sent is the token of
// where the stream begins, without data, so that a reconnect misses nothing, whatever came or did not come before it.
// Written no faster than the client takes it: while it does not read, nothing is read for it.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Call } from '../../api/call.ts';
import { Refused } from '../../api/errors.ts';
import type { Follower } from '../../api/feed/follower.ts';
import { type FeedDeps, follow, type UpdateStream } from '../../api/feed/updates.ts';
import { type Exchange, sourceOf } from '../exchange.ts';
import type { Edge } from '../group.ts';
import type { HttpLimits } from '../limits.ts';
import { inRestWords, type Names } from '../names.ts';
import { failureOfThrown } from '../problems/from-thrown.ts';

/** What of an event of the API a client sees. */
export interface ServerSentEvent {
  readonly event: string;
  /** Becomes JSON. */
  readonly data: unknown;
}

export interface EventRoute<Request, Event, Change, Deps extends FeedDeps> {
  readonly stream: UpdateStream<Request, Event, Change, Deps>;
  readonly deps: Deps;
  readonly follower: Follower<Change>;
  readonly present: (event: Event) => ServerSentEvent;
  readonly names: Names;
}

export const eventStreamType = 'text/event-stream';

/**
 * Answers the exchange; resolves when the stream is over.
 * @throws Refused where it cannot begin: then nothing has been sent
 */
export async function sendEvents<Request, Event, Change, Deps extends FeedDeps>(
  route: EventRoute<Request, Event, Change, Deps>,
  request: Request,
  exchange: Exchange,
  edge: Edge,
): Promise<void> {
  const { stream, deps, follower, present } = route;
  const ending = new AbortController();
  const over = edge.streams.begin(() => ending.abort());
  const { raw } = exchange.reply;
  raw.once('close', () => ending.abort());
  const client = new Client(exchange, edge.limits, ending.signal);
  const call = new Call(stream.name, deps, sourceOf(exchange));
  // Over HTTP the beginning is an id without data, not an event.
  const { startOf: _, ...events } = stream;
  const deliver = (event: Event, token: string) => client.send(present(event), token);
  try {
    await follow(events, request, call, follower, { begin: (t) => client.begin(t), deliver }, ending.signal);
  } catch (thrown) {
    const said = thrown instanceof Refused ? new Refused(inRestWords(thrown.failure, route.names)) : thrown;
    if (!raw.headersSent) throw said;
    client.say(failureOfThrown(said, stream.name, edge).code);
  } finally {
    client.end();
    over();
  }
}

/** The other end of one stream. */
class Client {
  readonly #exchange: Exchange;
  readonly #raw: ServerResponse;
  readonly #limits: HttpLimits;
  readonly #signal: AbortSignal;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(exchange: Exchange, limits: HttpLimits, signal: AbortSignal) {
    this.#limits = limits;
    this.#exchange = exchange;
    this.#raw = exchange.reply.raw;
    this.#signal = signal;
  }

  begin(token: string): void {
    this.#exchange.reply.hijack();
    this.#raw.writeHead(200, {
      'content-type': eventStreamType,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      // Proxies that gather answers would hold events back.
      'x-accel-buffering': 'no',
    });
    this.#raw.write(`retry: ${this.#limits.reconnectDelayMs}\nid: ${token}\n\n`);
    this.#heartbeat = setInterval(() => this.#beat(), this.#limits.heartbeatIntervalMs);
  }

  /** Resolves when the client can take more, or the stream is to end. */
  async send({ event, data }: ServerSentEvent, token: string): Promise<void> {
    if (this.#signal.aborted) return;
    this.#heartbeat?.refresh();
    if (this.#raw.write(`id: ${token}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`)) return;
    const stalled = setTimeout(() => this.#raw.destroy(), this.#limits.stalledMsMax);
    try {
      await once(this.#raw, 'drain', { signal: this.#signal });
    } catch (err) {
      if (!this.#signal.aborted) throw err;
    } finally {
      clearTimeout(stalled);
    }
  }

  /** A comment, for people: clients see no more than an end, and connect again. */
  say(text: string): void {
    if (this.#raw.writable) this.#raw.write(`: ${text}\n\n`);
  }

  end(): void {
    clearInterval(this.#heartbeat);
    if (this.#heartbeat !== undefined) this.#raw.end();
  }

  #beat(): void {
    if (this.#raw.writable && !this.#raw.writableNeedDrain) this.#raw.write(':\n\n');
  }
}
