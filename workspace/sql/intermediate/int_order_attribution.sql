-- Last-click attribution: the campaign a customer clicked last in the :attribution_days days before ordering.
-- Orders without such a click have no row. Of two clicks at the same instant the later id counts.
create table intermediate.int_order_attribution__next as
select distinct on (orders.order_id)
  orders.order_id,
  touches.campaign_id,
  touches.touched_at as clicked_at
from staging.stg_orders as orders
join staging.stg_campaign_touches as touches
  on touches.customer_id = orders.customer_id
  and touches.kind = 'click'
  and touches.touched_at <= orders.placed_at
  and touches.touched_at > orders.placed_at - make_interval(days => :attribution_days)
order by orders.order_id, touches.touched_at desc, touches.touch_id desc;

drop table if exists intermediate.int_order_attribution;
alter table intermediate.int_order_attribution__next rename to int_order_attribution;
alter table intermediate.int_order_attribution add constraint int_order_attribution_pkey primary key (order_id);
analyze intermediate.int_order_attribution;
