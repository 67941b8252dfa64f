{{ config(indexes=[{'columns': ['order_id'], 'unique': true}]) }}

select
  order_id,
  count(*) as lines,
  sum(quantity) as units,
  sum(gross_amount) as gross_amount,
  sum(gross_amount - net_amount) as discount_amount,
  sum(net_amount) as goods_amount
from {{ ref('stg_order_items') }}
group by order_id
