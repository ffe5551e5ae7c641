-- Customers. What is known of a person is sealed under a key of the person's own; the keys lie in a table of their own and
-- in no journal, so that destroying one makes every copy unreadable (decision 0009).

create table customers (
  id uuid primary key,
  -- '' once erased.
  sealed text not null,
  -- Keyed hashes of the words that the customer is found by.
  terms text[] not null,
  fingerprint text not null,
  erasure text not null check (erasure in ('none', 'erasing', 'erased')),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  pending boolean not null,
  shard int not null,
  seq bigint not null,
  -- Nothing of a person stays, as the last line of defence.
  constraint nothing_left check (erasure <> 'erased' or sealed = '' and terms = '{}' and fingerprint = '')
) with (fillfactor = 80);
-- No list of pending entries, which every search would have to read through.
create index customers_by_term on customers using gin (terms) with (fastupdate = off);
-- So that words which few have are known to be rare, also where the others are few: else they are looked for in order of id.
alter table customers alter column terms set statistics 1000;
create index customers_pending on customers (shard, id) where pending;

create table personal_keys (
  -- A customer's id, or for a guest the order's.
  owner text collate "C" primary key,
  -- Null: destroyed. The row stays, so that the owner gets no other.
  key bytea,
  created_at timestamptz not null default now()
)
-- A row version that still has a destroyed key is swept as soon as may be, however large the table.
with (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);

-- Secrets of this database, each made once.
create table secrets (
  name text collate "C" primary key,
  value bytea not null
);
