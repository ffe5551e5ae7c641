-- The journal and who may write it. Nothing here knows of stock.

-- Who owns this database: one row, found and locked for share by every claim of shards.
create table owner (
  the_only boolean primary key default true check (the_only),
  epoch bigint not null default 0,
  -- Names one start of one process; '' where nobody owns the database.
  holder text not null default '',
  heartbeat timestamptz not null default '-infinity'
);
insert into owner default values;

-- How many there are is settled when the database is made (see ensureShards).
create table shards (
  shard int primary key,
  epoch bigint not null default 0,
  -- Everything up to here stands in the tables.
  snapshot_seq bigint not null default 0,
  -- Nothing may be appended at or below it, and what is may be deleted.
  trimmed_to bigint not null default 0,
  -- What the shard's channels were at snapshot_seq, as JSON text of the runtime's own.
  channels text not null default '',
  check (0 <= trimmed_to and trimmed_to <= snapshot_seq)
) with (fillfactor = 50);

-- Never partitioned by time: the key would have to carry it, and the key is what settles races between two owners.
create table journal (
  shard int not null,
  seq bigint not null check (seq > 0),
  epoch bigint not null,
  at timestamptz not null,
  -- JSON text, versioned by the runtime. Not jsonb: the database never looks inside, and jsonb costs it three times as much.
  events text not null,
  primary key (shard, seq)
);

-- lz4 where the server is built with it. Without, nothing: the default compression would cost the append more than the
-- flush does.
do $$
begin
  alter table journal alter column events set compression lz4;
exception when feature_not_supported then
  alter table journal alter column events set storage external;
end
$$;

-- The moment that the tables of every shard have reached: they lack nothing that was recorded before it.
create function tables_as_of() returns timestamptz language sql stable as $$
  select least(statement_timestamp(), min(first_missing.at))
  from shards
  left join lateral (
    select journal.at
    from journal
    where journal.shard = shards.shard and journal.seq > shards.snapshot_seq
    order by journal.seq
    limit 1
  ) as first_missing on true
$$;
