// The gate: nothing leaves before it is durable. It appends one batch at a time, and when that has committed lets out
// what waited for it: replies, messages to other threads, positions for those who follow the journal.
import { InvariantViolation } from '../actors/behaviour.ts';
import type { Cut } from './batch.ts';
import type { Clock } from './clock.ts';
import type { RuntimeLimits } from './limits.ts';
import type { Memory } from './memory.ts';
import type { Observer } from './observer.ts';
import type { Snapshotter } from './snapshotter.ts';
import { type Store, StoreError } from './store.ts';
import type { PeerMessage } from './transport.ts';

/** lost: the memory can no longer be trusted, and is to be recovered from the store. */
export type GateOutcome = { readonly type: 'durable' } | { readonly type: 'lost'; readonly why: string };

export interface GateHost {
  readonly store: Store;
  readonly clock: Clock;
  readonly limits: RuntimeLimits;
  readonly observer: Observer;
  send(message: PeerMessage): void;
}

/**
 * Makes a cut durable, and its effects visible. Epochs of shards that are only read from are confirmed in a statement
 * sent after the reads, so that a displaced process answers nothing from old memory.
 */
export async function passGate(host: GateHost, cut: Cut): Promise<GateOutcome> {
  const startedAt = host.clock.monotonic();
  const appending =
    cut.rows.length === 0 ? Promise.resolve('appended' as const) : appendWithRetries(host, cut);
  const confirming = cut.readFrom.length === 0 ? Promise.resolve(true) : confirm(host, cut);
  const [appended, confirmed] = await Promise.allSettled([appending, confirming]);
  if (appended.status === 'rejected') return lost(appended.reason);
  if (confirmed.status === 'rejected') return lost(confirmed.reason);
  if (appended.value !== 'appended') return { type: 'lost', why: `append ${appended.value}` };
  if (!confirmed.value) return { type: 'lost', why: 'another epoch owns a shard that was read' };
  host.observer.appended(cut, host.clock.monotonic() - startedAt);
  return { type: 'durable' };
}

function lost(reason: unknown): GateOutcome {
  if (reason instanceof StoreError && reason.kind !== 'broken') return { type: 'lost', why: reason.message };
  throw reason;
}

function confirm({ store }: GateHost, cut: Cut): Promise<boolean> {
  return store.confirm(cut.readFrom.map(({ number, epoch }) => ({ shard: number, epoch })));
}

/** The same bytes again where the statement surely had no effect; everything else is for the caller to judge. */
async function appendWithRetries(host: GateHost, cut: Cut): Promise<'appended' | 'fenced' | 'conflict'> {
  const rows = cut.rows.map(({ row }) => row);
  for (let tries = 1; ; tries++) {
    try {
      return await host.store.append(rows);
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind !== 'rejected' || tries > host.limits.appendRetriesMax)
        throw error;
      await new Promise<void>((resolve) => host.clock.after(host.limits.appendRetryDelayMs * tries, resolve));
    }
  }
}

/** Takes note that a cut is durable, and lets out what waited for it. */
export function release(host: GateHost, memory: Memory, snapshotter: Snapshotter, cut: Cut): void {
  for (const { shard, row, record } of cut.rows) {
    shard.becameDurable(row.seq);
    shard.durable.fold(record);
  }
  for (const { shard, row, entries } of cut.rows) {
    snapshotter.recorded(entries.length);
    for (const { resident, event } of entries) {
      resident.durableSeq = row.seq;
      if (resident.behaviour.isLedger?.(event) === true)
        snapshotter.ledger({ ref: resident.ref, shard: shard.number, seq: row.seq, event });
    }
  }
  for (const { resident, state } of cut.changed) {
    resident.uncommitted--;
    if (resident.uncommitted < 0)
      throw new InvariantViolation('I3', `${resident.ref.kind} became durable more often than it changed`);
    snapshotter.changed(resident, state, resident.durableSeq);
  }
  for (const { caller, reply } of cut.replies) caller.reply(reply);
  for (const message of cut.peerMessages) host.send(message);
  acknowledge(host, memory, cut);
  for (const { row } of cut.rows) host.observer.durable(row.shard, row.seq);
}

/** Tells those whose answers are recorded now: one acknowledgement for each channel. */
function acknowledge(host: GateHost, memory: Memory, cut: Cut): void {
  const last = new Map<string, Cut['settled'][number]>();
  for (const settled of cut.settled) last.set(`${settled.shard}/${settled.to}`, settled);
  for (const { shard, to, n } of last.values()) {
    const receiver = memory.shards.get(to);
    if (receiver !== undefined) receiver.durable.acknowledge(shard, n);
    else host.send({ type: 'acknowledge', from: shard, to, n });
  }
}
