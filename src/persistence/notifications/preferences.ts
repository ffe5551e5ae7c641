// What customers want to be told, and the forgetting of a customer.
import type { Client } from '../connect.ts';
import { arrayText } from '../values.ts';
import type { StoredPreferences } from './store.ts';

export async function readPreferences(client: Client, customerId: string): Promise<StoredPreferences | null> {
  const [row] = await client.run(
    'read preferences',
    // As JSON: arrays are read only by a client that has asked for the types (see arrayText).
    (sql) => sql<StoredPreferences[]>`
      select to_json(channels) as channels, to_json(kinds) as kinds
      from preferences where customer_id = ${customerId}::uuid`,
  );
  return row ?? null;
}

export async function writePreferences(
  client: Client,
  customerId: string,
  { channels, kinds }: StoredPreferences,
): Promise<void> {
  await client.run(
    'write preferences',
    (sql) => sql`
      insert into preferences (customer_id, channels, kinds)
      values (${customerId}::uuid, ${arrayText(channels)}::text[], ${arrayText(kinds)}::text[])
      on conflict (customer_id) do update set
        channels = excluded.channels, kinds = excluded.kinds, updated_at = now()`,
  );
}

/**
 * Some events name only the order: whose it was follows from the others of the order. A webhook that waits keeps its event,
 * which says nothing of the customer but an id that leads nowhere now.
 */
export async function eraseCustomer(client: Client, customerId: string, reason: string): Promise<void> {
  await client.run(
    'erase customer',
    (sql) => sql`
      with forgotten as (delete from preferences where customer_id = ${customerId}::uuid),
      theirs as (
        select id from notifications where customer_id = ${customerId}::uuid
        union
        select id from notifications where order_id in (
          select order_id from notifications where customer_id = ${customerId}::uuid and order_id is not null
        )
      )
      update notifications
      set order_id = null, customer_id = null, subject = '',
        status = case when channel = 'mail' and status in ('waiting', 'failed') then 'skipped' else status end,
        reason = case when channel = 'mail' and status in ('waiting', 'failed') then ${reason} else reason end,
        event = case when channel = 'mail' then '' else event end
      where id in (select id from theirs)`,
  );
}
