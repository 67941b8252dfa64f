import type { ProfileKind } from "#lib/contracts/api/profiles.ts"
import { PROFILE_QUANTILES } from "#lib/domain/profile/quantiles.ts"

/** A column of the rows that are profiled, under the name it has there. */
export interface ProfiledColumn {
  /** Name in the CTE `rows`; ours, so it needs no quotes. */
  alias: string
  kind: ProfileKind
  isMasked: boolean
}

export const HISTOGRAM_BUCKETS = 20
const TOP_VALUES = 10
const MAX_VALUE_LENGTH = 200
/** The square of a larger number would not fit: it has a place in counts alone. */
const LARGEST = "1e150"

/**
 * A query over the CTE `rows` for what is known of one column, as one row of one jsonb. Values are counted first, by a hash
 * aggregate that spills where there are many; all else is of these counts. Of a masked column, no value leaves the database.
 */
export function columnProfileSql({ alias, kind, isMasked }: ProfiledColumn): string {
  const counts = `select ${alias} as value, count(*) as n from rows where ${alias} is not null group by 1`
  if (isMasked) {
    return `select jsonb_build_object('filled', coalesce(sum(n), 0), 'distinct', count(*), 'once', count(*) filter (where n = 1))
      from (${counts}) as counts`
  }
  const place = PLACES[kind]
  return `with counts as materialized (${counts}),
    placed as materialized (select x, sum(n) as n from (select ${place} as x, n from counts) as c where x is not null group by 1),
    facts as (select sum(n) as n, min(x) as low, max(x) as high, sum(x / (select sum(n) from placed)::float8 * n) as mean from placed),
    running as (select x, sum(n) over (order by x) as upto from placed)
    select jsonb_build_object(
      'filled', (select coalesce(sum(n), 0) from counts),
      'distinct', (select count(*) from counts),
      'once', (select count(*) from counts where n = 1),
      'empty', ${EMPTY[kind]},
      'placed', (select coalesce(n, 0) from facts),
      'smallest', ${extreme(kind, "min")},
      'largest', ${extreme(kind, "max")},
      'top', (select coalesce(jsonb_agg(jsonb_build_object('value', left(value::text, ${MAX_VALUE_LENGTH}), 'count', n) order by n desc, value::text collate "C"), '[]')
              from (select value, n from counts order by n desc, value::text collate "C" limit ${TOP_VALUES}) as t),
      'measures', (select jsonb_build_object(
          'min', low, 'max', high, 'mean', mean,
          'stdev', (select sqrt(sum((p.x - mean) ^ 2 * (p.n / facts.n)::float8)) from placed as p),
          'quantiles', jsonb_build_array(${PROFILE_QUANTILES.map(quantile).join(", ")}),
          'histogram', ${HISTOGRAM})
        from facts where n > 0))`
}

/** Where a value stands on a line of double precision; null where it has no place on it. */
const PLACES: Record<ProfileKind, string> = {
  // NaN is larger than any number here.
  number: `case when value between -${LARGEST} and ${LARGEST} then value::float8 end`,
  text: "length(value)::float8",
  time: "case when isfinite(value) then extract(epoch from value)::float8 end",
  boolean: "null::float8",
  other: "null::float8",
}

const EMPTY: Record<ProfileKind, string> = {
  number: "(select coalesce(sum(n), 0) from counts where value = 0)",
  text: "(select coalesce(sum(n), 0) from counts where btrim(value) = '')",
  time: "null::int",
  boolean: "null::int",
  other: "null::int",
}

/** By bytes: the same on every server, whatever its language. */
function extreme(kind: ProfileKind, end: "min" | "max"): string {
  if (kind === "text") return `(select left(${end}(value collate "C"), ${MAX_VALUE_LENGTH}) from counts)`
  if (kind === "number" || kind === "time") {
    return `(select ${end}(value)::text from counts where ${PLACES[kind]} is not null)`
  }
  return "null::text"
}

function quantile(share: number): string {
  return `(select min(x) from running where upto >= ${share} * facts.n)`
}

/** The last range holds its upper end, too. */
const HISTOGRAM = `case when low = high then jsonb_build_array(n) else (
  select jsonb_agg(coalesce(h.n, 0) order by b.bucket)
    from generate_series(1, ${HISTOGRAM_BUCKETS}) as b (bucket)
    left join (select least(width_bucket(p.x, low, high, ${HISTOGRAM_BUCKETS}), ${HISTOGRAM_BUCKETS}) as bucket, sum(p.n) as n
                 from placed as p group by 1) as h on h.bucket = b.bucket) end`
