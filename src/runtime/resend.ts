// Messages that have no answer: which they are, and when they have waited long enough to be sent again.
import type { Memory } from './memory.ts';
import type { PeerMessage } from './transport.ts';

/**
 * What is to be said again, in order: durable messages without an answer, and how far the answers are recorded.
 * @param to only these shards; all where undefined
 */
export function* unanswered(memory: Memory, to: ReadonlySet<number> | undefined): Generator<PeerMessage> {
  for (const shard of memory.shards.values()) {
    for (const [other, { waiting, answeredTo }] of shard.durable.outgoing) {
      if (to !== undefined && !to.has(other)) continue;
      for (const sent of waiting.values()) yield { type: 'message', from: shard.number, to: other, sent };
      if (answeredTo > 0) yield { type: 'acknowledge', from: shard.number, to: other, n: answeredTo };
    }
  }
}

/** Channels whose first unanswered message is the same as at the last look, by the shard they lead to. */
export function stuckChannels(
  memory: Memory,
  before: ReadonlyMap<string, number>,
): { readonly stuck: Set<number>; readonly unanswered: Map<string, number> } {
  const stuck = new Set<number>();
  const now = new Map<string, number>();
  for (const shard of memory.shards.values()) {
    for (const [to, { waiting }] of shard.durable.outgoing) {
      const first = waiting.keys().next();
      if (first.done === true) continue;
      const channel = `${shard.number}/${to}`;
      now.set(channel, first.value);
      if (before.get(channel) === first.value) stuck.add(to);
    }
  }
  return { stuck, unanswered: now };
}
