{{ config(indexes=[{'columns': ['customer_id'], 'unique': true}]) }}

select
  orders.customer_id,
  min(orders.placed_at) as first_ordered_at,
  max(orders.placed_at) as last_ordered_at,
  count(*) as orders,
  coalesce(sum(totals.goods_amount) filter (where orders.status not in ('cancelled', 'returned')), 0) as revenue
from {{ ref('stg_orders') }} as orders
left join {{ ref('int_order_totals') }} as totals using (order_id)
where orders.customer_id is not null
group by orders.customer_id
