-- A satellite holds changes alone: no version of a customer says the same as the one before it.
select *
from (
  select
    customer_hk,
    load_version,
    hash_diff = lag(hash_diff) over (partition by customer_hk order by load_version) as is_repeated
  from {{ ref('sat_customers') }}
) as versions
where is_repeated
