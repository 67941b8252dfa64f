{# Fails where the model has fewer rows than `min`. #}
{% test has_rows(model, min=1) %}
select found.rows
from (select count(*) as rows from {{ model }}) as found
where found.rows < {{ min }}
{% endtest %}
