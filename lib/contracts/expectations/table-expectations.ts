import { z } from "zod"
import { parseDuration } from "../../domain/duration.ts"
import { durationOptionSchema } from "../operators/duration-option.ts"
import {
  column,
  columns,
  countBound,
  countRange,
  defineExpectation,
  listText,
  otherTable,
  rangeConflict,
  rangeText,
} from "./entry.ts"

/** A table as a whole, and what it has to do with others. */
export const TABLE_EXPECTATIONS = {
  expect_column_to_exist: defineExpectation({
    aliases: ["column_exists"],
    scope: "table",
    dimension: "consistency",
    options: z.strictObject({ column, column_index: countBound }),
    doc: "The table has the column; with `column_index` at this place, counted from 0.",
    example: { column: "email" },
    sentence: (options) => `column ${options.column} exists`,
  }),
  expect_table_columns_to_match_set: defineExpectation({
    aliases: ["columns"],
    scope: "table",
    dimension: "consistency",
    options: z.strictObject({ column_set: columns, exact_match: z.boolean().default(true) }),
    doc: "The table has these columns in any order, and no others unless `exact_match: false`.",
    example: { column_set: ["id", "email"], exact_match: false },
    sentence: (options) => `columns ${options.exact_match ? "are" : "contain"} ${listText(options.column_set)}`,
  }),
  expect_table_columns_to_match_ordered_list: defineExpectation({
    aliases: ["columns_in_order"],
    scope: "table",
    dimension: "consistency",
    options: z.strictObject({ column_list: columns }),
    doc: "The table has exactly these columns in this order.",
    example: { column_list: ["id", "email"] },
    sentence: (options) => `columns in order are ${listText(options.column_list)}`,
  }),
  expect_table_column_count_to_equal: defineExpectation({
    aliases: ["column_count"],
    scope: "table",
    dimension: "consistency",
    options: z.strictObject({ value: z.int().min(0) }),
    doc: "The table has this many columns.",
    example: { value: 12 },
    sentence: (options) => `column count is ${options.value}`,
  }),
  expect_table_column_count_to_be_between: defineExpectation({
    aliases: ["column_count_between"],
    scope: "table",
    dimension: "consistency",
    options: z.strictObject(countRange),
    doc: "The number of columns lies in the range.",
    example: { min_value: 10, max_value: 20 },
    sentence: (options) => `column count is ${rangeText(options)}`,
    conflict: rangeConflict,
  }),
  expect_table_row_count_to_be_between: defineExpectation({
    aliases: ["row_count"],
    scope: "table",
    dimension: "volume",
    options: z.strictObject(countRange),
    doc: "The number of rows lies in the range: the expectation that refuses an empty table, which most others have nothing to say about.",
    example: { min_value: 1 },
    sentence: (options) => `row count is ${rangeText(options)}`,
    conflict: rangeConflict,
  }),
  expect_table_row_count_to_equal: defineExpectation({
    aliases: ["row_count_equals"],
    scope: "table",
    dimension: "volume",
    options: z.strictObject({ value: z.int().min(0) }),
    doc: "The table has exactly this many rows.",
    example: { value: 12 },
    sentence: (options) => `row count is exactly ${options.value}`,
  }),
  expect_table_row_count_to_equal_other_table: defineExpectation({
    aliases: ["row_count_equals_table"],
    scope: "table",
    dimension: "consistency",
    options: z.strictObject({
      other_table_name: otherTable,
      /** SQL condition on the other table's rows. */
      other_where: z.string().min(1).optional(),
    }),
    doc: "The table has as many rows as another one of the warehouse.",
    example: { other_table_name: "raw.orders" },
    sentence: (options) => `row count equals ${options.other_table_name}`,
  }),
  expect_table_to_be_fresh: defineExpectation({
    aliases: ["freshness"],
    scope: "table",
    dimension: "timeliness",
    options: z.strictObject({
      column,
      max_age: durationOptionSchema,
      timezone: z.string().min(1).max(100).default("UTC"),
    }),
    doc: "The newest value of a date or time column is at most `max_age` old. Values without a zone are taken in `timezone`. A table without any value is not fresh.",
    example: { column: "loaded_at", max_age: "26h" },
    sentence: (options) => `${options.column} is at most ${ageText(parseDuration(options.max_age) ?? 0)} old`,
  }),
  unexpected_rows_expectation: defineExpectation({
    aliases: ["custom_sql", "no_rows"],
    scope: "table",
    dimension: "consistency",
    options: z.strictObject({
      unexpected_rows_query: z.string().min(1).max(20_000),
      description: z.string().max(300).optional(),
    }),
    doc: "A query of yours returns no rows; each row that it returns is a fault. It can only read. `{batch}` stands for the table.",
    example: { unexpected_rows_query: "select order_id from {batch} group by order_id having sum(amount) < 0" },
    sentence: (options) =>
      options.description ?? `no rows of ${options.unexpected_rows_query.replace(/\s+/g, " ").trim().slice(0, 80)}`,
  }),
  expect_aggregate_to_equal_other_table: defineExpectation({
    aliases: ["reconcile", "reconciliation"],
    scope: "table",
    dimension: "consistency",
    options: z.strictObject({
      aggregate: z.enum(["count", "count_distinct", "sum", "avg", "min", "max"]),
      /** Left out for `count`. */
      column: column.optional(),
      other_table: otherTable,
      /** As `column` where left out. */
      other_column: column.optional(),
      other_where: z.string().min(1).optional(),
      /** Columns that both tables have: compared group by group. */
      group_by: z.array(column).min(1).max(10).optional(),
      /** Difference that is allowed, relative to the other table's figure: 0.01 is 1 %. */
      tolerance: z.number().min(0).default(0),
      /** Difference that is allowed besides, in the figure's own unit. */
      absolute_tolerance: z.number().min(0).default(0),
    }),
    doc: "A figure of this table equals the same of another table of the warehouse, within a tolerance; with `group_by` for each group, where one that is missing on one side counts as a difference.",
    example: { aggregate: "sum", column: "amount", other_table: "raw.payments", tolerance: 0.001 },
    sentence: (options) => {
      const figure = options.column ? `${options.aggregate} of ${options.column}` : options.aggregate
      const groups = options.group_by ? ` by ${options.group_by.join(", ")}` : ""
      return `${figure}${groups} equals ${options.other_table}`
    },
    conflict: ({ aggregate, column: of }) => (aggregate === "count" || of ? null : `${aggregate} needs a column`),
  }),
}

/** "3 d 4 h", the two largest units. */
export function ageText(ms: number): string {
  const units: [string, number][] = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["min", 60_000],
    ["s", 1_000],
  ]
  let rest = Math.max(0, ms)
  const parts: string[] = []
  for (const [unit, length] of units) {
    const amount = Math.floor(rest / length)
    rest -= amount * length
    if (amount > 0) parts.push(`${amount} ${unit}`)
  }
  return parts.slice(0, 2).join(" ") || "0 s"
}
