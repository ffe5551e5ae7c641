-- The queues of back-orders: a row a SKU that somebody waits for, or did.

create table backorder_queues (
  item_id uuid primary key,
  waiting int not null check (waiting >= 0),
  pending boolean not null,
  state text not null,
  shard int not null,
  seq bigint not null
) with (fillfactor = 70);
create index backorder_queues_pending on backorder_queues (shard, item_id) where pending;

-- A row for each order that waits for a SKU, with its place from 1.
create view backorders as
select q.item_id, entry.n as place, (entry.body ->> 'orderId')::uuid as order_id,
  (entry.body ->> 'quantity')::bigint as quantity, entry.body ->> 'state' as state
from backorder_queues as q
cross join lateral json_array_elements(q.state::json -> 'entries') with ordinality as entry (body, n)
where q.waiting > 0;
