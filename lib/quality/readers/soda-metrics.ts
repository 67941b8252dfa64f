import { SODA_FORMATS } from "./soda-formats.ts"

/** A check that we do not read; the message says why, as a clause. */
export class NotUnderstood extends Error {
  override readonly name = "NotUnderstood"
}

type Written = Record<string, unknown>
export type Configuration = Record<string, unknown>

interface Threshold {
  operator: "=" | "<" | "<=" | ">" | ">=" | "between"
  low: number
  high: number
  strictLow: boolean
  strictHigh: boolean
}

/**
 * A check of a metric: `missing_count(email) = 0`, `avg(size) between 1 and 5`, or a metric alone with `warn` and `fail` in
 * its configuration, which say when it is wrong.
 */
export function fromMetric(line: string, configuration: Configuration): Written[] {
  const parsed = /^(\w+)\s*(?:\(([^)]*)\))?\s*(.*)$/.exec(line.trim())
  if (!parsed) throw new NotUnderstood("it is no check of a metric")
  const [, metric = "", list = "", rest = ""] = parsed
  const columns = list
    .split(",")
    .map((name) => name.trim().replace(/^"(.*)"$/, "$1"))
    .filter((name) => name !== "")
  if (rest !== "") return [fromThreshold(metric, columns, rest, configuration, "error")]
  const alerts = (["fail", "warn"] as const).flatMap((level) => {
    const alert = configuration[level]
    const when = typeof alert === "string" ? alert : (alert as { when?: unknown } | undefined)?.when
    if (alert === undefined) return []
    const text = /^(?:when\s+)?(.+)$/.exec(String(when))?.[1]
    if (!text) throw new NotUnderstood(`${level} says no "when"`)
    return [fromThreshold(metric, columns, opposite(text), configuration, level === "warn" ? "warn" : "error")]
  })
  if (alerts.length === 0) throw new NotUnderstood("it has no threshold")
  return alerts
}

function fromThreshold(
  metric: string,
  columns: string[],
  text: string,
  configuration: Configuration,
  severity: "warn" | "error",
): Written {
  if (metric === "freshness") return { ...freshness(columns[0], text), severity }
  const threshold = readThreshold(text)
  return { ...ofMetric(metric, columns, threshold, configuration), severity }
}

/** When a check alerts is the opposite of what it expects. */
function opposite(text: string): string {
  const pairs: [RegExp, string][] = [
    [/^>=/, "<"],
    [/^<=/, ">"],
    [/^>/, "<="],
    [/^</, ">="],
    [/^!=/, "="],
    [/^not between/, "between"],
  ]
  for (const [from, to] of pairs) if (from.test(text)) return text.replace(from, to)
  throw new NotUnderstood(`"when ${text}" is not read; use <, >, <=, >=, != or not between`)
}

function readThreshold(text: string): Threshold {
  const number = "(-?\\d+(?:\\.\\d+)?)\\s*%?"
  const between = new RegExp(`^between\\s+([([]?)\\s*${number}\\s+and\\s+${number}\\s*([)\\]]?)$`).exec(text)
  if (between) {
    return {
      operator: "between",
      low: Number(between[2]),
      high: Number(between[3]),
      strictLow: between[1] === "(",
      strictHigh: between[4] === ")",
    }
  }
  const simple = new RegExp(`^(=|<=|>=|<|>)\\s*${number}$`).exec(text)
  if (!simple) throw new NotUnderstood(`the threshold "${text}" is not read`)
  const value = Number(simple[2])
  const operator = simple[1] as Threshold["operator"]
  return { operator, low: value, high: value, strictLow: operator === ">", strictHigh: operator === "<" }
}

function rangeOf({ operator, low, high, strictLow, strictHigh }: Threshold): Written {
  return {
    ...(operator !== "<" && operator !== "<=" && { min_value: low, strict_min: strictLow }),
    ...(operator !== ">" && operator !== ">=" && { max_value: high, strict_max: strictHigh }),
  }
}

/** Whole numbers in place of strict bounds. */
function countRangeOf(threshold: Threshold): Written {
  const { min_value, max_value, strict_min, strict_max } = rangeOf(threshold) as Record<
    string,
    number | boolean | undefined
  >
  return {
    ...(min_value !== undefined && {
      min_value: strict_min ? Math.floor(Number(min_value)) + 1 : Math.ceil(Number(min_value)),
    }),
    ...(max_value !== undefined && {
      max_value: strict_max ? Math.ceil(Number(max_value)) - 1 : Math.floor(Number(max_value)),
    }),
  }
}

const FIGURES: Record<string, string> = {
  avg: "expect_column_mean_to_be_between",
  sum: "expect_column_sum_to_be_between",
  min: "expect_column_min_to_be_between",
  max: "expect_column_max_to_be_between",
  stddev: "expect_column_stdev_to_be_between",
  stddev_samp: "expect_column_stdev_to_be_between",
}

function ofMetric(metric: string, columns: string[], threshold: Threshold, configuration: Configuration): Written {
  if (metric === "row_count") return { type: "expect_table_row_count_to_be_between", ...countRangeOf(threshold) }
  const [column] = columns
  if (column === undefined) throw new NotUnderstood(`the metric ${metric} is not read`)
  if (FIGURES[metric]) return { type: FIGURES[metric], column, ...rangeOf(threshold) }
  if (metric === "distinct_count" || metric === "count_distinct") {
    return { type: "expect_column_unique_value_count_to_be_between", column, ...countRangeOf(threshold) }
  }
  if (metric === "min_length" && isLower(threshold))
    return { type: "expect_column_value_lengths_to_be_between", column, ...countRangeOf(threshold) }
  if (metric === "max_length" && isUpper(threshold))
    return { type: "expect_column_value_lengths_to_be_between", column, ...countRangeOf(threshold) }
  const counted = /^(missing|invalid|duplicate)_(count|percent)$/.exec(metric)
  if (!counted) throw new NotUnderstood(`the metric ${metric} is not read`)
  const allowed = counted[2] === "count" ? allowedCount(threshold) : allowedPercent(threshold)
  if (counted[1] === "missing") return { ...missing(column, configuration), ...allowed }
  if (counted[1] === "invalid") return { ...valid(column, configuration), ...allowed }
  return columns.length === 1
    ? { type: "expect_column_values_to_be_unique", column, ...allowed }
    : {
        type: "expect_compound_columns_to_be_unique",
        column_list: columns,
        ignore_row_if: "any_value_is_missing",
        ...allowed,
      }
}

function isUpper({ operator }: Threshold): boolean {
  return operator === "<" || operator === "<="
}

function isLower({ operator }: Threshold): boolean {
  return operator === ">" || operator === ">="
}

function allowedCount(threshold: Threshold): Written {
  const { min_value, max_value } = countRangeOf(threshold) as { min_value?: number; max_value?: number }
  if (max_value === undefined || (min_value ?? 0) > 0)
    throw new NotUnderstood("faulty rows can only be limited from above")
  return max_value > 0 ? { max_failed: max_value } : {}
}

/** A share strictly below its limit: a billionth less stands for it. */
function allowedPercent(threshold: Threshold): Written {
  const { min_value, max_value, strict_max } = rangeOf(threshold) as {
    min_value?: number
    max_value?: number
    strict_max?: boolean
  }
  if (max_value === undefined || (min_value ?? 0) > 0)
    throw new NotUnderstood("faulty rows can only be limited from above")
  const share = Math.max(0, max_value / 100 - (strict_max ? 1e-9 : 0))
  return share > 0 ? { mostly: Math.max(0, 1 - share) } : {}
}

function missing(column: string, configuration: Configuration): Written {
  const values = configuration["missing values"]
  const regex = configuration["missing regex"]
  if (values === undefined && regex === undefined) return { type: "expect_column_values_to_not_be_null", column }
  const name = `"${column.replaceAll('"', '""')}"`
  const parts = [
    `${name} is not null`,
    ...(Array.isArray(values)
      ? [`${name}::text not in (${values.map((value) => text(String(value))).join(", ")})`]
      : []),
    ...(typeof regex === "string" ? [`${name}::text !~ ${text(regex)}`] : []),
  ]
  return {
    type: "expect_rows_to_satisfy",
    condition: `coalesce(${parts.join(" and ")}, false)`,
    name: `${column} is not missing`,
  }
}

function valid(column: string, configuration: Configuration): Written {
  const of = (name: string) => configuration[name]
  if (Array.isArray(of("valid values")))
    return { type: "expect_column_values_to_be_in_set", column, value_set: of("valid values") }
  if (Array.isArray(of("invalid values")))
    return { type: "expect_column_values_to_not_be_in_set", column, value_set: of("invalid values") }
  if (typeof of("valid regex") === "string")
    return { type: "expect_column_values_to_match_regex", column, regex: of("valid regex") }
  if (typeof of("invalid regex") === "string")
    return { type: "expect_column_values_to_not_match_regex", column, regex: of("invalid regex") }
  if (of("valid length") !== undefined)
    return { type: "expect_column_value_lengths_to_equal", column, value: of("valid length") }
  if (of("valid min length") !== undefined || of("valid max length") !== undefined) {
    return {
      type: "expect_column_value_lengths_to_be_between",
      column,
      min_value: of("valid min length"),
      max_value: of("valid max length"),
    }
  }
  if (of("valid min") !== undefined || of("valid max") !== undefined) {
    return {
      type: "expect_column_values_to_be_between",
      column,
      min_value: of("valid min"),
      max_value: of("valid max"),
    }
  }
  const format = of("valid format")
  const regex = typeof format === "string" ? SODA_FORMATS[format.toLowerCase()] : undefined
  if (regex)
    return {
      type: "expect_column_values_to_match_regex",
      column,
      regex,
      name: `${column} is a valid ${String(format)}`,
    }
  if (format !== undefined) throw new NotUnderstood(`the format "${String(format)}" is not known`)
  throw new NotUnderstood("it does not say what is valid")
}

function freshness(column: string | undefined, threshold: string): Written {
  const parsed = /^(<=?)\s*((?:\d+(?:\.\d+)?[dhms]\s*)+|(?:\d+\s*(?:minutes?|hours?|days?)\s*)+)$/.exec(
    threshold.trim(),
  )
  if (!column || !parsed) throw new NotUnderstood('freshness is written "freshness(column) < 1d"')
  const age = parsed[2]!.replace(/\s*(d|h|m)(?:ays?|ours?|inutes?)/g, "$1").replace(/\s+/g, "")
  return { type: "expect_table_to_be_fresh", column, max_age: age }
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}
