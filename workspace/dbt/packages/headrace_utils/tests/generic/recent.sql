{# Fails where the newest value of a column is older than an interval, or where there is none. #}
{% test recent(model, field, within) %}
select found.newest
from (select max({{ field }}) as newest from {{ model }}) as found
where found.newest is null or found.newest < now() - interval '{{ within }}'
{% endtest %}
