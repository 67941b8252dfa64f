{#- Functions that Postgres spells in its own way. -#}

{% macro postgres__any_value(expression) -%}
  (array_agg({{ expression }}))[1]
{%- endmacro %}

{% macro postgres__dateadd(datepart, interval, from_date_or_timestamp) -%}
  {{ from_date_or_timestamp }} + ((interval '1 {{ datepart }}') * ({{ interval }}))
{%- endmacro %}

{% macro postgres__last_day(date, datepart) -%}
  {%- if datepart == 'quarter' -%}
    cast({{ dbt.dateadd('day', '-1', dbt.dateadd('month', '3', dbt.date_trunc(datepart, date))) }} as date)
  {%- else -%}
    {{ dbt.default__last_day(date, datepart) }}
  {%- endif -%}
{%- endmacro %}

{% macro postgres__current_timestamp() -%}
  now()
{%- endmacro %}


{% macro postgres__snapshot_get_time() -%}
  {{ dbt.current_timestamp() }}::timestamp without time zone
{%- endmacro %}

{#- Counts the boundaries between two times, as the function of that name does elsewhere: 23:59 to 0:01 is one day. -#}
{% macro postgres__datediff(first_date, second_date, datepart) -%}
  {%- set first = "(" ~ first_date ~ ")::timestamp" -%}
  {%- set second = "(" ~ second_date ~ ")::timestamp" -%}
  {%- if datepart == 'year' -%}
    (date_part('year', {{ second }}) - date_part('year', {{ first }}))
  {%- elif datepart == 'quarter' -%}
    ({{ dbt.datediff(first_date, second_date, 'year') }} * 4 + date_part('quarter', {{ second }}) - date_part('quarter', {{ first }}))
  {%- elif datepart == 'month' -%}
    ({{ dbt.datediff(first_date, second_date, 'year') }} * 12 + date_part('month', {{ second }}) - date_part('month', {{ first }}))
  {%- elif datepart == 'week' -%}
    ((date_trunc('week', {{ second }})::date - date_trunc('week', {{ first }})::date) / 7)
  {%- elif datepart == 'day' -%}
    ({{ second }}::date - {{ first }}::date)
  {%- elif datepart in ('hour', 'minute', 'second') -%}
    {%- set seconds = {'hour': 3600, 'minute': 60, 'second': 1}[datepart] -%}
    (extract(epoch from date_trunc('{{ datepart }}', {{ second }}) - date_trunc('{{ datepart }}', {{ first }})) / {{ seconds }})::bigint
  {%- elif datepart == 'millisecond' -%}
    (extract(epoch from date_trunc('milliseconds', {{ second }}) - date_trunc('milliseconds', {{ first }})) * 1000)::bigint
  {%- elif datepart == 'microsecond' -%}
    (extract(epoch from {{ second }} - {{ first }}) * 1000000)::bigint
  {%- else -%}
    {{ exceptions.raise_compiler_error('datediff knows no "' ~ datepart ~ '" in Postgres.') }}
  {%- endif -%}
{%- endmacro %}
