import type { ExpectationOf, ExpectationType } from "#lib/contracts/expectations/registry.ts"
import { quoteIdentifier, quoteTable } from "../quote-identifier.ts"
import { InvalidExpectation } from "./invalid-expectation.ts"
import { both, type Plan, type PlanContext } from "./plan.ts"
import type { FactColumn } from "./table-facts.ts"
import { bindSet, isBinaryFraction, isNumber } from "./typed-values.ts"
import { placeOf, presence, uniquePlan, valueText } from "./value-plans.ts"

type Planner<Type extends ExpectationType> = (options: ExpectationOf<Type>, context: PlanContext) => Plan

/** Several values of a row together, or a row and another table. */
export const ROW_PLANS = {
  expect_compound_columns_to_be_unique: (options, context) =>
    uniquePlan(context, options.column_list.map(context.column), options.ignore_row_if),
  expect_select_column_values_to_be_unique_within_record: (options, context) => {
    const columns = options.column_list.map(context.column)
    const texts = columns.map((column) => `(${valueText(column)}::text)`)
    return {
      kind: "rows",
      looked: () => both(context.where, presence(columns, options.ignore_row_if)),
      failing: () => `(select count(v) <> count(distinct v) from (values ${texts.join(", ")}) as one (v))`,
    }
  },
  expect_column_pair_values_a_to_be_greater_than_b: (options, context) =>
    ofPair(options, context, (a, b) => `${a} ${options.or_equal ? ">=" : ">"} ${b}`),
  expect_column_pair_values_to_be_equal: (options, context) => ofPair(options, context, (a, b) => `${a} = ${b}`),
  expect_column_pair_values_to_be_in_set: (options, context) => {
    const [a, b] = [context.column(options.column_A), context.column(options.column_B)]
    return {
      kind: "rows",
      looked: () => both(context.where, pairPresence(a, b, options.ignore_row_if)),
      failing: (bind) => {
        const firsts = bindSet(
          bind,
          a,
          options.value_pairs_set.map(([value]) => value),
        )
        const seconds = bindSet(
          bind,
          b,
          options.value_pairs_set.map(([, value]) => value),
        )
        const present = pairPresence(a, b, options.ignore_row_if)
        const [first, second] = [
          `${valueText(a)}${firsts.isText ? "::text" : ""}`,
          `${valueText(b)}${seconds.isText ? "::text" : ""}`,
        ]
        return `${present ? `${present} and ` : ""}not exists (select from unnest(${firsts.array}, ${seconds.array}) as pair (a, b)
                 where pair.a is not distinct from ${first} and pair.b is not distinct from ${second})`
      },
    }
  },
  expect_multicolumn_sum_to_equal: (options, context) => {
    const columns = options.column_list.map(context.column)
    for (const column of columns) {
      if (!isNumber(column))
        throw new InvalidExpectation(`${column.name} is of type ${column.type}, which is no number`)
    }
    const present = presence(columns, options.ignore_row_if)
    // Binary fractions such as 0.1 + 0.2 do not add up to the last place.
    const isBinary = columns.some(isBinaryFraction)
    const type = isBinary ? "float8" : "numeric"
    const sum = columns.map((column) => `coalesce(${valueText(column)}, 0)::${type}`).join(" + ")
    return {
      kind: "rows",
      looked: () => both(context.where, present),
      failing: (bind) => {
        const total = bind(String(options.sum_total), type)
        const differs = isBinary ? `abs(${sum} - ${total}) > 1e-9 * greatest(1, abs(${total}))` : `${sum} <> ${total}`
        return both(present, `(${differs})`)!
      },
    }
  },
  expect_column_values_to_exist_in_table: (options, context) => {
    const column = context.column(options.column)
    const value = valueText(column)
    const other = quoteIdentifier(options.other_column)
    const looked = both(context.where, `${value} is not null`)
    return {
      kind: "derived",
      source: (bind, scoped) =>
        `(select t.*, ${placeOf(context.facts)}, other.v is null as _is_missing
            from ${context.facts.quoted} as t
            left join (select distinct ${other} as v from ${quoteTable(options.other_table)}) as other on other.v = ${value}
           where ${both(scoped(bind), looked)})`,
      looked: null,
      failing: () => "t._is_missing",
    }
  },
  expect_rows_to_satisfy: (options, context) => ({
    kind: "rows",
    looked: () => context.where,
    failing: () => `(${options.condition}\n) is false`,
  }),
} satisfies { [Type in ExpectationType]?: Planner<Type> }

interface PairOptions {
  column_A: string
  column_B: string
  ignore_row_if: PairRule
}
type PairRule = "both_values_are_missing" | "either_value_is_missing" | "neither"

/** A comparison of two columns; without an answer, because of a null, it fails where such rows are looked at. */
function ofPair(
  { column_A, column_B, ignore_row_if }: PairOptions,
  context: PlanContext,
  holds: (a: string, b: string) => string,
): Plan {
  const [a, b] = [context.column(column_A), context.column(column_B)]
  const present = pairPresence(a, b, ignore_row_if)
  return {
    kind: "rows",
    looked: () => both(context.where, present),
    failing: () => both(present, `(${holds(valueText(a), valueText(b))}) is not true`)!,
  }
}

function pairPresence(a: FactColumn, b: FactColumn, rule: PairRule): string | null {
  if (rule === "neither") return null
  const [first, second] = [`${valueText(a)} is not null`, `${valueText(b)} is not null`]
  return `(${first} ${rule === "either_value_is_missing" ? "and" : "or"} ${second})`
}
