{{ config(
  indexes=[{'columns': ['customer_id']}],
  post_hook=[
    "{{ headrace_utils.add_primary_key(this, ['customer_key']) }}",
    "{{ headrace_utils.forbid_overlap(this, 'customer_id', 'valid_from', 'valid_to') }}",
  ],
) }}

with versions as (
  select
    *,
    valid_to is null as is_current,
    bool_and(valid_to is not null) over (partition by customer_id) as is_erased
  from {{ ref('customers_snapshot') }}
)
select
  {{ headrace_utils.surrogate_key(['versions.customer_id', "versions.valid_from at time zone 'UTC'"]) }} as customer_key,
  versions.customer_id,
  case when not is_erased then versions.email end as email,
  case when not is_erased then versions.full_name end as full_name,
  versions.country,
  versions.city,
  versions.segment,
  versions.is_subscribed,
  versions.joined_at,
  orders.first_ordered_at,
  orders.last_ordered_at,
  case when is_current then coalesce(orders.orders, 0) end as orders,
  case when is_current then coalesce(orders.revenue, 0) end as revenue,
  versions.valid_from,
  versions.valid_to,
  versions.is_current
from versions
left join {{ ref('int_customer_orders') }} as orders
  on orders.customer_id = versions.customer_id and versions.is_current
