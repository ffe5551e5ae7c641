// Resume tokens: how far a reader has come in every shard's journal, and, within a row, after which event. Opaque to
// clients.
import { requestLimits as limits } from '../limits.ts';
import { decodeJson, encodeJson } from '../validate/pages.ts';

/** Everything up to here was delivered. */
export interface Position {
  /** By shard: the last row that was delivered whole. */
  readonly seqs: ReadonlyMap<number, number>;
  /** Of the row after that of this shard: its events up to this index were delivered too. */
  readonly within: { readonly shard: number; readonly index: number } | null;
}

/** Shards are numbered from 0 without gaps. */
export function encodeToken({ seqs, within }: Position): string {
  const list: number[] = [];
  for (const [shard, seq] of seqs) list[shard] = seq;
  const content = within === null ? [1, list] : [1, list, within.shard, within.index];
  return encodeJson(content);
}

/** Null where it is no token of a journal with that many shards. */
export function decodeToken(token: string, shards: number): Position | null {
  const content = decodeJson(token, limits.resumeTokenCharactersMax);
  if (!Array.isArray(content)) return null;
  const [version, list, shard, index]: unknown[] = content;
  if (version !== 1 || !Array.isArray(list) || list.length !== shards) return null;
  const seqs = new Map<number, number>();
  for (const [number, seq] of list.entries()) {
    if (!isCount(seq)) return null;
    seqs.set(number, seq);
  }
  if (content.length === 2) return { seqs, within: null };
  if (content.length !== 4 || !isCount(shard) || !isCount(index) || shard >= shards) return null;
  return { seqs, within: { shard, index } };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
