import { asIntOr } from "../argument.ts"
import { negate } from "../arithmetic.ts"
import { compare } from "../compare.ts"
import { roundFloat } from "../decimal.ts"
import { typeError } from "../errors.ts"
import type { Filter } from "../filter.ts"
import { isTrue } from "../iterate.ts"
import { parseFloatText, parseIntText } from "../number-text.ts"
import { toText } from "../print.ts"
import { undefinedError } from "../undefined-error.ts"
import { fromBigInt, given, isInt, isNumber, PyFloat, toNumber, typeName, Undefined, type Value } from "../values.ts"
import { filter } from "./define.ts"

/** Filters that make numbers, and `default`. */
export const NUMBER_FILTERS: readonly [string, Filter][] = [
  filter("int", ["default?", "base?"], (input, [fallback, base]) =>
    toInt(input, given(fallback, 0), asIntOr(base, 10)),
  ),
  filter("float", ["default?"], (input, [fallback]) => toFloat(input, given(fallback, new PyFloat(0)))),
  filter("abs", [], (input) => absolute(input)),
  filter("round", ["precision?", "method?"], (input, [precision, method]) => {
    return round(input, asIntOr(precision, 0), toText(method ?? "common"))
  }),
  filter("default", ["default_value?", "boolean?"], orDefault),
  filter("d", ["default_value?", "boolean?"], orDefault),
]

function orDefault(input: Value, [fallback, isForFalse]: readonly (Value | undefined)[]): Value {
  const isMissing = input instanceof Undefined || (isTrue(isForFalse ?? false) && !isTrue(input))
  return isMissing ? given(fallback, "") : input
}

function toInt(input: Value, fallback: Value, base: number): Value {
  if (isInt(input)) return fromBigInt(BigInt(input))
  if (input instanceof PyFloat)
    return Number.isFinite(input.value) ? fromBigInt(BigInt(Math.trunc(input.value))) : fallback
  if (input instanceof Undefined) throw undefinedError(input)
  if (typeof input !== "string") return fallback
  const whole = parseIntText(input, base)
  if (whole !== null) return whole
  const float = parseFloatText(input)
  return float === null || !Number.isFinite(float) ? fallback : fromBigInt(BigInt(Math.trunc(float)))
}

function toFloat(input: Value, fallback: Value): Value {
  if (isNumber(input)) return new PyFloat(toNumber(input))
  if (input instanceof Undefined) throw undefinedError(input)
  const float = typeof input === "string" ? parseFloatText(input) : null
  return float === null ? fallback : new PyFloat(float)
}

function absolute(input: Value): Value {
  if (input instanceof Undefined) throw undefinedError(input)
  if (!isNumber(input)) throw typeError(`bad operand type for abs(): '${typeName(input)}'`)
  if (input instanceof PyFloat) return new PyFloat(Math.abs(input.value))
  return compare("<", input, 0) ? negate(input) : fromBigInt(BigInt(input))
}

function round(input: Value, precision: number, method: string): Value {
  if (method !== "common" && method !== "ceil" && method !== "floor") {
    throw typeError("method must be common, ceil or floor")
  }
  if (input instanceof Undefined) throw undefinedError(input)
  if (!isNumber(input)) throw typeError(`type ${typeName(input)} doesn't define __round__ method`)
  if (method !== "common") {
    const factor = 10 ** precision
    const scaled = toNumber(input) * factor
    return new PyFloat((method === "ceil" ? Math.ceil(scaled) : Math.floor(scaled)) / factor)
  }
  if (input instanceof PyFloat) return new PyFloat(roundFloat(input.value, precision))
  return precision >= 0 ? fromBigInt(BigInt(input)) : roundInt(BigInt(input), -precision)
}

/** Python's round(int, -digits): halves to the even one. */
function roundInt(value: bigint, digits: number): Value {
  if (digits > String(value).length) return 0
  const unit = 10n ** BigInt(digits)
  const rest = ((value % unit) + unit) % unit
  const down = value - rest
  const isUp = rest * 2n > unit || (rest * 2n === unit && (down / unit) % 2n !== 0n)
  return fromBigInt(isUp ? down + unit : down)
}
