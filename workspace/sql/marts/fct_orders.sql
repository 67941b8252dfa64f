-- One row an order with its amounts, and the campaign that won it.
-- amount_difference compares the shop's own total with the sum of the lines: anything but zero is an error over there.
create table marts.fct_orders__next as
select
  orders.order_id,
  orders.customer_id,
  to_char(orders.order_date, 'YYYYMMDD')::integer as date_key,
  orders.order_date,
  orders.status,
  orders.channel,
  orders.country,
  attribution.campaign_id,
  coalesce(totals.lines, 0) as lines,
  coalesce(totals.units, 0) as units,
  coalesce(totals.gross_amount, 0) as gross_amount,
  coalesce(totals.discount_amount, 0) as discount_amount,
  coalesce(totals.goods_amount, 0) as goods_amount,
  orders.shipping_amount,
  case
    when orders.status in ('cancelled', 'returned') then 0
    else coalesce(totals.goods_amount, 0)
  end as revenue,
  case
    when orders.status <> 'cancelled'
      then orders.total_amount - orders.shipping_amount - coalesce(totals.goods_amount, 0)
  end as amount_difference,
  orders.placed_at,
  orders.updated_at
from staging.stg_orders as orders
left join intermediate.int_order_totals as totals using (order_id)
left join intermediate.int_order_attribution as attribution using (order_id);

drop table if exists marts.fct_orders;
alter table marts.fct_orders__next rename to fct_orders;
alter table marts.fct_orders add constraint fct_orders_pkey primary key (order_id);
create index fct_orders_order_date_idx on marts.fct_orders (order_date);
comment on table marts.fct_orders is 'One row an order in its present state; amounts in euros';
comment on column marts.fct_orders.customer_id is 'Null where the customer was erased';
comment on column marts.fct_orders.revenue is 'Goods after discount; 0 for cancelled and returned orders';
analyze marts.fct_orders;
