-- Orders in their present state: one row an order, whatever number of states the raw history has seen.
create table staging.stg_orders__next as
select
  order_id,
  customer_id,
  status,
  channel,
  shipping_country as country,
  shipping_amount,
  total_amount,
  placed_at,
  (placed_at at time zone 'UTC')::date as order_date,
  updated_at
from (
  select distinct on (order_id) *
  from raw.orders
  order by order_id, _headrace_version desc
) as newest
where not _headrace_deleted;

drop table if exists staging.stg_orders;
alter table staging.stg_orders__next rename to stg_orders;
alter table staging.stg_orders add constraint stg_orders_pkey primary key (order_id);
analyze staging.stg_orders;
