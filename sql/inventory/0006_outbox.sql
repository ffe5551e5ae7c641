-- What the outside world has been told, and is still to be told.

-- How many messages of the published mapping each actor has made so far.
alter table items add column published bigint not null default 0;
alter table order_stock add column published bigint not null default 0;

-- Names this database for ever: a part of every message's id, so that those of another database are others.
create table identity (
  the_only boolean primary key default true check (the_only),
  id uuid not null default gen_random_uuid()
);
insert into identity default values;

-- Who reads the journal for the outside world, and how far each has come: everything up to there has been taken. The journal
-- is never trimmed past any of them.
create table outbox_positions (
  reader text collate "C" not null,
  shard int not null,
  seq bigint not null default 0,
  -- When somebody decided that what lay before is never told.
  skipped_at timestamptz,
  primary key (reader, shard)
) with (fillfactor = 50);

-- What a consumer in this process could not take in. With a broker they lie in its dead-letter queues instead.
create table dead_letters (
  n bigint generated always as identity primary key,
  reader text collate "C" not null,
  message_id text collate "C" not null,
  message text not null,
  reason text not null,
  attempts int not null,
  at timestamptz not null default now(),
  -- When somebody asked that it be handled again.
  replay_asked_at timestamptz,
  unique (reader, message_id)
);
create index dead_letters_to_replay on dead_letters (reader, n) where replay_asked_at is not null;
