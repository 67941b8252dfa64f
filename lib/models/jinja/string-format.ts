import { typeError, valueError } from "./errors.ts"
import { formatValue } from "./format-spec.ts"
import { toRepr, toText } from "./print.ts"
import { type Kwargs, Undefined, type Value } from "./values.ts"

/** How a field's `.name` and `[key]` reach into a value. */
export interface FieldAccess {
  attribute(value: Value, name: string): Value
  item(value: Value, key: Value): Value
}

/** Python's `text.format(*args, **kwargs)` ("Format String Syntax"); fields reach as far as `access` lets them. */
export function formatFields(text: string, args: readonly Value[], kwargs: Kwargs, access: FieldAccess): string {
  return new Formatter(args, kwargs, access).format(text, 2)
}

class Formatter {
  private readonly args: readonly Value[]
  private readonly kwargs: Kwargs
  private readonly access: FieldAccess
  /** The next field without a number, or null once fields are numbered by hand. */
  private nextIndex: number | null = 0

  constructor(args: readonly Value[], kwargs: Kwargs, access: FieldAccess) {
    this.args = args
    this.kwargs = kwargs
    this.access = access
  }

  /** A specification may hold fields itself, one level deep. */
  format(text: string, depth: number): string {
    if (depth < 0) throw valueError("Max string recursion exceeded")
    let result = ""
    let at = 0
    while (at < text.length) {
      const character = text[at] as string
      if (character !== "{" && character !== "}") {
        result += character
        at++
      } else if (text[at + 1] === character) {
        result += character
        at += 2
      } else if (character === "}") {
        throw valueError("Single '}' encountered in format string")
      } else {
        const end = endOfField(text, at)
        result += this.formatField(text.slice(at + 1, end), depth)
        at = end + 1
      }
    }
    return result
  }

  private formatField(field: string, depth: number): string {
    const [, name = "", conversion, spec = ""] =
      /^((?:[^[:!]|\[[^\]]*\])*)(?:!([^:]*))?(?::([\s\S]*))?$/.exec(field) ?? []
    const value = convert(this.lookUp(name), conversion)
    return formatValue(value, spec.includes("{") ? this.format(spec, depth - 1) : spec)
  }

  private lookUp(path: string): Value {
    const [, first = "", rest = ""] = /^([^.[]*)([\s\S]*)$/.exec(path) ?? []
    let value = this.argument(first)
    for (const [, attribute, key = ""] of rest.matchAll(/\.([^.[]*)|\[([^\]]*)\]/g)) {
      if (attribute !== undefined) value = this.access.attribute(value, attribute)
      else value = this.access.item(value, /^\d+$/.test(key) ? Number(key) : key)
      if (value instanceof Undefined) throw valueError(value.message)
    }
    return value
  }

  private argument(name: string): Value {
    if (name !== "" && !/^\d+$/.test(name)) {
      const value = this.kwargs.get(name)
      if (value === undefined) throw valueError(`KeyError: ${toRepr(name)}`)
      return value
    }
    const value = this.args[this.indexOf(name)]
    if (value === undefined) throw valueError("Replacement index out of range for positional args tuple")
    return value
  }

  private indexOf(name: string): number {
    if (name === "") {
      if (this.nextIndex === null) {
        throw valueError("cannot switch from manual field specification to automatic field numbering")
      }
      return this.nextIndex++
    }
    if (this.nextIndex !== null && this.nextIndex > 0) {
      throw valueError("cannot switch from automatic field numbering to manual field specification")
    }
    this.nextIndex = null
    return Number(name)
  }
}

function endOfField(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    if (text[at] === "{") depth++
    if (text[at] === "}" && --depth === 0) return at
  }
  throw valueError("expected '}' before end of string")
}

function convert(value: Value, conversion: string | undefined): Value {
  switch (conversion) {
    case undefined:
      return value
    case "s":
      return toText(value)
    case "r":
    case "a":
      return toRepr(value)
    default:
      throw typeError(`Unknown conversion specifier '${conversion}'`)
  }
}
