-- Orders, each stored whole: what lists, reports and checks need as columns, and the actor's state as JSON text. Written by
-- the snapshots of the shard that an order belongs to. Its parts are views, for people (decision 0008).

create table orders (
  id uuid primary key,
  -- Null for a guest.
  customer_id uuid,
  status text collate "C" not null,
  currency text collate "C" not null,
  -- Whole minor units.
  total bigint not null check (total >= 0),
  captured bigint not null,
  refunded bigint not null,
  units bigint not null check (units > 0),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- When the order has to be looked at: a payment is given up, it has waited long enough for stock.
  due_at timestamptz,
  -- Whether it wants something done outside.
  pending boolean not null,
  state text not null,
  shard int not null,
  seq bigint not null,
  -- Money, as the last line of defence: never more is taken than the order is worth, nor given back than was taken.
  constraint no_overcharge check (captured between 0 and total and refunded between 0 and captured)
) with (fillfactor = 70);
-- Found by lists of all orders alone, which say `units > 0` for it. Else the planner, which takes every kind of order to be
-- spread evenly over time, would look for the last one of a status, or of a customer, through all that came after.
create index orders_newest on orders (created_at desc, id desc) where units > 0;
create index orders_by_customer on orders (customer_id, created_at desc, id desc) where customer_id is not null;
create index orders_by_status on orders (status, created_at desc, id desc);
create index orders_due on orders (shard, due_at) where due_at is not null;
create index orders_pending on orders (shard, id) where pending;

create view order_items as
select o.id as order_id, line."lineId" as line_id, line."itemId" as item_id, line.sku, line.quantity,
  line."unitMinor" as unit_price, o.currency
from orders as o
cross join lateral json_to_recordset(o.state::json -> 'order' -> 'lines') as line (
  "lineId" text, "itemId" uuid, sku text, quantity bigint, "unitMinor" bigint
);

create view order_status_history as
select o.id as order_id, moved.n, moved.entry ->> 'from' as previous_status, moved.entry ->> 'to' as new_status,
  to_timestamp((moved.entry ->> 'at')::double precision / 1000) as at,
  moved.entry ->> 'by' as by, moved.entry ->> 'why' as why
from orders as o
cross join lateral json_array_elements(o.state::json -> 'order' -> 'history') with ordinality as moved (entry, n);

create view payments as
select o.id as order_id, payment.id, payment.status, (payment.amount ->> 'minor')::bigint as amount, o.currency,
  payment."transactionId" as transaction_id, payment.reason
from orders as o
cross join lateral json_to_recordset(o.state::json -> 'order' -> 'payments') as payment (
  id uuid, status text, amount json, "transactionId" text, reason text
);

create view shipments as
select o.id as order_id, shipment.id, shipment."warehouseId" as warehouse_id, shipment.status, shipment.carrier,
  shipment."trackingNumber" as tracking_number, shipment.items
from orders as o
cross join lateral json_to_recordset(o.state::json -> 'order' -> 'shipments') as shipment (
  id uuid, "warehouseId" uuid, status text, carrier text, "trackingNumber" text, items json
);

create view returns as
select o.id as order_id, back.number, back.items, back.reason, back.restock, (back.refund ->> 'minor')::bigint as refund,
  o.currency
from orders as o
cross join lateral json_to_recordset(o.state::json -> 'order' -> 'returns') as back (
  number int, items json, reason text, restock boolean, refund json
);
