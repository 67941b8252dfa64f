{{ config(materialized="table") }}
select 1 / (select count(*) from {{ ref('good') }} where id > 1) as x
