/** When everything that was begun is over: nothing is held or under way, and everybody has been told of everything. */
import postgres from 'postgres';
import type { TestBroker } from '../broker.ts';
import { until } from '../until.ts';
import type { Installation } from './installation.ts';

const quietMsMax = 120_000;

/**
 * Waits until two looks find nothing that is still to happen and the journals where they were, and the queues are empty in
 * between: what was in them was taken in before the second look, and nothing was put into them.
 */
export async function untilQuiet(
  installation: Installation,
  broker: TestBroker | null,
  deadlineMs = quietMsMax,
): Promise<void> {
  const { inventory, logistics, notifications } = installation.databases;
  const open = ({ url }: { readonly url: string }) => postgres(url, { max: 1 });
  const databases = {
    inventory: open(inventory),
    logistics: open(logistics),
    notifications: open(notifications),
  };
  let seen: unknown = '';
  const look = async (): Promise<string | null> => {
    const left = await leftIn(databases);
    seen = JSON.stringify(left.facts);
    return left.isQuiet ? left.heads : null;
  };
  try {
    await until(
      'everything to be over',
      async () => {
        const before = await look();
        if (before === null) return false;
        const waiting = broker === null ? [] : [...(await broker.depths())].filter(([, count]) => count > 0);
        seen = JSON.stringify(waiting);
        return waiting.length === 0 && (await look()) === before;
      },
      deadlineMs,
      () => seen,
    );
  } finally {
    await Promise.all(Object.values(databases).map((sql) => sql.end()));
  }
}

interface Databases {
  readonly inventory: postgres.Sql;
  readonly logistics: postgres.Sql;
  readonly notifications: postgres.Sql;
}

async function leftIn({ inventory, logistics, notifications }: Databases) {
  const [stock, orders, mail, ofInventory, ofLogistics] = await Promise.all([
    inventory<{ readonly count: number }[]>`
      select (select count(*) from reservations where status in ('pending', 'held'))::int
        + (select count(*) from order_stock where operation is not null)::int as count`,
    logistics<{ readonly count: number }[]>`select count(*)::int from orders where pending`,
    notifications<{ readonly count: number }[]>`
      select count(*)::int from notifications where status = 'waiting'`,
    readPlaces(inventory),
    readPlaces(logistics),
  ]);
  const facts = {
    held: stock[0]?.count,
    ordersUnderWay: orders[0]?.count,
    notificationsWaiting: mail[0]?.count,
    rowsNotInTables: ofInventory.unsaved + ofLogistics.unsaved,
    rowsNotTold: ofInventory.untold + ofLogistics.untold,
  };
  const isQuiet = Object.values(facts).every((count) => count === 0);
  return { facts, isQuiet, heads: `${ofInventory.heads} ${ofLogistics.heads}` };
}

interface Places {
  readonly heads: string;
  readonly unsaved: number;
  readonly untold: number;
}

/** Where a journal ends, and how far it is from there to the tables and to the readers of its events. */
async function readPlaces(sql: postgres.Sql): Promise<Places> {
  const [row] = await sql<Places[]>`
    with ends as (
      select shards.shard, shards.snapshot_seq, coalesce(max(journal.seq), 0) as seq
      from shards left join journal using (shard) group by shards.shard, shards.snapshot_seq
    )
    select string_agg(ends.seq::text, ' ' order by ends.shard) as heads,
      sum(ends.seq - ends.snapshot_seq)::int as unsaved,
      (select coalesce(sum(ends.seq - reader.seq), 1)::int
        from outbox_positions as reader join ends using (shard)) as untold
    from ends`;
  if (row === undefined) throw new Error('a database without shards');
  return row;
}
