-- Warehouses, and what each shard knows of them.

create table warehouses (
  id uuid primary key,
  name text not null,
  location text not null,
  is_active boolean not null,
  customer_id text not null,
  priority int not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  changes bigint not null,
  -- A change that is on its way to the directories, as JSON text.
  spread text,
  shard int not null,
  seq bigint not null
);

create table warehouse_directory (
  shard int primary key,
  seq bigint not null,
  warehouses text not null
);
