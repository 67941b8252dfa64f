{{ config(materialized='view') }}
select id as customer_id, email, md5(email) as email_hash, city, changed_at from {{ ref('raw_customers') }}
