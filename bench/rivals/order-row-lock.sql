-- Order and reservation as most shops do them, in one database and in their best form: each step that has to be durable
-- before the next may begin is one function call, so no lock is held while the network or the payment gateway is waited
-- for. (1) the order is there before money is asked for; (2) the units are taken, under row locks in one order, before
-- money is taken; (3) the money was taken.
-- It has no expiry, no receipts, no movements, no events, no queue and no way back: that would only slow it down.

create table stock_levels (
  item_id uuid primary key,
  sku text collate "C" not null unique,
  warehouse_id uuid not null,
  quantity bigint not null,
  allocated bigint not null default 0,
  version bigint not null default 1,
  check (allocated between 0 and quantity)
) with (fillfactor = 70);

-- What never changes stands apart from what does: an order is written once, and its progress is a small row.
create table shop_orders (
  order_id uuid primary key,
  fingerprint text not null,
  sealed text not null,
  method text not null,
  currency text not null,
  total_minor bigint not null,
  created_at timestamptz not null,
  item_ids uuid[] not null,
  quantities bigint[] not null,
  unit_minor bigint[] not null
);

create table order_progress (
  order_id uuid primary key,
  status text not null,
  payment_id uuid not null,
  payment_status text not null,
  transaction_id text not null default '',
  history jsonb not null
) with (fillfactor = 50);

create table allocations (
  order_id uuid primary key,
  item_ids uuid[] not null,
  warehouse_ids uuid[] not null,
  quantities bigint[] not null,
  level_versions bigint[] not null,
  allocated_at timestamptz not null
);

-- What is reached, which is 'processing' unless the order was there already: whoever asks again goes on from there. No row
-- where it is there with other content.
create function begin_order(
  the_order uuid, the_fingerprint text, the_sealed text, the_method text, the_currency text, the_total bigint,
  the_payment uuid, item_ids uuid[], wanted bigint[], prices bigint[]
) returns table (reached text, payment uuid, authorized_as text, ids uuid[], warehouses uuid[])
language plpgsql volatile as $$
begin
  insert into shop_orders
  values (the_order, the_fingerprint, the_sealed, the_method, the_currency, the_total, clock_timestamp(), item_ids, wanted,
    prices)
  on conflict (order_id) do nothing;
  if found then
    insert into order_progress (order_id, status, payment_id, payment_status, history)
    values (the_order, 'processing', the_payment, 'authorizing',
      jsonb_build_array(jsonb_build_array('created', clock_timestamp()),
        jsonb_build_array('processing', clock_timestamp())));
    reached := 'processing';
    payment := the_payment;
    authorized_as := '';
    return next;
    return;
  end if;
  return query
    select progress.status, progress.payment_id, progress.transaction_id, taken.item_ids, taken.warehouse_ids
    from shop_orders as made
    join order_progress as progress on progress.order_id = made.order_id
    left join allocations as taken on taken.order_id = made.order_id
    where made.order_id = the_order and made.fingerprint = the_fingerprint;
end
$$;

-- Takes the units of an order whose payment is authorized, all or none; lines of one item are one. Where they were taken
-- already this fails, and takes nothing, by the primary key of the allocations.
-- Each statement of a volatile function sees what was committed when it began, so the second one sees what the locks
-- were waited for.
create function take_units(the_order uuid, the_transaction text, wanted_ids uuid[], wanted bigint[])
returns table (granted boolean, ids uuid[], warehouses uuid[])
language plpgsql volatile as $$
declare
  asked bigint[];
  versions bigint[];
begin
  select array_agg(locked.item_id), array_agg(locked.warehouse_id), array_agg(locked.version + 1),
    array_agg(locked.wanted), bool_and(locked.available >= locked.wanted)
  into ids, warehouses, versions, asked, granted
  from (
    select level.item_id, level.quantity - level.allocated as available, level.warehouse_id, level.version,
      basket.quantity as wanted
    from unnest(wanted_ids, wanted) as basket (item_id, quantity)
    join stock_levels as level on level.item_id = basket.item_id
    order by level.item_id
    for update of level
  ) as locked;

  if not coalesce(granted, false) or cardinality(ids) <> cardinality(wanted_ids) then
    granted := false;
    return next;
    return;
  end if;

  update stock_levels as level
  set allocated = level.allocated + basket.quantity, version = level.version + 1
  from unnest(ids, asked) as basket (item_id, quantity)
  where level.item_id = basket.item_id;
  insert into allocations values (the_order, ids, warehouses, asked, versions, clock_timestamp());
  update order_progress
  set status = 'reserving_stock', payment_status = 'capturing', transaction_id = the_transaction,
    history = history || jsonb_build_array(jsonb_build_array('reserving_stock', clock_timestamp()))
  where order_id = the_order;
  return next;
end
$$;

create function confirm_order(the_order uuid) returns void
language sql volatile as $$
  update order_progress
  set status = 'confirmed', payment_status = 'captured',
    history = history || jsonb_build_array(jsonb_build_array('confirmed', clock_timestamp()))
  where order_id = the_order and status = 'reserving_stock'
$$;
