// What consumers in this process could not take in, in the database whose journal it came from.
import type { Client } from './connect.ts';
import { arrayText } from './values.ts';

export interface StoredDeadLetter {
  readonly messageId: string;
  /** As it was offered: JSON text. */
  readonly message: string;
  readonly reason: string;
  readonly attempts: number;
  readonly at: Date;
}

/** The same message again says why it failed the last time, and no longer waits to be handled again. */
export async function putDeadLetter(
  client: Client,
  reader: string,
  { messageId, message, reason, attempts }: Omit<StoredDeadLetter, 'at'>,
): Promise<void> {
  await client.run(
    'put a message aside',
    (sql) => sql`
      insert into dead_letters as old (reader, message_id, message, reason, attempts)
      values (${reader}, ${messageId}, ${message}, ${reason}, ${attempts})
      on conflict (reader, message_id) do update set
        reason = excluded.reason, attempts = excluded.attempts, at = excluded.at, replay_asked_at = null`,
  );
}

/** In the order in which they were put aside. @param ids only these; null: all */
export function listDeadLetters(
  client: Client,
  reader: string,
  ids: readonly string[] | null,
  limit: number,
): Promise<readonly StoredDeadLetter[]> {
  return client.run(
    'list dead letters',
    (sql) => sql<StoredDeadLetter[]>`
      select message_id as "messageId", message, reason, attempts, at from dead_letters
      where reader = ${reader} ${ids === null ? sql`` : sql`and message_id = any(${arrayText(ids)}::text[])`}
      order by n limit ${limit}`,
  );
}

/** The process that owns the database takes them up. @returns the ids of those that are there */
export async function askForReplay(
  client: Client,
  reader: string,
  ids: readonly string[] | null,
): Promise<readonly string[]> {
  const rows = await client.run(
    'ask for dead letters to be handled again',
    (sql) => sql<{ readonly id: string }[]>`
      update dead_letters set replay_asked_at = now()
      where reader = ${reader} ${ids === null ? sql`` : sql`and message_id = any(${arrayText(ids)}::text[])`}
      returning message_id as id`,
  );
  return rows.map(({ id }) => id);
}

export function lettersToReplay(
  client: Client,
  reader: string,
  limit: number,
): Promise<readonly Pick<StoredDeadLetter, 'messageId' | 'message'>[]> {
  return client.run(
    'read dead letters that are to be handled again',
    (sql) => sql<Pick<StoredDeadLetter, 'messageId' | 'message'>[]>`
      select message_id as "messageId", message from dead_letters
      where reader = ${reader} and replay_asked_at is not null order by n limit ${limit}`,
  );
}

/** @param ids null: all. @returns the ids of those that were there */
export async function dropDeadLetters(
  client: Client,
  reader: string,
  ids: readonly string[] | null,
): Promise<readonly string[]> {
  const rows = await client.run(
    'drop dead letters',
    (sql) => sql<{ readonly id: string }[]>`
      delete from dead_letters
      where reader = ${reader} ${ids === null ? sql`` : sql`and message_id = any(${arrayText(ids)}::text[])`}
      returning message_id as id`,
  );
  return rows.map(({ id }) => id);
}

export async function countDeadLetters(client: Client, reader: string): Promise<number> {
  const [row] = await client.run(
    'count dead letters',
    (sql) =>
      sql<{ readonly count: number }[]>`select count(*) as count from dead_letters where reader = ${reader}`,
  );
  return row?.count ?? 0;
}
