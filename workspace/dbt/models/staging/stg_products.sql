{{ config(indexes=[{'columns': ['product_id'], 'unique': true}]) }}

select
  product_id,
  sku,
  name,
  category,
  price,
  cost,
  is_active,
  updated_at
from {{ newest_version(source('shop', 'products'), 'product_id') }} as newest
