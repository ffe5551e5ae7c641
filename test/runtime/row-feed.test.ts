// Rows on their way to another thread are bounded: what does not fit is left to be read there, and those that follow it, too.
import { expect, test } from 'vitest';
import type { JournalRow } from '../../src/runtime/store.ts';
import type { ShardToIngress } from '../../src/runtime/threads/messages.ts';
import { RowFeed, rowsRoom } from '../../src/runtime/threads/row-feed.ts';

const row = (seq: number, characters = 10): JournalRow => ({
  shard: 0,
  seq,
  epoch: 1,
  at: 0,
  events: 'x'.repeat(characters),
});

function opened() {
  const sent: number[][] = [];
  const link = {
    send: (message: ShardToIngress) => {
      if (message.type === 'rows') sent.push(message.rows.map(({ seq }) => seq));
    },
  };
  const feed = new RowFeed(link);
  feed.makeRoom(rowsRoom);
  return { sent, feed };
}

test('what fits goes in one message, in order', () => {
  const { sent, feed } = opened();
  feed.offer([row(1), row(2)]);
  feed.offer([row(3)]);
  expect(sent).toEqual([[1, 2], [3]]);
});

test('beyond the bound nothing goes, not even what is short, until something has arrived', () => {
  const { sent, feed } = opened();
  feed.offer([row(1, 3_000_000), row(2, 3_000_000), row(3), row(4)]);
  feed.offer([row(5)]);
  expect(sent).toEqual([[1, 2]]);
  feed.makeRoom(6_000_000);
  feed.offer([row(6)]);
  expect(sent).toEqual([[1, 2], [6]]);
});

test('a row that is longer than the bound goes alone', () => {
  const { sent, feed } = opened();
  feed.offer([row(1, 9_000_000), row(2)]);
  feed.makeRoom(9_000_000);
  feed.offer([row(3)]);
  expect(sent).toEqual([[1], [3]]);
});

test('who has no room gets nothing', () => {
  const sent: ShardToIngress[] = [];
  new RowFeed({ send: (message) => sent.push(message) }).offer([row(1)]);
  expect(sent).toEqual([]);
});
