import { exponentDigits, fixedDigits, generalDigits } from "./decimal.ts"
import { Dict } from "./dict.ts"
import { JinjaError, typeError, valueError } from "./errors.ts"
import { checkLength } from "./limits.ts"
import { toRepr, toText } from "./print.ts"
import { codePointLength, toCodePoints } from "./text.ts"
import { undefinedError } from "./undefined-error.ts"
import { HostObject, isInt, isNumber, PyFloat, Tuple, toNumber, typeName, Undefined, type Value } from "./values.ts"

const MAX_PRECISION = 5_000

const PLACEHOLDER = /%(?:\(((?:[^()]|\([^()]*\))*)\))?([-+ #0]*)(\*|\d*)(?:\.(\*|\d*))?[hlL]?([\s\S]?)/g

/** Python's `format % values` ("printf-style String Formatting"). */
export function formatPercent(format: string, values: Value): string {
  const source = new ArgumentSource(values)
  const text = format.replace(PLACEHOLDER, (all, key, flags: string, width, precision, type: string) => {
    if (type === "%" && all === "%%") return "%"
    const options = {
      flags,
      width: width === "*" ? source.nextInt() : Number(width || 0),
      precision: precision === undefined ? null : precision === "*" ? source.nextInt() : Number(precision || 0),
    }
    if (type === "") throw valueError("incomplete format")
    if (type === "%") return "%"
    return pad(formatOne(type, source.take(key), options), options, type)
  })
  source.finish()
  return text
}

/** The values in the order they are asked for: of a tuple one by one, of a dict by key, of anything else itself, once. */
class ArgumentSource {
  private readonly values: Value
  private used = 0
  private usesKeys = false

  constructor(values: Value) {
    this.values = values
  }

  take(key: string | undefined): Value {
    if (key === undefined) return this.next()
    const { values } = this
    this.usesKeys = true
    if (!(values instanceof Dict)) throw typeError("format requires a mapping")
    const value = values.get(key)
    if (value === undefined) throw valueError(`KeyError: ${toRepr(key)}`)
    return value
  }

  nextInt(): number {
    const value = this.next()
    if (!isInt(value)) throw typeError("* wants int")
    return Number(value)
  }

  finish(): void {
    const { values } = this
    if (this.usesKeys || values instanceof Dict || Array.isArray(values)) return
    if (values instanceof HostObject || values instanceof Undefined) return
    const given = values instanceof Tuple ? values.items.length : 1
    if (this.used < given) throw typeError("not all arguments converted during string formatting")
  }

  private next(): Value {
    const { values } = this
    const index = this.used++
    const value = values instanceof Tuple ? values.items[index] : index === 0 ? values : undefined
    if (value === undefined) throw typeError("not enough arguments for format string")
    return value
  }
}

interface Options {
  flags: string
  width: number
  precision: number | null
}

function formatOne(type: string, value: Value, options: Options): string {
  const { precision } = options
  switch (type) {
    case "s":
      return cut(toText(value), precision)
    case "r":
    case "a":
      return cut(toRepr(value), precision)
    case "c":
      return isInt(value) ? String.fromCodePoint(Number(value)) : toText(value)
    case "d":
    case "i":
    case "u":
      return signed(integerOf(type, value, true), 10, options)
    case "x":
    case "X":
    case "o": {
      const text = signed(integerOf(type, value, false), type === "o" ? 8 : 16, options)
      const prefixed = options.flags.includes("#") ? text.replace(/^([-+ ]?)/, `$10${type}`) : text
      return type === "X" ? prefixed.toUpperCase() : prefixed
    }
    case "e":
    case "E":
    case "f":
    case "F":
    case "g":
    case "G":
      return formatFloat(type, value, options)
    default:
      throw valueError(`unsupported format character '${type}' (0x${type.charCodeAt(0).toString(16)})`)
  }
}

function cut(text: string, precision: number | null): string {
  return precision === null ? text : toCodePoints(text).slice(0, precision).join("")
}

function integerOf(type: string, value: Value, allowsFloat: boolean): bigint {
  if (value instanceof Undefined) throw undefinedError(value)
  if (isInt(value)) return BigInt(value)
  if (value instanceof PyFloat && allowsFloat) {
    if (!Number.isFinite(value.value)) throw valueError(`cannot convert float ${toText(value)} to integer`)
    return BigInt(Math.trunc(value.value))
  }
  const wanted = allowsFloat ? "a real number is required" : "an integer is required"
  throw typeError(`%${type} format: ${wanted}, not ${typeName(value)}`)
}

function signed(value: bigint, radix: number, { flags, precision }: Options): string {
  const digits = (value < 0n ? -value : value).toString(radix).padStart(precision ?? 0, "0")
  return signOf(value < 0n, flags) + digits
}

function signOf(isNegative: boolean, flags: string): string {
  if (isNegative) return "-"
  if (flags.includes("+")) return "+"
  return flags.includes(" ") ? " " : ""
}

function formatFloat(type: string, value: Value, { flags, precision }: Options): string {
  if (value instanceof Undefined) throw undefinedError(value)
  if (!isNumber(value)) throw typeError(`must be real number, not ${typeName(value)}`)
  const number = toNumber(value)
  const isNegative = number < 0 || Object.is(number, -0)
  const text = signOf(isNegative, flags) + floatDigits(type, Math.abs(number), precision ?? 6, flags.includes("#"))
  return type === type.toUpperCase() ? text.toUpperCase() : text
}

/** The digits of a magnitude for the types e, f and g; also of what is not finite. */
export function floatDigits(type: string, magnitude: number, precision: number, isAlternate: boolean): string {
  if (Number.isNaN(magnitude)) return "nan"
  if (magnitude === Number.POSITIVE_INFINITY) return "inf"
  // The digits are worked out exactly, which takes long for very many.
  if (precision > MAX_PRECISION) throw new JinjaError("limit", `A precision may be ${MAX_PRECISION} at most.`)
  switch (type.toLowerCase()) {
    case "e":
      return exponentDigits(magnitude, precision)
    case "f":
      return fixedDigits(magnitude, precision)
    default:
      return generalDigits(magnitude, precision, isAlternate)
  }
}

function pad(text: string, { flags, width }: Options, type: string): string {
  const missing = Math.abs(width) - codePointLength(text)
  if (missing <= 0) return text
  checkLength(missing)
  if (flags.includes("-") || width < 0) return text + " ".repeat(missing)
  if (!flags.includes("0") || !"diuxXoeEfFgG".includes(type)) return " ".repeat(missing) + text
  const head = /^[-+ ]?(?:0[xXo])?/.exec(text)?.[0] ?? ""
  return head + "0".repeat(missing) + text.slice(head.length)
}
