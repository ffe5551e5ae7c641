// What the product writes into its journal for reservations, recorded from a real process under load, and journals that are
// filled with it.
import postgres from 'postgres';
import { envelopesOf } from '../../../src/events/mapping/envelopes.ts';
import type { JournalRow } from '../../../src/runtime/store.ts';
import type { Databases, RunDatabases } from '../../databases.ts';
import { Host } from '../../processes.ts';
import { type LoadOptions, load } from '../../run.ts';
import type { Scenario } from '../../scenarios/scenarios.ts';
import { product } from '../../stock.ts';
import { eventLimits as limits } from '../limits.ts';
import { copiesOf, copyPrefix } from './copies.ts';

export interface Recording {
  /** Each shard's in order. */
  readonly rows: readonly JournalRow[];
  /** That they make. */
  readonly events: number;
}

export async function record(
  databases: Databases,
  scenario: Scenario,
  options: LoadOptions,
): Promise<Recording> {
  const database = await databases.copy('synkro', 'reserve');
  const sql = open(database.url);
  try {
    const before = await sql<{ shard: number; seq: number }[]>`
      select shard, coalesce(max(seq), 0)::int as seq from shards left join journal using (shard) group by shard`;
    const host = await Host.start({ ...product, databaseUrl: database.url });
    await load(host, databases.pid, scenario, options, copyPrefix(0).slice(0, -1)).finally(() =>
      host.child.stop(),
    );
    const starts = new Map(before.map(({ shard, seq }) => [shard, seq]));
    const all = await sql<(Omit<JournalRow, 'at'> & { readonly at: Date })[]>`
      select shard, seq::int, epoch::int, at, events from journal order by at, shard, seq`;
    const rows = all
      .filter(({ shard, seq }) => seq > (starts.get(shard) ?? 0))
      .map((row) => ({ ...row, at: row.at.getTime() }))
      .toSorted((a, b) => a.at - b.at || a.shard - b.shard || a.seq - b.seq);
    const events = rows.reduce((sum, row) => sum + envelopesOf('inventory', 'x', row).length, 0);
    if (events === 0) throw new Error('nothing was recorded: there was no load');
    return { rows, events };
  } finally {
    await sql.end({ timeout: 5 });
    await database.drop();
  }
}

/** A database whose journal has so many copies of the recording, and nothing else; none: an empty one. */
export async function journalOf(
  databases: Databases,
  { rows }: Recording,
  copies: number,
): Promise<RunDatabases> {
  const database = await databases.copy('synkro', 'reserve');
  const sql = open(database.url);
  try {
    await sql`truncate journal`;
    await sql`update shards set trimmed_to = 0, snapshot_seq = 0`;
    for (const copy of copiesOf(rows, copies))
      for (let from = 0; from < copy.length; from += limits.rowsWrittenMax)
        await write(sql, copy.slice(from, from + limits.rowsWrittenMax));
    await sql`vacuum analyze journal`;
    return database;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function write(sql: postgres.Sql, rows: readonly JournalRow[]): Promise<void> {
  const values = rows.map(({ shard, seq, epoch, at, events }) => ({
    shard,
    seq,
    epoch,
    at: new Date(at),
    events,
  }));
  await sql`insert into journal ${sql(values)}`;
}

function open(url: string): postgres.Sql {
  return postgres(url, { max: 1, onnotice: () => {} });
}
