-- Customers with the name of the employee who looks after them.
-- MERGE touches only rows that differ, so that a run with nothing new writes nothing.
create table if not exists star.dim_customer (
  customer_id integer primary key,
  name text not null,
  company text,
  city text,
  country text,
  email text not null,
  support_rep text
);

merge into star.dim_customer as target
using (
  select
    customer.customer_id,
    customer.first_name || ' ' || customer.last_name as name,
    customer.company,
    customer.city,
    customer.country,
    customer.email,
    employee.first_name || ' ' || employee.last_name as support_rep
  from raw.customer
  left join raw.employee on employee.employee_id = customer.support_rep_id and not employee._headrace_deleted
) as source
on target.customer_id = source.customer_id
when matched and target is distinct from source then
  update set
    name = source.name,
    company = source.company,
    city = source.city,
    country = source.country,
    email = source.email,
    support_rep = source.support_rep
when not matched then
  insert (customer_id, name, company, city, country, email, support_rep)
  values (
    source.customer_id, source.name, source.company, source.city, source.country, source.email, source.support_rep
  )
when not matched by source then
  delete;
