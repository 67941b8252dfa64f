-- Every day of the years in which orders were placed. Names are English whatever the server's language.
create table marts.dim_date__next as
select
  to_char(day, 'YYYYMMDD')::integer as date_key,
  day::date as date,
  extract(year from day)::smallint as year,
  extract(quarter from day)::smallint as quarter,
  extract(month from day)::smallint as month,
  to_char(day, 'FMMonth') as month_name,
  extract(week from day)::smallint as iso_week,
  extract(isodow from day)::smallint as iso_weekday,
  to_char(day, 'FMDay') as weekday_name,
  extract(isodow from day) > 5 as is_weekend
from (
  select
    date_trunc('year', min(order_date)::timestamp) as first_day,
    date_trunc('year', max(order_date)::timestamp) + interval '1 year' - interval '1 day' as last_day
  from staging.stg_orders
) as range
cross join lateral generate_series(range.first_day, range.last_day, interval '1 day') as day;

drop table if exists marts.dim_date;
alter table marts.dim_date__next rename to dim_date;
alter table marts.dim_date add constraint dim_date_pkey primary key (date_key);
comment on table marts.dim_date is 'One row a day of the years the shop has sold in';
analyze marts.dim_date;
