import { typeError, valueError } from "./errors.ts"
import { floatDigits } from "./format-percent.ts"
import { checkLength } from "./limits.ts"
import { floatRepr, toText } from "./print.ts"
import { codePointLength, toCodePoints } from "./text.ts"
import { HostObject, isInt, isNumber, PyFloat, toNumber, typeName, Undefined, type Value } from "./values.ts"

/** A parsed "format specification mini-language" (Python's documentation of string). */
interface Spec {
  fill: string
  align: "<" | ">" | "=" | "^" | ""
  sign: string
  isAlternate: boolean
  width: number
  grouping: "" | "," | "_"
  precision: number | null
  type: string
}

const SPEC = /^(?:([\s\S])?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/u

/** Python's format(value, spec). @throws JinjaError where the type knows no such format. */
export function formatValue(value: Value, text: string): string {
  if (text === "") return toText(value)
  const spec = parseSpec(text, value)
  checkLength(spec.width)
  if (typeof value === "boolean" && spec.type === "") return formatText(toText(value), spec)
  if (isInt(value)) return formatInt(value, spec)
  if (value instanceof PyFloat) return formatFloat(value.value, spec)
  if (typeof value === "string" || value instanceof Undefined) return formatText(toText(value), spec)
  if (value instanceof HostObject && value.toText) return formatText(value.toText(), spec)
  throw typeError(`unsupported format string passed to ${typeName(value)}.__format__`)
}

function parseSpec(text: string, value: Value): Spec {
  const match = SPEC.exec(text)
  if (!match) throw valueError(`Invalid format specifier '${text}' for object of type '${typeName(value)}'`)
  const [, fill, align = "", sign = "", , alternate, zero, width, grouping = "", precision, type = ""] = match
  const isZeroFilled = zero !== undefined && align === ""
  return {
    fill: fill ?? (zero === undefined ? " " : "0"),
    align: (isZeroFilled && isNumber(value) ? "=" : align) as Spec["align"],
    sign,
    isAlternate: alternate !== undefined,
    width: Number(width ?? 0),
    grouping: grouping as Spec["grouping"],
    precision: precision === undefined ? null : Number(precision),
    type,
  }
}

function formatText(text: string, spec: Spec): string {
  if (spec.type !== "" && spec.type !== "s") throw unknownType(spec, "str")
  if (spec.sign !== "") throw valueError("Sign not allowed in string format specifier")
  if (spec.align === "=") throw valueError("'=' alignment not allowed in string format specifier")
  const cut = spec.precision === null ? text : toCodePoints(text).slice(0, spec.precision).join("")
  return align("", cut, spec, "<")
}

const RADIX: Readonly<Record<string, number>> = { b: 2, o: 8, x: 16, X: 16, d: 10, n: 10, "": 10 }

function formatInt(value: number | bigint | boolean, spec: Spec): string {
  const { type } = spec
  if ("eEfFgG%".includes(type) && type !== "") return formatFloat(toNumber(value), spec)
  if (spec.precision !== null) throw valueError("Precision not allowed in integer format specifier")
  if (type === "c") return align("", String.fromCodePoint(Number(value)), spec, "<")
  const radix = RADIX[type]
  if (radix === undefined) throw unknownType(spec, "int")
  const number = BigInt(value)
  const digits = (number < 0n ? -number : number).toString(radix)
  const prefix = spec.isAlternate && radix !== 10 ? `0${type}` : ""
  const cased = type === "X" ? digits.toUpperCase() : digits
  return align(signOf(number < 0n, spec) + prefix, group(cased, spec, radix === 10 ? 3 : 4), spec, ">")
}

function formatFloat(value: number, spec: Spec): string {
  const isNegative = value < 0 || Object.is(value, -0)
  const magnitude = Math.abs(value)
  const digits = Number.isFinite(value) ? finiteDigits(magnitude, spec) : floatDigits("f", magnitude, 0, false)
  const cased = /[EFG]/.test(spec.type) ? digits.toUpperCase() : digits
  return align(signOf(isNegative, spec), group(cased, spec, 3), spec, ">")
}

function finiteDigits(magnitude: number, spec: Spec): string {
  const { type, precision } = spec
  switch (type) {
    case "":
      return precision === null ? floatRepr(magnitude) : generalWithPoint(magnitude, precision)
    case "%":
      return `${floatDigits("f", magnitude * 100, precision ?? 6, false)}%`
    case "n":
      return floatDigits("g", magnitude, precision ?? 6, spec.isAlternate)
    default:
      if (!"eEfFgG".includes(type)) throw unknownType(spec, "float")
      return floatDigits(type, magnitude, precision ?? 6, spec.isAlternate)
  }
}

/** Without a type a float keeps at least one digit behind its point, where `g` would leave both out. */
function generalWithPoint(magnitude: number, precision: number): string {
  const digits = floatDigits("g", magnitude, precision, false)
  if (/[.e]/.test(digits)) return digits
  // As `g` would, it takes an exponent when the point would need one digit more than there may be.
  return digits.length < Math.max(1, precision)
    ? `${digits}.0`
    : floatDigits("e", magnitude, Math.max(0, precision - 1), false).replace(/\.?0+e/, "e")
}

function signOf(isNegative: boolean, { sign }: Spec): string {
  if (isNegative) return "-"
  return sign === "-" ? "" : sign
}

/** Separators between the digits before the point; with zeros as the fill, these are grouped too. */
function group(digits: string, { grouping, fill, align: alignment, width }: Spec, size: number): string {
  if (grouping === "") return digits
  const [, whole = "", rest = ""] = /^([\da-fA-F]*)([\s\S]*)$/.exec(digits) ?? []
  let padded = whole
  const isPadded = fill === "0" && alignment === "="
  while (isPadded && separated(padded, grouping, size).length + rest.length < width) padded = `0${padded}`
  return separated(padded, grouping, size) + rest
}

function separated(digits: string, separator: string, size: number): string {
  const parts: string[] = []
  for (let end = digits.length; end > 0; end -= size) parts.unshift(digits.slice(Math.max(0, end - size), end))
  return parts.join(separator)
}

function align(head: string, body: string, spec: Spec, natural: "<" | ">"): string {
  const missing = Math.max(0, spec.width - codePointLength(head) - codePointLength(body))
  const { fill } = spec
  switch (spec.align || natural) {
    case "<":
      return head + body + fill.repeat(missing)
    case ">":
      return fill.repeat(missing) + head + body
    case "^": {
      const left = Math.floor(missing / 2)
      return fill.repeat(left) + head + body + fill.repeat(missing - left)
    }
    default:
      return head + fill.repeat(missing) + body
  }
}

function unknownType({ type }: Spec, of: string): Error {
  return valueError(`Unknown format code '${type}' for object of type '${of}'`)
}
