{{ config(indexes=[{'columns': ['order_id'], 'unique': true}]) }}

-- Of two clicks at the same instant the later id counts.
select distinct on (orders.order_id)
  orders.order_id,
  touches.campaign_id,
  touches.touched_at as clicked_at
from {{ ref('stg_orders') }} as orders
join {{ ref('stg_campaign_touches') }} as touches
  on touches.customer_id = orders.customer_id
  and touches.kind = 'click'
  and touches.touched_at <= orders.placed_at
  and touches.touched_at > orders.placed_at - make_interval(days => {{ var('attribution_days') }})
order by orders.order_id, touches.touched_at desc, touches.touch_id desc
