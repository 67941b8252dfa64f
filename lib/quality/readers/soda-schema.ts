import { NotUnderstood } from "./soda-metrics.ts"

type Written = Record<string, unknown>

/** A schema check: what must be there, of which type, at which place, and what must not, as `fail` and `warn` say. */
export function fromSchema(configuration: Written): Written[] {
  const read = (["fail", "warn"] as const).flatMap((level) => {
    const rules = configuration[level]
    if (typeof rules !== "object" || rules === null) return []
    return Object.entries(rules).flatMap(([rule, value]) =>
      fromRule(rule, value).map((written) => ({ ...written, severity: level === "warn" ? "warn" : "error" })),
    )
  })
  if (read.length === 0) throw new NotUnderstood("it says neither fail nor warn")
  return read
}

function fromRule(rule: string, value: unknown): Written[] {
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : []
  if (rule === "when required column missing" && Array.isArray(value)) {
    return value.map((column) => ({ type: "expect_column_to_exist", column: String(column) }))
  }
  if (rule === "when wrong column type") {
    return entries.map(([column, type]) => ({
      type: "expect_column_values_to_be_of_type",
      column,
      type_: String(type),
    }))
  }
  if (rule === "when wrong column index") {
    return entries.map(([column, index]) => ({ type: "expect_column_to_exist", column, column_index: index }))
  }
  throw new NotUnderstood(`"${rule}" is not read`)
}
