import { modulo } from "./arithmetic.ts"
import { isCallable } from "./call.ts"
import { compare, contains, isEqual } from "./compare.ts"
import { Dict } from "./dict.ts"
import type { FilterContext, Test } from "./filter.ts"
import { iterate } from "./iterate.ts"
import { toText } from "./print.ts"
import { PySet } from "./py-set.ts"
import { bindArguments } from "./signature.ts"
import { isLower, isUpper } from "./string-methods.ts"
import { HostObject, isInt, isNumber, PyFloat, Tuple, Undefined, type Value } from "./values.ts"

/** Jinja's own tests, by name. */
export const TESTS: ReadonlyMap<string, Test> = new Map<string, Test>([
  unary("defined", (value) => !(value instanceof Undefined)),
  unary("undefined", (value) => value instanceof Undefined),
  unary("none", (value) => value === null),
  unary("true", (value) => value === true),
  unary("false", (value) => value === false),
  unary("boolean", (value) => typeof value === "boolean"),
  unary("integer", (value) => isInt(value) && typeof value !== "boolean"),
  unary("float", (value) => value instanceof PyFloat),
  unary("number", (value) => isNumber(value)),
  unary("string", (value) => typeof value === "string"),
  unary("mapping", (value) => value instanceof Dict || (value instanceof HostObject && (value.isMapping?.() ?? false))),
  unary("sequence", (value) => isSequence(value)),
  unary("iterable", (value) => isIterable(value)),
  // An undefined value can be called, if only to say that it is undefined.
  unary("callable", (value) => isCallable(value) || value instanceof Undefined),
  unary("lower", (value) => isLower(toText(value))),
  unary("upper", (value) => isUpper(toText(value))),
  unary("escaped", () => false),
  unary("odd", (value) => isEqual(modulo(value, 2), 1)),
  unary("even", (value) => isEqual(modulo(value, 2), 0)),
  binary("divisibleby", "num", (value, other) => isEqual(modulo(value, other), 0)),
  binary("sameas", "other", (value, other) => isSame(value, other)),
  binary("in", "seq", (value, other) => contains(other, value)),
  unary("filter", (value, context) => exists(() => context.filter(toText(value)))),
  unary("test", (value, context) => exists(() => context.test(toText(value)))),
  ...comparisons(["==", "eq", "equalto"], isEqual),
  ...comparisons(["!=", "ne"], (left, right) => !isEqual(left, right)),
  ...comparisons(["<", "lt", "lessthan"], (left, right) => compare("<", left, right)),
  ...comparisons(["<=", "le"], (left, right) => compare("<=", left, right)),
  ...comparisons([">", "gt", "greaterthan"], (left, right) => compare(">", left, right)),
  ...comparisons([">=", "ge"], (left, right) => compare(">=", left, right)),
])

function unary(name: string, holds: (value: Value, context: FilterContext) => boolean): [string, Test] {
  return [
    name,
    (value, args, kwargs, context) => {
      bindArguments(name, [], args, kwargs)
      return holds(value, context)
    },
  ]
}

function binary(name: string, parameter: string, holds: (value: Value, other: Value) => boolean): [string, Test] {
  return [
    name,
    (value, args, kwargs) => {
      const [other] = bindArguments(name, [parameter], args, kwargs)
      return holds(value, other as Value)
    },
  ]
}

function comparisons(names: string[], holds: (left: Value, right: Value) => boolean): [string, Test][] {
  return names.map((name) => binary(name, "other", holds))
}

function isIterable(value: Value): boolean {
  if (value instanceof HostObject) return value.iterate !== undefined
  return exists(() => iterate(value))
}

/** Jinja asks for a length and for items by number, so texts, dicts and undefined values count. */
function isSequence(value: Value): boolean {
  if (value instanceof HostObject) return value.length !== undefined && value.getItem !== undefined
  if (value instanceof PySet) return false
  return (
    typeof value === "string" ||
    Array.isArray(value) ||
    value instanceof Tuple ||
    value instanceof Dict ||
    value instanceof Undefined
  )
}

/** Python's `is`: the same object, which small values of one type are. */
function isSame(left: Value, right: Value): boolean {
  return left === right
}

function exists(look: () => unknown): boolean {
  try {
    look()
    return true
  } catch {
    return false
  }
}
