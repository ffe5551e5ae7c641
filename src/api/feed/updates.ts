// Update streams: what a client may follow, from a position of its own, without loss or repeat. A stream says what it
// shows of the journal and to whom; transports (gRPC, Server-Sent Events) only carry the events.
import type { Call, EdgeDeps } from '../call.ts';
import { invalidField, Refused } from '../errors.ts';
import type { MessageType, RequestType } from '../method.ts';
import type { Follower } from './follower.ts';
import type { JournalHead, JournalReader, Project } from './rows.ts';
import { assertKept, type Delivered, Subscription } from './subscription.ts';
import { decodeToken, encodeToken, type Position } from './token.ts';
import type { Filter, KeysOf } from './waiters.ts';

export interface FeedDeps extends EdgeDeps {
  readonly queries: JournalReader;
}

export interface UpdateStream<Request, Event, Change, Deps extends FeedDeps> {
  /** As the contract spells it. */
  readonly name: string;
  readonly request: RequestType<Request>;
  readonly response: MessageType<Event>;
  readonly project: Project<Change>;
  /** For the follower, where filters have keys. */
  readonly keysOf?: KeysOf<Change>;
  tokenOf(request: Request): string;
  /** What the client asks for. @throws Refused */
  filter(request: Request, call: Call<Deps>): Promise<Filter<Change>>;
  eventOf(delivered: Delivered<Change>): Event;
  /** A first event that only says where the stream begins, where the contract has one. */
  startOf?(token: string): Event;
}

/** Where the events of one stream go. */
export interface Sink<Event> {
  /** The position that the stream begins at; before any event. */
  begin(token: string): void;
  /** Resolves when the client can take more. */
  deliver(event: Event, token: string): Promise<void>;
}

/** Ends when the signal is given. @throws Refused where it cannot begin or go on */
export async function follow<Request, Event, Change, Deps extends FeedDeps>(
  stream: UpdateStream<Request, Event, Change, Deps>,
  request: Request,
  call: Call<Deps>,
  follower: Follower<Change>,
  sink: Sink<Event>,
  signal: AbortSignal,
): Promise<void> {
  const passes = await stream.filter(request, call);
  if (follower.full) throw new Refused(tooMany);
  const { queries } = call.deps;
  const heads = await follower.heads();
  if (follower.full) throw new Refused(tooMany);
  const { window, leave } = follower.join(heads);
  try {
    const from = positionOf(stream.tokenOf(request), heads);
    assertKept(from, heads);
    const token = encodeToken(from);
    sink.begin(token);
    if (stream.startOf !== undefined) await sink.deliver(stream.startOf(token), token);
    const deliver = (delivered: Delivered<Change>) =>
      sink.deliver(stream.eventOf(delivered), delivered.token);
    const { project } = stream;
    await new Subscription({ queries, window, passes, project, signal, deliver }, from).run();
  } finally {
    leave();
  }
}

/** @throws Refused where the token is none of this journal */
function positionOf(token: string, heads: readonly JournalHead[]): Position {
  if (token === '') return { seqs: new Map(heads.map(({ shard, seq }) => [shard, seq])), within: null };
  const position = decodeToken(token, heads.length);
  if (position === null) throw new Refused(invalidField('resume_token', 'is not a resume token'));
  const { seqs, within } = position;
  for (const { shard, seq } of heads) {
    const reached = (seqs.get(shard) ?? 0) + (within?.shard === shard ? 1 : 0);
    if (reached > seq) {
      throw new Refused(invalidField('resume_token', 'is ahead of the journal: it is of another database'));
    }
  }
  return position;
}

const tooMany = {
  code: 'overloaded',
  message: 'too many update streams are open',
} as const;
