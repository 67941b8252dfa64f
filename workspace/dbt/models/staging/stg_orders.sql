{{ config(indexes=[{'columns': ['order_id'], 'unique': true}]) }}

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
from {{ newest_version(source('shop', 'orders'), 'order_id') }} as newest
