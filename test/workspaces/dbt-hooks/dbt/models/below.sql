{{ config(materialized="table") }}
select * from {{ ref("bad") }}
