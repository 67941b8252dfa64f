import { assertNever } from "#lib/domain/assert-never.ts"
import type { BinaryOperator } from "./ast.ts"
import { typeError, valueError } from "./errors.ts"
import { formatPercent } from "./format-percent.ts"
import { checkBits, checkItems, checkLength } from "./limits.ts"
import { PySet } from "./py-set.ts"
import { undefinedError } from "./undefined-error.ts"
import {
  fromBigInt,
  HostObject,
  isInt,
  isNumber,
  PyFloat,
  Tuple,
  toNumber,
  typeName,
  Undefined,
  type Value,
} from "./values.ts"

type Num = number | bigint | boolean | PyFloat
type Int = number | bigint | boolean

/** Python's binary operators. @throws JinjaError as Python raises TypeError and ZeroDivisionError. */
export function calculate(operator: BinaryOperator, left: Value, right: Value): Value {
  switch (operator) {
    case "+":
      return add(left, right)
    case "-":
      return subtract(left, right)
    case "*":
      return multiply(left, right)
    case "/":
      return divide(left, right)
    case "//":
      return floorDivide(left, right)
    case "%":
      return modulo(left, right)
    case "**":
      return power(left, right)
    default:
      return assertNever(operator)
  }
}

export function add(left: Value, right: Value): Value {
  if (typeof left === "number" && typeof right === "number") return sumOf(left, right)
  if (typeof left === "string" && typeof right === "string") {
    checkLength(left.length + right.length)
    return left + right
  }
  if (isNumber(left) && isNumber(right)) {
    return withNumbers(
      left,
      right,
      (a, b) => a + b,
      (a, b) => a + b,
    )
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    checkItems(left.length + right.length)
    return left.concat(right)
  }
  if (left instanceof Tuple && right instanceof Tuple) return new Tuple(left.items.concat(right.items))
  const own = left instanceof HostObject ? left.add?.(right, false) : undefined
  if (own !== undefined) return own
  const others = right instanceof HostObject ? right.add?.(left, true) : undefined
  if (others !== undefined) return others
  return refuse("+", left, right)
}

function sumOf(left: number, right: number): number | bigint {
  const sum = left + right
  return Number.isSafeInteger(sum) ? sum : BigInt(left) + BigInt(right)
}

function subtract(left: Value, right: Value): Value {
  if (isNumber(left) && isNumber(right)) {
    return withNumbers(
      left,
      right,
      (a, b) => a - b,
      (a, b) => a - b,
    )
  }
  if (left instanceof PySet && right instanceof PySet)
    return new PySet([...left].filter((member) => !right.has(member)))
  const own = left instanceof HostObject ? left.subtract?.(right, false) : undefined
  if (own !== undefined) return own
  const others = right instanceof HostObject ? right.subtract?.(left, true) : undefined
  return others ?? refuse("-", left, right)
}

function multiply(left: Value, right: Value): Value {
  if (isNumber(left) && isNumber(right)) {
    return withNumbers(
      left,
      right,
      (a, b) => a * b,
      (a, b) => a * b,
    )
  }
  if (isInt(right)) return repeat(left, right) ?? refuse("*", left, right)
  if (isInt(left)) return repeat(right, left) ?? refuse("*", left, right)
  return refuse("*", left, right)
}

function repeat(value: Value, times: Int): Value | undefined {
  const count = Math.max(0, Number(times))
  if (typeof value === "string") {
    checkLength(value.length * count)
    return value.repeat(count)
  }
  if (Array.isArray(value)) return repeatItems(value, count)
  return value instanceof Tuple ? new Tuple(repeatItems(value.items, count)) : undefined
}

function repeatItems(items: readonly Value[], count: number): Value[] {
  checkItems(items.length * count)
  return items.length === 0 ? [] : Array.from({ length: count }, () => items).flat(1)
}

function divide(left: Value, right: Value): Value {
  if (!isNumber(left) || !isNumber(right)) return refuse("/", left, right)
  const divisor = toNumber(right)
  if (divisor === 0) throw valueError(isInt(left) && isInt(right) ? "division by zero" : "float division by zero")
  return new PyFloat(toNumber(left) / divisor)
}

/** Rounds towards minus infinity, as Python does. */
function floorDivide(left: Value, right: Value): Value {
  if (!isNumber(left) || !isNumber(right)) return refuse("//", left, right)
  refuseZero(left, right, "integer division or modulo by zero", "float floor division by zero")
  return withNumbers(left, right, floorQuotient, (a, b) => (a - (((a % b) + b) % b)) / b)
}

/** Has the sign of the divisor, as in Python; on a text it fills in the placeholders. */
export function modulo(left: Value, right: Value): Value {
  if (typeof left === "string") return formatPercent(left, right)
  if (!isNumber(left) || !isNumber(right)) return refuse("%", left, right)
  refuseZero(left, right, "integer modulo by zero", "float modulo")
  return withNumbers(left, right, pythonModulo, (a, b) => ((a % b) + b) % b)
}

/** As CPython's float_floor_div: from the exact rest, so that 1 // 0.1 is 9. */
function floorQuotient(left: number, right: number): number {
  const rest = left % right
  const quotient = (left - rest) / right - (rest !== 0 && rest < 0 !== right < 0 ? 1 : 0)
  // Zero with the sign of the true quotient.
  if (quotient === 0) return (left / right) * 0
  const floor = Math.floor(quotient)
  return quotient - floor > 0.5 ? floor + 1 : floor
}

function pythonModulo(left: number, right: number): number {
  const rest = left % right
  if (rest !== 0 && rest < 0 !== right < 0) return rest + right
  return rest === 0 ? (right < 0 ? -0 : 0) : rest
}

function refuseZero(left: Num, right: Num, ofInts: string, ofFloats: string): void {
  if (toNumber(right) === 0) throw valueError(isInt(left) && isInt(right) ? ofInts : ofFloats)
}

function power(left: Value, right: Value): Value {
  if (!isNumber(left) || !isNumber(right)) return refuse("** or pow()", left, right)
  const base = toNumber(left)
  const exponent = toNumber(right)
  if (isInt(left) && isInt(right) && exponent >= 0) {
    checkBits(Math.log2(Math.abs(base) || 1) * exponent)
    return fromBigInt(BigInt(left) ** BigInt(right))
  }
  if (base === 0 && exponent < 0) throw valueError("0.0 cannot be raised to a negative power")
  const result = base ** exponent
  if (Number.isNaN(result) && base < 0) throw valueError("the power of a negative number would be complex")
  return new PyFloat(result)
}

export function negate(value: Value): Value {
  if (typeof value === "number") return value === 0 ? 0 : -value
  if (value instanceof PyFloat) return new PyFloat(-value.value)
  if (isInt(value)) return fromBigInt(-BigInt(value))
  return refuseUnary("-", value)
}

export function positive(value: Value): Value {
  if (typeof value === "boolean") return Number(value)
  return isNumber(value) ? value : refuseUnary("+", value)
}

/** Ints stay ints, in numbers as long as these are exact; a float makes the result one. */
function withNumbers(
  left: Num,
  right: Num,
  withDoubles: (a: number, b: number) => number,
  withInts: (a: bigint, b: bigint) => bigint,
): Value {
  if (left instanceof PyFloat || right instanceof PyFloat)
    return new PyFloat(withDoubles(toNumber(left), toNumber(right)))
  if (typeof left !== "bigint" && typeof right !== "bigint") {
    const result = withDoubles(Number(left), Number(right))
    if (Number.isSafeInteger(result)) return result === 0 ? 0 : result
  }
  const result = withInts(BigInt(left), BigInt(right))
  checkBits(bitsOf(result))
  return fromBigInt(result)
}

/** Roughly, and only of ints that are so large that it matters. */
function bitsOf(value: bigint): number {
  return BigInt.asIntN(4096, value) === value ? 0 : value.toString(16).length * 4
}

/** The chainable undefined goes through; any other operand that does not fit is an error. */
function refuse(operator: string, left: Value, right: Value): Value {
  for (const operand of [left, right]) {
    if (!(operand instanceof Undefined)) continue
    if (operand.isChainable) return operand
    throw undefinedError(operand)
  }
  if (operator === "+" && typeof left === "string") {
    throw typeError(`can only concatenate str (not "${typeName(right)}") to str`)
  }
  if (operator === "+" && (Array.isArray(left) || left instanceof Tuple)) {
    const name = typeName(left)
    throw typeError(`can only concatenate ${name} (not "${typeName(right)}") to ${name}`)
  }
  throw typeError(`unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`)
}

function refuseUnary(operator: string, value: Value): Value {
  if (value instanceof Undefined) {
    if (value.isChainable) return value
    throw undefinedError(value)
  }
  throw typeError(`bad operand type for unary ${operator}: '${typeName(value)}'`)
}
