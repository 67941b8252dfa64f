{#- Times: now, in the spellings of older packages, and ranges of dates worked out by the template. -#}

{% macro current_timestamp_backcompat() -%}
  {{ return(adapter.dispatch('current_timestamp_backcompat', 'dbt')()) }}
{%- endmacro %}

{% macro default__current_timestamp_backcompat() -%}
  current_timestamp::timestamp
{%- endmacro %}

{% macro current_timestamp_in_utc_backcompat() -%}
  {{ return(adapter.dispatch('current_timestamp_in_utc_backcompat', 'dbt')()) }}
{%- endmacro %}

{% macro default__current_timestamp_in_utc_backcompat() -%}
  (current_timestamp at time zone 'utc')::timestamp
{%- endmacro %}

{% macro convert_datetime(date_str, date_fmt) %}
  {{ return(modules.datetime.datetime.strptime(date_str, date_fmt)) }}
{% endmacro %}

{% macro dates_in_range(start_date_str, end_date_str=none, in_fmt='%Y%m%d', out_fmt='%Y%m%d') %}
  {%- set first = convert_datetime(start_date_str, in_fmt) -%}
  {%- set last = convert_datetime(end_date_str or start_date_str, in_fmt) -%}
  {%- if last < first -%}
    {{ exceptions.raise_compiler_error('The range ends before it begins: ' ~ start_date_str ~ ' to ' ~ end_date_str ~ '.') }}
  {%- endif -%}
  {%- set dates = [] -%}
  {%- for days in range((last - first).days + 1) -%}
    {%- do dates.append((first + modules.datetime.timedelta(days=days)).strftime(out_fmt)) -%}
  {%- endfor -%}
  {{ return(dates) }}
{% endmacro %}

{% macro partition_range(raw_partition_date, date_fmt='%Y%m%d') %}
  {%- set ends = (raw_partition_date | string).split(',') -%}
  {%- if ends | length > 2 -%}
    {{ exceptions.raise_compiler_error('A range is written "first,last", or as one date; this is ' ~ raw_partition_date ~ '.') }}
  {%- endif -%}
  {{ return(dates_in_range(ends[0], ends[-1], in_fmt=date_fmt)) }}
{% endmacro %}

{% macro py_current_timestring() %}
  {{ return(modules.datetime.datetime.now().strftime('%H%M%S%f')) }}
{% endmacro %}
