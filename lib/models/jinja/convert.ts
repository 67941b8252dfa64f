import { entriesOf } from "./collection-methods.ts"
import { Dict } from "./dict.ts"
import { toText } from "./print.ts"
import { PySet } from "./py-set.ts"
import { fromBigInt, HostObject, Namespace, PyFloat, Tuple, Undefined, type Value } from "./values.ts"

/**
 * The value of plain data (JSON, YAML): whole numbers become ints, others floats; undefined becomes None; a Date its ISO text.
 * Values pass as they are.
 */
export function toPython(data: unknown): Value {
  switch (typeof data) {
    case "string":
    case "boolean":
      return data
    case "number":
      return Number.isSafeInteger(data) ? data : new PyFloat(data)
    case "bigint":
      return fromBigInt(data)
    case "object":
      return objectToPython(data)
    default:
      return null
  }
}

function objectToPython(data: object | null): Value {
  if (data === null) return null
  if (Array.isArray(data)) return data.map(toPython)
  if (isValueObject(data)) return data
  if (data instanceof Map) return new Dict(Array.from(data, ([key, value]) => [toPython(key), toPython(value)]))
  if (data instanceof Set) return new PySet(Array.from(data, toPython))
  if (data instanceof Date) return data.toISOString()
  return new Dict(Object.entries(data).map(([key, value]) => [key, toPython(value)]))
}

function isValueObject(data: object): data is PyFloat | Tuple | Dict | PySet | Undefined | Namespace | HostObject {
  return (
    data instanceof HostObject ||
    data instanceof PyFloat ||
    data instanceof Dict ||
    data instanceof Tuple ||
    data instanceof PySet ||
    data instanceof Undefined ||
    data instanceof Namespace
  )
}

/**
 * Plain data of a value: records, arrays, numbers. Views, ranges and generators become arrays, what has no plain form its
 * text, undefined null.
 */
export function fromPython(value: Value): unknown {
  if (value === null || typeof value !== "object") return value
  if (value instanceof PyFloat) return value.value
  if (Array.isArray(value)) return value.map(fromPython)
  if (value instanceof Tuple) return value.items.map(fromPython)
  if (value instanceof PySet) return Array.from(value, fromPython)
  if (value instanceof Dict) return plainRecord(value)
  if (value instanceof Namespace) return plainRecord(value.attributes)
  if (value instanceof Undefined) return null
  if (value.toPlain) return value.toPlain()
  if (value.isMapping?.()) return plainRecord(entriesOf(value))
  return value.iterate && !value.toText ? Array.from(value.iterate(), fromPython) : toText(value)
}

/** Built by entries, so that a key named `__proto__` is a key like any other. */
function plainRecord(entries: Iterable<readonly [Value, Value]>): Record<string, unknown> {
  return Object.fromEntries(Array.from(entries, ([key, value]) => [toText(key), fromPython(value)]))
}
