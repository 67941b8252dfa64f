{# Rows whose text does not match a regular expression of PostgreSQL. Nulls pass. #}
{% test matches(model, column_name, pattern) %}
select {{ column_name }}
from {{ model }}
where {{ column_name }} !~ '{{ pattern | replace("'", "''") }}'
{% endtest %}
