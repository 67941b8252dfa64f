import type { CheckInput } from "../contracts/expectations/read-expectation.ts"
import type { ExpectationInputOf, ExpectationType } from "../contracts/expectations/registry.ts"

type CheckOf<Kind extends string> = Extract<CheckInput, { kind: Kind }>
/** Options that a check takes besides what it is about: name, severity, onFail, and for row checks `where` and `tolerance`. */
type Extra<Kind extends string, Own extends string> = Omit<CheckOf<Kind>, "kind" | Own>

/**
 * Any expectation by its full name, with the options that docs/expectations.md lists:
 * `expectation("expect_column_mean_to_be_between", { column: "amount", min_value: 10 })`.
 */
export function expectation<Type extends ExpectationType>(
  type: Type,
  options: Omit<ExpectationInputOf<Type>, "type">,
): ExpectationInputOf<Type> {
  return { type, ...options } as ExpectationInputOf<Type>
}

/** No row has a null in the column. */
export function notNull(column: string, extra: Extra<"not_null", "column"> = {}): CheckOf<"not_null"> {
  return { kind: "not_null", column, ...extra }
}

/** No two rows agree in the column, or in all of the columns. */
export function unique(columns: string | string[], extra: Extra<"unique", "columns"> = {}): CheckOf<"unique"> {
  return { kind: "unique", columns: typeof columns === "string" ? [columns] : columns, ...extra }
}

/** Every value of the column is one of these. */
export function acceptedValues(
  column: string,
  values: (string | number | boolean)[],
  extra: Extra<"accepted_values", "column" | "values"> = {},
): CheckOf<"accepted_values"> {
  return { kind: "accepted_values", column, values, ...extra }
}

/** Every value lies in [min, max]; one bound may be left out. */
export function between(
  column: string,
  bounds: Pick<CheckOf<"between">, "min" | "max">,
  extra: Extra<"between", "column" | "min" | "max"> = {},
): CheckOf<"between"> {
  return { kind: "between", column, ...bounds, ...extra }
}

/** Every value matches the POSIX regular expression. */
export function matches(
  column: string,
  pattern: string,
  extra: Extra<"matches", "column" | "pattern"> = {},
): CheckOf<"matches"> {
  return { kind: "matches", column, pattern, ...extra }
}

/** The table holds at least `min` and at most `max` rows. */
export function rowCount(
  bounds: Pick<CheckOf<"row_count">, "min" | "max">,
  extra: Extra<"row_count", "min" | "max"> = {},
): CheckOf<"row_count"> {
  return { kind: "row_count", ...bounds, ...extra }
}

/** The newest value of the timestamp column is at most `maxAge` old: `"26h"`. */
export function freshness(
  column: string,
  maxAge: string | number,
  extra: Extra<"freshness", "column" | "maxAge"> = {},
): CheckOf<"freshness"> {
  return { kind: "freshness", column, maxAge, ...extra }
}
