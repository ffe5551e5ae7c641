-- Items, their stock in each warehouse, and every change of a quantity. Written by the snapshots of the shard that an
-- item belongs to; no foreign keys, since the snapshots of different actors stand at different positions.

create table items (
  id uuid primary key,
  -- Exact: catalogues have SKUs that differ by case only.
  sku text collate "C" not null unique,
  name text not null,
  description text not null,
  category text not null,
  attributes jsonb,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- A deleted item stays as a tombstone, and goes on with its versions where its SKU is created again.
  deleted_at timestamptz,
  shard int not null,
  -- The journal position that this row and its levels stand at.
  seq bigint not null
) with (fillfactor = 80);
create index items_by_category on items (category, sku) where deleted_at is null;

create table inventory_levels (
  item_id uuid not null,
  warehouse_id uuid not null,
  quantity bigint not null,
  held bigint not null check (held >= 0),
  allocated bigint not null check (allocated >= 0),
  reserved bigint generated always as (held + allocated) stored,
  version bigint not null,
  last_updated timestamptz not null,
  -- The policy; all null where none was set.
  low_stock_threshold bigint,
  incoming_quantity bigint,
  incoming_at timestamptz,
  primary key (item_id, warehouse_id),
  -- I1, as the last line of defence.
  constraint no_oversell check (reserved between 0 and quantity),
  check ((low_stock_threshold is null) = (incoming_quantity is null))
) with (fillfactor = 70);
create index inventory_levels_by_warehouse on inventory_levels (warehouse_id);

-- I2: the quantity of a level is the sum of its movements.
create table stock_movements (
  item_id uuid not null,
  warehouse_id uuid not null,
  -- Of the level, as the movement made it.
  version bigint not null,
  delta bigint not null check (delta <> 0),
  quantity bigint not null check (quantity >= 0),
  cause text not null,
  reason text not null,
  reference text not null,
  at timestamptz not null,
  shard int not null,
  seq bigint not null,
  primary key (item_id, warehouse_id, version)
);
create index stock_movements_by_item on stock_movements (item_id, at desc);
