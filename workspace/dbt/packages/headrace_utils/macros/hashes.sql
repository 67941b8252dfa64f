{# One value for a row's key. Nulls, empty texts and separators inside of values are told apart. #}
{% macro surrogate_key(columns) -%}
  md5(array[{% for column in columns %}({{ column }})::text{{ ', ' if not loop.last }}{% endfor %}]::text)
{%- endmacro %}

{# One value for what a row says: two that are equal say the same of each column. #}
{% macro hash_diff(columns) -%}
  {{ headrace_utils.surrogate_key(columns) }}
{%- endmacro %}
