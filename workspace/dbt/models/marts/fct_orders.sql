{{ config(
  materialized='incremental',
  incremental_strategy='merge',
  unique_key='order_id',
  partition_by={'field': 'order_date', 'granularity': 'month'},
  on_schema_change='sync_all_columns',
  post_hook="{{ headrace_utils.add_primary_key(this, ['order_id', 'order_date']) }}",
) }}

with orders as (
  select
    orders.order_id,
    orders.customer_id,
    to_char(orders.order_date, 'YYYYMMDD')::integer as date_key,
    orders.order_date,
    orders.status,
    orders.channel,
    orders.country,
    attribution.campaign_id,
    coalesce(totals.lines, 0) as lines,
    coalesce(totals.units, 0) as units,
    coalesce(totals.gross_amount, 0) as gross_amount,
    coalesce(totals.discount_amount, 0) as discount_amount,
    coalesce(totals.goods_amount, 0) as goods_amount,
    orders.shipping_amount,
    case
      when orders.status in ('cancelled', 'returned') then 0
      else coalesce(totals.goods_amount, 0)
    end as revenue,
    case
      when orders.status <> 'cancelled'
        then orders.total_amount - orders.shipping_amount - coalesce(totals.goods_amount, 0)
    end as amount_difference,
    orders.placed_at,
    orders.updated_at
  from {{ ref('stg_orders') }} as orders
  left join {{ ref('int_order_totals') }} as totals using (order_id)
  left join {{ ref('int_order_attribution') }} as attribution using (order_id)
)
select orders.*
from orders
{%- if is_incremental() %}
-- An order changes with its lines, late clicks and the attribution window too, not with its own updated_at alone:
-- what is merged is every row that differs from the one that is there.
left join {{ this }} as present using (order_id)
where to_jsonb(present) is distinct from to_jsonb(orders)
{%- endif %}
