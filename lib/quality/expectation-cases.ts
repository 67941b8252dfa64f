import type { ExpectationInputOf, ExpectationType } from "#lib/contracts/expectations/registry.ts"

/** One case: a table, its rows, and what an expectation finds there. */
export interface ExpectationCase<Type extends ExpectationType = ExpectationType> {
  /** Column definitions; the table is `cases.t`. */
  columns: string
  /** `values` list; "" for no rows. */
  rows: string
  expect: Omit<ExpectationInputOf<Type>, "type">
  /** Of those that count rows: state, rows looked at, rows that fail. Of others: state and what was observed. */
  finds: readonly unknown[]
  why?: string
}

type Cases = { [Type in ExpectationType]: ExpectationCase<Type>[] }

const NUMBERS = { columns: "v float8", rows: "(1), (2), ('NaN'), ('Infinity'), ('-Infinity'), (null)" }
const TEXTS = { columns: "v text", rows: "('a'), ('b'), ('a'), (''), (null)" }
const INTS = { columns: "v int", rows: "(1), (2), (2), (3), (null)" }

/**
 * Every kind of expectation against nulls, empty texts, NaN, infinities, duplicates and time zones. The other table `cases.other`
 * holds `id` 1, 2 and null and `region` 'north', 'south', null with `amount` 10, 20.5, 3.
 */
export const EXPECTATION_CASES: Cases = {
  expect_column_values_to_not_be_null: [
    { ...TEXTS, expect: { column: "v" }, finds: ["failed", 5, 1], why: "an empty text is a value" },
    { ...NUMBERS, expect: { column: "v" }, finds: ["failed", 6, 1], why: "NaN is a value" },
    { ...TEXTS, expect: { column: "v", mostly: 0.8 }, finds: ["passed", 5, 1], why: "4 of 5 is 0.8" },
    { ...TEXTS, expect: { column: "v", mostly: 0.81 }, finds: ["failed", 5, 1] },
    { ...TEXTS, expect: { column: "v", max_failed: 1 }, finds: ["passed", 5, 1] },
    { ...TEXTS, expect: { column: "v", where: "v is null or v = 'a'" }, finds: ["failed", 3, 1] },
    { ...TEXTS, expect: { column: "v", where: "v = 'nowhere'" }, finds: ["empty", 0, 0] },
    { columns: '"od""d; --" text', rows: "('x'), (null)", expect: { column: 'od"d; --' }, finds: ["failed", 2, 1] },
  ],
  expect_column_values_to_be_null: [
    { ...TEXTS, expect: { column: "v" }, finds: ["failed", 5, 4] },
    { columns: "v int", rows: "(null), (null)", expect: { column: "v" }, finds: ["passed", 2, 0] },
    { ...TEXTS, expect: { column: "v", where: "v is null" }, finds: ["passed", 1, 0] },
  ],
  expect_column_values_to_be_unique: [
    { ...INTS, expect: { column: "v" }, finds: ["failed", 4, 2], why: "both of a pair fail, nulls are not compared" },
    { ...INTS, expect: { column: "v", mostly: 0.5 }, finds: ["passed", 4, 2] },
    { ...NUMBERS, expect: { column: "v" }, finds: ["passed", 5, 0] },
    { columns: "v float8", rows: "('NaN'), ('NaN'), (0), (-0.0)", expect: { column: "v" }, finds: ["failed", 4, 4] },
    { ...INTS, expect: { column: "v", where: "v <> 2" }, finds: ["passed", 2, 0] },
    { columns: "v int primary key", rows: "(1), (2)", expect: { column: "v" }, finds: ["passed", 2, 0] },
    { columns: "v int unique", rows: "(1), (null), (null)", expect: { column: "v" }, finds: ["passed", 1, 0] },
    { columns: "v int", rows: "(null), (null)", expect: { column: "v" }, finds: ["empty", 0, 0] },
  ],
  expect_column_values_to_be_in_set: [
    { ...TEXTS, expect: { column: "v", value_set: ["a", "b"] }, finds: ["failed", 4, 1], why: "the empty text" },
    { ...TEXTS, expect: { column: "v", value_set: ["a"], mostly: 0.5 }, finds: ["passed", 4, 2] },
    { ...TEXTS, expect: { column: "v", value_set: ["a"], mostly: 0.51 }, finds: ["failed", 4, 2] },
    { ...INTS, expect: { column: "v", value_set: [1, 2, 3] }, finds: ["passed", 4, 0] },
    { ...INTS, expect: { column: "v", value_set: ["1", "2"] }, finds: ["failed", 4, 1] },
    { ...INTS, expect: { column: "v", value_set: [1.5, 2] }, finds: ["failed", 4, 2] },
    { ...NUMBERS, expect: { column: "v", value_set: [1, 2, "NaN"] }, finds: ["failed", 5, 2] },
    {
      columns: "v boolean",
      rows: "(true), (false)",
      expect: { column: "v", value_set: [true] },
      finds: ["failed", 2, 1],
    },
    {
      columns: "v timestamptz",
      rows: "('2026-03-01 00:00 UTC'), ('2026-03-01 00:00 Europe/Berlin')",
      expect: { column: "v", value_set: ["2026-03-01"] },
      finds: ["failed", 2, 1],
    },
    {
      columns: "v text",
      rows: "('''; drop table cases.t; --'), ('x')",
      expect: { column: "v", value_set: ["'; drop table cases.t; --"] },
      finds: ["failed", 2, 1],
    },
    { ...INTS, expect: { column: "v", value_set: ["one"] }, finds: ["error", 0, 0] },
  ],
  expect_column_values_to_not_be_in_set: [
    { ...TEXTS, expect: { column: "v", value_set: ["", "N/A"] }, finds: ["failed", 4, 1] },
    { ...INTS, expect: { column: "v", value_set: [9] }, finds: ["passed", 4, 0] },
    { columns: "v char(3)", rows: "('a'), ('b')", expect: { column: "v", value_set: ["a"] }, finds: ["failed", 2, 1] },
  ],
  expect_column_values_to_be_between: [
    { ...NUMBERS, expect: { column: "v", min_value: 0 }, finds: ["failed", 5, 2], why: "NaN and -Infinity" },
    { ...NUMBERS, expect: { column: "v", max_value: 5 }, finds: ["failed", 5, 2], why: "NaN and Infinity" },
    { ...NUMBERS, expect: { column: "v", min_value: 1, max_value: 2 }, finds: ["failed", 5, 3] },
    { ...NUMBERS, expect: { column: "v", min_value: 1, strict_min: true, max_value: 2 }, finds: ["failed", 5, 4] },
    { ...INTS, expect: { column: "v", min_value: 1, max_value: 3 }, finds: ["passed", 4, 0] },
    { ...INTS, expect: { column: "v", min_value: 1.5 }, finds: ["failed", 4, 1] },
    { ...INTS, expect: { column: "v", min_value: 1.5, mostly: 0.75 }, finds: ["passed", 4, 1] },
    { ...INTS, expect: { column: "v", max_value: "2" }, finds: ["failed", 4, 1] },
    { columns: "v numeric", rows: "('NaN'), (0.1)", expect: { column: "v", min_value: 0.1 }, finds: ["failed", 2, 1] },
    {
      columns: "v numeric(20,2)",
      rows: "(9007199254740993.01)",
      expect: { column: "v", max_value: "9007199254740993.00" },
      finds: ["failed", 1, 1],
    },
    { ...TEXTS, expect: { column: "v", min_value: "a" }, finds: ["failed", 4, 1] },
    { ...TEXTS, expect: { column: "v", min_value: 1 }, finds: ["error", 0, 0], why: "texts are no numbers" },
    {
      columns: "v timestamptz",
      rows: "('2026-03-29 01:59 Europe/Berlin'), ('2026-03-29 00:59 UTC'), ('infinity')",
      expect: { column: "v", min_value: "2026-03-29 00:59:00" },
      finds: ["passed", 3, 0],
      why: "a bound without an offset is UTC, and both instants are the same one",
    },
    {
      columns: "v date",
      rows: "('2026-02-28'), ('2026-03-01'), (null)",
      expect: { column: "v", max_value: "2026-02-28" },
      finds: ["failed", 2, 1],
    },
    { columns: "v int", rows: "", expect: { column: "v", min_value: 1 }, finds: ["empty", 0, 0] },
  ],
  expect_column_values_to_match_regex: [
    { ...TEXTS, expect: { column: "v", regex: "^[ab]$" }, finds: ["failed", 4, 1] },
    { ...INTS, expect: { column: "v", regex: "^\\d$" }, finds: ["passed", 4, 0] },
    { ...TEXTS, expect: { column: "v", regex: "(" }, finds: ["error", 0, 0] },
  ],
  expect_column_values_to_not_match_regex: [
    { ...TEXTS, expect: { column: "v", regex: "a" }, finds: ["failed", 4, 2] },
    { ...TEXTS, expect: { column: "v", regex: "z" }, finds: ["passed", 4, 0] },
  ],
  expect_column_values_to_match_regex_list: [
    { ...TEXTS, expect: { column: "v", regex_list: ["a", "b"] }, finds: ["failed", 4, 1] },
    { ...TEXTS, expect: { column: "v", regex_list: ["a", "."], match_on: "all" }, finds: ["failed", 4, 2] },
  ],
  expect_column_values_to_not_match_regex_list: [
    { ...TEXTS, expect: { column: "v", regex_list: ["a", "b"] }, finds: ["failed", 4, 3] },
  ],
  expect_column_values_to_match_like_pattern: [
    { ...TEXTS, expect: { column: "v", like_pattern: "_" }, finds: ["failed", 4, 1] },
    {
      columns: "v text",
      rows: "('50%'), ('50x')",
      expect: { column: "v", like_pattern: "50\\%" },
      finds: ["failed", 2, 1],
    },
  ],
  expect_column_values_to_not_match_like_pattern: [
    { ...TEXTS, expect: { column: "v", like_pattern: "a%" }, finds: ["failed", 4, 2] },
  ],
  expect_column_values_to_match_like_pattern_list: [
    { ...TEXTS, expect: { column: "v", like_pattern_list: ["a", "b_"] }, finds: ["failed", 4, 2] },
    { ...TEXTS, expect: { column: "v", like_pattern_list: ["%", "a%"], match_on: "all" }, finds: ["failed", 4, 2] },
  ],
  expect_column_values_to_not_match_like_pattern_list: [
    { ...TEXTS, expect: { column: "v", like_pattern_list: ["a", "b"] }, finds: ["failed", 4, 3] },
  ],
  expect_column_value_lengths_to_be_between: [
    { ...TEXTS, expect: { column: "v", min_value: 1 }, finds: ["failed", 4, 1] },
    { ...TEXTS, expect: { column: "v", max_value: 1, strict_max: true }, finds: ["failed", 4, 3] },
    {
      columns: "v text",
      rows: "('ä'), ('😀')",
      expect: { column: "v", min_value: 1, max_value: 1 },
      finds: ["passed", 2, 0],
    },
    {
      columns: "v text",
      rows: "('😀'), ('😀😀'), ('😀😀😀'), ('abcd'), ('abcde'), (null)",
      expect: { column: "v", min_value: 1, strict_min: true, max_value: 4 },
      finds: ["failed", 5, 2],
      why: "characters are counted, not bytes",
    },
  ],
  expect_column_value_lengths_to_equal: [
    { ...TEXTS, expect: { column: "v", value: 1 }, finds: ["failed", 4, 1] },
    { ...INTS, expect: { column: "v", value: 1 }, finds: ["passed", 4, 0] },
  ],
  expect_column_values_to_match_strftime_format: [
    {
      columns: "v text",
      rows: "('2026-02-28'), ('2026-02-29'), ('2024-02-29'), ('28.02.2026'), (''), (null)",
      expect: { column: "v", strftime_format: "%Y-%m-%d" },
      finds: ["failed", 5, 3],
    },
    {
      columns: "v text",
      rows: "('31/12/26 23:59'), ('31/11/26 23:59'), ('01/01/26 24:30')",
      expect: { column: "v", strftime_format: "%d/%m/%y %H:%M" },
      finds: ["failed", 3, 2],
    },
    {
      columns: "v text",
      rows: "('1 Mar 2026'), ('30 Feb 2026'), ('3 Xyz 2026')",
      expect: { column: "v", strftime_format: "%d %b %Y" },
      finds: ["failed", 3, 2],
    },
    {
      columns: "v text",
      rows: "('11:30 PM'), ('13:30 PM')",
      expect: { column: "v", strftime_format: "%I:%M %p" },
      finds: ["failed", 2, 1],
    },
    {
      columns: "v date",
      rows: "('2026-01-01')",
      expect: { column: "v", strftime_format: "%F" },
      finds: ["passed", 1, 0],
    },
    { ...TEXTS, expect: { column: "v", strftime_format: "%Q" }, finds: ["error", 0, 0] },
  ],
  expect_column_values_to_be_dateutil_parseable: [
    {
      columns: "v text",
      rows: "('2026-03-01'), ('1 Mar 2026'), ('2026-03-01T10:00:00+02:00'), ('now'), ('2026-02-30'), (''), (null)",
      expect: { column: "v" },
      finds: ["failed", 6, 3],
    },
    { columns: "v date", rows: "('2026-03-01'), (null)", expect: { column: "v" }, finds: ["passed", 1, 0] },
  ],
  expect_column_values_to_be_json_parseable: [
    {
      columns: "v text",
      rows: `('{"a": 1}'), ('null'), ('{a: 1}'), (''), (null)`,
      expect: { column: "v" },
      finds: ["failed", 4, 2],
    },
    { columns: "v jsonb", rows: `('{"a": 1}')`, expect: { column: "v" }, finds: ["passed", 1, 0] },
  ],
  expect_column_values_to_be_of_type: [
    {
      columns: "v numeric(12,2)",
      rows: "",
      expect: { column: "v", type_: "numeric" },
      finds: ["passed", "numeric(12,2)"],
    },
    {
      columns: "v numeric(12,2)",
      rows: "",
      expect: { column: "v", type_: "NUMERIC(12, 2)" },
      finds: ["passed", "numeric(12,2)"],
    },
    {
      columns: "v numeric(12,2)",
      rows: "",
      expect: { column: "v", type_: "numeric(10,2)" },
      finds: ["failed", "numeric(12,2)"],
    },
    {
      columns: "v varchar(9)",
      rows: "",
      expect: { column: "v", type_: "str" },
      finds: ["passed", "character varying(9)"],
    },
    {
      columns: "v timestamptz",
      rows: "",
      expect: { column: "v", type_: "TIMESTAMP" },
      finds: ["failed", "timestamp with time zone"],
    },
  ],
  expect_column_values_to_be_in_type_list: [
    {
      columns: "v bigint",
      rows: "",
      expect: { column: "v", type_list: ["INTEGER", "int64"] },
      finds: ["passed", "bigint"],
    },
    { columns: "v bigint", rows: "", expect: { column: "v", type_list: ["text"] }, finds: ["failed", "bigint"] },
  ],
  expect_column_values_to_be_increasing: [
    {
      columns: "o int, v int",
      rows: "(1, 1), (3, 2), (2, 2), (4, null), (5, 1)",
      expect: { column: "v", order_by: ["o"] },
      finds: ["failed", 4, 1],
    },
    {
      columns: "o int, v int",
      rows: "(1, 1), (3, 2), (2, 2)",
      expect: { column: "v", order_by: ["o"], strictly: true },
      finds: ["failed", 3, 1],
    },
    { columns: "o int primary key, v int", rows: "(1, 1), (2, 2)", expect: { column: "v" }, finds: ["passed", 2, 0] },
    {
      columns: "g text, o int, v int",
      rows: "('a', 1, 5), ('b', 2, 1), ('a', 3, 6)",
      expect: { column: "v", order_by: ["o"], group_by: ["g"] },
      finds: ["passed", 3, 0],
    },
    {
      columns: "v int",
      rows: "(1)",
      expect: { column: "v" },
      finds: ["error", 0, 0],
      why: "rows have no order of their own",
    },
  ],
  expect_column_values_to_be_decreasing: [
    {
      columns: "o int, v int",
      rows: "(1, 3), (2, 2), (3, 4)",
      expect: { column: "v", order_by: ["o"] },
      finds: ["failed", 3, 1],
    },
  ],
  expect_column_value_z_scores_to_be_less_than: [
    {
      columns: "v int",
      rows: "(1), (1), (1), (1), (1), (1), (1), (1), (1), (100), (null)",
      expect: { column: "v", threshold: 2 },
      finds: ["failed", 10, 1],
    },
    {
      columns: "v int",
      rows: "(5), (5), (5)",
      expect: { column: "v", threshold: 1 },
      finds: ["passed", 3, 0],
      why: "no deviation",
    },
    { columns: "v int", rows: "(5)", expect: { column: "v", threshold: 1 }, finds: ["passed", 1, 0] },
    {
      columns: "v int",
      rows: "(1), (1), (1), (1), (1), (1), (1), (1), (1), (-100)",
      expect: { column: "v", threshold: 2, double_sided: false },
      finds: ["passed", 10, 0],
    },
    {
      columns: "v float8",
      rows: "(1), (2), (3), ('NaN'), ('Infinity')",
      expect: { column: "v", threshold: 3 },
      finds: ["failed", 5, 2],
    },
  ],
  expect_compound_columns_to_be_unique: [
    {
      columns: "a int, b int",
      rows: "(1, 1), (1, 1), (1, null), (1, null), (null, null), (null, null)",
      expect: { column_list: ["a", "b"] },
      finds: ["failed", 4, 4],
    },
    {
      columns: "a int, b int",
      rows: "(1, 1), (1, null), (1, null)",
      expect: { column_list: ["a", "b"], ignore_row_if: "any_value_is_missing" },
      finds: ["passed", 1, 0],
    },
    {
      columns: "a int, b int",
      rows: "(null, null), (null, null)",
      expect: { column_list: ["a", "b"], ignore_row_if: "never" },
      finds: ["failed", 2, 2],
    },
    {
      columns: "a int, b int, unique (a)",
      rows: "(1, 1), (2, 1)",
      expect: { column_list: ["a", "b"], ignore_row_if: "any_value_is_missing" },
      finds: ["passed", 2, 0],
    },
  ],
  expect_select_column_values_to_be_unique_within_record: [
    {
      columns: "a int, b int, c int",
      rows: "(1, 2, 3), (1, 1, 2), (1, null, null), (null, null, null)",
      expect: { column_list: ["a", "b", "c"] },
      finds: ["failed", 3, 1],
    },
  ],
  expect_column_pair_values_a_to_be_greater_than_b: [
    {
      columns: "a int, b int",
      rows: "(2, 1), (1, 1), (1, null), (null, null)",
      expect: { column_A: "a", column_B: "b" },
      finds: ["failed", 3, 2],
    },
    {
      columns: "a int, b int",
      rows: "(2, 1), (1, 1), (1, null)",
      expect: { column_A: "a", column_B: "b", or_equal: true, ignore_row_if: "either_value_is_missing" },
      finds: ["passed", 2, 0],
    },
    {
      columns: "a int, b int",
      rows: "(null, null)",
      expect: { column_A: "a", column_B: "b", ignore_row_if: "neither" },
      finds: ["failed", 1, 1],
    },
    { columns: "a int, b text", rows: "(1, 'x')", expect: { column_A: "a", column_B: "b" }, finds: ["error", 0, 0] },
    {
      columns: "a timestamptz, b timestamptz",
      rows: "('2026-03-01 12:00+02', '2026-03-01 10:30+00')",
      expect: { column_A: "a", column_B: "b" },
      finds: ["failed", 1, 1],
    },
  ],
  expect_column_pair_values_to_be_equal: [
    {
      columns: "a text, b text",
      rows: "('x', 'x'), ('x', 'X'), (null, 'x'), (null, null)",
      expect: { column_A: "a", column_B: "b" },
      finds: ["failed", 3, 2],
    },
    {
      columns: "a float8, b float8",
      rows: "('NaN', 'NaN')",
      expect: { column_A: "a", column_B: "b" },
      finds: ["passed", 1, 0],
    },
  ],
  expect_column_pair_values_to_be_in_set: [
    {
      columns: "a text, b int",
      rows: "('x', 1), ('y', 1), ('x', null), (null, null)",
      expect: { column_A: "a", column_B: "b", value_pairs_set: [["x", 1]] },
      finds: ["failed", 3, 2],
    },
    {
      columns: "a text, b int",
      rows: "('x', null)",
      expect: { column_A: "a", column_B: "b", value_pairs_set: [["x", null]] },
      finds: ["passed", 1, 0],
    },
  ],
  expect_multicolumn_sum_to_equal: [
    {
      columns: "a numeric, b numeric",
      rows: "(0.1, 0.2), (0.3, null), (0.1, 0.1), (null, null)",
      expect: { column_list: ["a", "b"], sum_total: 0.3 },
      finds: ["failed", 3, 1],
    },
    {
      columns: "a float8, b float8",
      rows: "(0.1, 0.2), ('NaN', 1)",
      expect: { column_list: ["a", "b"], sum_total: 0.3 },
      finds: ["failed", 2, 1],
    },
    {
      columns: "a int, b text",
      rows: "(1, 'x')",
      expect: { column_list: ["a", "b"], sum_total: 1 },
      finds: ["error", 0, 0],
    },
  ],
  expect_column_values_to_exist_in_table: [
    {
      columns: "v int",
      rows: "(1), (1), (3), (null)",
      expect: { column: "v", other_table: "cases.other", other_column: "id" },
      finds: ["failed", 3, 1],
    },
    {
      columns: "v int",
      rows: "(1), (3)",
      expect: { column: "v", other_table: "cases.other", other_column: "id", mostly: 0.5 },
      finds: ["passed", 2, 1],
    },
    {
      columns: "v int",
      rows: "(1)",
      expect: { column: "v", other_table: "cases.nowhere", other_column: "id" },
      finds: ["error", 0, 0],
    },
  ],
  expect_rows_to_satisfy: [
    {
      columns: "a int, b int",
      rows: "(1, 2), (2, 1), (null, 1)",
      expect: { condition: "a < b" },
      finds: ["failed", 3, 1],
      why: "unknown is not false",
    },
    {
      columns: "a int",
      rows: "(1)",
      expect: { condition: "a = 1) from cases.t; drop table cases.t; --" },
      finds: ["error", 0, 0],
    },
    {
      columns: "a int",
      rows: "(1)",
      expect: { condition: "nextval('cases.counter') > 0" },
      finds: ["error", 0, 0],
      why: "nothing writes",
    },
  ],
  expect_column_mean_to_be_between: [
    { ...INTS, expect: { column: "v", min_value: 2, max_value: 2 }, finds: ["passed", 2] },
    { ...INTS, expect: { column: "v", min_value: 2, strict_min: true }, finds: ["failed", 2] },
    { ...NUMBERS, expect: { column: "v", min_value: 0 }, finds: ["failed", null], why: "NaN lies in no range" },
    { columns: "v int", rows: "(null)", expect: { column: "v", min_value: 0 }, finds: ["empty", null] },
    { ...TEXTS, expect: { column: "v", min_value: 0 }, finds: ["error", null] },
    { ...INTS, expect: { column: "v", max_value: 1, where: "v = 1" }, finds: ["passed", 1] },
  ],
  expect_column_median_to_be_between: [
    {
      columns: "v int",
      rows: "(1), (2), (10), (11), (null)",
      expect: { column: "v", min_value: 6, max_value: 6 },
      finds: ["passed", 6],
    },
    { columns: "v int", rows: "(1)", expect: { column: "v", min_value: 2 }, finds: ["failed", 1] },
  ],
  expect_column_stdev_to_be_between: [
    { columns: "v int", rows: "(1), (3), (5)", expect: { column: "v", max_value: 2 }, finds: ["passed", 2] },
    {
      columns: "v int",
      rows: "(1)",
      expect: { column: "v", max_value: 1 },
      finds: ["empty", null],
      why: "one value has none",
    },
  ],
  expect_column_sum_to_be_between: [
    { ...INTS, expect: { column: "v", min_value: 8, max_value: 8 }, finds: ["passed", 8] },
    {
      columns: "v bigint",
      rows: "(9007199254740993)",
      expect: { column: "v", max_value: 9007199254740992 },
      finds: ["failed", 9007199254740992],
    },
  ],
  expect_column_min_to_be_between: [
    { ...INTS, expect: { column: "v", min_value: 1 }, finds: ["passed", "1"] },
    { ...NUMBERS, expect: { column: "v", min_value: 0 }, finds: ["failed", "-Infinity"] },
    {
      columns: "v date",
      rows: "('2026-01-01'), (null)",
      expect: { column: "v", min_value: "2026-01-02" },
      finds: ["failed", "2026-01-01"],
    },
    { columns: "v int", rows: "(null)", expect: { column: "v", min_value: 0 }, finds: ["empty", null] },
  ],
  expect_column_max_to_be_between: [
    { ...INTS, expect: { column: "v", max_value: 2 }, finds: ["failed", "3"] },
    { ...NUMBERS, expect: { column: "v", min_value: 0 }, finds: ["failed", "NaN"] },
    {
      columns: "v timestamptz",
      rows: "('2026-03-01 01:00 Europe/Berlin')",
      expect: { column: "v", max_value: "2026-03-01" },
      finds: ["passed", "2026-03-01 00:00:00Z"],
    },
  ],
  expect_column_quantile_values_to_be_between: [
    {
      columns: "v int",
      rows: "(1), (2), (3), (4), (null)",
      expect: {
        column: "v",
        quantile_ranges: {
          quantiles: [0, 0.5, 1],
          value_ranges: [
            [1, 1],
            [2, 2],
            [null, 4],
          ],
        },
      },
      finds: ["passed", [1, 2, 4]],
    },
    {
      columns: "v int",
      rows: "(1), (2)",
      expect: { column: "v", quantile_ranges: { quantiles: [0.5], value_ranges: [[2, null]] } },
      finds: ["failed", [1]],
    },
  ],
  expect_column_distinct_values_to_be_in_set: [
    {
      ...TEXTS,
      expect: { column: "v", value_set: ["a", "b", "", "c"] },
      finds: ["passed", { distinct: 3, listed: 3 }],
    },
    { ...TEXTS, expect: { column: "v", value_set: ["a", "b"] }, finds: ["failed", { distinct: 3, listed: 2 }] },
  ],
  expect_column_distinct_values_to_equal_set: [
    { ...INTS, expect: { column: "v", value_set: [1, 2, 3, 3] }, finds: ["passed", { distinct: 3, listed: 3 }] },
    { ...INTS, expect: { column: "v", value_set: [1, 2, 3, 4] }, finds: ["failed", { distinct: 3, listed: 3 }] },
    { ...INTS, expect: { column: "v", value_set: [1, 2] }, finds: ["failed", { distinct: 3, listed: 2 }] },
  ],
  expect_column_distinct_values_to_contain_set: [
    { ...INTS, expect: { column: "v", value_set: [1, 2] }, finds: ["passed", { distinct: 3, listed: 2 }] },
    { ...INTS, expect: { column: "v", value_set: [1, 9] }, finds: ["failed", { distinct: 3, listed: 1 }] },
    {
      columns: "v int",
      rows: "(null)",
      expect: { column: "v", value_set: [1] },
      finds: ["empty", { distinct: 0, listed: 0 }],
    },
  ],
  expect_column_unique_value_count_to_be_between: [
    { ...INTS, expect: { column: "v", min_value: 3, max_value: 3 }, finds: ["passed", 3] },
    { ...INTS, expect: { column: "v", max_value: 2 }, finds: ["failed", 3] },
  ],
  expect_column_proportion_of_unique_values_to_be_between: [
    { ...INTS, expect: { column: "v", min_value: 0.75 }, finds: ["passed", 0.75] },
    { ...INTS, expect: { column: "v", min_value: 0.76 }, finds: ["failed", 0.75] },
    { columns: "v int", rows: "(null)", expect: { column: "v", min_value: 1 }, finds: ["empty", null] },
  ],
  expect_column_proportion_of_non_null_values_to_be_between: [
    { ...INTS, expect: { column: "v", min_value: 0.8 }, finds: ["passed", 0.8] },
    { ...INTS, expect: { column: "v", min_value: 0.81 }, finds: ["failed", 0.8] },
    { columns: "v int", rows: "", expect: { column: "v", min_value: 1 }, finds: ["empty", null] },
  ],
  expect_column_most_common_value_to_be_in_set: [
    { ...INTS, expect: { column: "v", value_set: [2] }, finds: ["passed", ["2"]] },
    {
      columns: "v int",
      rows: "(1), (1), (2), (2), (null)",
      expect: { column: "v", value_set: [1] },
      finds: ["failed", ["1", "2"]],
    },
    {
      columns: "v int",
      rows: "(1), (1), (2), (2)",
      expect: { column: "v", value_set: [1], ties_okay: true },
      finds: ["passed", ["1", "2"]],
    },
    { columns: "v int", rows: "(null)", expect: { column: "v", value_set: [1] }, finds: ["empty", null] },
  ],
  expect_column_to_exist: [
    { ...INTS, expect: { column: "v" }, finds: ["passed", { column_index: 0 }] },
    { ...INTS, expect: { column: "v", column_index: 1 }, finds: ["failed", { column_index: 0 }] },
    { ...INTS, expect: { column: "gone" }, finds: ["failed", { column_index: null }] },
  ],
  expect_table_columns_to_match_set: [
    {
      columns: "a int, b int",
      rows: "",
      expect: { column_set: ["b", "a"] },
      finds: ["passed", { missing: [], unexpected: [] }],
    },
    {
      columns: "a int, b int",
      rows: "",
      expect: { column_set: ["a", "c"] },
      finds: ["failed", { missing: ["c"], unexpected: ["b"] }],
    },
    {
      columns: "a int, b int",
      rows: "",
      expect: { column_set: ["a"], exact_match: false },
      finds: ["passed", { missing: [], unexpected: [] }],
    },
  ],
  expect_table_columns_to_match_ordered_list: [
    { columns: "a int, b int", rows: "", expect: { column_list: ["a", "b"] }, finds: ["passed", ["a", "b"]] },
    { columns: "a int, b int", rows: "", expect: { column_list: ["b", "a"] }, finds: ["failed", ["a", "b"]] },
  ],
  expect_table_column_count_to_equal: [
    { columns: "a int, b int", rows: "", expect: { value: 2 }, finds: ["passed", 2] },
    { columns: "a int, b int", rows: "", expect: { value: 3 }, finds: ["failed", 2] },
  ],
  expect_table_column_count_to_be_between: [
    { columns: "a int, b int", rows: "", expect: { min_value: 1, max_value: 2 }, finds: ["passed", 2] },
    { columns: "a int, b int", rows: "", expect: { min_value: 3 }, finds: ["failed", 2] },
  ],
  expect_table_row_count_to_be_between: [
    { ...INTS, expect: { min_value: 5, max_value: 5 }, finds: ["passed", 5] },
    { ...INTS, expect: { max_value: 2, where: "v = 2" }, finds: ["passed", 2] },
    { columns: "v int", rows: "", expect: { min_value: 1 }, finds: ["failed", 0] },
    { columns: "v int", rows: "", expect: { max_value: 1 }, finds: ["passed", 0] },
  ],
  expect_table_row_count_to_equal: [
    { ...INTS, expect: { value: 5 }, finds: ["passed", 5] },
    { columns: "v int", rows: "", expect: { value: 5 }, finds: ["failed", 0] },
  ],
  expect_table_row_count_to_equal_other_table: [
    {
      columns: "v int",
      rows: "(1), (2), (3)",
      expect: { other_table_name: "cases.other" },
      finds: ["passed", { rows: 3, other: 3 }],
    },
    {
      columns: "v int",
      rows: "(1)",
      expect: { other_table_name: "cases.other", other_where: "id = 1" },
      finds: ["passed", { rows: 1, other: 1 }],
    },
    {
      columns: "v int",
      rows: "",
      expect: { other_table_name: "cases.other" },
      finds: ["failed", { rows: 0, other: 3 }],
    },
  ],
  expect_table_to_be_fresh: [
    {
      columns: "v timestamptz",
      rows: "(now() - interval '2 hours'), (null)",
      expect: { column: "v", max_age: "3h" },
      finds: ["passed"],
    },
    {
      columns: "v timestamptz",
      rows: "(now() - interval '2 hours')",
      expect: { column: "v", max_age: "1h" },
      finds: ["failed"],
    },
    {
      columns: "v timestamptz",
      rows: "('infinity'), (now() - interval '2 hours')",
      expect: { column: "v", max_age: "1h" },
      finds: ["failed"],
    },
    {
      columns: "v timestamp",
      rows: "(now() at time zone 'Asia/Tokyo')",
      expect: { column: "v", max_age: "1m", timezone: "Asia/Tokyo" },
      finds: ["passed"],
    },
    {
      columns: "v timestamp",
      rows: "(now() at time zone 'America/New_York')",
      expect: { column: "v", max_age: "1h" },
      finds: ["failed"],
      why: "taken as UTC it is hours old",
    },
    { columns: "v timestamptz", rows: "(null)", expect: { column: "v", max_age: "1h" }, finds: ["failed"] },
    { columns: "v text", rows: "('x')", expect: { column: "v", max_age: "1h" }, finds: ["error"] },
  ],
  unexpected_rows_expectation: [
    { ...INTS, expect: { unexpected_rows_query: "select v from {batch} where v = 2" }, finds: ["failed", 2] },
    {
      ...INTS,
      expect: { unexpected_rows_query: "select b.v from {batch} as b join cases.other o on o.id = b.v and b.v > 5;" },
      finds: ["passed", 0],
    },
    { ...INTS, expect: { unexpected_rows_query: "delete from cases.t returning v" }, finds: ["error", null] },
    { ...INTS, expect: { unexpected_rows_query: "select 1) q; drop table cases.t; --" }, finds: ["error", null] },
    { ...INTS, expect: { unexpected_rows_query: "select 1 where false -- none" }, finds: ["passed", 0] },
  ],
  expect_aggregate_to_equal_other_table: [
    {
      columns: "amount numeric",
      rows: "(33.5)",
      expect: { aggregate: "sum", column: "amount", other_table: "cases.other" },
      finds: ["passed", { here: "33.5", there: "33.5" }],
    },
    {
      columns: "amount numeric",
      rows: "(33.8)",
      expect: { aggregate: "sum", column: "amount", other_table: "cases.other" },
      finds: ["failed", { here: "33.8", there: "33.5" }],
    },
    {
      columns: "amount numeric",
      rows: "(33.8)",
      expect: { aggregate: "sum", column: "amount", other_table: "cases.other", tolerance: 0.01 },
      finds: ["passed", { here: "33.8", there: "33.5" }],
    },
    {
      columns: "amount numeric",
      rows: "(34)",
      expect: { aggregate: "sum", column: "amount", other_table: "cases.other", absolute_tolerance: 0.5 },
      finds: ["passed", { here: "34", there: "33.5" }],
    },
    {
      columns: "v int",
      rows: "",
      expect: { aggregate: "count", other_table: "cases.other", other_where: "id = 9" },
      finds: ["passed", { here: "0", there: "0" }],
    },
    {
      columns: "amount numeric",
      rows: "",
      expect: { aggregate: "sum", column: "amount", other_table: "cases.other" },
      finds: ["failed", { here: null, there: "33.5" }],
    },
    {
      columns: "region text, amount numeric",
      rows: "('north', 10), ('south', 20), (null, 3), ('east', 1)",
      expect: { aggregate: "sum", column: "amount", other_table: "cases.other", group_by: ["region"] },
      finds: ["failed", 2],
      why: "south differs, east is missing there; null has a partner",
    },
  ],
}
