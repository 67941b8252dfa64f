import { toPython } from "./convert.ts"
import { Dict } from "./dict.ts"
import { typeError } from "./errors.ts"
import { floatRepr } from "./print.ts"
import { HostObject, PyFloat, Tuple, typeName, type Value } from "./values.ts"

export interface JsonOptions {
  /** Spaces a level, or null for one line. */
  indent: number | null
  sortsKeys: boolean
}

/**
 * Text as Python's json.dumps gives: `, ` and `: ` as separators, non-ASCII escaped, floats as they print, int and other keys
 * as texts. @throws JinjaError for what JSON has no form for.
 */
export function toJson(value: Value, options: JsonOptions = { indent: null, sortsKeys: false }): string {
  return write(value, options, "")
}

function write(value: Value, options: JsonOptions, indention: string): string {
  if (typeof value === "string") return quote(value)
  if (value === null) return "null"
  if (typeof value === "boolean" || typeof value === "number" || typeof value === "bigint") return String(value)
  if (value instanceof PyFloat) return writeFloat(value.value)
  if (Array.isArray(value)) return writeItems(value, options, indention)
  if (value instanceof Tuple) return writeItems(value.items, options, indention)
  if (value instanceof Dict) return writeDict(value, options, indention)
  if (value instanceof HostObject && value.toPlain) return write(toPython(value.toPlain()), options, indention)
  throw typeError(`Object of type ${typeName(value)} is not JSON serializable`)
}

function writeFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN"
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity"
  return floatRepr(value)
}

function writeItems(items: readonly Value[], options: JsonOptions, indention: string): string {
  const inner = deeper(options, indention)
  return bracket(
    "[",
    "]",
    items.map((item) => write(item, options, inner)),
    options,
    indention,
  )
}

function writeDict(dict: Dict, options: JsonOptions, indention: string): string {
  const inner = deeper(options, indention)
  const entries = Array.from(dict, ([key, value]) => [keyText(key), value] as const)
  if (options.sortsKeys) entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const parts = entries.map(([key, value]) => `${quote(key)}: ${write(value, options, inner)}`)
  return bracket("{", "}", parts, options, indention)
}

function bracket(open: string, close: string, parts: string[], options: JsonOptions, indention: string): string {
  if (parts.length === 0) return open + close
  if (options.indent === null) return open + parts.join(", ") + close
  const inner = deeper(options, indention)
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indention}${close}`
}

function deeper({ indent }: JsonOptions, indention: string): string {
  return indention + " ".repeat(indent ?? 0)
}

function keyText(key: Value): string {
  if (typeof key === "string") return key
  if (key === null) return "null"
  if (typeof key === "boolean") return String(key)
  if (typeof key === "number" || typeof key === "bigint") return String(key)
  if (key instanceof PyFloat) return writeFloat(key.value)
  throw typeError(`keys must be str, int, float, bool or None, not ${typeName(key)}`)
}

function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[\x7f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )
}
