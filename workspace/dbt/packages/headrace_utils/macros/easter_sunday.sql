{# The date of Easter Sunday (Gregorian) in the year that an integer expression gives: the rule of Meeus, Jones and Butcher. #}
{% macro easter_sunday(year) -%}
(
  select make_date(y, (h + l - 7 * m + 114) / 31, (h + l - 7 * m + 114) % 31 + 1)
  from (select ({{ year }})::integer as y) as of_year
  cross join lateral (select y % 19 as a, y / 100 as b, y % 100 as c) as step_1
  cross join lateral (select (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30 as h) as step_2
  cross join lateral (select (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7 as l) as step_3
  cross join lateral (select (a + 11 * h + 22 * l) / 451 as m) as step_4
)
{%- endmacro %}
