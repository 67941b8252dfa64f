select c.*, n.handle, coalesce(o.total, 0) as total
from {{ ref('stg_customers') }} c
join {{ ref('customers_named') }} n using (customer_id)
left join (
  select customer_id, sum(amount) as total from {{ ref('raw_orders') }} group by customer_id
) o using (customer_id)
where c.city <> 'nowhere'
