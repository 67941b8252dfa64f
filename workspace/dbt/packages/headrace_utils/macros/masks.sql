{# What stands for personal data where people need not see it. #}

{# `ann@shop.example` → `…@shop.example` #}
{% macro mask_email(column) -%}
  regexp_replace({{ column }}, '^.*@', '…@')
{%- endmacro %}

{# `Ann Lee` → `A…` #}
{% macro mask_text(column) -%}
  left({{ column }}, 1) || '…'
{%- endmacro %}
