-- The assortment as it is now.
create table staging.stg_products__next as
select
  product_id,
  sku,
  name,
  category,
  price,
  cost,
  is_active,
  updated_at
from (
  select distinct on (product_id) *
  from raw.products
  order by product_id, _headrace_version desc
) as newest
where not _headrace_deleted;

drop table if exists staging.stg_products;
alter table staging.stg_products__next rename to stg_products;
alter table staging.stg_products add constraint stg_products_pkey primary key (product_id);
analyze staging.stg_products;
