// Recovery: takes the shards (raising their epochs), folds the journal after the last snapshot, and makes a first
// record of the new epoch durable. Only then may anything be served: from that record on, nothing of an older epoch
// can enter the journal, and what had entered before has been read.

import type { Behaviours } from '../actors/behaviour.ts';
import { InvariantViolation } from '../actors/behaviour.ts';
import { DurableChannels } from './channels.ts';
import type { RuntimeLimits } from './limits.ts';
import { Memory, OvertakenError } from './memory.ts';
import { decodeRecord, emptyRecord, encodeRecord, type ShardRecord } from './record.ts';
import type { Resident } from './residents.ts';
import { keyOf } from './residents.ts';
import { Shard } from './shard.ts';
import { Snapshotter, type SnapshotterHost } from './snapshotter.ts';
import type { JournalRow, ShardHead, Store } from './store.ts';
import type { Placed } from './work.ts';

export interface RecoveryHost extends SnapshotterHost {
  readonly store: Store;
  readonly limits: RuntimeLimits;
  readonly behaviours: Behaviours;
  readonly ownerEpoch: number;
  readonly shards: readonly number[];
  /** The last row of each shard that this thread has ever seen durable. */
  readonly seen: ReadonlyMap<number, number>;
  /** Takes the database's clock as read by the claim. */
  anchor(now: number, heardAt: number): void;
}

export interface Recovered {
  readonly memory: Memory;
  readonly snapshotter: Snapshotter;
  /** Journal rows that were folded. */
  readonly rows: number;
}

interface Tail {
  readonly head: ShardHead;
  readonly rows: JournalRow[];
}

/**
 * 'displaced': another process owns the database. 'again': somebody else's append or claim came in between.
 * @throws StoreError where the store does not answer
 * @throws OvertakenError where another epoch has gone on already
 * @throws InvariantViolation where the journal is not what it must be
 */
export async function recover(host: RecoveryHost): Promise<Recovered | 'displaced' | 'again'> {
  const claimed = await host.store.claim(host.ownerEpoch, host.shards);
  if (claimed === 'displaced') return claimed;
  host.anchor(claimed.now, host.clock.monotonic());
  const tails = new Map<number, Tail>(claimed.heads.map((head) => [head.shard, { head, rows: [] }]));
  if (tails.size !== host.shards.length)
    throw new InvariantViolation('I12', `the database has ${tails.size} of ${host.shards.length} shards`);
  for (;;) {
    await readTails(host, tails);
    const outcome = await host.store.append([...tails.values()].map((tail) => firstRecord(host, tail)));
    if (outcome === 'fenced') return 'again';
    // A conflict: an append of the old epoch landed after the tail was read. It counts, and is read now.
    if (outcome === 'appended') break;
  }
  return fold(host, tails);
}

function firstRecord(host: RecoveryHost, { head, rows }: Tail): JournalRow {
  return {
    shard: head.shard,
    seq: lastSeq(head, rows) + 1,
    epoch: head.epoch,
    at: host.now(),
    events: encodeRecord(emptyRecord),
  };
}

function lastSeq(head: ShardHead, rows: readonly JournalRow[]): number {
  return rows.at(-1)?.seq ?? head.snapshotSeq;
}

async function readTails(host: RecoveryHost, tails: ReadonlyMap<number, Tail>): Promise<void> {
  for (;;) {
    const after = new Map([...tails].map(([shard, { head, rows }]) => [shard, lastSeq(head, rows)]));
    const page = await host.store.readTail(after, host.limits.recoveryPageRowsMax);
    for (const row of page) {
      const tail = tails.get(row.shard);
      if (tail === undefined) continue;
      const last = lastSeq(tail.head, tail.rows);
      if (row.seq !== last + 1) await explainGap(host, tail.head, `row ${row.seq} after ${last}`);
      tail.rows.push(row);
    }
    if (page.length < host.limits.recoveryPageRowsMax) break;
  }
  for (const { head, rows } of tails.values()) {
    const last = lastSeq(head, rows);
    const seen = host.seen.get(head.shard) ?? 0;
    if (last < seen)
      throw new InvariantViolation(
        'I8',
        `shard ${head.shard} ends at ${last}, and ${seen} was durable: the database has lost what it had committed`,
      );
  }
}

/** Somebody who has taken the shard meanwhile may have trimmed what is missing. Nothing else may. */
async function explainGap(host: RecoveryHost, { shard, epoch }: ShardHead, gap: string): Promise<never> {
  if (await host.store.confirm([{ shard, epoch }]))
    throw new InvariantViolation('I12', `shard ${shard}: ${gap}`);
  throw new OvertakenError(`shard ${shard}: ${gap}`);
}

async function fold(host: RecoveryHost, tails: ReadonlyMap<number, Tail>): Promise<Recovered> {
  const shards: Shard[] = [];
  const decoded: { readonly shard: number; readonly seq: number; readonly record: ShardRecord }[] = [];
  let rowCount = 0;
  for (const { head, rows } of tails.values()) {
    const channels = DurableChannels.decode(head.channels);
    for (const row of rows) {
      const record = decodeRecord(row.events);
      channels.fold(record);
      decoded.push({ shard: head.shard, seq: row.seq, record });
    }
    rowCount += rows.length;
    shards.push(new Shard(head.shard, head.epoch, lastSeq(head, rows) + 1, head.snapshotSeq, channels));
  }
  const memory = new Memory(shards, host.behaviours);
  const snapshotter = new Snapshotter(host, memory);
  await load(
    host,
    memory,
    decoded.flatMap(({ shard, record }) => record.events.map(({ ref }) => ({ ref, shard }))),
  );
  for (const { shard, seq, record } of decoded) {
    for (const { ref, event } of record.events) {
      const resident = memory.residents.get(ref);
      if (resident === undefined) throw new Error(`${ref.kind} was not loaded`);
      replay(resident, event, seq);
      if (resident.behaviour.isLedger?.(event) === true) snapshotter.ledger({ ref, shard, seq, event });
    }
    snapshotter.recorded(record.events.length);
    for (const { ref } of record.events) finishRow(memory, snapshotter, memory.residents.get(ref), seq);
  }
  return { memory, snapshotter, rows: rowCount };
}

/** Applies an event that the stored row does not have yet. All events of one journal row stand at the same seq. */
function replay(resident: Resident, event: unknown, seq: number): void {
  if (seq <= resident.savedSeq) return;
  resident.state = resident.behaviour.evolve(resident.state, event);
  resident.durableSeq = seq;
}

function finishRow(
  memory: Memory,
  snapshotter: Snapshotter,
  resident: Resident | undefined,
  seq: number,
): void {
  if (resident === undefined || seq <= resident.savedSeq) return;
  snapshotter.changed(resident, resident.state, seq);
  memory.remind(resident);
}

/** The actors that the tail speaks of, and every shard's copy of the shared settings. */
async function load(host: RecoveryHost, memory: Memory, events: readonly Placed[]): Promise<void> {
  const wanted = new Map<string, Placed>();
  for (const shard of host.shards) {
    const ref = memory.sharedRef(shard);
    if (ref !== null) wanted.set(keyOf(ref), { ref, shard });
  }
  for (const placed of events) wanted.set(keyOf(placed.ref), placed);
  const all = [...wanted.values()];
  for (let start = 0; start < all.length; start += host.limits.recoveryPageRowsMax) {
    const page = all.slice(start, start + host.limits.recoveryPageRowsMax);
    const stored = new Map(
      (await host.store.load(page.map(({ ref }) => ref))).map((actor) => [keyOf(actor.ref), actor]),
    );
    for (const placed of page) memory.install(placed, stored.get(keyOf(placed.ref)));
  }
}
