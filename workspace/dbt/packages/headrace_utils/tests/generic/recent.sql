{# Fails where the newest value is older than an interval, or where there is none. #}
{% test recent(model, column_name, within) %}
select found.newest
from (select max({{ column_name }}) as newest from {{ model }}) as found
where found.newest is null or found.newest < now() - interval '{{ within }}'
{% endtest %}
