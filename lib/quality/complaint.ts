import type { Expectation } from "#lib/contracts/expectations/registry.ts"

/** What is wrong with a failing row: "12 of 100 rows …". */
export function complaintOf(expectation: Expectation): string {
  switch (expectation.type) {
    case "expect_column_values_to_not_be_null":
      return `have no ${expectation.column}`
    case "expect_column_values_to_be_null":
      return `have a value in ${expectation.column}`
    case "expect_column_values_to_be_unique":
      return `share their ${expectation.column} with another`
    case "expect_compound_columns_to_be_unique":
      return `share their ${expectation.column_list.join(", ")} with another`
    case "expect_column_values_to_be_in_set":
      return `have ${expectation.column} outside the list`
    case "expect_column_values_to_not_be_in_set":
      return `have ${expectation.column} from the list`
    case "expect_column_values_to_be_between":
      return `have ${expectation.column} out of range`
    case "expect_column_value_lengths_to_be_between":
    case "expect_column_value_lengths_to_equal":
      return `have ${expectation.column} of another length`
    case "expect_column_values_to_match_strftime_format":
    case "expect_column_values_to_be_dateutil_parseable":
      return `have no such date in ${expectation.column}`
    case "expect_column_values_to_be_json_parseable":
      return `have no JSON in ${expectation.column}`
    case "expect_column_values_to_be_increasing":
    case "expect_column_values_to_be_decreasing":
      return `break the order of ${expectation.column}`
    case "expect_column_value_z_scores_to_be_less_than":
      return `have an outlier in ${expectation.column}`
    case "expect_column_pair_values_a_to_be_greater_than_b":
      return `have ${expectation.column_A} not above ${expectation.column_B}`
    case "expect_column_pair_values_to_be_equal":
      return `have ${expectation.column_A} other than ${expectation.column_B}`
    case "expect_column_pair_values_to_be_in_set":
      return `have another pair of ${expectation.column_A} and ${expectation.column_B}`
    case "expect_select_column_values_to_be_unique_within_record":
      return `have the same value twice in ${expectation.column_list.join(", ")}`
    case "expect_multicolumn_sum_to_equal":
      return `have another sum of ${expectation.column_list.join(", ")}`
    case "expect_column_values_to_exist_in_table":
      return `have ${expectation.column} that ${expectation.other_table} lacks`
    case "expect_rows_to_satisfy":
      return `do not satisfy ${expectation.condition}`
    default:
      return "column" in expectation ? `have ${expectation.column} of another form` : "fail"
  }
}
