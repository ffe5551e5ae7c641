/** A process that is killed while what it has to tell cannot go anywhere: nothing of that may count as told. */
import postgres from 'postgres';
import { until } from '../until.ts';
import type { Installation, RunningRole } from './installation.ts';

const rowsMin = 20;

/** Kills it once the journal has gone on by some rows, and its readers' positions have been written meanwhile. */
export async function crashWhile(
  installation: Installation,
  role: RunningRole,
  service: 'inventory' | 'logistics',
  block: () => Promise<() => Promise<void>>,
): Promise<void> {
  const sql = postgres(installation.databases[service].url, { max: 1 });
  const unblock = await block();
  try {
    const before = await readMarks(sql);
    await until('the journal to go on', async () => (await readMarks(sql)).rows >= before.rows + rowsMin);
    // Twice: the first may have been under way already.
    for (const _ of [1, 2]) {
      const { written } = await readMarks(sql);
      await until('positions to be written', async () => (await readMarks(sql)).written !== written);
    }
    await installation.service(role).kill();
  } finally {
    await unblock();
    await sql.end();
  }
  await installation.start(role);
}

/** Notifications cannot be written down. */
export async function lockNotifications({ databases }: Installation): Promise<() => Promise<void>> {
  const sql = postgres(databases.notifications.url, { max: 1 });
  const lock = await sql.reserve();
  await lock`begin`;
  await lock`lock table notifications in exclusive mode`;
  return async () => {
    await lock`rollback`;
    lock.release();
    await sql.end();
  };
}

interface Marks {
  readonly rows: number;
  /** Changes whenever a position is written, also where it is the same. */
  readonly written: string;
}

async function readMarks(sql: postgres.Sql): Promise<Marks> {
  const [row] = await sql<Marks[]>`
    select (select count(*)::int from journal) as rows,
      (select string_agg(xmin::text, ' ' order by reader, shard) from outbox_positions) as written`;
  if (row === undefined) throw new Error('a database without a journal');
  return row;
}
