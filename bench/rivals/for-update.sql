-- What most shops do: stock as rows, a basket as one transaction that locks its rows. In its best form:
-- one round trip a basket (a function, so that no lock is held while the network is waited for), rows locked in one
-- order (no deadlocks), checked under the lock, and one row a reservation with its lines as arrays, as Synkro has it.
-- It has no expiry, no idempotency, no movements and no index over who holds what: that would only slow it down.

-- The SKU stands beside the counters, which saves a join.
create table stock_levels (
  item_id uuid primary key,
  sku text collate "C" not null unique,
  warehouse_id uuid not null,
  quantity bigint not null,
  reserved bigint not null default 0,
  version bigint not null default 1,
  check (reserved between 0 and quantity)
) with (fillfactor = 70);

create table reservations (
  order_id text collate "C" primary key,
  status text not null,
  fingerprint text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  item_ids uuid[] not null,
  skus text[] not null,
  warehouse_ids uuid[] not null,
  held bigint[] not null,
  level_versions bigint[] not null
);

-- Each statement of a volatile function sees what was committed when it began, so the second one sees what the locks
-- were waited for.
create function reserve(the_order text, the_fingerprint text, wanted_ids uuid[], wanted bigint[], ttl_seconds int)
returns table (granted boolean, ids uuid[], skus text[], available bigint[], warehouses uuid[], versions bigint[], expires_at timestamptz)
language plpgsql volatile as $$
declare
  asked bigint[];
begin
  expires_at := clock_timestamp() + ttl_seconds * interval '1 second';

  select array_agg(locked.item_id), array_agg(locked.sku), array_agg(locked.available), array_agg(locked.warehouse_id),
    array_agg(locked.version + 1), array_agg(locked.quantity), bool_and(locked.available >= locked.quantity)
  into ids, skus, available, warehouses, versions, asked, granted
  from (
    select level.item_id, level.sku, level.quantity - level.reserved as available, level.warehouse_id, level.version,
      basket.quantity
    from unnest(wanted_ids, wanted) as basket (item_id, quantity)
    join stock_levels as level on level.item_id = basket.item_id
    order by level.item_id
    for update of level
  ) as locked;

  if granted and cardinality(ids) = cardinality(wanted_ids) then
    update stock_levels as level
    set reserved = level.reserved + basket.quantity, version = level.version + 1
    from unnest(ids, asked) as basket (item_id, quantity)
    where level.item_id = basket.item_id and level.quantity - level.reserved >= basket.quantity;

    insert into reservations
    values (the_order, 'held', the_fingerprint, clock_timestamp(), expires_at, ids, skus, warehouses, asked, versions);
  else
    granted := false;
  end if;
  return next;
end
$$;
