import type { Range, Scalar } from "#lib/contracts/expectations/entry.ts"
import type { Bind } from "./bind.ts"
import { InvalidExpectation } from "./invalid-expectation.ts"
import type { FactColumn } from "./table-facts.ts"

const WHOLE = ["smallint", "integer", "bigint"]
const BINARY = ["real", "double precision"]
const ZONED = "timestamp with time zone"

export function isNumber(column: FactColumn): boolean {
  return column.category === "N"
}

/** Types whose values may be NaN. */
export function mayBeNaN(column: FactColumn): boolean {
  return BINARY.includes(column.baseType) || column.baseType === "numeric"
}

export function isBinaryFraction(column: FactColumn): boolean {
  return BINARY.includes(column.baseType)
}

export function isTime(column: FactColumn): boolean {
  return ["date", ZONED, "timestamp without time zone"].includes(column.baseType)
}

/** The column's value as text; texts as they are. */
export function asText(column: FactColumn, expression: string): string {
  return column.baseType === "text" ? expression : `${expression}::text`
}

/** An aggregate of the column as text that means the same whatever the session's time zone. */
export function shownText(column: FactColumn, expression: string): string {
  return column.baseType === ZONED ? `((${expression}) at time zone 'UTC')::text || 'Z'` : `(${expression})::text`
}

/** A bound, as a value that compares with the column's. */
export function bindBound(bind: Bind, column: FactColumn, value: number | string): string {
  if (typeof value === "number") {
    if (!isNumber(column)) {
      throw new InvalidExpectation(`${column.name} is of type ${column.type}, which does not compare with a number`)
    }
    if (isBinaryFraction(column)) return bind(value, "double precision")
    return Number.isInteger(value) && WHOLE.includes(column.baseType) && Number.isSafeInteger(value)
      ? bind(String(value), "bigint")
      : bind(String(value), "numeric")
  }
  return bind(inUtc(column, value), isNumber(column) ? numberType(column) : comparedType(column, value))
}

/** A list of values, as an array that compares with the column's; `text` says that the column must be taken as text. */
export function bindSet(
  bind: Bind,
  column: FactColumn,
  values: readonly (Scalar | null)[],
): { array: string; isText: boolean } {
  const texts = values.map((value) => (value === null ? null : inUtc(column, String(value))))
  const isTyped = isNumber(column) || isTime(column) || column.category === "B" || column.baseType === "uuid"
  if (!isTyped) return { array: bind(texts, "text[]"), isText: true }
  const hasFraction = texts.some((text) => text !== null && /^-?\d*\.\d/.test(text))
  const type = isNumber(column)
    ? hasFraction && WHOLE.includes(column.baseType)
      ? "numeric"
      : numberType(column)
    : column.type
  return { array: bind(texts, `${type}[]`), isText: false }
}

function numberType({ baseType }: FactColumn): string {
  if (WHOLE.includes(baseType)) return "bigint"
  return BINARY.includes(baseType) ? "double precision" : "numeric"
}

function comparedType(column: FactColumn, value: string): string {
  if (column.category === "S") return "text"
  if (column.baseType === "date" && !/^\d{4}-\d\d-\d\d$/.test(value)) return "timestamp"
  return column.type
}

/** An instant that names no zone is UTC, whatever the session's is. */
function inUtc(column: FactColumn, value: string): string {
  const isBare = /^\d{4}-\d\d-\d\d([ T][\d:.]+)?$/.test(value)
  return column.baseType === ZONED && isBare ? `${value} UTC` : value
}

/** True for a value outside the range, and for NaN. For a null it is null. */
export function outsideRange(bind: Bind, column: FactColumn, expression: string, range: Range): string {
  const parts: string[] = []
  if (range.min_value !== undefined) {
    parts.push(`${expression} ${range.strict_min ? "<=" : "<"} ${bindBound(bind, column, range.min_value)}`)
  }
  if (range.max_value !== undefined) {
    parts.push(`${expression} ${range.strict_max ? ">=" : ">"} ${bindBound(bind, column, range.max_value)}`)
  } else if (mayBeNaN(column)) {
    // NaN is larger than every bound from above, and so is refused there already.
    parts.push(`${expression} = 'NaN'`)
  }
  return parts.length === 1 ? parts[0]! : `(${parts.join(" or ")})`
}

/** True for a number inside the range, of whichever type the expression is. */
export function insideRange(bind: Bind, expression: string, range: Range): string {
  const parts = [`${expression}::text <> 'NaN'`]
  if (range.min_value !== undefined) {
    parts.push(`${expression} ${range.strict_min ? ">" : ">="} ${bind(String(range.min_value), "numeric")}`)
  }
  if (range.max_value !== undefined) {
    parts.push(`${expression} ${range.strict_max ? "<" : "<="} ${bind(String(range.max_value), "numeric")}`)
  }
  return `(${parts.join(" and ")})`
}
