-- What alerts of stock compare with, beside the low-stock threshold, and what was said last.

alter table inventory_levels
  -- Of the policy; null where none was set, and in rows of earlier releases, where it is the low-stock threshold.
  add column back_in_stock_threshold bigint,
  add column is_low boolean not null default false;
