{# The newest version of each key in a raw table, which keeps all of them; keys that are gone from the shop are left out. #}
{% macro newest_version(relation, key) -%}
(
  select *
  from (
    select distinct on ({{ key }}) *
    from {{ relation }}
    order by {{ key }}, _headrace_version desc
  ) as newest
  where not _headrace_deleted
)
{%- endmacro %}
