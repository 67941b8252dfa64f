import { Dict } from "./dict.ts"
import { PySet } from "./py-set.ts"
import { HostObject, type Namespace, PyFloat, Tuple, Undefined, type Value } from "./values.ts"

/** Python's str(x): what `{{ x }}` prints. */
export function toText(value: Value): string {
  if (typeof value === "string") return value
  if (value instanceof Undefined) return ""
  if (value instanceof HostObject && value.toText) return value.toText()
  return toRepr(value)
}

/** Python's repr(x): how a value appears within a list. */
export function toRepr(value: Value): string {
  return new Printer().repr(value)
}

/**
 * Python's repr of a float: the shortest digits that give the same float, with an exponent below 1e-4 and from 1e16 on
 * (`float_repr_style` "short").
 */
export function floatRepr(value: number): string {
  if (Number.isNaN(value)) return "nan"
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf"
  if (Object.is(value, -0)) return "-0.0"
  const [mantissa = "", exponentText = "0"] = value.toExponential().split("e")
  const exponent = Number(exponentText)
  if (exponent >= -4 && exponent < 16) {
    // JavaScript writes these without an exponent but below 1e-6, where toFixed knows how many digits there are.
    const digits = mantissa.replace(/[-.]/g, "").length
    const text = exponent < 0 ? value.toFixed(digits - 1 - exponent) : String(value)
    return text.includes(".") ? text : `${text}.0`
  }
  const sign = exponent < 0 ? "-" : "+"
  return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`
}

/** What Python does not print as it is: controls, unassigned and private characters, and spaces other than U+0020. */
const UNPRINTABLE = /[\\\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu
const NAMED: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" }

export function stringRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text.replace(
    UNPRINTABLE,
    (character) => NAMED[character] ?? escapeCode(character.codePointAt(0) ?? 0),
  )
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote
}

function escapeCode(code: number): string {
  const hex = code.toString(16)
  if (code < 0x100) return `\\x${hex.padStart(2, "0")}`
  return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`
}

/** Keeps the containers it is inside of, because one may hold itself: `[[...]]`. */
class Printer {
  private readonly inside: object[] = []

  repr(value: Value): string {
    switch (typeof value) {
      case "string":
        return stringRepr(value)
      case "boolean":
        return value ? "True" : "False"
      case "number":
      case "bigint":
        return String(value)
      default:
        return this.reprObject(value)
    }
  }

  private reprObject(value: Exclude<Value, string | boolean | number | bigint>): string {
    if (value === null) return "None"
    if (value instanceof PyFloat) return floatRepr(value.value)
    if (value instanceof Undefined) return "Undefined"
    if (value instanceof HostObject) return value.toRepr?.() ?? value.toText?.() ?? `<${value.typeName} object>`
    if (this.inside.includes(value)) return Array.isArray(value) ? "[...]" : "{...}"
    this.inside.push(value)
    const text = this.reprContainer(value)
    this.inside.pop()
    return text
  }

  private reprContainer(value: Value[] | Tuple | Dict | PySet | Namespace): string {
    if (Array.isArray(value)) return `[${this.list(value)}]`
    if (value instanceof Tuple) return `(${this.list(value.items)}${value.items.length === 1 ? "," : ""})`
    if (value instanceof PySet) return value.size === 0 ? "set()" : `{${this.list([...value])}}`
    if (value instanceof Dict) return `{${this.entries(value)}}`
    return `<Namespace {${this.entries(value.attributes)}}>`
  }

  private list(items: readonly Value[]): string {
    return items.map((item) => this.repr(item)).join(", ")
  }

  private entries(entries: Iterable<[Value, Value]>): string {
    return [...entries].map(([key, value]) => `${this.repr(key)}: ${this.repr(value)}`).join(", ")
  }
}
