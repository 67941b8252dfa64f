import type { Json, JsonObject } from "#lib/contracts/json.ts"
import type { BindValue } from "#lib/contracts/operators/sql.ts"

/** Params of the run that can stand for a value in SQL: scalars and lists of them. */
export function bindableParams(params: JsonObject): Record<string, BindValue> {
  const bindable: Record<string, BindValue> = {}
  for (const [name, value] of Object.entries(params)) if (isBindable(value)) bindable[name] = value
  return bindable
}

function isBindable(value: Json): value is BindValue {
  return Array.isArray(value) ? value.every(isScalar) : isScalar(value)
}

function isScalar(value: Json): boolean {
  return value === null || typeof value !== "object"
}
