import { readExpectation } from "./read-expectation.ts"
import { type Expectation, expectationType } from "./registry.ts"

/** A test of a dbt project as its node has it. */
export interface DbtTest {
  /** `not_null`, `dbt_utils.accepted_range` or only `accepted_range`. */
  name: string
  column: string | null
  arguments: Record<string, unknown>
}

/**
 * What a generic test of dbt, of dbt_utils or of dbt_expectations says in the words of the registry; null where it has none. For
 * showing and sorting: dbt itself runs the test.
 */
export function expectationOfDbtTest(test: DbtTest): Expectation | null {
  const written = translate(test)
  if (!written) return null
  const { row_condition: where } = test.arguments
  const read = readExpectation({ ...written, ...(typeof where === "string" && { where }) })
  return "expectation" in read ? read.expectation : null
}

function translate({ name, column, arguments: given }: DbtTest): Record<string, unknown> | null {
  const short = name.slice(name.lastIndexOf(".") + 1)
  const of = column === null ? {} : { column }
  const own = OWN[short]
  if (own) return own({ ...given, ...of })
  // The names of dbt_expectations are those of Great Expectations, with dbt's spelling of some options.
  if (!short.startsWith("expect_") || expectationType(short) === null) return null
  const { model: _, row_condition: __, strictly, ...options } = given
  return { type: short, ...of, ...options, ...(strictly === true && { strict_min: true, strict_max: true }) }
}

type Given = Record<string, unknown>

const OWN: Record<string, (given: Given) => Given | null> = {
  not_null: ({ column }) => ({ not_null: column }),
  unique: ({ column }) => ({ unique: column }),
  accepted_values: ({ column, values }) => ({ type: "accepted_values", column, values }),
  not_accepted_values: ({ column, values }) => ({ type: "not_in_set", column, values }),
  relationships: ({ column, to, field }) => ({
    type: "relationships",
    column,
    other_table: relationName(to),
    other_column: field,
  }),
  relationships_where: ({ column, to, field, from_condition: where }) => ({
    type: "relationships",
    column,
    other_table: relationName(to),
    other_column: field,
    ...(typeof where === "string" && { where }),
  }),
  unique_combination_of_columns: ({ combination_of_columns: column_list }) => ({
    type: "compound_unique",
    column_list,
  }),
  accepted_range: ({ column, min_value, max_value, inclusive }) => ({
    type: "between",
    column,
    min_value,
    max_value,
    ...(inclusive === false && { strict_min: true, strict_max: true }),
  }),
  not_null_proportion: ({ column, at_least, at_most }) => ({
    type: "non_null_share_between",
    column,
    min_value: at_least,
    max_value: at_most,
  }),
  not_empty_string: ({ column }) => ({ type: "length_between", column, min_value: 1 }),
  not_constant: ({ column }) => ({ type: "distinct_count_between", column, min_value: 2 }),
  at_least_one: ({ column }) => ({ type: "distinct_count_between", column, min_value: 1 }),
  expression_is_true: ({ column, expression }) => ({
    satisfies: column === undefined ? expression : `${String(column)} ${String(expression)}`,
  }),
  equal_rowcount: ({ compare_model }) => ({
    type: "row_count_equals_table",
    other_table_name: relationName(compare_model),
  }),
  recency: ({ column, field, datepart, interval }) => ({
    type: "freshness",
    column: field ?? column,
    max_age: lengthOf(String(datepart), Number(interval)),
  }),
}

/** `ref('orders')`, `source('raw', 'orders')` or a relation: the names that are in it. */
function relationName(text: unknown): unknown {
  if (typeof text !== "string") return text
  const quoted = [...text.matchAll(/['"]([^'"]+)['"]/g)].map(([, name]) => name)
  if (/^\s*(?:\{\{)?\s*ref\s*\(/.test(text)) return `ref.${quoted.at(-1)}`
  return quoted.length >= 2 ? quoted.slice(-2).join(".") : text
}

/** A month is 30 days here, a year 365: it is for reading. */
function lengthOf(part: string, count: number): string {
  const days: Record<string, number> = { day: 1, week: 7, month: 30, quarter: 91, year: 365 }
  if (part === "hour") return `${count}h`
  if (part === "minute") return `${count}m`
  return `${count * (days[part] ?? 1)}d`
}
