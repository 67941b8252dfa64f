{{ config(indexes=[{'columns': ['order_item_id'], 'unique': true}]) }}

select
  order_item_id,
  order_id,
  product_id,
  quantity,
  unit_price,
  discount,
  round(unit_price * quantity, 2) as gross_amount,
  round(unit_price * quantity * (1 - discount), 2) as net_amount
from {{ newest_version(source('shop', 'order_items'), 'order_item_id') }} as newest
