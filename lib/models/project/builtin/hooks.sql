{#- Hooks that say when they run, as maps: `pre_hook=before_begin("…")`. And what stands before a statement. -#}

{% macro make_hook_config(sql, inside_transaction) %}
  {{ return(tojson({'sql': sql, 'transaction': inside_transaction})) }}
{% endmacro %}

{% macro before_begin(sql) %}
  {{ return(make_hook_config(sql, inside_transaction=False)) }}
{% endmacro %}

{% macro in_transaction(sql) %}
  {{ return(make_hook_config(sql, inside_transaction=True)) }}
{% endmacro %}

{% macro after_commit(sql) %}
  {{ return(make_hook_config(sql, inside_transaction=False)) }}
{% endmacro %}

{% macro set_sql_header(config) -%}
  {{ config.set('sql_header', caller()) }}
{%- endmacro %}
