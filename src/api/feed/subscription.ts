// One update stream: from its position on, every change that its filter lets through, each shard's in the order
// of its journal, none twice and none left out. It reads from the follower's window where that reaches back far enough,
// else pages of the journal by itself. It takes the next row only when the client has taken the last one.
import { Refused } from '../errors.ts';
import {
  type FeedRow,
  feedRowOf,
  type JournalHead,
  type JournalReader,
  type Placed,
  type Project,
} from './rows.ts';
import { encodeToken, type Position } from './token.ts';
import type { Filter } from './waiters.ts';
import type { Window } from './window.ts';

/** A change, and the resume token of who has got everything up to it. */
export interface Delivered<Change> extends Placed<Change> {
  readonly row: FeedRow<Change>;
  readonly token: string;
}

export interface SubscriptionDeps<Change> {
  readonly queries: Pick<JournalReader, 'readTail'>;
  readonly window: Window<Change>;
  readonly project: Project<Change>;
  /** Whether a change is delivered. */
  readonly passes: Filter<Change>;
  /** Ends the subscription. */
  readonly signal: AbortSignal;
  /** Resolves when the client can take more. */
  readonly deliver: (delivered: Delivered<Change>) => Promise<void>;
}

/** @throws Refused (token-expired) where rows after the position may be gone */
export function assertKept(position: Position, heads: readonly JournalHead[]): void {
  for (const { shard, trimmedTo } of heads) {
    if ((position.seqs.get(shard) ?? 0) < trimmedTo) throw new Refused(expired);
  }
}

export class Subscription<Change> {
  readonly #deps: SubscriptionDeps<Change>;
  readonly #seqs: Map<number, number>;
  readonly #within: Position['within'];

  constructor(deps: SubscriptionDeps<Change>, from: Position) {
    this.#deps = deps;
    this.#seqs = new Map(from.seqs);
    this.#within = from.within;
  }

  /** Returns when the signal is given. @throws Refused where it cannot go on */
  async run(): Promise<void> {
    const { window, signal } = this.#deps;
    if (this.#within !== null) await this.#finishRow(this.#within);
    while (!signal.aborted) {
      if (window.covers(this.#seqs)) await this.#followWindow();
      else await this.#readPage();
    }
  }

  /** The rest of a row goes first, so that a position is never within two rows. */
  async #finishRow({ shard, index }: NonNullable<Position['within']>): Promise<void> {
    const seq = this.#seqs.get(shard) ?? 0;
    const [row] = await this.#deps.queries.readTail(new Map([[shard, seq]]), 1);
    if (row === undefined) throw new Refused(expired);
    await this.#take(feedRowOf(row, this.#deps.project), index);
  }

  /** Until it falls out of the window, or is told to end. */
  async #followWindow(): Promise<void> {
    const { window, signal, passes } = this.#deps;
    for (let ordinal = window.floorOrdinal; ordinal >= window.floorOrdinal && !signal.aborted; ) {
      if (window.failed) throw new Refused(unreadable);
      const row = window.at(ordinal);
      if (row === undefined) {
        const found = await window.next(passes, signal);
        if (found === null) continue;
        this.#skipTo(found.seqs);
        ordinal = found.ordinal;
      } else {
        ordinal += 1;
        await this.#take(row);
      }
    }
  }

  /** What lies between concerns nobody here. */
  #skipTo(seqs: ReadonlyMap<number, number>): void {
    for (const [shard, seq] of seqs) {
      if (seq > (this.#seqs.get(shard) ?? 0)) this.#seqs.set(shard, seq);
    }
  }

  async #readPage(): Promise<void> {
    const { queries, window } = this.#deps;
    const rows = await queries.readTail(this.#seqs, window.limits.pageRowsMax);
    if (rows.length === 0) throw new Refused(expired);
    for (const row of rows) {
      if (this.#deps.signal.aborted) return;
      await this.#take(feedRowOf(row, this.#deps.project));
    }
  }

  /** @param after the index of the last event of the row that was delivered before */
  async #take(row: FeedRow<Change>, after = -1): Promise<void> {
    const seq = this.#seqs.get(row.shard) ?? 0;
    if (row.seq <= seq) return;
    if (row.seq !== seq + 1) throw new Refused(expired);
    for (const placed of row.changes) {
      if (this.#deps.signal.aborted) return;
      if (placed.index > after && this.#deps.passes(placed.change)) await this.#deliver(row, placed);
    }
    this.#seqs.set(row.shard, row.seq);
  }

  async #deliver(row: FeedRow<Change>, { index, change }: Placed<Change>): Promise<void> {
    const token = encodeToken({ seqs: this.#seqs, within: { shard: row.shard, index } });
    await this.#deps.deliver({ row, index, change, token });
  }
}

const expired = {
  code: 'token-expired',
  message:
    'the resume token is older than what is kept: read the state again, then subscribe without a token',
} as const;

const unreadable = {
  code: 'unavailable',
  message: 'the updates cannot be read at the moment; resume with the last token',
} as const;
