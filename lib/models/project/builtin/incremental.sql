{# The statements that bring new rows into an incremental model. #}

{% macro get_quoted_csv(column_names) %}
  {{ return(adapter.quote_list(column_names)) }}
{% endmacro %}

{% macro diff_columns(source_columns, target_columns) %}
  {% set names = target_columns | map(attribute='name') | list %}
  {{ return(source_columns | rejectattr('name', 'in', names) | list) }}
{% endmacro %}

{% macro diff_column_data_types(source_columns, target_columns) %}
  {% set changes = [] %}
  {% for column in source_columns %}
    {% set before = target_columns | selectattr('name', 'equalto', column.name) | first %}
    {% if before and before.data_type != column.data_type and not before.can_expand_to(other_column=column) %}
      {% do changes.append({'column_name': before.name, 'new_type': column.data_type}) %}
    {% endif %}
  {% endfor %}
  {{ return(changes) }}
{% endmacro %}

{% macro incremental_validate_on_schema_change(on_schema_change, default='ignore') %}
  {% if on_schema_change not in ['sync_all_columns', 'append_new_columns', 'fail', 'ignore'] %}
    {% do exceptions.warn('on_schema_change knows ignore, fail, append_new_columns and sync_all_columns, not '
                          ~ on_schema_change ~ '; ' ~ default ~ ' is used.') %}
    {{ return(default) }}
  {% endif %}
  {{ return(on_schema_change) }}
{% endmacro %}

{% macro check_for_schema_changes(source_relation, target_relation) %}
  {% set source = adapter.get_columns_in_relation(source_relation) %}
  {% set target = adapter.get_columns_in_relation(target_relation) %}
  {% set added = diff_columns(source, target) %}
  {% set gone = diff_columns(target, source) %}
  {% set types = diff_column_data_types(source, target) %}
  {{ return({
    'schema_changed': (added or gone or types) | length > 0,
    'source_not_in_target': added,
    'target_not_in_source': gone,
    'source_columns': source,
    'target_columns': target,
    'new_target_types': types
  }) }}
{% endmacro %}

{% macro sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) %}
  {% set added = schema_changes_dict['source_not_in_target'] %}
  {% if on_schema_change == 'append_new_columns' %}
    {% if added %}{% do alter_relation_add_remove_columns(target_relation, added, none) %}{% endif %}
  {% elif on_schema_change == 'sync_all_columns' %}
    {% do alter_relation_add_remove_columns(target_relation, added, schema_changes_dict['target_not_in_source']) %}
    {% for change in schema_changes_dict['new_target_types'] %}
      {% do alter_column_type(target_relation, change['column_name'], change['new_type']) %}
    {% endfor %}
  {% endif %}
{% endmacro %}

{% macro process_schema_changes(on_schema_change, source_relation, target_relation) %}
  {% if on_schema_change == 'ignore' %}{{ return({}) }}{% endif %}
  {% set changes = check_for_schema_changes(source_relation, target_relation) %}
  {% if not changes['schema_changed'] %}{{ return(changes['source_columns']) }}{% endif %}
  {% if on_schema_change == 'fail' %}
    {% do exceptions.raise_compiler_error(adapter.describe_schema_changes(target_relation, changes)) %}
  {% endif %}
  {% do sync_column_schemas(on_schema_change, target_relation, changes) %}
  {{ return(changes['source_columns']) }}
{% endmacro %}

{% macro get_merge_update_columns(merge_update_columns, merge_exclude_columns, dest_columns) %}
  {{ return(adapter.dispatch('get_merge_update_columns', 'dbt')(merge_update_columns, merge_exclude_columns, dest_columns)) }}
{% endmacro %}

{% macro default__get_merge_update_columns(merge_update_columns, merge_exclude_columns, dest_columns) %}
  {% if merge_update_columns and merge_exclude_columns %}
    {{ exceptions.raise_compiler_error('merge_update_columns and merge_exclude_columns cannot both be given. Remove one.') }}
  {% endif %}
  {% if merge_update_columns %}{{ return(adapter.quoted_names(merge_update_columns)) }}{% endif %}
  {% set excluded = (merge_exclude_columns or []) | map('lower') | list %}
  {% set kept = [] %}
  {% for column in dest_columns if column.name | lower not in excluded %}
    {% do kept.append(column.quoted) %}
  {% endfor %}
  {{ return(kept) }}
{% endmacro %}

{% macro get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
  {{ return(adapter.dispatch('get_merge_sql', 'dbt')(target, source, unique_key, dest_columns, incremental_predicates)) }}
{%- endmacro %}

{% macro default__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
  {%- set conditions = (incremental_predicates or []) | list -%}
  {%- set keys = [unique_key] if unique_key is string else (unique_key or []) | list -%}
  {%- for key in keys -%}
    {%- do conditions.append('DBT_INTERNAL_SOURCE.' ~ key ~ ' = DBT_INTERNAL_DEST.' ~ key) -%}
  {%- endfor -%}
  {%- set names = dest_columns | map(attribute='quoted') | join(', ') -%}
  {%- set updated = get_merge_update_columns(config.get('merge_update_columns'), config.get('merge_exclude_columns'), dest_columns) -%}
  {%- set sql_header = config.get('sql_header') -%}
  {{ sql_header if sql_header is not none }}
  merge into {{ target }} as DBT_INTERNAL_DEST
  using {{ source }} as DBT_INTERNAL_SOURCE
  on {{ '(' ~ conditions | join(') and (') ~ ')' if keys else 'false' }}
  {%- if keys %}
  when matched then update set
    {% for column in updated -%}
      {{ column }} = DBT_INTERNAL_SOURCE.{{ column }}{{ ', ' if not loop.last }}
    {%- endfor %}
  {%- endif %}
  when not matched then insert ({{ names }})
    values ({% for column in dest_columns %}DBT_INTERNAL_SOURCE.{{ column.quoted }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{% macro get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
  {{ return(adapter.dispatch('get_delete_insert_merge_sql', 'dbt')(target, source, unique_key, dest_columns, incremental_predicates)) }}
{%- endmacro %}

{% macro default__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
  {%- set names = dest_columns | map(attribute='quoted') | join(', ') -%}
  {%- set keys = [unique_key] if unique_key is string else (unique_key or []) | list -%}
  {%- if keys %}
  delete from {{ target }} as DBT_INTERNAL_DEST
  where ({{ keys | join(', ') }}) in (select distinct {{ keys | join(', ') }} from {{ source }} as DBT_INTERNAL_SOURCE)
  {%- for predicate in incremental_predicates or [] %}
    and {{ predicate }}
  {%- endfor %};
  {%- endif %}
  insert into {{ target }} ({{ names }})
  (
    select {{ names }}
    from {{ source }}
  )
{%- endmacro %}

{% macro get_insert_into_sql(target_relation, temp_relation, dest_columns) %}
  {%- set names = dest_columns | map(attribute='quoted') | join(', ') -%}
  insert into {{ target_relation }} ({{ names }})
  (
    select {{ names }}
    from {{ temp_relation }}
  )
{% endmacro %}

{% macro get_incremental_append_sql(arg_dict) %}{{ return(adapter.dispatch('get_incremental_append_sql', 'dbt')(arg_dict)) }}{% endmacro %}
{% macro default__get_incremental_append_sql(arg_dict) %}
  {{ return(get_insert_into_sql(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['dest_columns'])) }}
{% endmacro %}

{% macro get_incremental_delete_insert_sql(arg_dict) %}{{ return(adapter.dispatch('get_incremental_delete_insert_sql', 'dbt')(arg_dict)) }}{% endmacro %}
{% macro default__get_incremental_delete_insert_sql(arg_dict) %}
  {{ return(get_delete_insert_merge_sql(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['unique_key'],
                                        arg_dict['dest_columns'], arg_dict['incremental_predicates'])) }}
{% endmacro %}

{% macro get_incremental_merge_sql(arg_dict) %}{{ return(adapter.dispatch('get_incremental_merge_sql', 'dbt')(arg_dict)) }}{% endmacro %}
{% macro default__get_incremental_merge_sql(arg_dict) %}
  {{ return(get_merge_sql(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['unique_key'],
                          arg_dict['dest_columns'], arg_dict['incremental_predicates'])) }}
{% endmacro %}

{# Replaces what lies between the batch's ends. #}
{% macro get_incremental_microbatch_sql(arg_dict) %}{{ return(adapter.dispatch('get_incremental_microbatch_sql', 'dbt')(arg_dict)) }}{% endmacro %}
{% macro default__get_incremental_microbatch_sql(arg_dict) %}
  {%- set column = config.require('event_time') %}
  delete from {{ arg_dict['target_relation'] }} as DBT_INTERNAL_TARGET
  {#- Of no type, so that it takes that of the column, whatever the time zone of the session is. #}
  where {{ column }} >= {{ adapter.quote_literal(model.batch.event_time_start) }}
    and {{ column }} < {{ adapter.quote_literal(model.batch.event_time_end) }}
  {%- for predicate in arg_dict['incremental_predicates'] or [] %}
    and {{ predicate }}
  {%- endfor %};
  {{ get_insert_into_sql(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['dest_columns']) }}
{% endmacro %}

{% macro get_incremental_default_sql(arg_dict) %}{{ return(adapter.dispatch('get_incremental_default_sql', 'dbt')(arg_dict)) }}{% endmacro %}
{% macro default__get_incremental_default_sql(arg_dict) %}
  {% if arg_dict['unique_key'] %}{{ return(get_incremental_delete_insert_sql(arg_dict)) }}{% endif %}
  {{ return(get_incremental_append_sql(arg_dict)) }}
{% endmacro %}
