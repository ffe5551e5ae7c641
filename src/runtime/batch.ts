// What gathers between two appends: for each shard what is to be recorded, and everything that must wait until it is
// durable: replies, and what goes to other threads.
import type { Answer, Reply } from '../actors/behaviour.ts';
import { encodeRecord, type ShardRecord } from './record.ts';
import type { Resident } from './residents.ts';
import type { Shard } from './shard.ts';
import type { JournalRow } from './store.ts';
import type { PeerMessage } from './transport.ts';
import type { Caller } from './work.ts';

interface Entry {
  readonly ref: Resident['ref'];
  readonly event: unknown;
  readonly resident: Resident;
}

class ShardDraft {
  readonly events: Entry[] = [];
  readonly sent: { readonly to: number; readonly n: number }[] = [];
  readonly answers: { readonly from: number; readonly n: number; readonly answer: Answer }[] = [];
  readonly outgoing = new Set<number>();
  readonly incoming = new Set<number>();
}

/** One row that is about to be appended, with what it says. */
export interface CutRow {
  readonly shard: Shard;
  readonly row: JournalRow;
  readonly record: ShardRecord;
  readonly entries: readonly Entry[];
}

/** A batch that takes in nothing more. `changed` is each actor's state as it stood at the cut. */
export interface Cut {
  readonly rows: readonly CutRow[];
  readonly changed: readonly { readonly resident: Resident; readonly state: unknown }[];
  readonly replies: readonly { readonly caller: Caller; readonly reply: Reply }[];
  /** Shards that something is answered from, but nothing recorded for: their epochs are to be confirmed. */
  readonly readFrom: readonly Shard[];
  readonly peerMessages: readonly PeerMessage[];
  /** Answers taken in, whose sender can forget them once this is durable. */
  readonly settled: readonly { readonly shard: number; readonly to: number; readonly n: number }[];
}

export class Batch {
  readonly #drafts = new Map<Shard, ShardDraft>();
  readonly #changed = new Set<Resident>();
  readonly #replies: { readonly caller: Caller; readonly reply: Reply }[] = [];
  readonly #readFrom = new Set<Shard>();
  readonly #settled: { readonly shard: number; readonly to: number; readonly n: number }[] = [];
  #events = 0;

  get isEmpty(): boolean {
    return this.#drafts.size === 0 && this.#replies.length === 0;
  }

  get events(): number {
    return this.#events;
  }

  event(shard: Shard, resident: Resident, event: unknown): void {
    this.#draft(shard).events.push({ ref: resident.ref, event, resident });
    this.#events++;
    if (this.#changed.has(resident)) return;
    this.#changed.add(resident);
    resident.uncommitted++;
  }

  sent(shard: Shard, to: number, n: number): void {
    const draft = this.#draft(shard);
    draft.sent.push({ to, n });
    draft.outgoing.add(to);
  }

  applied(shard: Shard, from: number, n: number, answer: Answer): void {
    const draft = this.#draft(shard);
    draft.answers.push({ from, n, answer });
    draft.incoming.add(from);
  }

  settled(shard: Shard, to: number, n: number): void {
    this.#draft(shard).outgoing.add(to);
    this.#settled.push({ shard: shard.number, to, n });
  }

  reply(shard: Shard, caller: Caller, reply: Reply): void {
    this.#replies.push({ caller, reply });
    this.#readFrom.add(shard);
  }

  /** Those who would have been answered. */
  get callers(): readonly Caller[] {
    return this.#replies.map(({ caller }) => caller);
  }

  /** @param local the thread's own shards: what passes between them within one append is not written down */
  cut(at: number, local: ReadonlyMap<number, Shard>): Cut {
    const peerMessages: PeerMessage[] = [];
    const rows = [...this.#drafts].map(([shard, draft]) => cutShard(shard, draft, at, local, peerMessages));
    const recorded = new Set(rows.map(({ shard }) => shard));
    return {
      rows: rows.sort((a, b) => a.shard.number - b.shard.number),
      changed: [...this.#changed].map((resident) => ({ resident, state: resident.state })),
      replies: this.#replies,
      readFrom: [...this.#readFrom].filter((shard) => !recorded.has(shard)),
      peerMessages,
      settled: this.#settled,
    };
  }

  #draft(shard: Shard): ShardDraft {
    let draft = this.#drafts.get(shard);
    if (draft === undefined) {
      draft = new ShardDraft();
      this.#drafts.set(shard, draft);
    }
    return draft;
  }
}

function cutShard(
  shard: Shard,
  draft: ShardDraft,
  at: number,
  local: ReadonlyMap<number, Shard>,
  peerMessages: PeerMessage[],
): CutRow {
  const sent = draft.sent.flatMap(({ to, n }) => shard.live.out(to).waiting.get(n) ?? []);
  for (const s of sent) {
    if (!local.has(s.message.to))
      peerMessages.push({ type: 'message', from: shard.number, to: s.message.to, sent: s });
  }
  const answers = draft.answers.filter(({ from, n }) => {
    const sender = local.get(from);
    return sender === undefined || sender.live.out(shard.number).answeredTo < n;
  });
  for (const { from, n, answer } of answers) {
    if (!local.has(from)) peerMessages.push({ type: 'answer', from: shard.number, to: from, n, answer });
  }
  const record: ShardRecord = {
    events: draft.events,
    sent,
    outgoing: [...draft.outgoing].map((to) => {
      const o = shard.live.out(to);
      return { to, next: o.next, answeredTo: o.answeredTo };
    }),
    incoming: [...draft.incoming].map((from) => ({ from, applied: shard.live.in(from).applied })),
    answers,
  };
  const row = {
    shard: shard.number,
    seq: shard.takeSeq(),
    epoch: shard.epoch,
    at,
    events: encodeRecord(record),
  };
  return { shard, row, record, entries: draft.events };
}
