-- Customers with what they have bought so far; erased ones are not among them.
create table marts.dim_customers__next as
select
  customers.customer_id,
  customers.email,
  customers.full_name,
  customers.country,
  customers.city,
  customers.segment,
  customers.is_subscribed,
  customers.joined_at,
  orders.first_ordered_at,
  orders.last_ordered_at,
  coalesce(orders.orders, 0) as orders,
  coalesce(orders.revenue, 0) as revenue
from staging.stg_customers as customers
left join intermediate.int_customer_orders as orders using (customer_id);

drop table if exists marts.dim_customers;
alter table marts.dim_customers__next rename to dim_customers;
alter table marts.dim_customers add constraint dim_customers_pkey primary key (customer_id);
comment on table marts.dim_customers is 'One row a customer of the shop, as known now';
comment on column marts.dim_customers.revenue is 'Euros, without shipping, cancelled and returned orders';
analyze marts.dim_customers;
