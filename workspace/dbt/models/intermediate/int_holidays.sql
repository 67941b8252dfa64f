{{ config(indexes=[{'columns': ['date'], 'unique': true}]) }}

-- The seed says how each holiday is found; this is when it falls in the years of the shop.
with years as (
  select generate_series(extract(year from min(order_date))::integer, extract(year from max(order_date))::integer) as year
  from {{ ref('stg_orders') }}
), easter as (
  select year, {{ headrace_utils.easter_sunday('year') }} as sunday
  from years
), falls as (
  select
    case
      when holidays.days_after_easter is not null then easter.sunday + holidays.days_after_easter
      else make_date(easter.year, holidays.month, holidays.day)
    end as date,
    holidays.name
  from {{ ref('holidays') }} as holidays
  cross join easter
)
select date, string_agg(name, ' and ' order by name) as name
from falls
group by date
