-- What was heard, whom it is told, and what customers want to be told. No address or name of anybody stands here: those
-- are asked of Logistics when a mail is sent.

-- Who owns this database: one row. Only the owner sends.
create table owner (
  the_only boolean primary key default true check (the_only),
  epoch bigint not null default 0,
  -- Names one start of one process; '' where nobody owns the database.
  holder text not null default '',
  heartbeat timestamptz not null default '-infinity'
);
insert into owner default values;

-- The events that were taken in and led to something: one that is here is a repeat. By its id and not by its sequence: an
-- event that was put aside and is handled again comes after later ones of its subject.
create table consumed (
  event_id text primary key,
  at timestamptz not null default now()
);
-- Those that are old enough are forgotten.
create index consumed_at on consumed (at);

-- One message to one target about one event.
create table notifications (
  -- In the order in which the events were taken in: each target is told in it.
  id bigint generated always as identity primary key,
  event_id text not null,
  channel text not null check (channel in ('webhook', 'mail')),
  -- The URL of a webhook; of mail 'customer' or 'shop', never an address.
  target text not null,
  template text not null,
  -- What the event happened to.
  subject text not null,
  order_id uuid,
  customer_id uuid,
  status text not null default 'waiting' check (status in ('waiting', 'sent', 'failed', 'skipped')),
  attempts int not null default 0,
  created_at timestamptz not null default now(),
  -- Not tried before.
  next_at timestamptz not null default now(),
  -- An attempt that fails after this is the last one.
  give_up_at timestamptz not null,
  sent_at timestamptz,
  -- Why it was not sent, in words of ours; '' where there is nothing to say.
  reason text not null default '',
  -- The event as JSON text, for as long as the message may still be sent; '' after that.
  event text not null,
  unique (event_id, channel, target),
  check ((status = 'sent') = (sent_at is not null))
);
-- What is to be sent next: in order of the target, and in order of each subject.
create index notifications_waiting on notifications (target, id) where status = 'waiting';
create index notifications_waiting_subject on notifications (target, subject, id) where status = 'waiting';
create index notifications_status on notifications (status, id);
create index notifications_order on notifications (order_id, id) where order_id is not null;
create index notifications_customer on notifications (customer_id) where customer_id is not null;
create index notifications_created_at on notifications (created_at);

-- Which messages a customer wants; who has no row wants all.
create table preferences (
  customer_id uuid primary key,
  -- Of: mail.
  channels text[] not null,
  -- Of: orders, shipments, payments.
  kinds text[] not null,
  updated_at timestamptz not null default now()
);
