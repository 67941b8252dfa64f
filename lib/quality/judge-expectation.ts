import {
  columnOf,
  type Expectation,
  type ExpectationOf,
  entryOf,
  nameOf,
  sentenceOf,
} from "#lib/contracts/expectations/registry.ts"
import { ageText } from "#lib/contracts/expectations/table-expectations.ts"
import type { Json } from "#lib/contracts/json.ts"
import type { CheckOutcome, CheckState } from "#lib/contracts/task-result.ts"
import { parseDuration } from "#lib/domain/duration.ts"
import type { Measure } from "#lib/engines/postgres/expectations/measure.ts"
import { complaintOf } from "./complaint.ts"

/**
 * What a measure means for its expectation. One that counts rows passes when enough of the rows that it looked at pass, by
 * `mostly`, or few enough fail, by `max_failed`. One that found no rows to look at neither passes nor fails: its state is
 * `empty`, and no score counts it; it stops nothing, for a table that must not be empty there is the row count. One that cannot
 * be computed has failed, in the state `error`. The failed rows of one about the whole table are all or none.
 */
export function judgeExpectation(
  dataset: string,
  expectation: Expectation,
  measure: Measure,
  isMasked: (column: string) => boolean = () => false,
): CheckOutcome {
  const entry = entryOf(expectation.type)
  const column = columnOf(expectation)
  const hides = measure.showsValue && column !== null && isMasked(column)
  const observed = hides ? null : measure.observed
  const { state, message } =
    entry.scope === "rows" ? judgeRows(expectation, measure) : judgeFigure(expectation, { ...measure, observed }, hides)
  const passed = state === "passed" || state === "empty"
  const rowsFailed = entry.scope === "rows" ? measure.rowsFailed : passed ? 0 : measure.rowsChecked
  return {
    dataset,
    name: nameOf(expectation),
    kind: expectation.type,
    column,
    dimension: entry.dimension,
    severity: expectation.severity,
    passed,
    state,
    rowsChecked: measure.rowsChecked,
    rowsFailed,
    observed: entry.scope === "rows" ? { rowsFailed: measure.rowsFailed } : observed,
    message,
  }
}

interface Judgement {
  state: CheckState
  message: string
}

function judgeRows(expectation: Expectation, measure: Measure): Judgement {
  if (measure.problem !== null) return cannotBe(measure.problem)
  const { rowsChecked, rowsFailed } = measure
  if (rowsChecked === 0) return { state: "empty", message: "There were no rows to look at." }
  if (rowsFailed === 0) return { state: "passed", message: `${rowsChecked} rows checked.` }
  const { mostly = 1, max_failed = 0 } = expectation
  const failing = `${rowsFailed} of ${rowsChecked} rows ${complaintOf(expectation)}`
  const passes = isEnough(rowsChecked, rowsFailed, mostly) || rowsFailed <= max_failed
  if (!passes) return { state: "failed", message: `${failing}.` }
  const allowed = isEnough(rowsChecked, rowsFailed, mostly) ? `${percent(1 - mostly)} may` : `${max_failed} may`
  return { state: "passed", message: `${failing}; up to ${allowed}.` }
}

/** Whether the share of rows that pass is at least `mostly`. The last place of a product of fractions is no reason to fail. */
export function isEnough(rowsChecked: number, rowsFailed: number, mostly: number): boolean {
  return rowsFailed <= rowsChecked * (1 - mostly) + rowsChecked * 1e-12
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(6))} %`
}

function judgeFigure(expectation: Expectation, measure: Measure, hides: boolean): Judgement {
  if (measure.problem !== null) return cannotBe(measure.problem)
  if (expectation.type === "expect_table_to_be_fresh") return judgeFreshness(expectation, measure)
  if (measure.rowsChecked === 0 && !measure.countsNothing) {
    return { state: "empty", message: "There were no rows to look at." }
  }
  // Of some figures, such as the deviation of a single row, there is none.
  if (measure.ok === null) return { state: "empty", message: "There were too few rows to judge." }
  const state = measure.ok ? "passed" : "failed"
  if (isRowCount(expectation))
    return { state, message: rowCountText(expectation, Number(measure.observed), measure.ok) }
  if (expectation.type === "unexpected_rows_expectation") {
    const rows = Number(measure.observed)
    return { state, message: rows === 1 ? "The query returned 1 row." : `The query returned ${rows} rows.` }
  }
  if (expectation.type === "expect_aggregate_to_equal_other_table" && expectation.group_by) {
    return { state, message: `${measure.rowsFailed} of ${measure.rowsChecked} groups differ.` }
  }
  const found = hides ? "Found a value that is masked" : `Found ${shown(measure.observed)}`
  return { state, message: measure.ok ? `${found}.` : `${found}; expected: ${sentenceOf(expectation)}.` }
}

type RowCount = ExpectationOf<"expect_table_row_count_to_be_between"> | ExpectationOf<"expect_table_row_count_to_equal">

function isRowCount(expectation: Expectation): expectation is RowCount {
  const { type } = expectation
  return type === "expect_table_row_count_to_be_between" || type === "expect_table_row_count_to_equal"
}

function rowCountText(expectation: RowCount, rows: number, ok: boolean): string {
  if (ok) return `The table has ${rows} rows.`
  const bound =
    expectation.type === "expect_table_row_count_to_equal"
      ? `${expectation.value}`
      : expectation.min_value !== undefined && rows < expectation.min_value
        ? `at least ${expectation.min_value}`
        : `at most ${expectation.max_value}`
  return `The table has ${rows} rows, but ${bound} are expected.`
}

function judgeFreshness(expectation: ExpectationOf<"expect_table_to_be_fresh">, measure: Measure): Judgement {
  const seen = measure.observed as { ageSeconds: number } | null
  if (seen === null || measure.ok === null) {
    return { state: "failed", message: `No row has a value in ${expectation.column}.` }
  }
  const said = `The newest ${expectation.column} is ${ageText(seen.ageSeconds * 1_000)} old`
  if (measure.ok) return { state: "passed", message: `${said}.` }
  const allowed = ageText(parseDuration(expectation.max_age) ?? 0)
  return { state: "failed", message: `${said}; at most ${allowed} is expected.` }
}

function cannotBe(problem: string): Judgement {
  return { state: "error", message: `Cannot be computed: ${problem.replace(/\.$/, "")}.` }
}

/** What was observed, in a few words. */
function shown(observed: Json): string {
  if (observed === null) return "nothing"
  if (typeof observed !== "object") return String(observed)
  const text = Array.isArray(observed)
    ? observed.map(String).join(", ")
    : Object.entries(observed)
        .filter(([, value]) => !Array.isArray(value) || value.length > 0)
        .map(([name, value]) => `${name.replaceAll("_", " ")} ${Array.isArray(value) ? value.join(", ") : value}`)
        .join("; ")
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}
