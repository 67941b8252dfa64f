{{ config(materialized='ephemeral') }}
select customer_id, split_part(email, '@', 1) as handle from {{ ref('stg_customers') }}
