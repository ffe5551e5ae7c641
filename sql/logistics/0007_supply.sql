-- What the shop has to order anew, and what it lost: a row an item that Inventory told of. Written by the snapshots of the
-- shard that the item's id belongs to.

create table supply (
  item_id uuid primary key,
  sku text collate "C" not null,
  -- Whether stock is low in any warehouse; how low, in which, is in the state.
  is_low boolean not null,
  expired_holds bigint not null,
  expired_units bigint not null,
  refusals bigint not null,
  refused_units bigint not null,
  since timestamptz not null,
  updated_at timestamptz not null,
  state text not null,
  shard int not null,
  seq bigint not null
) with (fillfactor = 70);
create index supply_by_sku on supply (sku, item_id);
create index supply_low on supply (sku, item_id) where is_low;

-- What the waiting orders of a queue ask for together, so that a list need not read all of them.
alter table backorder_queues add column units bigint not null default 0 check (units >= 0);
update backorder_queues set units = (
  select coalesce(sum((entry ->> 'quantity')::bigint), 0)
  from json_array_elements(state::json -> 'entries') as entry
)
where waiting > 0;
