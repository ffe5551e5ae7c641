// What one append of one shard says, and how it is written down: the journal's format. It is read again by recovery,
// by audits and by streams, also those of later versions: a new version may be added, none is ever taken away.
import type { Answer, Message, Ref } from '../actors/behaviour.ts';

/** A message with its place in the channel between two shards. */
export interface Sent {
  readonly n: number;
  /** The actor that sent it and gets the answer. */
  readonly origin: Ref;
  readonly message: Message;
}

export interface ShardRecord {
  readonly events: readonly { readonly ref: Ref; readonly event: unknown }[];
  /** Messages that have not been answered within the same append. */
  readonly sent: readonly Sent[];
  /** Outgoing channels as they stand after this record. */
  readonly outgoing: readonly { readonly to: number; readonly next: number; readonly answeredTo: number }[];
  readonly incoming: readonly { readonly from: number; readonly applied: number }[];
  /** Answers that the sender has not taken in within the same append: kept until it has. */
  readonly answers: readonly { readonly from: number; readonly n: number; readonly answer: Answer }[];
}

export const emptyRecord: ShardRecord = { events: [], sent: [], outgoing: [], incoming: [], answers: [] };

export const recordVersion = 1;

/** The text of version 1: `v`, and of events `e`, sent `s`, outgoing `o`, incoming `i`, answers `a` those that are not empty. */
export function encodeRecord(record: ShardRecord): string {
  const text: Record<string, unknown> = { v: recordVersion };
  if (record.events.length > 0) text['e'] = record.events.map(({ ref, event }) => [ref.kind, ref.id, event]);
  if (record.sent.length > 0) {
    text['s'] = record.sent.map(({ n, origin, message: m }) => [
      n,
      origin.kind,
      origin.id,
      m.to,
      m.tag,
      m.parts.map((p) => [p.ref.kind, p.ref.id, p.command]),
    ]);
  }
  if (record.outgoing.length > 0) text['o'] = record.outgoing.map((o) => [o.to, o.next, o.answeredTo]);
  if (record.incoming.length > 0) text['i'] = record.incoming.map((i) => [i.from, i.applied]);
  if (record.answers.length > 0) text['a'] = record.answers.map((a) => [a.from, a.n, a.answer]);
  return JSON.stringify(text);
}

/** @throws RecordError where the text is none of a version that this code knows */
export function decodeRecord(text: string): ShardRecord {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new RecordError('not an object');
  const field = (name: string): unknown[] => {
    const list: unknown = Reflect.get(value, name);
    if (list === undefined) return [];
    if (!Array.isArray(list)) throw new RecordError(`${name} is not a list`);
    return list;
  };
  const version: unknown = Reflect.get(value, 'v');
  if (version !== recordVersion) {
    throw new RecordError(
      `version ${String(version)}, and this code knows ${recordVersion}: it was written by a newer release`,
    );
  }
  return {
    events: field('e').map((row) => {
      const [kind, id, event] = tuple(row, 3);
      return { ref: { kind: asText(kind), id: asText(id) }, event };
    }),
    sent: field('s').map(decodeSent),
    outgoing: field('o').map((row) => {
      const [to, next, answeredTo] = tuple(row, 3);
      return { to: asNumber(to), next: asNumber(next), answeredTo: asNumber(answeredTo) };
    }),
    incoming: field('i').map((row) => {
      const [from, applied] = tuple(row, 2);
      return { from: asNumber(from), applied: asNumber(applied) };
    }),
    answers: field('a').map((row) => {
      const [from, n, answer] = tuple(row, 3);
      if (!isAnswer(answer)) throw new RecordError('not an answer');
      return { from: asNumber(from), n: asNumber(n), answer };
    }),
  };
}

export class RecordError extends Error {
  override readonly name = 'RecordError';
}

function decodeSent(row: unknown): Sent {
  const [n, kind, id, to, tag, parts] = tuple(row, 6);
  return {
    n: asNumber(n),
    origin: { kind: asText(kind), id: asText(id) },
    message: {
      to: asNumber(to),
      tag: asText(tag),
      parts: asList(parts).map((part) => {
        const [partKind, partId, command] = tuple(part, 3);
        return { ref: { kind: asText(partKind), id: asText(partId) }, command };
      }),
    },
  };
}

function asList(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new RecordError('not a list');
  return value;
}

function tuple(value: unknown, length: number): unknown[] {
  const row = asList(value);
  if (row.length !== length) throw new RecordError(`a row of ${row.length}, not ${length}`);
  return row;
}

function asText(value: unknown): string {
  if (typeof value !== 'string') throw new RecordError('not a text');
  return value;
}

function asNumber(value: unknown): number {
  if (typeof value !== 'number') throw new RecordError('not a number');
  return value;
}

export function isAnswer(value: unknown): value is Answer {
  return (
    typeof value === 'object' &&
    value !== null &&
    'refused' in value &&
    typeof value.refused === 'boolean' &&
    'replies' in value &&
    Array.isArray(value.replies) &&
    value.replies.every(isReply)
  );
}

function isReply(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ('ok' in value || 'error' in value);
}
