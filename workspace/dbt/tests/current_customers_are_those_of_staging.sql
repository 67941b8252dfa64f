-- The history's newest state and the shop's have to be one: a version that was not closed, or not opened, shows here.
select customer_id, email, full_name, country, city, segment, is_subscribed
from {{ ref('dim_customers') }}
where is_current
except
select customer_id, email, full_name, country, city, segment, is_subscribed
from {{ ref('stg_customers') }}
