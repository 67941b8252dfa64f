import { z } from "zod"
import { didYouMean } from "../../domain/closest.ts"
import {
  EXPECTATION_NAMES,
  type Expectation,
  type ExpectationInputOf,
  type ExpectationType,
  entryOf,
  expectationType,
  optionsSchemaOf,
} from "./registry.ts"
import { rowCondition } from "./row-condition.ts"

type Values = Record<string, unknown>
type Issue = { path: PropertyKey[]; message: string; keys?: string[] }
export type ReadExpectation = { expectation: Expectation } | { issues: Issue[] }

/**
 * Reads one expectation in any way of writing it:
 *
 *     { type: expect_column_values_to_not_be_null, column: email, mostly: 0.9 }
 *     { expectation_type: expect_…, kwargs: { column: email }, meta: {} }      as suites of Great Expectations have it
 *     { kind: not_null, column: email, tolerance: 0.1 }                        as TypeScript builders write it
 *     { not_null: email, severity: warn }                                      short, in YAML
 *
 * Issues have paths into what was written. Reading what was read gives the same.
 */
export function readExpectation(written: unknown): ReadExpectation {
  const form = readForm(written)
  if ("issues" in form) return form
  const { type, values, cameFrom } = toCanonical(form)
  const parsed = optionsSchemaOf(type).safeParse({ ...values, type })
  if (!parsed.success) {
    return {
      issues: parsed.error.issues.map((issue) => ({
        path: placeOf(issue.path, cameFrom),
        message: issue.message,
        ...(issue.code === "unrecognized_keys" && { keys: issue.keys }),
      })),
    }
  }
  const conflict = entryOf(type).conflict?.(parsed.data)
  if (conflict) return { issues: [{ path: form.prefix, message: conflict }] }
  return { expectation: parsed.data as unknown as Expectation }
}

interface Form {
  type: ExpectationType
  /** As it was written: `unique` asks for something else of two columns than of one. */
  name: string
  values: Values
  /** Where the values stand in what was written. */
  prefix: string[]
  /** Of single values, where they stand somewhere else. */
  places: Map<string, string[]>
}

function readForm(written: unknown): Form | { issues: Issue[] } {
  if (!isMap(written)) return problem([], "an expectation is a map such as { not_null: email }")
  const key = ["type", "expectation_type", "kind"].find((name) => typeof written[name] === "string")
  if (!key) return readShortForm(written)
  const name = String(written[key])
  const type = expectationType(name)
  if (!type) return problem([key], `there is no expectation "${name}"${didYouMean(name, EXPECTATION_NAMES)}`)
  const { [key]: _, kwargs, ...rest } = written
  if (!isMap(kwargs)) return { type, name, values: rest, prefix: [], places: new Map() }
  // What else a suite says of an expectation means nothing to us: ids, notes, results of its last validation.
  const { meta, severity, notes } = rest
  const places = new Map(Object.keys(kwargs).map((own) => [own, ["kwargs", own]]))
  const isSeverity = severity === "warn" || severity === "warning" ? "warn" : undefined
  const values = {
    ...kwargs,
    ...(isMap(meta) && Object.keys(meta).length > 0 && { meta }),
    ...(typeof notes === "string" && notes !== "" && !isMap(meta) && { meta: { notes } }),
    ...(isSeverity && { severity: isSeverity }),
  }
  return { type, name, values, prefix: ["kwargs"], places }
}

/** `{ not_null: email }`: one key is the kind; others beside it are options. */
function readShortForm(written: Values): Form | { issues: Issue[] } {
  const named = Object.keys(written).filter((key) => expectationType(key) !== null)
  const [name, ...others] = named
  if (!name) {
    const [first] = Object.keys(written)
    if (first === undefined) return problem([], "an expectation is a map such as { not_null: email }")
    return problem([first], `there is no expectation "${first}"${didYouMean(first, EXPECTATION_NAMES)}`)
  }
  if (others.length > 0) return problem([others[0]!], `give one expectation an entry, not ${named.join(" and ")}`)
  const type = expectationType(name)!
  const { [name]: about, ...beside } = written
  const inside = isMap(about) ? about : about === null ? {} : { [mainOption(type, about)]: about }
  const places = new Map(Object.keys(inside).map((own) => [own, isMap(about) ? [name, own] : [name]]))
  return { type, name, values: { ...inside, ...beside }, prefix: [name], places }
}

/** The option that a value alone stands for: `satisfies: a > b`. */
function mainOption(type: ExpectationType, value: unknown): string {
  if (type === "expect_column_values_to_be_unique" && Array.isArray(value)) return "columns"
  const own = Object.keys(entryOf(type).options.shape)
  return (
    ["column", "condition", "unexpected_rows_query", "value", "other_table_name", "column_set", "column_list"].find(
      (option) => own.includes(option),
    ) ?? own[0]!
  )
}

/** Other names of options, the first that the kind has. */
const OTHER_NAMES: Record<string, readonly string[]> = {
  min: ["min_value"],
  max: ["max_value"],
  values: ["value_set"],
  set: ["value_set"],
  pattern: ["regex", "like_pattern"],
  format: ["strftime_format"],
  maxAge: ["max_age"],
  tolerance: ["mostly"],
  row_condition: ["where"],
  onFail: ["on_fail"],
  maxFailed: ["max_failed"],
  columns: ["column_list", "column_set"],
  table: ["other_table", "other_table_name"],
  to: ["other_table"],
  field: ["other_column"],
  query: ["unexpected_rows_query"],
  sql: ["unexpected_rows_query"],
  type_name: ["type_"],
  strict_minimum: ["strict_min"],
  strict_maximum: ["strict_max"],
  total: ["sum_total"],
}

/** Say how a suite was to be run elsewhere, not what is expected. */
const IGNORED = new Set([
  ...["batch_id", "result_format", "include_config", "catch_exceptions", "condition_parser", "auto", "profiler_config"],
  ...["parse_strings_as_datetimes", "output_strftime_format", "allow_relative_error", "allow_cross_type_comparisons"],
])

function toCanonical(form: Form) {
  const { values } = form
  let { type } = form
  const several = type === "expect_column_values_to_be_unique" ? values.columns : undefined
  if (Array.isArray(several) && several.length !== 1) type = "expect_compound_columns_to_be_unique"
  const known = optionsSchemaOf(type).shape
  const canonical: Values = {}
  const cameFrom = new Map<string, string[]>()
  for (const [key, value] of Object.entries(values)) {
    if (IGNORED.has(key) && !(key in known)) continue
    const name = key in known ? key : ((OTHER_NAMES[key] ?? []).find((other) => other in known) ?? key)
    canonical[name] = key === "tolerance" && name === "mostly" && typeof value === "number" ? 1 - value : value
    cameFrom.set(name, form.places.get(key) ?? [key])
  }
  if (Array.isArray(several) && several.length === 1) {
    canonical.column = several[0]
    cameFrom.set("column", [...cameFrom.get("columns")!, "0"])
    delete canonical.columns
  }
  // What `unique` means of several columns is what a unique key of the database means.
  if (form.name === "unique" && type === "expect_compound_columns_to_be_unique") {
    canonical.ignore_row_if ??= "any_value_is_missing"
  }
  if (canonical.where === null) delete canonical.where
  if ("row_condition" in values && canonical.where !== undefined) {
    // What is not understood stays as it is, which is no text and so refused.
    canonical.where = rowCondition(values.row_condition) ?? [values.row_condition]
  }
  return { type, values: canonical, cameFrom }
}

function placeOf(path: readonly PropertyKey[], cameFrom: ReadonlyMap<string, string[]>): PropertyKey[] {
  const [first, ...rest] = path
  if (first === undefined) return []
  return [...(cameFrom.get(String(first)) ?? [first]), ...rest]
}

function problem(path: string[], message: string): { issues: Issue[] } {
  return { issues: [{ path, message }] }
}

function isMap(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

interface Common {
  name?: string
  severity?: "warn" | "error"
  onFail?: "block" | "warn" | "quarantine"
  where?: string
  tags?: string[]
  meta?: Record<string, unknown>
}
interface RowCommon extends Common {
  /** Share of rows, 0 to 1, that may fail before the check does. */
  tolerance?: number
  maxFailed?: number
}
type Bound = number | string

/** The short forms that builders of the SDK write. */
export type CheckInput =
  | ({ kind: "not_null"; column: string } & RowCommon)
  | ({ kind: "unique"; columns: string[] } & RowCommon)
  | ({ kind: "accepted_values"; column: string; values: (string | number | boolean)[] } & RowCommon)
  | ({ kind: "between"; column: string; min?: Bound; max?: Bound } & RowCommon)
  | ({ kind: "matches"; column: string; pattern: string } & RowCommon)
  | ({ kind: "row_count"; min?: number; max?: number } & Common)
  | ({ kind: "freshness"; column: string; maxAge: string | number } & Common)
  | { [Type in ExpectationType]: ExpectationInputOf<Type> }[ExpectationType]

/** {@link readExpectation} as a schema. */
export const expectationSchema = z.custom<CheckInput>().transform((written, context): Expectation => {
  const read = readExpectation(written)
  if ("expectation" in read) return read.expectation
  for (const { path, message, keys } of read.issues) {
    if (keys) context.issues.push({ code: "unrecognized_keys", keys, path, input: written as Values })
    else context.issues.push({ code: "custom", path, message, input: written })
  }
  return z.NEVER
})
