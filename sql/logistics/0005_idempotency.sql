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

-- The long texts of states and answers, as those of the journal: lz4 where the server is built with it, else nothing,
-- since the default compression costs more than it saves.
do $$
declare
  long_text record;
begin
  for long_text in
    select * from (values
      ('orders', 'state'), ('backorder_queues', 'state'),
      ('idempotency_keys', 'reply')
    ) as columns (table_name, column_name)
  loop
    begin
      execute format('alter table %I alter column %I set compression lz4', long_text.table_name, long_text.column_name);
    exception when feature_not_supported then
      execute format('alter table %I alter column %I set storage external', long_text.table_name, long_text.column_name);
    end;
  end loop;
end
$$;
