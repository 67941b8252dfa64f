import { Dict } from "../jinja/dict.ts"
import { toText } from "../jinja/print.ts"
import { PySet } from "../jinja/py-set.ts"
import { HostObject, PyFloat, Tuple, Undefined, type Value } from "../jinja/values.ts"
import { YamlFloat } from "../project/read-yaml.ts"

/** Data as templates see it: maps become dicts, lists lists, numbers with a fraction floats; absent is None. */
export function toValue(plain: unknown): Value {
  if (plain === null || plain === undefined) return null
  switch (typeof plain) {
    case "string":
    case "boolean":
    case "bigint":
      return plain
    case "number":
      return Number.isInteger(plain) ? plain : new PyFloat(plain)
    case "object":
      if (Array.isArray(plain)) return plain.map(toValue)
      if (plain instanceof Number) return new PyFloat(plain.valueOf())
      if (plain instanceof Map) return new Dict([...plain].map(([key, each]) => [toValue(key), toValue(each)]))
      return new Dict(Object.entries(plain).map(([key, each]) => [key, toValue(each)]))
    default:
      return String(plain)
  }
}

/** What a template made, as data. Tuples and sets become lists; what has no other form becomes its text, a missing value null. */
export function toPlain(value: Value): unknown {
  if (value === null || typeof value !== "object") return value
  if (Array.isArray(value)) return value.map(toPlain)
  if (value instanceof PyFloat) return Number.isInteger(value.value) ? new YamlFloat(value.value) : value.value
  if (value instanceof Tuple) return value.items.map(toPlain)
  if (value instanceof PySet) return [...value].map(toPlain)
  if (value instanceof Dict) {
    return Object.fromEntries([...value].map(([key, each]) => [toText(key), toPlain(each)]))
  }
  if (value instanceof Undefined) return null
  if (value instanceof HostObject && value.toPlain) return value.toPlain()
  return toText(value)
}
