-- Years whose Easter is known, the earliest and the latest possible among them.
select known.year, known.sunday
from (values (1818, date '1818-03-22'), (1943, date '1943-04-25'), (2000, date '2000-04-23'), (2024, date '2024-03-31'),
  (2025, date '2025-04-20'), (2026, date '2026-04-05'), (2027, date '2027-03-28')) as known(year, sunday)
where {{ headrace_utils.easter_sunday('known.year') }} <> known.sunday
-- depends on: {{ ref('int_holidays') }}
