// The channels of one shard: how messages between shards are applied exactly once.
//
// For each pair of shards the sender numbers its messages densely from 1. The sender's journal holds what it sent
// until the answer's effect is durable; the receiver's holds the number of the last message it applied, and each
// answer until the sender is known to have recorded it. A repeat gets the kept answer, and is not applied again.
//
// Two views of the same thing: `LiveChannels` is what the thread has decided, `DurableChannels` is the fold of what
// the journal holds. Only durable messages and answers are ever sent to another thread.
import { type Answer, InvariantViolation } from '../actors/behaviour.ts';
import { decodeRecord, emptyRecord, encodeRecord, type Sent, type ShardRecord } from './record.ts';

interface Outgoing {
  /** The number that the next message gets. */
  next: number;
  /** Every message up to here is answered, and the answer is taken in. */
  answeredTo: number;
  /** Sent and not answered, by number, in order. */
  readonly waiting: Map<number, Sent>;
}

interface Incoming {
  applied: number;
}

export class LiveChannels {
  readonly outgoing = new Map<number, Outgoing>();
  readonly incoming = new Map<number, Incoming>();

  constructor(durable: DurableChannels) {
    for (const [to, o] of durable.outgoing) {
      this.outgoing.set(to, { next: o.next, answeredTo: o.answeredTo, waiting: new Map(o.waiting) });
    }
    for (const [from, i] of durable.incoming) this.incoming.set(from, { applied: i.applied });
  }

  out(to: number): Outgoing {
    return getOrMake(this.outgoing, to, () => ({ next: 1, answeredTo: 0, waiting: new Map() }));
  }

  in(from: number): Incoming {
    return getOrMake(this.incoming, from, () => ({ applied: 0 }));
  }
}

interface Kept extends Incoming {
  /** Answers that the sender may still ask for, by number. */
  readonly answers: Map<number, Answer>;
}

export class DurableChannels {
  readonly outgoing = new Map<number, Outgoing>();
  readonly incoming = new Map<number, Kept>();

  /** @param text what `encode` gave; '' for a shard that has never sent or received */
  static decode(text: string): DurableChannels {
    const channels = new DurableChannels();
    if (text !== '') channels.fold(decodeRecord(text));
    return channels;
  }

  /** The record that, folded into nothing, gives these channels. */
  encode(): string {
    return encodeRecord({
      ...emptyRecord,
      sent: [...this.outgoing.values()].flatMap((o) => [...o.waiting.values()]),
      outgoing: [...this.outgoing].map(([to, o]) => ({ to, next: o.next, answeredTo: o.answeredTo })),
      incoming: [...this.incoming].map(([from, i]) => ({ from, applied: i.applied })),
      answers: [...this.incoming].flatMap(([from, i]) =>
        [...i.answers].map(([n, answer]) => ({ from, n, answer })),
      ),
    });
  }

  fold(record: ShardRecord): void {
    for (const sent of record.sent) this.#out(sent.message.to).waiting.set(sent.n, sent);
    for (const { to, next, answeredTo } of record.outgoing) {
      const o = this.#out(to);
      if (next < o.next || answeredTo < o.answeredTo || answeredTo >= next) {
        throw new InvariantViolation(
          'I12',
          `channel to ${to} goes from ${o.next}/${o.answeredTo} to ${next}/${answeredTo}`,
        );
      }
      o.next = next;
      o.answeredTo = answeredTo;
      dropUpTo(o.waiting, answeredTo);
    }
    for (const { from, applied } of record.incoming) this.#in(from).applied = applied;
    for (const { from, n, answer } of record.answers) this.#in(from).answers.set(n, answer);
  }

  /** The sender has recorded every answer up to `n`. */
  acknowledge(from: number, n: number): void {
    const i = this.incoming.get(from);
    if (i !== undefined) dropUpTo(i.answers, n);
  }

  #out(to: number): Outgoing {
    return getOrMake(this.outgoing, to, () => ({ next: 1, answeredTo: 0, waiting: new Map() }));
  }

  #in(from: number): Kept {
    return getOrMake(this.incoming, from, () => ({ applied: 0, answers: new Map() }));
  }
}

function dropUpTo(numbered: Map<number, unknown>, last: number): void {
  for (const n of numbered.keys()) {
    if (n > last) break;
    numbered.delete(n);
  }
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
