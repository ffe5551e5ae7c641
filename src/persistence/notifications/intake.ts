// Taking events in. The mark of an event and what is to be sent of it are one statement: either both are there or neither
// is, so each event leads to its messages exactly once, however often it comes.
import type { Client } from '../connect.ts';
import { arrayText } from '../values.ts';
import type { TakenIn } from './store.ts';

export async function takeIn(client: Client, events: readonly TakenIn[]): Promise<ReadonlySet<string>> {
  const ids = events.map(({ eventId }) => eventId);
  const rows = events.flatMap(({ subject, eventId, event, notifications }) =>
    notifications.map((each) => ({
      subject,
      event_id: eventId,
      event,
      channel: each.channel,
      target: each.target,
      template: each.template,
      order_id: each.orderId,
      customer_id: each.customerId,
      patience_ms: each.patienceMs,
    })),
  );
  const made = await client.run(
    'take in events',
    (sql) => sql<{ readonly target: string }[]>`
      with taken as (
        insert into consumed (event_id)
        select id from unnest(${arrayText(ids)}::text[]) as id
        -- In one order, so that two statements cannot wait for each other.
        order by id
        on conflict (event_id) do nothing
        returning event_id
      )
      insert into notifications (
        event_id, channel, target, template, subject, order_id, customer_id, event, give_up_at
      )
      select event_id, channel, target, template, subject, order_id, customer_id, event,
        now() + patience_ms * interval '1 millisecond'
      from rows from (
        json_to_recordset(${JSON.stringify(rows)}::text::json) as (
          subject text, event_id text, event text, channel text, target text, template text,
          order_id uuid, customer_id uuid, patience_ms bigint
        )
      ) with ordinality as sent (
        subject, event_id, event, channel, target, template, order_id, customer_id, patience_ms, place
      )
      where event_id in (select event_id from taken)
      order by place
      on conflict (event_id, channel, target) do nothing
      returning target`,
  );
  return new Set(made.map(({ target }) => target));
}
