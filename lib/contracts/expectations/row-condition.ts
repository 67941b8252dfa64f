/**
 * A row condition of Great Expectations as SQL: its own grammar (`col("a").notNull()`, `col("a") == "x"`), the comparison maps
 * of 1.x, or pandas' comparisons. Anything else is SQL already. Null: not understood.
 * (docs.greatexpectations.io, "Expectation conditions".)
 */
export function rowCondition(condition: unknown): string | null {
  if (typeof condition === "string") return fromText(condition)
  return typeof condition === "object" && condition !== null ? fromMap(condition as Record<string, unknown>) : null
}

const COLUMN = String.raw`col\(\s*(?:"([^"]+)"|'([^']+)')\s*\)`
const OPERATOR = "(==|!=|<=|>=|<|>)"
const VALUE = String.raw`(?:"([^"]*)"|'([^']*)'|date\(\s*["']([^"']+)["']\s*\)|(-?\d+(?:\.\d+)?))`
const NULLNESS = new RegExp(`^${COLUMN}\\.(notNull|isNull)\\(\\)$`)
const COMPARISON = new RegExp(`^${COLUMN}\\s*${OPERATOR}\\s*${VALUE}$`)
const PANDAS = new RegExp(`^([A-Za-z_]\\w*)\\s*==\\s*${VALUE}$`)

function fromText(text: string): string | null {
  const parts = text.trim().split(/\s+(?:and|&)\s+/)
  const read = parts.map((part) => fromComparison(part.trim().replace(/^\((.*)\)$/, "$1")))
  if (read.every((part) => part !== null)) return read.join(" and ")
  // `==` is no operator of SQL, and `col(…)` no function.
  return /==|\bcol\(/.test(text) ? null : text.trim() || null
}

function fromComparison(part: string): string | null {
  const nullness = NULLNESS.exec(part)
  if (nullness) {
    return `${quoted(nullness[1] ?? nullness[2]!)} is ${nullness[3] === "notNull" ? "not null" : "null"}`
  }
  const comparison = COMPARISON.exec(part)
  if (comparison) {
    const [, a, b, operator, ...value] = comparison
    return `${quoted(a ?? b!)} ${OPERATORS[operator!]} ${literal(value)}`
  }
  const pandas = PANDAS.exec(part)
  return pandas ? `${quoted(pandas[1]!)} = ${literal(pandas.slice(2))}` : null
}

const OPERATORS: Record<string, string> = { "==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=" }

function fromMap(condition: Record<string, unknown>): string | null {
  const { type, column, operator, parameter, conditions } = condition
  if (Array.isArray(conditions)) {
    const read = conditions.map(rowCondition)
    const word = type === "or" ? " or " : " and "
    return read.every((part) => part !== null) ? `(${read.join(word)})` : null
  }
  const name = typeof column === "string" ? column : (column as { name?: unknown } | undefined)?.name
  if (typeof name !== "string") return null
  if (type === "nullity" || operator === "IS_NULL" || operator === "IS_NOT_NULL") {
    const isNull = condition.is_null === true || operator === "IS_NULL"
    return `${quoted(name)} is ${isNull ? "null" : "not null"}`
  }
  const symbol = OPERATORS[String(operator)]
  if (symbol && (typeof parameter === "string" || typeof parameter === "number")) {
    return `${quoted(name)} ${symbol} ${typeof parameter === "number" ? parameter : text(parameter)}`
  }
  if ((operator === "IN" || operator === "NOT_IN") && Array.isArray(parameter) && parameter.length > 0) {
    const list = parameter.map((value) => (typeof value === "number" ? String(value) : text(String(value))))
    return `${quoted(name)} ${operator === "IN" ? "in" : "not in"} (${list.join(", ")})`
  }
  return null
}

function literal([double, single, date, number]: (string | undefined)[]): string {
  return number ?? text(double ?? single ?? date ?? "")
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}
