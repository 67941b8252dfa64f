{{ config(indexes=[{'columns': ['campaign_id'], 'unique': true}]) }}

with reach as (
  select
    campaign_id,
    count(*) filter (where kind = 'impression') as impressions,
    count(*) filter (where kind = 'click') as clicks,
    count(distinct customer_id) as customers_reached,
    sum(cost) as cost
  from {{ ref('stg_campaign_touches') }}
  group by campaign_id
), sales as (
  select
    campaign_id,
    count(*) as orders,
    count(distinct customer_id) as customers_won,
    sum(revenue) as revenue
  from {{ ref('fct_orders') }}
  where campaign_id is not null and status not in ('cancelled', 'returned')
  group by campaign_id
)
select
  campaigns.campaign_id,
  campaigns.name,
  campaigns.channel,
  campaigns.starts_on,
  campaigns.ends_on,
  campaigns.budget,
  coalesce(reach.impressions, 0) as impressions,
  coalesce(reach.clicks, 0) as clicks,
  coalesce(reach.customers_reached, 0) as customers_reached,
  coalesce(reach.cost, 0) as cost,
  coalesce(sales.orders, 0) as orders,
  coalesce(sales.customers_won, 0) as customers_won,
  coalesce(sales.revenue, 0) as revenue,
  round(reach.clicks::numeric / nullif(reach.clicks + reach.impressions, 0), 4) as click_rate,
  round(coalesce(sales.orders, 0)::numeric / nullif(reach.clicks, 0), 4) as orders_per_click,
  round(coalesce(sales.revenue, 0) / nullif(reach.cost, 0), 2) as return_on_spend
from {{ ref('stg_campaigns') }} as campaigns
left join reach using (campaign_id)
left join sales using (campaign_id)
