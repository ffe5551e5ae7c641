-- What calls with an idempotency key were answered, so that a repeat gets the same.

create table idempotency_keys (
  -- Scope and key in one: method, addressed entity, the caller's key.
  key text collate "C" primary key,
  fingerprint text not null,
  reply text not null,
  created_at timestamptz not null,
  shard int not null,
  seq bigint not null
);
create index idempotency_keys_by_age on idempotency_keys (created_at);
