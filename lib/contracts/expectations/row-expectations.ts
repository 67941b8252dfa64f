import { z } from "zod"
import { column, columns, defineExpectation, otherTable, scalar } from "./entry.ts"

const ignorePair = z.enum(["both_values_are_missing", "either_value_is_missing", "neither"])
const ignoreRow = z.enum(["all_values_are_missing", "any_value_is_missing", "never"])

/** Several values of a row together, or a row and another table. */
export const ROW_EXPECTATIONS = {
  expect_compound_columns_to_be_unique: defineExpectation({
    aliases: ["unique_together", "compound_unique"],
    scope: "rows",
    dimension: "uniqueness",
    options: z.strictObject({ column_list: columns, ignore_row_if: ignoreRow.default("all_values_are_missing") }),
    doc: "No two rows agree in all of the columns; nulls count as equal. Rows without any value are left out, or those that lack one with `ignore_row_if: any_value_is_missing`, which is what a unique key of the database means.",
    example: { column_list: ["order_id", "line"] },
    sentence: (options) => `${options.column_list.join(", ")} is unique`,
  }),
  expect_select_column_values_to_be_unique_within_record: defineExpectation({
    aliases: ["unique_within_row"],
    scope: "rows",
    dimension: "consistency",
    options: z.strictObject({
      column_list: columns.min(2),
      ignore_row_if: ignoreRow.default("all_values_are_missing"),
    }),
    doc: "In each row the columns hold values that differ from each other, compared as text.",
    example: { column_list: ["billing_id", "shipping_id"] },
    sentence: (options) => `${options.column_list.join(", ")} differ within a row`,
  }),
  expect_column_pair_values_a_to_be_greater_than_b: defineExpectation({
    aliases: ["greater_than"],
    scope: "rows",
    dimension: "consistency",
    options: z.strictObject({
      column_A: column,
      column_B: column,
      or_equal: z.boolean().default(false),
      ignore_row_if: ignorePair.default("both_values_are_missing"),
    }),
    doc: "In each row column_A is greater than column_B (or equal, with `or_equal`). Where one of the two is missing the row fails, unless `ignore_row_if: either_value_is_missing`.",
    example: { column_A: "delivered_at", column_B: "ordered_at", or_equal: true },
    sentence: (options) =>
      `${options.column_A} is ${options.or_equal ? "at least" : "greater than"} ${options.column_B}`,
  }),
  expect_column_pair_values_to_be_equal: defineExpectation({
    aliases: ["equals_column"],
    scope: "rows",
    dimension: "consistency",
    options: z.strictObject({
      column_A: column,
      column_B: column,
      ignore_row_if: ignorePair.default("both_values_are_missing"),
    }),
    doc: "In each row both columns hold the same value.",
    example: { column_A: "gross", column_B: "net_plus_tax" },
    sentence: (options) => `${options.column_A} equals ${options.column_B}`,
  }),
  expect_column_pair_values_to_be_in_set: defineExpectation({
    aliases: ["pair_in_set"],
    scope: "rows",
    dimension: "consistency",
    options: z.strictObject({
      column_A: column,
      column_B: column,
      value_pairs_set: z
        .array(z.tuple([scalar.nullable(), scalar.nullable()]))
        .min(1)
        .max(10_000),
      ignore_row_if: ignorePair.default("both_values_are_missing"),
    }),
    doc: "In each row the two columns together hold one of the pairs; a pair may contain null.",
    example: {
      column_A: "country",
      column_B: "currency",
      value_pairs_set: [
        ["DE", "EUR"],
        ["CH", "CHF"],
      ],
    },
    sentence: (options) => `${options.column_A}, ${options.column_B} is an accepted pair`,
  }),
  expect_multicolumn_sum_to_equal: defineExpectation({
    aliases: ["sum_of_columns"],
    scope: "rows",
    dimension: "consistency",
    options: z.strictObject({
      column_list: columns.min(2),
      sum_total: z.number(),
      ignore_row_if: ignoreRow.default("all_values_are_missing"),
    }),
    doc: "In each row the columns add up to `sum_total`; a null counts as 0. Sums are exact for numeric and whole numbers, and binary fractions are compared to 9 places.",
    example: { column_list: ["share_a", "share_b", "share_c"], sum_total: 100 },
    sentence: (options) => `${options.column_list.join(" + ")} is ${options.sum_total}`,
  }),
  expect_column_values_to_exist_in_table: defineExpectation({
    aliases: ["relationships", "references"],
    scope: "rows",
    dimension: "consistency",
    options: z.strictObject({ column, other_table: otherTable, other_column: column }),
    doc: "Every value is found in a column of another table of the warehouse (referential integrity); nulls refer to nothing.",
    example: { column: "customer_id", other_table: "marts.dim_customer", other_column: "customer_id" },
    sentence: (options) => `${options.column} exists in ${options.other_table}.${options.other_column}`,
  }),
  expect_rows_to_satisfy: defineExpectation({
    aliases: ["satisfies", "condition"],
    scope: "rows",
    dimension: "consistency",
    options: z.strictObject({ condition: z.string().min(1).max(4_000) }),
    doc: "Every row meets a condition in SQL over its columns. A condition that is neither true nor false, because of a null, passes.",
    example: { condition: "net + tax = gross" },
    sentence: (options) => options.condition,
  }),
}
