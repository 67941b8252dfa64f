{# Running SQL from templates. #}

{%- macro statement(name=none, fetch_result=false, auto_begin=true, language='sql') -%}
  {%- if execute -%}
    {%- set statement_sql = caller() -%}
    {%- if name == 'main' -%}{{ write(statement_sql) }}{%- endif -%}
    {%- set response, table = adapter.execute(statement_sql, auto_begin=auto_begin, fetch=fetch_result) -%}
    {%- if name is not none -%}
      {{ store_result(name, response=response, agate_table=table) }}
    {%- endif -%}
  {%- endif -%}
{%- endmacro -%}

{%- macro noop_statement(name=none, message=none, code=none, rows_affected=none, res=none) -%}
  {%- if name is not none -%}
    {{ store_raw_result(name, message=message, code=code, rows_affected=rows_affected, agate_table=res) }}
  {%- endif -%}
{%- endmacro -%}

{% macro run_query(sql) %}
  {% call statement('run_query_statement', fetch_result=true, auto_begin=false) %}{{ sql }}{% endcall %}
  {% do return(load_result('run_query_statement').table if execute else none) %}
{% endmacro %}

{% macro get_columns_in_query(select_sql) %}
  {{ return(adapter.get_column_names_of_query(select_sql)) }}
{% endmacro %}

{% macro get_column_schema_from_query(select_sql, select_sql_header=none) %}
  {{ return(adapter.get_column_schema_from_query(select_sql)) }}
{% endmacro %}

{% macro get_empty_subquery_sql(select_sql, select_sql_header=none) -%}
  {{ return(adapter.dispatch('get_empty_subquery_sql', 'dbt')(select_sql, select_sql_header)) }}
{%- endmacro %}

{% macro default__get_empty_subquery_sql(select_sql, select_sql_header=none) -%}
  {%- if select_sql_header is not none %}{{ select_sql_header }}{% endif %}
  select * from (
    {{ select_sql }}
  ) as __dbt_sbq
  where false
  limit 0
{%- endmacro %}

{% macro run_hooks(hooks, inside_transaction=true) %}
  {% for hook in hooks if hook.transaction == inside_transaction %}
    {% set sql = render(hook.sql) | trim %}
    {% if sql %}
      {% call statement(auto_begin=inside_transaction) %}{{ sql }}{% endcall %}
    {% endif %}
  {% endfor %}
{% endmacro %}

{% macro should_full_refresh() %}
  {% set asked = config.get('full_refresh') %}
  {% do return(flags.FULL_REFRESH if asked is none else asked) %}
{% endmacro %}

{% macro is_incremental() %}
  {% if not execute %}{{ return(false) }}{% endif %}
  {% set relation = load_cached_relation(this) %}
  {{ return(relation is not none
            and relation.type == 'table'
            and model.config.materialized == 'incremental'
            and not should_full_refresh()) }}
{% endmacro %}
