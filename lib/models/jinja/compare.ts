import { Dict } from "./dict.ts"
import { typeError } from "./errors.ts"
import { iterate } from "./iterate.ts"
import { PySet } from "./py-set.ts"
import { undefinedError } from "./undefined-error.ts"
import { HostObject, isNumber, PyFloat, Tuple, typeName, Undefined, type Value } from "./values.ts"

/** Python's `==`: by value, numbers whatever their type, a list never equal to a tuple. */
export function isEqual(left: Value, right: Value): boolean {
  if (left === right) return true
  if (isNumber(left)) return isNumber(right) && compareNumbers(left, right) === 0
  if (left instanceof HostObject && left.equals) return left.equals(right)
  if (right instanceof HostObject && right.equals) return right.equals(left)
  if (Array.isArray(left)) return Array.isArray(right) && areItemsEqual(left, right)
  if (left instanceof Tuple) return right instanceof Tuple && areItemsEqual(left.items, right.items)
  if (left instanceof Dict) return right instanceof Dict && areEntriesEqual(left, right)
  if (left instanceof PySet) return right instanceof PySet && left.size === right.size && isSubset(left, right)
  return left instanceof Undefined && right instanceof Undefined
}

function areItemsEqual(left: readonly Value[], right: readonly Value[]): boolean {
  return left.length === right.length && left.every((item, index) => isEqual(item, right[index] as Value))
}

function areEntriesEqual(left: Dict, right: Dict): boolean {
  if (left.size !== right.size) return false
  for (const [key, value] of left) {
    const other = right.get(key)
    if (other === undefined || !isEqual(value, other)) return false
  }
  return true
}

/** Whether the right one has every member of the left one. */
export function isSubset(left: PySet, right: PySet): boolean {
  for (const member of left) if (!right.has(member)) return false
  return true
}

export type OrderOperator = "<" | "<=" | ">" | ">="

/** @throws JinjaError where Python has no order between the two. */
export function compare(operator: OrderOperator, left: Value, right: Value): boolean {
  if (left instanceof PySet && right instanceof PySet) return compareSets(operator, left, right)
  if (isChainable(left) || isChainable(right)) return false
  const order = orderOf(left, right, operator)
  switch (operator) {
    case "<":
      return order < 0
    case "<=":
      return order <= 0
    case ">":
      return order > 0
    case ">=":
      return order >= 0
  }
}

/** For sorting. @throws JinjaError as Python's `<` does. */
export function compareForSort(left: Value, right: Value): number {
  return orderOf(left, right, "<")
}

/** Below, at or above zero; NaN where neither is less, equal or greater (a float that is not a number). */
function orderOf(left: Value, right: Value, operator: OrderOperator): number {
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right)
  if (typeof left === "string" && typeof right === "string") return compareTexts(left, right)
  if (Array.isArray(left) && Array.isArray(right)) return compareItems(left, right, operator)
  if (left instanceof Tuple && right instanceof Tuple) return compareItems(left.items, right.items, operator)
  if (left instanceof Undefined) throw undefinedError(left)
  if (right instanceof Undefined) throw undefinedError(right)
  const own = left instanceof HostObject ? left.compare?.(right) : undefined
  if (own !== undefined) return own
  const others = right instanceof HostObject ? right.compare?.(left) : undefined
  if (others !== undefined) return -others
  throw typeError(`'${operator}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`)
}

function compareNumbers(left: number | bigint | boolean | PyFloat, right: number | bigint | boolean | PyFloat): number {
  const a = left instanceof PyFloat ? left.value : left
  const b = right instanceof PyFloat ? right.value : right
  if (a < b) return -1
  if (a > b) return 1
  return Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : 0
}

/** By code point, where JavaScript's own order is by UTF-16 unit. */
function compareTexts(left: string, right: string): number {
  if (left === right) return 0
  let at = 0
  while (at < left.length && at < right.length && left.charCodeAt(at) === right.charCodeAt(at)) at++
  const a = left.codePointAt(at) ?? -1
  const b = right.codePointAt(at) ?? -1
  // Both may stand on the second unit of a pair whose first is the same, which then decides alike.
  return a - b
}

function compareItems(left: readonly Value[], right: readonly Value[], operator: OrderOperator): number {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index++) {
    const a = left[index] as Value
    const b = right[index] as Value
    if (!isEqual(a, b)) return orderOf(a, b, operator)
  }
  return left.length - right.length
}

function compareSets(operator: OrderOperator, left: PySet, right: PySet): boolean {
  switch (operator) {
    case "<":
      return left.size < right.size && isSubset(left, right)
    case "<=":
      return isSubset(left, right)
    case ">":
      return left.size > right.size && isSubset(right, left)
    case ">=":
      return isSubset(right, left)
  }
}

/** Python's `value in container`. */
export function contains(container: Value, value: Value): boolean {
  if (typeof container === "string") {
    if (typeof value === "string") return container.includes(value)
    if (value instanceof Undefined) {
      if (value.isChainable) return false
      throw undefinedError(value)
    }
    throw typeError(`'in <string>' requires string as left operand, not ${typeName(value)}`)
  }
  if (container instanceof Dict || container instanceof PySet) return container.has(value)
  if (container instanceof HostObject && container.contains) return container.contains(value)
  if (isNumber(container) || container === null)
    throw typeError(`argument of type '${typeName(container)}' is not iterable`)
  for (const item of iterate(container)) if (isEqual(item, value)) return true
  return false
}

function isChainable(value: Value): boolean {
  return value instanceof Undefined && value.isChainable
}
