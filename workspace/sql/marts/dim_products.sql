-- Products with what has been sold of them.
create table marts.dim_products__next as
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
from staging.stg_products as products
left join (
  select
    items.product_id,
    sum(items.quantity) as units_sold,
    sum(items.net_amount) as revenue
  from staging.stg_order_items as items
  join staging.stg_orders as orders using (order_id)
  where orders.status not in ('cancelled', 'returned')
  group by items.product_id
) as sales using (product_id);

drop table if exists marts.dim_products;
alter table marts.dim_products__next rename to dim_products;
alter table marts.dim_products add constraint dim_products_pkey primary key (product_id);
comment on table marts.dim_products is 'One row a product, with its price now and its sales so far';
analyze marts.dim_products;
