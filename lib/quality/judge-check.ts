import type { Check, CheckMeasure } from "#lib/contracts/operators/checks.ts"
import type { CheckOutcome, QualityDimension } from "#lib/contracts/task-result.ts"
import { assertNever } from "#lib/domain/assert-never.ts"
import { parseDuration } from "#lib/domain/duration.ts"

/** Which side of quality a check looks at (DAMA's dimensions; volume is ours). */
const DIMENSIONS: Record<Check["kind"], QualityDimension> = {
  not_null: "completeness",
  unique: "uniqueness",
  accepted_values: "validity",
  between: "validity",
  matches: "validity",
  row_count: "volume",
  freshness: "timeliness",
}

/**
 * What a measure means for its check. A row check passes when the share of failing rows is within its tolerance, so an
 * empty table passes it; `row_count` is there to say that a table must not be empty. Freshness of no rows fails.
 * The failed rows of a check about the whole table are all or none.
 */
export function judgeCheck(dataset: string, check: Check, measure: CheckMeasure): CheckOutcome {
  const { passed, message, observed } = judge(check, measure)
  const isAboutTable = check.kind === "row_count" || check.kind === "freshness"
  return {
    dataset,
    name: check.name ?? checkName(check),
    kind: check.kind,
    column: columnOf(check),
    dimension: DIMENSIONS[check.kind],
    severity: check.severity,
    passed,
    rowsChecked: measure.rowsChecked,
    rowsFailed: isAboutTable ? (passed ? 0 : measure.rowsChecked) : measure.rowsFailed,
    observed,
    message,
  }
}

interface Judgement {
  passed: boolean
  message: string
  observed: CheckOutcome["observed"]
}

function judge(check: Check, measure: CheckMeasure): Judgement {
  if (check.kind === "row_count") return judgeCount(check, measure.rowsChecked)
  if (check.kind === "freshness") return judgeFreshness(check, measure)
  const { rowsChecked, rowsFailed } = measure
  const share = rowsChecked === 0 ? 0 : rowsFailed / rowsChecked
  const failing = `${rowsFailed} of ${rowsChecked} rows ${complaint(check)}`
  const passed = share <= check.tolerance
  return {
    passed,
    message:
      rowsFailed === 0
        ? `${rowsChecked} rows checked.`
        : passed
          ? `${failing}; up to ${check.tolerance * 100} % may.`
          : `${failing}.`,
    observed:
      check.kind === "between"
        ? { smallest: measure.smallest ?? null, largest: measure.largest ?? null }
        : { rowsFailed },
  }
}

function judgeCount(check: Extract<Check, { kind: "row_count" }>, rows: number): Judgement {
  const tooFew = check.min !== undefined && rows < check.min
  const tooMany = check.max !== undefined && rows > check.max
  const bound = tooFew ? `at least ${check.min}` : `at most ${check.max}`
  return {
    passed: !tooFew && !tooMany,
    message:
      tooFew || tooMany ? `The table has ${rows} rows, but ${bound} are expected.` : `The table has ${rows} rows.`,
    observed: rows,
  }
}

function judgeFreshness(check: Extract<Check, { kind: "freshness" }>, measure: CheckMeasure): Judgement {
  const maxAgeMs = parseDuration(check.maxAge) ?? 0
  const { newest = null, ageMs = null } = measure
  if (newest === null || ageMs === null) {
    return { passed: false, message: `No row has a value in ${check.column}.`, observed: null }
  }
  const passed = ageMs <= maxAgeMs
  const said = `The newest ${check.column} is ${describeAge(ageMs)} old`
  return {
    passed,
    message: passed ? `${said}.` : `${said}; at most ${describeAge(maxAgeMs)} is expected.`,
    observed: { newest, ageSeconds: Math.round(ageMs / 1_000) },
  }
}

type RowCheck = Exclude<Check, { kind: "row_count" | "freshness" }>

function complaint(check: RowCheck): string {
  switch (check.kind) {
    case "not_null":
      return `have no ${check.column}`
    case "unique":
      return `share their ${check.columns.join(", ")} with another`
    case "accepted_values":
      return `have ${check.column} outside the list`
    case "between":
      return `have ${check.column} out of range`
    case "matches":
      return `have ${check.column} of another form`
    default:
      return assertNever(check)
  }
}

/** The name people see where the author gave none; stable, because a check's history goes by it. */
export function checkName(check: Check): string {
  switch (check.kind) {
    case "not_null":
      return `${check.column} is not null`
    case "unique":
      return `${check.columns.join(", ")} is unique`
    case "accepted_values":
      return `${check.column} is an accepted value`
    case "between":
      return `${check.column} is ${rangeText(check.min, check.max)}`
    case "matches":
      return `${check.column} matches its pattern`
    case "row_count":
      return `row count is ${rangeText(check.min, check.max)}`
    case "freshness":
      return `${check.column} is at most ${describeAge(parseDuration(check.maxAge) ?? 0)} old`
    default:
      return assertNever(check)
  }
}

function rangeText(min: string | number | undefined, max: string | number | undefined): string {
  if (min === undefined) return `at most ${max}`
  return max === undefined ? `at least ${min}` : `between ${min} and ${max}`
}

function columnOf(check: Check): string | null {
  if (check.kind === "row_count") return null
  return check.kind === "unique" ? (check.columns.length === 1 ? check.columns[0]! : null) : check.column
}

/** "3 d 4 h", the two largest units. */
function describeAge(ms: number): string {
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
