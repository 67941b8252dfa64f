import { Dict } from "./dict.ts"
import { typeError } from "./errors.ts"
import { PySet } from "./py-set.ts"
import { codePointLength, toCodePoints } from "./text.ts"
import { undefinedError } from "./undefined-error.ts"
import { HostObject, PyFloat, Tuple, typeName, Undefined, type Value } from "./values.ts"

/** Python's truth of a value: zero, empty, None and undefined are false. */
export function isTrue(value: Value): boolean {
  switch (typeof value) {
    case "boolean":
      return value
    case "string":
      return value !== ""
    case "number":
      return value !== 0
    case "bigint":
      return true // zero is a number
    default:
      return isObjectTrue(value)
  }
}

function isObjectTrue(value: Exclude<Value, string | boolean | number | bigint>): boolean {
  if (value === null || value instanceof Undefined) return false
  if (Array.isArray(value)) return value.length > 0
  if (value instanceof Dict || value instanceof PySet) return value.size > 0
  if (value instanceof PyFloat) return value.value !== 0
  if (value instanceof Tuple) return value.items.length > 0
  if (!(value instanceof HostObject)) return true
  if (value.isTrue) return value.isTrue()
  return value.length ? value.length() > 0 : true
}

/** What a loop over the value sees. Lists are seen live, as in Python. @throws JinjaError where it is not iterable. */
export function iterate(value: Value): Iterable<Value> {
  if (Array.isArray(value)) return value
  if (typeof value === "string") return toCodePoints(value)
  if (value instanceof Tuple) return value.items
  if (value instanceof Dict) return value.keys()
  if (value instanceof PySet) return value
  if (value instanceof Undefined) return iterateUndefined(value)
  if (value instanceof HostObject && value.iterate) return value.iterate()
  throw typeError(`'${typeName(value)}' object is not iterable`)
}

function iterateUndefined(value: Undefined): Value[] {
  if (value.reason.isUnsafe) throw undefinedError(value)
  return []
}

/** The items of an iterable as an array of its own. */
export function toArray(value: Value): Value[] {
  return Array.from(iterate(value))
}

/** Python's len(x). */
export function lengthOf(value: Value): number {
  if (typeof value === "string") return codePointLength(value)
  if (Array.isArray(value)) return value.length
  if (value instanceof Tuple) return value.items.length
  if (value instanceof Dict || value instanceof PySet) return value.size
  if (value instanceof Undefined) return 0
  if (value instanceof HostObject && value.length) return value.length()
  throw typeError(`object of type '${typeName(value)}' has no len()`)
}
