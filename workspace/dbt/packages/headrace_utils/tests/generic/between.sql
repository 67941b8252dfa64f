{# Rows whose value lies outside of the bounds; either may be left out. Nulls pass. #}
{% test between(model, column_name, min=none, max=none) %}
select {{ column_name }}
from {{ model }}
where {% if min is not none %}{{ column_name }} < {{ min }}{% endif %}
  {%- if min is not none and max is not none %} or {% endif %}
  {%- if max is not none %}{{ column_name }} > {{ max }}{% endif %}
{% endtest %}
