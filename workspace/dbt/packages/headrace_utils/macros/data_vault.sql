{#
  The three tables of a data vault, for models with materialized='incremental' and incremental_strategy='append'. Each reads a
  relation that keeps every version of every row: what a load has not seen before is added, and nothing is ever changed, so
  a second run adds nothing.

  relation       what is read
  key            column that tells things apart, or a list of them: what people call the thing (its business key)
  loaded_at      column: when a version came in
  source         text: where it came from

  Hashes are named as their thing: customer_hk of a hub of customers.
#}

{# A hub: one row a thing, and when it was first heard of. #}
{% macro hub(relation, hash_key, key, loaded_at, source) -%}
{%- set keys = [key] if key is string else key -%}
with things as (
  select
    {{ headrace_utils.surrogate_key(keys) }} as {{ hash_key }},
    {{ keys | join(', ') }},
    min({{ loaded_at }}) as load_date,
    '{{ source }}' as record_source
  from {{ relation }}
  where {{ headrace_utils.are_given(keys) }}
  group by {{ keys | join(', ') }}
)
{{ headrace_utils.unknown_of('things', hash_key) }}
{%- endmacro %}

{#
  A link: one row for each combination of things that were ever seen together. `hubs` leads from the hash of each hub to its
  key in the relation: {'order_hk': 'order_id', 'customer_hk': 'customer_id'}.
#}
{% macro link(relation, hash_key, hubs, loaded_at, source) -%}
{%- set keys = hubs.values() | list -%}
with pairs as (
  select
    {{ headrace_utils.surrogate_key(keys) }} as {{ hash_key }},
    {%- for hub_key, column in hubs.items() %}
    {{ headrace_utils.surrogate_key([column]) }} as {{ hub_key }},
    {%- endfor %}
    min({{ loaded_at }}) as load_date,
    '{{ source }}' as record_source
  from {{ relation }}
  where {{ headrace_utils.are_given(keys) }}
  group by {{ keys | join(', ') }}
)
{{ headrace_utils.unknown_of('pairs', hash_key) }}
{%- endmacro %}

{#
  A satellite: what was known of a thing, and since when. A version that says the same as the one before it (their hash_diff is
  equal) is none. `version` is a column that grows with each load.
#}
{% macro satellite(relation, hash_key, key, attributes, version, loaded_at, source) -%}
{%- set keys = [key] if key is string else key -%}
with versions as (
  select
    {{ headrace_utils.surrogate_key(keys) }} as {{ hash_key }},
    {{ loaded_at }} as load_date,
    {{ headrace_utils.hash_diff(attributes) }} as hash_diff,
    {{ attributes | join(', ') }},
    {{ version }} as load_version
  from {{ relation }}
), changes as (
  select *, lag(hash_diff) over (partition by {{ hash_key }} order by load_version) as hash_before
  from versions
)
select
  {{ hash_key }},
  load_date,
  hash_diff,
  {{ attributes | join(', ') }},
  load_version,
  '{{ source }}' as record_source
from changes
where hash_diff is distinct from hash_before
{%- if is_incremental() %}
  and not exists (
    select from {{ this }} as known
    where known.{{ hash_key }} = changes.{{ hash_key }} and known.load_version = changes.load_version
  )
{%- endif %}
{%- endmacro %}

{% macro are_given(columns) -%}
  {% for column in columns %}{{ column }} is not null{{ ' and ' if not loop.last }}{% endfor %}
{%- endmacro %}

{# Of a CTE, the rows whose key the table does not have yet. #}
{% macro unknown_of(cte, key) -%}
select *
from {{ cte }}
{%- if is_incremental() %}
where not exists (select from {{ this }} as known where known.{{ key }} = {{ cte }}.{{ key }})
{%- endif %}
{%- endmacro %}
