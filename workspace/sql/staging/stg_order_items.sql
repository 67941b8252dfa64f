-- Order lines that still stand: those of cancelled orders were removed by the shop.
create table staging.stg_order_items__next as
select
  order_item_id,
  order_id,
  product_id,
  quantity,
  unit_price,
  discount,
  round(unit_price * quantity, 2) as gross_amount,
  round(unit_price * quantity * (1 - discount), 2) as net_amount
from (
  select distinct on (order_item_id) *
  from raw.order_items
  order by order_item_id, _headrace_version desc
) as newest
where not _headrace_deleted;

drop table if exists staging.stg_order_items;
alter table staging.stg_order_items__next rename to stg_order_items;
alter table staging.stg_order_items add constraint stg_order_items_pkey primary key (order_item_id);
analyze staging.stg_order_items;
