-- What orders hold: a row an order, and a row for each of its attempts to reserve. The lines are arrays of one length,
-- since a row a line costs the database many times as much; whoever queries takes the view.

create table order_stock (
  order_id text collate "C" primary key,
  shard int not null,
  -- The journal position that this row and its reservations stand at.
  seq bigint not null,
  -- When the order has to be looked at: its hold expires.
  due_at timestamptz,
  operations bigint not null,
  -- What the cells are being told, as JSON text.
  operation text,
  -- What is allocated without a reservation.
  item_ids uuid[] not null,
  skus text[] not null,
  warehouse_ids uuid[] not null,
  held bigint[] not null,
  allocated bigint[] not null,
  fulfilled bigint[] not null,
  given_back bigint[] not null,
  level_versions bigint[] not null
) with (fillfactor = 70);
create index order_stock_due on order_stock (shard, due_at) where due_at is not null;
create index order_stock_holding on order_stock using gin (item_ids) where item_ids <> '{}';

create table reservations (
  order_id text collate "C" not null,
  attempt int not null check (attempt > 0),
  reservation_id text not null,
  status text not null,
  -- As if it had never been: the row goes as soon as what it took is undone.
  abandoned boolean not null,
  -- An idempotency key, or the order's id.
  key text not null,
  fingerprint text not null,
  request text not null,
  availability text not null,
  created_at timestamptz not null,
  first_expires_at timestamptz not null,
  expires_at timestamptz not null,
  item_ids uuid[] not null,
  skus text[] not null,
  warehouse_ids uuid[] not null,
  held bigint[] not null,
  allocated bigint[] not null,
  fulfilled bigint[] not null,
  given_back bigint[] not null,
  level_versions bigint[] not null,
  primary key (order_id, attempt)
) with (fillfactor = 70);
-- Who holds this item?
create index reservations_holding on reservations using gin (item_ids)
  where status in ('pending', 'held', 'committed');

-- A row a line. What an order has allocated without a reservation has attempt 0 and the status 'allocated'.
create view inventory_reservations as
select
  r.reservation_id, r.order_id, r.attempt, r.status,
  line.item_id, line.sku, line.warehouse_id, line.held, line.allocated, line.fulfilled, line.given_back,
  r.created_at, r.expires_at
from reservations as r
cross join lateral unnest(
  r.item_ids, r.skus, r.warehouse_ids, r.held, r.allocated, r.fulfilled, r.given_back
) as line (item_id, sku, warehouse_id, held, allocated, fulfilled, given_back)
union all
select
  null, o.order_id, 0, 'allocated',
  line.item_id, line.sku, line.warehouse_id, line.held, line.allocated, line.fulfilled, line.given_back,
  null, null
from order_stock as o
cross join lateral unnest(
  o.item_ids, o.skus, o.warehouse_ids, o.held, o.allocated, o.fulfilled, o.given_back
) as line (item_id, sku, warehouse_id, held, allocated, fulfilled, given_back);
