{#
  For post-hooks: constraints that the table does not have yet. A table that is built anew gets them each time; an
  incremental model or a snapshot keeps them. Names are those of the table, so they are the same after a swap.
#}

{% macro add_primary_key(relation, columns) -%}
  {{ headrace_utils.add_constraint(relation, relation.identifier ~ '_pkey', 'primary key (' ~ columns | join(', ') ~ ')') }}
{%- endmacro %}

{#
  No two rows of a key may be valid at the same time. The key, an integer, is compared as a range of one number, as the
  extension that would compare it as it is need not be installed.
#}
{% macro forbid_overlap(relation, key, valid_from, valid_to) -%}
  {{ headrace_utils.add_constraint(
    relation,
    relation.identifier ~ '_no_overlap',
    "exclude using gist (int8range(" ~ key ~ ", " ~ key ~ ", '[]') with &&, tstzrange(" ~ valid_from ~ ", " ~ valid_to ~ ") with &&)"
  ) }}
{%- endmacro %}

{% macro add_constraint(relation, name, definition) -%}
  do $add$
  begin
    if not exists (select from pg_constraint where conrelid = '{{ relation }}'::regclass and conname = '{{ name }}') then
      alter table {{ relation }} add constraint {{ adapter.quote(name) }} {{ definition }};
    end if;
  end
  $add$
{%- endmacro %}
