{{ config(indexes=[{'columns': ['customer_id'], 'unique': true}]) }}

select
  customer_id,
  lower(trim(email)) as email,
  first_name || ' ' || last_name as full_name,
  country,
  city,
  segment,
  is_subscribed,
  created_at as joined_at,
  updated_at
from {{ newest_version(source('shop', 'customers'), 'customer_id') }} as newest
