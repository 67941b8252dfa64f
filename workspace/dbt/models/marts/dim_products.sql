{{ config(indexes=[{'columns': ['product_id'], 'unique': true}]) }}

select
  products.product_id,
  products.sku,
  products.name,
  products.category,
  products.price,
  products.cost,
  products.price - products.cost as margin,
  products.is_active,
  coalesce(sales.units_sold, 0) as units_sold,
  coalesce(sales.revenue, 0) as revenue
from {{ ref('stg_products') }} as products
left join (
  select
    items.product_id,
    sum(items.quantity) as units_sold,
    sum(items.net_amount) as revenue
  from {{ ref('stg_order_items') }} as items
  join {{ ref('stg_orders') }} as orders using (order_id)
  where orders.status not in ('cancelled', 'returned')
  group by items.product_id
) as sales using (product_id)
