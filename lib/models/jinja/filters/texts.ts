import { asIntOr } from "../argument.ts"
import { sorted } from "../collection-methods.ts"
import { Dict } from "../dict.ts"
import { typeError, valueError } from "../errors.ts"
import type { Filter } from "../filter.ts"
import { formatPercent } from "../format-percent.ts"
import { isTrue } from "../iterate.ts"
import { checkLength } from "../limits.ts"
import { toRepr, toText } from "../print.ts"
import { capitalize, center, replace, strip } from "../string-methods.ts"
import { codePointLength, toCodePoints } from "../text.ts"
import { given, isNumber, Tuple, toNumber, type Value } from "../values.ts"
import { filter } from "./define.ts"
import { splitLines, wrapText } from "./wrap-text.ts"

/** Filters that make text of text. */
export const TEXT_FILTERS: readonly [string, Filter][] = [
  filter("string", [], (input) => toText(input)),
  filter("upper", [], (input) => toText(input).toUpperCase()),
  filter("lower", [], (input) => toText(input).toLowerCase()),
  filter("capitalize", [], (input) => capitalize(toText(input))),
  filter("title", [], (input) => title(toText(input))),
  filter("trim", ["chars?"], (input, [characters]) => strip(toText(input), characters)),
  filter("replace", ["old", "new", "count?"], (input, [old, by, count]) => {
    return replace(toText(input), toText(old as Value), toText(by as Value), asIntOr(count, -1))
  }),
  filter("center", ["width?"], (input, [width]) => center(toText(input), asIntOr(width, 80))),
  filter("indent", ["width?", "first?", "blank?"], (input, args) => indent(toText(input), args)),
  filter("truncate", ["length?", "killwords?", "end?", "leeway?"], (input, args) => truncate(toText(input), args)),
  filter("wordcount", [], (input) => [...toText(input).matchAll(/[\p{L}\p{N}_]+/gu)].length),
  filter("wordwrap", ["width?", "break_long_words?", "wrapstring?", "break_on_hyphens?"], (input, args) => {
    const [width, breaksLong, separator, breaksHyphens] = args
    return wrapText(toText(input), {
      width: asIntOr(width, 79),
      breaksLongWords: isTrue(breaksLong ?? true),
      breaksOnHyphens: isTrue(breaksHyphens ?? true),
      separator: separator === undefined || separator === null ? "\n" : toText(separator),
    })
  }),
  [
    "format",
    (input, args, kwargs) => {
      if (args.length > 0 && kwargs.size > 0)
        throw typeError("can't handle positional and keyword arguments at the same time")
      return formatPercent(toText(input), kwargs.size > 0 ? new Dict(kwargs) : new Tuple(args))
    },
  ],
  filter("filesizeformat", ["binary?"], (input, [isBinary]) => fileSize(input, isTrue(isBinary ?? false))),
  filter("pprint", [], (input) => toRepr(withSortedKeys(input))),
]

/** A capital after every space, hyphen and opening bracket, where Python's own title() has one after every non-letter. */
function title(text: string): string {
  return text
    .split(/([-\s({[<]+)/u)
    .map((part) => capitalize(part))
    .join("")
}

function indent(text: string, [width, first, blank]: readonly (Value | undefined)[]): string {
  const indention = typeof width === "string" ? width : " ".repeat(Math.max(0, asIntOr(width, 4)))
  // As in Jinja a line end is added, so that the last line end of a text makes an empty line.
  const lines = splitLines(`${text}\n`)
  checkLength(text.length + lines.length * indention.length)
  const [head = "", ...rest] = lines
  const indented = rest.map((line) => (line !== "" || isTrue(blank ?? false) ? indention + line : line))
  const result = [head, ...indented].join("\n")
  return isTrue(first ?? false) ? indention + result : result
}

function truncate(text: string, [length, killsWords, end, leeway]: readonly (Value | undefined)[]): string {
  const limit = asIntOr(length, 255)
  const ending = toText(given(end, "..."))
  const endLength = codePointLength(ending)
  if (limit < endLength) throw valueError(`expected length >= ${endLength}, got ${limit}`)
  const points = toCodePoints(text)
  if (points.length <= limit + asIntOr(leeway, 5)) return text
  const kept = points.slice(0, limit - endLength).join("")
  if (isTrue(killsWords ?? false)) return kept + ending
  const space = kept.lastIndexOf(" ")
  return (space === -1 ? kept : kept.slice(0, space)) + ending
}

/** pprint names the keys of dicts in their order; unlike Python's, ours keeps to one line. */
function withSortedKeys(value: Value): Value {
  if (Array.isArray(value)) return value.map(withSortedKeys)
  if (value instanceof Tuple) return new Tuple(value.items.map(withSortedKeys))
  if (!(value instanceof Dict)) return value
  const entries = sorted([...value], ([key]) => toRepr(key), false)
  return new Dict(entries.map(([key, item]) => [key, withSortedKeys(item)]))
}

const DECIMAL_UNITS = ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"]
const BINARY_UNITS = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"]

function fileSize(input: Value, isBinary: boolean): string {
  const bytes = isNumber(input) ? toNumber(input) : Number(toText(input))
  const base = isBinary ? 1024 : 1000
  if (bytes === 1) return "1 Byte"
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`
  const units = isBinary ? BINARY_UNITS : DECIMAL_UNITS
  const power = Math.max(
    0,
    units.findIndex((_unit, index) => bytes < base ** (index + 2)),
  )
  const last = bytes < base ** (units.length + 1) ? power : units.length - 1
  return `${(bytes / base ** (last + 1)).toFixed(1)} ${units[last]}`
}
