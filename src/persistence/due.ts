// Which actors a start, or the passing of time, has to look at. Both read only.
import type { Ref } from '../actors/behaviour.ts';
import type { Client, Fragment, Sql } from './connect.ts';
import type { IndexedTable, StoreSchema } from './table.ts';
import { arrayText, toInstant } from './values.ts';

/** Actors of these shards that are due by then, earliest first. */
export async function dueActors(
  client: Client,
  { tables }: StoreSchema,
  shards: readonly number[],
  before: number,
  limit: number,
): Promise<readonly { readonly ref: Ref; readonly dueAt: number }[]> {
  const sources = tables.flatMap(({ kind, due }) => (due === undefined ? [] : [{ kind, ...due }]));
  if (sources.length === 0) return [];
  const rows = await client.run(
    'read due actors',
    (sql) => sql<{ readonly kind: string; readonly id: string; readonly dueAt: Date }[]>`
      select * from (${union(
        sql,
        sources.map(
          ({ kind, table, id }) => sql`
            select ${kind}::text as kind, due.id, due.due_at as "dueAt"
            from unnest(${arrayText(shards)}::int[]) as wanted (shard)
            cross join lateral (
              select ${sql(id)}::text as id, due_at from ${sql(table)} as actors
              where actors.shard = wanted.shard and actors.due_at <= ${toInstant(before)}::text::timestamptz
              order by actors.due_at limit ${limit}
            ) as due`,
        ),
      )}) as due
      order by "dueAt" limit ${limit}`,
  );
  return rows.map(({ kind, id, dueAt }) => ({ ref: { kind, id }, dueAt: dueAt.getTime() }));
}

/** Actors of these shards that want effects, in order of kind and id, after `after`. */
export async function pendingActors(
  client: Client,
  { tables }: StoreSchema,
  shards: readonly number[],
  after: Ref | null,
  limit: number,
): Promise<readonly Ref[]> {
  const sources = tables.flatMap(({ kind, pending }) => {
    if (pending === undefined || (after !== null && kind < after.kind)) return [];
    return [{ kind, ...pending }];
  });
  if (sources.length === 0) return [];
  return client.run(
    'read pending actors',
    (sql) => sql<Ref[]>`
    select * from (${union(
      sql,
      sources.map((source) => pendingOf(sql, source, shards, after, limit)),
    )}) as pending
    order by kind collate "C", id collate "C" limit ${limit}`,
  );
}

function pendingOf(
  sql: Sql,
  { kind, table, id }: IndexedTable & { readonly kind: string },
  shards: readonly number[],
  after: Ref | null,
  limit: number,
): Fragment {
  const start = after?.kind === kind ? sql`and ${sql(id)}::text collate "C" > ${after.id}` : sql``;
  return sql`(
    select ${kind}::text as kind, ${sql(id)}::text as id from ${sql(table)}
    where pending and shard = any(${arrayText(shards)}::int[]) ${start}
    order by ${sql(id)}::text collate "C" limit ${limit}
  )`;
}

function union(sql: Sql, queries: readonly Fragment[]): Fragment[] {
  return queries.map((query, index) => (index === 0 ? sql`(${query})` : sql` union all (${query})`));
}
