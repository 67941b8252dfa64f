-- What each campaign cost, whom it reached and what it brought, by last click.
create table marts.mrt_campaign_performance__next as
with reach as (
  select
    campaign_id,
    count(*) filter (where kind = 'impression') as impressions,
    count(*) filter (where kind = 'click') as clicks,
    count(distinct customer_id) as customers_reached,
    sum(cost) as cost
  from staging.stg_campaign_touches
  group by campaign_id
), sales as (
  select
    campaign_id,
    count(*) as orders,
    count(distinct customer_id) as customers_won,
    sum(revenue) as revenue
  from marts.fct_orders
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
from staging.stg_campaigns as campaigns
left join reach using (campaign_id)
left join sales using (campaign_id);

drop table if exists marts.mrt_campaign_performance;
alter table marts.mrt_campaign_performance__next rename to mrt_campaign_performance;
alter table marts.mrt_campaign_performance add constraint mrt_campaign_performance_pkey primary key (campaign_id);
comment on table marts.mrt_campaign_performance is 'One row a campaign: cost, reach and last-click revenue in euros';
analyze marts.mrt_campaign_performance;
