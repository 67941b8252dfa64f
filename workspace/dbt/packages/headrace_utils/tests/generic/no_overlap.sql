{# Rows of a key of which another is valid at the same time: each pair once. #}
{% test no_overlap(model, column_name, valid_from='valid_from', valid_to='valid_to') %}
select one.key, one.number
from (
  select
    {{ column_name }} as key,
    row_number() over (partition by {{ column_name }} order by {{ valid_from }}, {{ valid_to }}) as number,
    {{ valid_from }} as starts_at,
    max(coalesce({{ valid_to }}, 'infinity')) over (
      partition by {{ column_name }} order by {{ valid_from }}, {{ valid_to }} rows between unbounded preceding and 1 preceding
    ) as ended_at
  from {{ model }}
  where {{ valid_to }} is distinct from {{ valid_from }}
) as one
where one.starts_at < one.ended_at
{% endtest %}
