// One shard as its thread knows it: its epoch, its positions in the journal, its channels.
import { InvariantViolation } from '../actors/behaviour.ts';
import { type DurableChannels, LiveChannels } from './channels.ts';
import type { PeerMessage } from './transport.ts';

export class Shard {
  readonly number: number;
  readonly epoch: number;
  /** Channels as the thread has decided them, and as the journal has them. */
  readonly live: LiveChannels;
  readonly durable: DurableChannels;
  /** Messages and answers that came before their predecessors, by direction, other shard and number. */
  readonly early = new Map<string, PeerMessage>();
  #nextSeq: number;
  #durableSeq: number;
  #snapshotSeq: number;
  #snapshotAt = 0;

  /** @param durableSeq of the last row that is in the journal */
  constructor(
    number: number,
    epoch: number,
    durableSeq: number,
    snapshotSeq: number,
    durable: DurableChannels,
  ) {
    this.number = number;
    this.epoch = epoch;
    this.durable = durable;
    this.live = new LiveChannels(durable);
    this.#nextSeq = durableSeq + 1;
    this.#durableSeq = durableSeq;
    this.#snapshotSeq = snapshotSeq;
  }

  get durableSeq(): number {
    return this.#durableSeq;
  }

  get snapshotSeq(): number {
    return this.#snapshotSeq;
  }

  /** The time of the newest row that a snapshot covers, in milliseconds since 1970. */
  get snapshotAt(): number {
    return this.#snapshotAt;
  }

  takeSeq(): number {
    return this.#nextSeq++;
  }

  becameDurable(seq: number): void {
    if (seq !== this.#durableSeq + 1)
      throw new InvariantViolation('I12', `shard ${this.number}: row ${seq} after ${this.#durableSeq}`);
    this.#durableSeq = seq;
  }

  snapshotReached(seq: number, at: number): void {
    if (seq < this.#snapshotSeq || seq > this.#durableSeq) {
      throw new InvariantViolation(
        'I3',
        `shard ${this.number}: snapshot at ${seq}, was ${this.#snapshotSeq}, durable ${this.#durableSeq}`,
      );
    }
    this.#snapshotSeq = seq;
    this.#snapshotAt = at;
  }
}
