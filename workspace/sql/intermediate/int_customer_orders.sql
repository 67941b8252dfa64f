-- Each customer's orders in sum. Cancelled and returned orders are counted, but bring no revenue.
create table intermediate.int_customer_orders__next as
select
  orders.customer_id,
  min(orders.placed_at) as first_ordered_at,
  max(orders.placed_at) as last_ordered_at,
  count(*) as orders,
  coalesce(sum(totals.goods_amount) filter (where orders.status not in ('cancelled', 'returned')), 0) as revenue
from staging.stg_orders as orders
left join intermediate.int_order_totals as totals using (order_id)
where orders.customer_id is not null
group by orders.customer_id;

drop table if exists intermediate.int_customer_orders;
alter table intermediate.int_customer_orders__next rename to int_customer_orders;
alter table intermediate.int_customer_orders add constraint int_customer_orders_pkey primary key (customer_id);
analyze intermediate.int_customer_orders;
