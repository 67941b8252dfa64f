-- Customers as the shop knows them now: each key's newest version, without those who were erased.
create table staging.stg_customers__next as
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
from (
  select distinct on (customer_id) *
  from raw.customers
  order by customer_id, _headrace_version desc
) as newest
where not _headrace_deleted;

drop table if exists staging.stg_customers;
alter table staging.stg_customers__next rename to stg_customers;
alter table staging.stg_customers add constraint stg_customers_pkey primary key (customer_id);
analyze staging.stg_customers;
