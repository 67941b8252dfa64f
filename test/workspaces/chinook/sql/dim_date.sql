-- Every day of the years with invoices.
create table if not exists star.dim_date (
  date_key integer primary key,
  date date not null unique,
  year smallint not null,
  quarter smallint not null,
  month smallint not null,
  iso_weekday smallint not null
);

merge into star.dim_date as target
using (
  select
    to_char(day, 'YYYYMMDD')::integer as date_key,
    day::date as date,
    extract(year from day)::smallint as year,
    extract(quarter from day)::smallint as quarter,
    extract(month from day)::smallint as month,
    extract(isodow from day)::smallint as iso_weekday
  from (
    select
      date_trunc('year', min(invoice_date)) as first_day,
      date_trunc('year', max(invoice_date)) + interval '1 year' - interval '1 day' as last_day
    from raw.invoice
  ) as range
  cross join lateral generate_series(range.first_day, range.last_day, interval '1 day') as day
) as source
on target.date_key = source.date_key
when not matched then
  insert (date_key, date, year, quarter, month, iso_weekday)
  values (source.date_key, source.date, source.year, source.quarter, source.month, source.iso_weekday)
when not matched by source then
  delete;
