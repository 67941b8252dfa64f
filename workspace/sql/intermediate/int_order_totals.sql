-- What the lines of each order come to; orders without lines (cancelled ones) have no row here.
create table intermediate.int_order_totals__next as
select
  order_id,
  count(*) as lines,
  sum(quantity) as units,
  sum(gross_amount) as gross_amount,
  sum(gross_amount - net_amount) as discount_amount,
  sum(net_amount) as goods_amount
from staging.stg_order_items
group by order_id;

drop table if exists intermediate.int_order_totals;
alter table intermediate.int_order_totals__next rename to int_order_totals;
alter table intermediate.int_order_totals add constraint int_order_totals_pkey primary key (order_id);
analyze intermediate.int_order_totals;
