// One shard's place in the journal, as one reader of events has it: rows that wait, in order and without gaps, and rows whose
// messages are on their way. The position is the last row before which nothing is on its way any more.
import { InvariantViolation } from '../actors/behaviour.ts';
import { Fifo } from '../messaging/fifo.ts';
import type { JournalRow } from '../runtime/store.ts';

/** A row whose messages are on their way. */
interface Pending {
  readonly seq: number;
  messages: number;
}

export class Cursor {
  readonly shard: number;
  /** Everything up to here is done with. */
  position: number;
  /** As far as the journal is known to reach. */
  durable: number;
  readonly #queued = new Fifo<JournalRow>();
  #queuedTo: number;
  /** Without gaps: the place of a row is its distance from the first. */
  #pending: Pending[] = [];
  readonly #rowsUnderWayMax: number;

  constructor(shard: number, position: number, rowsUnderWayMax: number) {
    this.shard = shard;
    this.#rowsUnderWayMax = rowsUnderWayMax;
    this.position = position;
    this.durable = position;
    this.#queuedTo = position;
  }

  /** Of the last row that waits or was handed on: the next one to come is the one after. */
  get queuedTo(): number {
    return this.#queuedTo;
  }

  /** Whether the journal has rows that are not here. */
  get isBehind(): boolean {
    return this.durable > this.#queuedTo;
  }

  get hasRows(): boolean {
    return this.#queued.size > 0;
  }

  /** So many rows are behind the first that is not done with that it has to be waited for. */
  get isFull(): boolean {
    return this.#pending.length >= this.#rowsUnderWayMax;
  }

  /** @returns whether it is the next one; any other is left to be read */
  offer(row: JournalRow): boolean {
    this.durable = Math.max(this.durable, row.seq);
    if (row.seq !== this.#queuedTo + 1) return false;
    this.#queued.push(row);
    this.#queuedTo = row.seq;
    return true;
  }

  shift(): JournalRow | undefined {
    return this.#queued.shift();
  }

  /** @param messages how many the row makes, all of which are reported to `done` */
  begin(row: JournalRow, messages: number): void {
    this.#pending.push({ seq: row.seq, messages });
    if (messages === 0) this.#settle();
  }

  /** One message of the row is done with. */
  done(seq: number): void {
    const row = this.#pending[seq - (this.#pending[0]?.seq ?? 0)];
    // It was skipped meanwhile.
    if (row?.seq !== seq) return;
    row.messages--;
    if (row.messages < 0) throw new InvariantViolation('I15', `more messages than row ${seq} has`);
    this.#settle();
  }

  /** Nothing up to there is told any more. @returns characters that no longer wait */
  skipTo(seq: number): number {
    const dropped = this.#queued.remove((row) => row.seq <= seq);
    this.#pending = this.#pending.filter((row) => row.seq > seq);
    this.position = Math.max(this.position, seq);
    this.#queuedTo = Math.max(this.#queuedTo, seq);
    this.durable = Math.max(this.durable, seq);
    return dropped.reduce((sum, row) => sum + row.events.length, 0);
  }

  #settle(): void {
    for (let first = this.#pending[0]; first?.messages === 0; first = this.#pending[0]) {
      this.position = first.seq;
      this.#pending.shift();
    }
  }
}
