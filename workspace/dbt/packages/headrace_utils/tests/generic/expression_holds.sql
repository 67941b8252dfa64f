{# Rows of which an SQL expression is not true. #}
{% test expression_holds(model, expression) %}
select 1 as broken
from {{ model }}
where ({{ expression }}) is not true
{% endtest %}
