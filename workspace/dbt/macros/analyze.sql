{# Gives the planner fresh statistics of what was built; views have none of their own. #}
{% macro analyze(relation) -%}
  {% if config.get('materialized') != 'view' %}analyze {{ relation }}{% endif %}
{%- endmacro %}
