{{ config(indexes=[{'columns': ['date_key'], 'unique': true}, {'columns': ['date'], 'unique': true}]) }}

-- Names are English whatever the server's language.
with days as (
  select
    day::date as date,
    -- Moved so that the fiscal year looks like the calendar year after which it is named.
    (day + interval '{{ (13 - var("fiscal_year_begins")) % 12 }} months')::date as fiscal
  from (
    select
      date_trunc('year', min(order_date)::timestamp) as first_day,
      date_trunc('year', max(order_date)::timestamp) + interval '1 year' - interval '1 day' as last_day
    from {{ ref('stg_orders') }}
  ) as range
  cross join lateral generate_series(range.first_day, range.last_day, interval '1 day') as day
)
select
  to_char(date, 'YYYYMMDD')::integer as date_key,
  date,
  extract(year from date)::smallint as year,
  extract(quarter from date)::smallint as quarter,
  extract(month from date)::smallint as month,
  to_char(date, 'FMMonth') as month_name,
  extract(week from date)::smallint as iso_week,
  extract(isodow from date)::smallint as iso_weekday,
  to_char(date, 'FMDay') as weekday_name,
  extract(isodow from date) > 5 as is_weekend,
  extract(year from fiscal)::smallint as fiscal_year,
  extract(quarter from fiscal)::smallint as fiscal_quarter,
  extract(month from fiscal)::smallint as fiscal_month,
  holidays.name as holiday,
  holidays.name is null and extract(isodow from date) <= 5 as is_working_day
from days
left join {{ ref('int_holidays') }} as holidays using (date)
