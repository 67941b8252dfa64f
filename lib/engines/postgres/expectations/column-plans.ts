import type { Range, Scalar } from "#lib/contracts/expectations/entry.ts"
import type { ExpectationOf, ExpectationType } from "#lib/contracts/expectations/registry.ts"
import type { Bind } from "./bind.ts"
import { InvalidExpectation } from "./invalid-expectation.ts"
import { both, filter, type Plan, type PlanContext } from "./plan.ts"
import type { FactColumn } from "./table-facts.ts"
import { bindSet, insideRange, isNumber, outsideRange, shownText } from "./typed-values.ts"
import { valueText } from "./value-plans.ts"

type Planner<Type extends ExpectationType> = (options: ExpectationOf<Type>, context: PlanContext) => Plan

/** A column as a whole. */
export const COLUMN_PLANS = {
  expect_column_mean_to_be_between: (options, context) => figure(options, context, (value) => `avg(${value})`),
  expect_column_median_to_be_between: (options, context) => ({
    ...figure(options, context, (value) => `percentile_cont(0.5) within group (order by ${value}::float8)`),
    isSorted: true,
  }),
  expect_column_stdev_to_be_between: (options, context) => figure(options, context, (value) => `stddev_samp(${value})`),
  expect_column_sum_to_be_between: (options, context) => figure(options, context, (value) => `sum(${value})`),
  expect_column_min_to_be_between: (options, context) => extreme(options, context, "min"),
  expect_column_max_to_be_between: (options, context) => extreme(options, context, "max"),
  expect_column_quantile_values_to_be_between: (options, context) => {
    const column = numberColumn(context, options.column)
    const value = valueText(column)
    const { quantiles, value_ranges } = options.quantile_ranges
    const looked = both(context.where, `${value} is not null`)
    const each = quantiles.map(
      (quantile) => (bind: Bind) =>
        `percentile_disc(${bind(quantile, "float8")}) within group (order by ${value})${filter(context.where)}`,
    )
    return {
      kind: "scan",
      isSorted: true,
      looked: () => looked,
      observed: (bind) => `to_json(array[${each.map((one) => one(bind)).join(", ")}])`,
      ok: (bind) =>
        each
          .map((one, place) => {
            const [min, max] = value_ranges[place]!
            return insideRange(bind, one(bind), { min_value: min ?? undefined, max_value: max ?? undefined })
          })
          .join(" and "),
      showsValue: true,
    }
  },
  expect_column_distinct_values_to_be_in_set: (options, context) =>
    distinctSet(options, context, (isKnown) => `count(*) filter (where not ${isKnown}) = 0`),
  expect_column_distinct_values_to_equal_set: (options, context) =>
    distinctSet(
      options,
      context,
      (isKnown, size) => `count(*) filter (where not ${isKnown}) = 0 and count(*) filter (where ${isKnown}) = ${size}`,
    ),
  expect_column_distinct_values_to_contain_set: (options, context) =>
    distinctSet(options, context, (isKnown, size) => `count(*) filter (where ${isKnown}) = ${size}`),
  expect_column_unique_value_count_to_be_between: (options, context) => ({
    kind: "groups",
    columns: [context.column(options.column)],
    observed: () => "to_json(count(*))",
    ok: (bind) => insideRange(bind, "count(*)", options),
  }),
  expect_column_proportion_of_unique_values_to_be_between: (options, context) => ({
    kind: "groups",
    columns: [context.column(options.column)],
    observed: () => "to_json(count(*) / nullif(sum(g.n), 0)::float8)",
    ok: (bind) => insideRange(bind, "(count(*) / nullif(sum(g.n), 0)::numeric)", options),
  }),
  expect_column_proportion_of_non_null_values_to_be_between: (options, context) => {
    const value = valueText(context.column(options.column))
    const share = `(count(${value})${filter(context.where)} / nullif(count(*)${filter(context.where)}, 0)::numeric)`
    return {
      kind: "scan",
      looked: () => context.where,
      observed: () => `to_json(${share}::float8)`,
      ok: (bind) => insideRange(bind, share, options),
    }
  },
  expect_column_most_common_value_to_be_in_set: (options, context) => {
    const column = context.column(options.column)
    const value = valueText(column)
    return {
      kind: "query",
      showsValue: true,
      text: (bind, scoped) => {
        const { array, isText } = bindSet(bind, column, options.value_set)
        const known = `v${isText ? "::text" : ""} = any (${array})`
        return `select coalesce(sum(n), 0) as n, 0 as f, to_json((array_agg(v::text order by v::text))[1:10]) as observed,
                       ${options.ties_okay ? "bool_or" : "bool_and"}(${known}) filter (where is_first) as ok
                  from (select v, n, n = max(n) over () as is_first
                          from (select ${value} as v, count(*) as n from ${context.facts.quoted} as t
                                 where ${both(scoped(bind), context.where, `${value} is not null`)} group by 1) as one
                         ) as ranked
                 where is_first`
      },
    }
  },
} satisfies { [Type in ExpectationType]?: Planner<Type> }

function numberColumn(context: PlanContext, name: string): FactColumn {
  const column = context.column(name)
  if (!isNumber(column)) throw new InvalidExpectation(`${column.name} is of type ${column.type}, which is no number`)
  return column
}

/** An aggregate of a column of numbers that lies in a range. */
function figure(
  options: Range & { column: string },
  context: PlanContext,
  aggregate: (value: string) => string,
): Extract<Plan, { kind: "scan" }> {
  const value = valueText(numberColumn(context, options.column))
  const text = `${aggregate(value)}${filter(context.where)}`
  return {
    kind: "scan",
    looked: () => both(context.where, `${value} is not null`),
    // JSON has no NaN and no infinities.
    observed: () =>
      `to_json(case when (${text})::text in ('NaN', 'Infinity', '-Infinity') then null else (${text})::float8 end)`,
    ok: (bind) => insideRange(bind, `(${text})`, options),
  }
}

function extreme(options: Range & { column: string }, context: PlanContext, name: "min" | "max"): Plan {
  const column = context.column(options.column)
  const value = valueText(column)
  const text = `${name}(${value})${filter(context.where)}`
  return {
    kind: "scan",
    looked: () => both(context.where, `${value} is not null`),
    observed: () => `to_json(${shownText(column, text)})`,
    ok: (bind) => `not (${outsideRange(bind, column, text, options)})`,
    showsValue: true,
  }
}

/** Compares the values that occur with a list; how many are in it and not, but not which, is told. */
function distinctSet(
  options: { column: string; value_set: Scalar[] },
  context: PlanContext,
  holds: (isKnown: string, size: string) => string,
): Plan {
  const column = context.column(options.column)
  const known = (bind: Bind) => {
    const { array, isText } = bindSet(bind, column, options.value_set)
    return { isKnown: `(g.k1${isText ? "::text" : ""} = any (${array}))`, array }
  }
  return {
    kind: "groups",
    columns: [column],
    observed: (bind) => {
      const { isKnown } = known(bind)
      return `json_build_object('distinct', count(*), 'listed', count(*) filter (where ${isKnown}))`
    },
    ok: (bind) => {
      const { isKnown, array } = known(bind)
      return `(${holds(isKnown, `(select count(distinct v) from unnest(${array}) as v)`)})`
    },
  }
}
