{{ config(materialized='view') }}

select
  customer_key,
  customer_id,
  {{ headrace_utils.mask_email('email') }} as email,
  {{ headrace_utils.mask_text('full_name') }} as full_name,
  country,
  segment,
  is_subscribed,
  date_trunc('month', joined_at at time zone 'UTC')::date as joined_month,
  first_ordered_at,
  last_ordered_at,
  orders,
  revenue,
  valid_from,
  valid_to,
  is_current
from {{ ref('dim_customers') }}
