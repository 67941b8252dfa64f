import { typeError } from "./errors.ts"
import { fromBigInt, type HashKey, HostObject, PyFloat, Tuple, typeName, Undefined, type Value } from "./values.ts"

const UNDEFINED_KEY = Symbol("undefined")

/**
 * What a dict or a set finds a value by. Equal for values that are equal in Python (1, 1.0 and True; tuples with equal items).
 * @throws JinjaError for lists, dicts and sets, which Python cannot hash.
 */
export function hashKey(value: Value): HashKey {
  switch (typeof value) {
    case "string":
      // Composite keys begin with U+0000, so a text that does is moved out of their way.
      return value.charCodeAt(0) === 0 ? `\0s${value}` : value
    case "number":
      return value === 0 ? 0 : value
    case "boolean":
      return value ? 1 : 0
    case "bigint":
      return value
    default:
      return hashObject(value)
  }
}

function hashObject(value: Exclude<Value, string | number | boolean | bigint>): HashKey {
  if (value === null) return null
  if (value instanceof PyFloat) return Number.isInteger(value.value) ? fromBigInt(BigInt(value.value)) : value.value
  if (value instanceof Tuple) return `\0t${value.items.map(describeKey).join("")}`
  if (value instanceof Undefined) return UNDEFINED_KEY
  if (value instanceof HostObject) return value.hashKey ? value.hashKey() : value
  throw typeError(`unhashable type: '${typeName(value)}'`)
}

/** Whether {@link hashKey} has an answer. */
export function isHashable(value: Value): boolean {
  if (value === null || typeof value !== "object") return true
  if (value instanceof Tuple) return value.items.every(isHashable)
  return value instanceof PyFloat || value instanceof Undefined || value instanceof HostObject
}

const identities = new WeakMap<object, number>()
let lastIdentity = 0

/** A text for each key that no other key has, and that says where it ends. */
function describeKey(value: Value): string {
  const key = hashKey(value)
  if (typeof key === "string") return `s${key.length}:${key}`
  if (key === null) return "n;"
  if (typeof key !== "object") return `${typeof key}:${String(key)};`
  let identity = identities.get(key)
  if (identity === undefined) {
    identity = ++lastIdentity
    identities.set(key, identity)
  }
  return `o${identity};`
}
