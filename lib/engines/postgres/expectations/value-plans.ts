import type { ExpectationOf, ExpectationType } from "#lib/contracts/expectations/registry.ts"
import { quoteIdentifier } from "../quote-identifier.ts"
import type { Bind } from "./bind.ts"
import { MIN_ROWS } from "./few-values.ts"
import { InvalidExpectation } from "./invalid-expectation.ts"
import { both, type Plan, type PlanContext } from "./plan.ts"
import { strftimeShape } from "./strftime.ts"
import { type FactColumn, hasType, type TableFacts } from "./table-facts.ts"
import { asText, bindSet, isNumber, isTime, outsideRange } from "./typed-values.ts"

type Planner<Type extends ExpectationType> = (options: ExpectationOf<Type>, context: PlanContext) => Plan

/** Each value of a column by itself. */
export const VALUE_PLANS = {
  expect_column_values_to_not_be_null: (options, context) => {
    const value = valueText(context.column(options.column))
    return { kind: "rows", looked: () => context.where, failing: () => `${value} is null` }
  },
  expect_column_values_to_be_null: (options, context) => {
    const value = valueText(context.column(options.column))
    return { kind: "rows", looked: () => context.where, failing: () => `${value} is not null` }
  },
  expect_column_values_to_be_unique: (options, context) =>
    uniquePlan(context, [context.column(options.column)], "any_value_is_missing"),
  expect_column_values_to_be_in_set: (options, context) =>
    ofValues(context, options.column, (bind, column, value) => {
      const { array, isText } = bindSet(bind, column, options.value_set)
      return `${isText ? asText(column, value) : value} <> all (${array})`
    }),
  expect_column_values_to_not_be_in_set: (options, context) =>
    ofValues(context, options.column, (bind, column, value) => {
      const { array, isText } = bindSet(bind, column, options.value_set)
      return `${isText ? asText(column, value) : value} = any (${array})`
    }),
  expect_column_values_to_be_between: (options, context) => {
    const column = context.column(options.column)
    const plan = ofValues(context, options.column, (bind, _, value) => outsideRange(bind, column, value, options))
    const isLarge = (context.facts.rows ?? 0) >= MIN_ROWS && context.where === null
    // What both the smallest and the largest value are in, all are in. NaN is the largest of all.
    if (!isLarge || !(isNumber(column) || isTime(column)) || (options.mostly ?? 1) < 1) return plan
    const outside = (bind: Bind, name: string) => outsideRange(bind, column, `${name}(${valueText(column)})`, options)
    return { ...plan, extremes: (bind) => `${outside(bind, "min")} or ${outside(bind, "max")}` }
  },
  expect_column_values_to_match_regex: (options, context) =>
    ofTexts(context, options.column, (bind, text) => `${text} !~ ${bind(options.regex, "text")}`),
  expect_column_values_to_not_match_regex: (options, context) =>
    ofTexts(context, options.column, (bind, text) => `${text} ~ ${bind(options.regex, "text")}`),
  expect_column_values_to_match_regex_list: (options, context) =>
    ofTexts(context, options.column, (bind, text) => {
      const parts = options.regex_list.map((regex) => `${text} !~ ${bind(regex, "text")}`)
      return `(${parts.join(options.match_on === "any" ? " and " : " or ")})`
    }),
  expect_column_values_to_not_match_regex_list: (options, context) =>
    ofTexts(
      context,
      options.column,
      (bind, text) => `(${options.regex_list.map((regex) => `${text} ~ ${bind(regex, "text")}`).join(" or ")})`,
    ),
  expect_column_values_to_match_like_pattern: (options, context) =>
    ofTexts(context, options.column, (bind, text) => `${text} not like ${bind(options.like_pattern, "text")}`),
  expect_column_values_to_not_match_like_pattern: (options, context) =>
    ofTexts(context, options.column, (bind, text) => `${text} like ${bind(options.like_pattern, "text")}`),
  expect_column_values_to_match_like_pattern_list: (options, context) =>
    ofTexts(context, options.column, (bind, text) => {
      const parts = options.like_pattern_list.map((pattern) => `${text} not like ${bind(pattern, "text")}`)
      return `(${parts.join(options.match_on === "any" ? " and " : " or ")})`
    }),
  expect_column_values_to_not_match_like_pattern_list: (options, context) =>
    ofTexts(
      context,
      options.column,
      (bind, text) =>
        `(${options.like_pattern_list.map((pattern) => `${text} like ${bind(pattern, "text")}`).join(" or ")})`,
    ),
  expect_column_value_lengths_to_be_between: (options, context) =>
    ofTexts(context, options.column, (bind, text) => {
      const { min_value, max_value, strict_min, strict_max } = options
      const parts = [
        ...(min_value === undefined ? [] : [isShort(text, strict_min ? "<=" : "<", bind(min_value, "int"))]),
        ...(max_value === undefined ? [] : [isLong(text, strict_max ? ">=" : ">", bind(max_value, "int"))]),
      ]
      return `(${parts.join(" or ")})`
    }),
  expect_column_value_lengths_to_equal: (options, context) =>
    ofTexts(context, options.column, (bind, text) => `char_length(${text}) <> ${bind(options.value, "int")}`),
  expect_column_values_to_match_strftime_format: (options, context) => {
    const shape = strftimeShape(options.strftime_format)
    if (!shape) throw new InvalidExpectation(`the form ${options.strftime_format} has a directive that is not known`)
    return ofTexts(context, options.column, (bind, text) => {
      const isOfForm = `${text} ~ ${bind(shape.pattern, "text")}`
      if (!shape.rebuilt) return `not (${isOfForm})`
      const rebuilt = `regexp_replace(${text}, ${bind(shape.pattern, "text")}, ${bind(shape.rebuilt, "text")})`
      return `not (${isOfForm} and pg_input_is_valid(${rebuilt}, 'timestamp'))`
    })
  },
  expect_column_values_to_be_dateutil_parseable: (options, context) => {
    if (isTime(context.column(options.column))) return ofValues(context, options.column, () => "false")
    // Words such as `now` and `infinity` are input of the type, and no dates.
    return ofTexts(
      context,
      options.column,
      (_, text) => `(${text} !~ '\\d' or not pg_input_is_valid(${text}, 'timestamptz'))`,
    )
  },
  expect_column_values_to_be_json_parseable: (options, context) =>
    ofTexts(context, options.column, (_, text) => `not pg_input_is_valid(${text}, 'json')`),
  expect_column_values_to_be_of_type: (options, context) => {
    const column = context.column(options.column)
    return { kind: "known", ok: hasType(column, options.type_), observed: column.type }
  },
  expect_column_values_to_be_in_type_list: (options, context) => {
    const column = context.column(options.column)
    return { kind: "known", ok: options.type_list.some((type) => hasType(column, type)), observed: column.type }
  },
  expect_column_values_to_be_increasing: (options, context) => inOrder(options, context, ">"),
  expect_column_values_to_be_decreasing: (options, context) => inOrder(options, context, "<"),
  expect_column_value_z_scores_to_be_less_than: (options, context) => {
    const column = context.column(options.column)
    if (!isNumber(column)) throw new InvalidExpectation(`${column.name} is of type ${column.type}, which is no number`)
    const value = `${valueText(column)}::float8`
    // One infinity would make the mean one, and every z-score NaN.
    const finite = `filter (where ${value} > '-Infinity' and ${value} < 'Infinity')`
    return {
      kind: "derived",
      source: (bind, scoped) =>
        `(select t.*, ${placeOf(context.facts)},
                 (${value} - avg(${value}) ${finite} over ()) / nullif(stddev_samp(${value}) ${finite} over (), 0) as _z
            from ${context.facts.quoted} as t
           where ${both(scoped(bind), context.where, `${valueText(column)} is not null`)})`,
      looked: null,
      failing: (bind) => `${options.double_sided ? "abs(t._z)" : "t._z"} >= ${bind(options.threshold, "float8")}`,
    }
  },
} satisfies { [Type in ExpectationType]?: Planner<Type> }

export function valueText({ name }: Pick<FactColumn, "name">): string {
  return `t.${quoteIdentifier(name)}`
}

/** Columns that tell where a row is; null where rows have no place. */
export function placeOf({ hasPlaces }: TableFacts): string {
  return hasPlaces ? "t.ctid as _place, t.tableoid as _table" : "null::tid as _place, null::oid as _table"
}

/** Bytes are known without reading the text, and a character has four at most: only where they leave it open are characters counted. */
function isShort(text: string, compare: "<" | "<=", length: string): string {
  return `(octet_length(${text}) ${compare} 4 * ${length}::bigint and char_length(${text}) ${compare} ${length})`
}

/** A character has a byte at least. */
function isLong(text: string, compare: ">" | ">=", length: string): string {
  return `(octet_length(${text}) ${compare} ${length} and char_length(${text}) ${compare} ${length})`
}

type Failing = (bind: Bind, column: FactColumn, value: string) => string

/** A condition on a column's values; nulls are not looked at. */
function ofValues(context: PlanContext, name: string, failing: Failing): Extract<Plan, { kind: "rows" }> {
  const column = context.column(name)
  const value = valueText(column)
  return {
    kind: "rows",
    looked: () => both(context.where, `${value} is not null`),
    failing: (bind) => failing(bind, column, value),
  }
}

function ofTexts(context: PlanContext, name: string, failing: (bind: Bind, text: string) => string): Plan {
  return ofValues(context, name, (bind, column, value) => failing(bind, asText(column, value)))
}

type NullRule = "all_values_are_missing" | "any_value_is_missing" | "never"

/** Condition on the rows that are looked at, by which of the values may be missing. */
export function presence(columns: readonly FactColumn[], rule: NullRule): string | null {
  if (rule === "never") return null
  const parts = columns.map((column) => `${valueText(column)} is not null`)
  return parts.length === 1 ? parts[0]! : `(${parts.join(rule === "any_value_is_missing" ? " and " : " or ")})`
}

/** Rows that share their values with another. */
export function uniquePlan(context: PlanContext, columns: readonly FactColumn[], rule: NullRule): Plan {
  const { facts, where } = context
  const names = columns.map(({ name }) => name)
  const isGuaranteed =
    rule === "any_value_is_missing" && facts.uniqueKeys.some((key) => key.every((name) => names.includes(name)))
  const looked = both(where, presence(columns, rule))
  if (isGuaranteed) return { kind: "rows", looked: () => looked, failing: () => "false" }
  const list = columns.map(valueText).join(", ")
  return {
    kind: "derived",
    looked: null,
    source: (bind, scoped) =>
      `(select t.*, ${placeOf(facts)}, count(*) over (partition by ${list}) as _same
          from ${facts.quoted} as t where ${both(scoped(bind), looked)})`,
    failing: () => "t._same > 1",
    ...(columns.length === 1 && {
      first: (bind, scoped) =>
        `select count(*) as n, count(*) - count(distinct ${list}) as f
           from ${facts.quoted} as t where ${both(scoped(bind), looked)}`,
    }),
    counts: (bind, scoped) =>
      `select coalesce(sum(g.n), 0) as n, coalesce(sum(g.n) filter (where g.n > 1), 0) as f
         from (select count(*) as n from ${facts.quoted} as t where ${both(scoped(bind), looked)} group by ${list}) as g`,
  }
}

type InOrder = { column: string; order_by?: string[] | undefined; group_by?: string[] | undefined; strictly: boolean }

/** Compares each value with the one before it. */
function inOrder(options: InOrder, context: PlanContext, breaking: "<" | ">"): Plan {
  const value = valueText(context.column(options.column))
  const order = options.order_by ?? context.facts.primaryKey
  if (!order)
    throw new InvalidExpectation(`rows have no order of their own; give order_by (the table has no primary key)`)
  const by = order.map((name) => valueText(context.column(name))).join(", ")
  const groups = options.group_by?.map((name) => valueText(context.column(name))).join(", ")
  return {
    kind: "derived",
    source: (bind, scoped) =>
      `(select t.*, ${placeOf(context.facts)},
               lag(${value}) over (${groups ? `partition by ${groups} ` : ""}order by ${by}) as _before
          from ${context.facts.quoted} as t
         where ${both(scoped(bind), context.where, `${value} is not null`)})`,
    looked: null,
    failing: () => `t._before ${breaking}${options.strictly ? "=" : ""} ${value}`,
  }
}
