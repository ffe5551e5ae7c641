// Taking events in. The mark of an event and what is to be sent of it are one statement: either both are there or neither
// is, so each event leads to its messages exactly once, however often it comes.
import type { Client } from '../connect.ts';
import type { TakenIn } from './store.ts';

/** Locks the marks of the subjects. */
export async function takeIn(client: Client, events: readonly TakenIn[]): Promise<ReadonlySet<string>> {
  const marks = events.map(({ source, subject, sequence }) => ({ source, subject, sequence }));
  const rows = events.flatMap(({ source, subject, eventId, event, notifications }) =>
    notifications.map((each) => ({
      source,
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
        insert into consumed as old (source, subject, sequence)
        select source, subject, sequence
        from json_to_recordset(${JSON.stringify(marks)}::text::json)
          as sent (source text, subject text, sequence bigint)
        -- In one order, so that two statements cannot wait for each other.
        order by source, subject
        on conflict (source, subject) do update set sequence = excluded.sequence, at = now()
        where old.sequence < excluded.sequence
        returning source, subject
      )
      insert into notifications (
        event_id, channel, target, template, subject, order_id, customer_id, event, give_up_at
      )
      select event_id, channel, target, template, subject, order_id, customer_id, event,
        now() + patience_ms * interval '1 millisecond'
      from rows from (
        json_to_recordset(${JSON.stringify(rows)}::text::json) as (
          source text, subject text, event_id text, event text, channel text, target text, template text,
          order_id uuid, customer_id uuid, patience_ms bigint
        )
      ) with ordinality as sent (
        source, subject, event_id, event, channel, target, template, order_id, customer_id, patience_ms, place
      )
      where (source, subject) in (select source, subject from taken)
      order by place
      on conflict (event_id, channel, target) do nothing
      returning target`,
  );
  return new Set(made.map(({ target }) => target));
}
