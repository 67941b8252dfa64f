import { asInt, asIntOr, asText } from "./argument.ts"
import { typeError, valueError } from "./errors.ts"
import { iterate } from "./iterate.ts"
import { checkLength } from "./limits.ts"
import { type Method, type MethodTable, method, variadic } from "./method.ts"
import { codePointLength, stripSpace, toCodePoints } from "./text.ts"
import { Tuple, typeName, type Value } from "./values.ts"

type StringMethod = [string, Method<string>]

const RANGE = ["sub", "start?", "end?"]

/** Python's methods of str, but for those that make or read bytes. */
export const STRING_METHODS: MethodTable<string> = new Map<string, Method<string>>([
  ...cases(),
  ...stripping(),
  ...splitting(),
  ...searching(),
  ...padding(),
  ...questions(),
])

function cases(): StringMethod[] {
  return [
    method("upper", [], (self) => self.toUpperCase()),
    method("lower", [], (self) => self.toLowerCase()),
    method("casefold", [], (self) => self.toLowerCase().replaceAll("ß", "ss")),
    method("capitalize", [], (self) => capitalize(self)),
    method("title", [], (self) => titleCase(self)),
    method("swapcase", [], (self) =>
      Array.from(self, (each) => (each === each.toUpperCase() ? each.toLowerCase() : each.toUpperCase())).join(""),
    ),
  ]
}

export function capitalize(text: string): string {
  const [first = "", ...rest] = toCodePoints(text)
  // One letter may become two: ß begins a word as Ss.
  const [head = "", ...tail] = toCodePoints(first.toUpperCase())
  return head + tail.join("").toLowerCase() + rest.join("").toLowerCase()
}

function titleCase(text: string): string {
  return text.replace(/\p{L}+/gu, capitalize)
}

export function strip(text: string, characters: Value | undefined, sides: "both" | "left" | "right" = "both"): string {
  if (characters === undefined || characters === null) return stripSpace(text, sides)
  const set = new Set(toCodePoints(asText(characters, "strip arg")))
  const points = toCodePoints(text)
  let start = 0
  let end = points.length
  if (sides !== "right") while (start < end && set.has(points[start] as string)) start++
  if (sides !== "left") while (end > start && set.has(points[end - 1] as string)) end--
  return points.slice(start, end).join("")
}

function stripping(): StringMethod[] {
  return [
    method("strip", ["chars?"], (self, [characters]) => strip(self, characters)),
    method("lstrip", ["chars?"], (self, [characters]) => strip(self, characters, "left")),
    method("rstrip", ["chars?"], (self, [characters]) => strip(self, characters, "right")),
    method("removeprefix", ["prefix"], (self, [prefix]) => {
      const text = asText(prefix, "removeprefix() argument")
      return self.startsWith(text) ? self.slice(text.length) : self
    }),
    method("removesuffix", ["suffix"], (self, [suffix]) => {
      const text = asText(suffix, "removesuffix() argument")
      return text !== "" && self.endsWith(text) ? self.slice(0, -text.length) : self
    }),
  ]
}

function splitting(): StringMethod[] {
  return [
    method("split", ["sep?", "maxsplit?"], (self, [separator, limit]) =>
      split(self, separator, asIntOr(limit, -1), false),
    ),
    method("rsplit", ["sep?", "maxsplit?"], (self, [separator, limit]) =>
      split(self, separator, asIntOr(limit, -1), true),
    ),
    method("splitlines", ["keepends?"], (self, [keepEnds]) => splitLines(self, keepEnds === true)),
    method("partition", ["sep"], (self, [separator]) => partition(self, asText(separator, "separator"), false)),
    method("rpartition", ["sep"], (self, [separator]) => partition(self, asText(separator, "separator"), true)),
    method("join", ["iterable"], (self, [items]) => join(self, items as Value)),
  ]
}

function split(text: string, separator: Value | undefined, limit: number, isFromRight: boolean): Value[] {
  if (separator === undefined || separator === null) return splitOnSpace(text, limit, isFromRight)
  const by = asText(separator, "separator")
  if (by === "") throw valueError("empty separator")
  const parts = text.split(by)
  if (limit < 0 || parts.length <= limit + 1) return parts
  if (isFromRight) {
    const start = parts.length - limit
    return [parts.slice(0, start).join(by), ...parts.slice(start)]
  }
  return [...parts.slice(0, limit), parts.slice(limit).join(by)]
}

function splitOnSpace(text: string, limit: number, isFromRight: boolean): Value[] {
  const words = [...text.matchAll(/[^\s\x85]+/g)]
  if (limit < 0 || words.length <= limit) return words.map(([word]) => word)
  if (isFromRight) {
    const kept = words.slice(words.length - limit)
    const end = limit === 0 ? text.length : (kept[0]?.index ?? text.length)
    const rest = strip(text.slice(0, end), null, "right")
    return [...(rest === "" ? [] : [rest]), ...kept.map(([word]) => word)]
  }
  const rest = words[limit] ? text.slice(words[limit].index) : ""
  return [...words.slice(0, limit).map(([word]) => word), ...(rest === "" ? [] : [rest])]
}

const LINE = /([^\n\r\v\f\x85\u2028\u2029]*)(\r\n|[\n\r\v\f\x85\u2028\u2029]|$)/g

function splitLines(text: string, keepsEnds: boolean): Value[] {
  const lines = [...text.matchAll(LINE)].map(([all, line = ""]) => (keepsEnds ? all : line))
  // What stands behind the last line end is a line only if there is something.
  const { index, 0: last } = [...text.matchAll(LINE)].at(-1) ?? { index: 0, 0: "" }
  return index === text.length && last === "" ? lines.slice(0, -1) : lines
}

function partition(text: string, separator: string, isFromRight: boolean): Value {
  if (separator === "") throw valueError("empty separator")
  const at = isFromRight ? text.lastIndexOf(separator) : text.indexOf(separator)
  if (at === -1) return new Tuple(isFromRight ? ["", "", text] : [text, "", ""])
  return new Tuple([text.slice(0, at), separator, text.slice(at + separator.length)])
}

function join(separator: string, items: Value): string {
  const texts = Array.from(iterate(items), (item, index) => {
    if (typeof item !== "string") {
      throw typeError(`sequence item ${index}: expected str instance, ${typeName(item)} found`)
    }
    return item
  })
  return texts.join(separator)
}

function searching(): StringMethod[] {
  return [
    method("find", RANGE, (self, args) => search(self, args, false)),
    method("rfind", RANGE, (self, args) => search(self, args, true)),
    method("index", RANGE, (self, args) => found(search(self, args, false))),
    method("rindex", RANGE, (self, args) => found(search(self, args, true))),
    method("count", RANGE, (self, args) => countOf(self, args)),
    method("startswith", RANGE, (self, args) => hasAffix(self, args, "startswith")),
    method("endswith", RANGE, (self, args) => hasAffix(self, args, "endswith")),
    method("replace", ["old", "new", "count?"], (self, [old, by, count]) =>
      replace(self, asText(old, "replace() argument 1"), asText(by, "replace() argument 2"), asIntOr(count, -1)),
    ),
  ]
}

/** The part of the text that the optional bounds name, and where it begins. */
function range(text: string, start: Value | undefined, end: Value | undefined): { part: string; from: number } {
  if (start === undefined && end === undefined) return { part: text, from: 0 }
  const points = toCodePoints(text)
  const limit = (value: Value | undefined, fallback: number) => {
    const at = asIntOr(value, fallback)
    return at < 0 ? Math.max(0, at + points.length) : at
  }
  const from = limit(start, 0)
  return { part: points.slice(from, limit(end, points.length)).join(""), from }
}

function search(text: string, [wanted, start, end]: readonly (Value | undefined)[], isLast: boolean): number {
  const { part, from } = range(text, start, end)
  const needle = asText(wanted, "argument 1")
  const at = isLast ? part.lastIndexOf(needle) : part.indexOf(needle)
  return at === -1 ? -1 : from + codePointLength(part.slice(0, at))
}

function found(at: number): number {
  if (at === -1) throw valueError("substring not found")
  return at
}

function countOf(text: string, [wanted, start, end]: readonly (Value | undefined)[]): number {
  const { part } = range(text, start, end)
  const needle = asText(wanted, "argument 1")
  return needle === "" ? codePointLength(part) + 1 : part.split(needle).length - 1
}

function hasAffix(
  text: string,
  [wanted, start, end]: readonly (Value | undefined)[],
  which: "startswith" | "endswith",
): boolean {
  const { part } = range(text, start, end)
  const affixes = wanted instanceof Tuple ? wanted.items : [wanted as Value]
  return affixes.some((affix) => {
    const needle = asText(affix, `${which} first arg`)
    return which === "startswith" ? part.startsWith(needle) : part.endsWith(needle)
  })
}

/** Python's str.replace: the first `count` places, or all where it is negative. */
export function replace(text: string, old: string, by: string, count: number): string {
  const parts = old === "" ? ["", ...toCodePoints(text), ""] : text.split(old)
  checkLength(text.length + (parts.length - 1) * by.length)
  if (count < 0 || count >= parts.length - 1) return parts.join(by)
  return [...parts.slice(0, count), parts.slice(count).join(old)].join(by)
}

function padding(): StringMethod[] {
  return [
    method("ljust", ["width", "fillchar?"], (self, [width, fill]) => {
      const missing = missingTo(self, width)
      return self + fillOf(fill).repeat(missing)
    }),
    method(
      "rjust",
      ["width", "fillchar?"],
      (self, [width, fill]) => fillOf(fill).repeat(missingTo(self, width)) + self,
    ),
    method("center", ["width", "fillchar?"], (self, [width, fill]) => center(self, asInt(width), fillOf(fill))),
    method("zfill", ["width"], (self, [width]) => {
      const sign = /^[-+]/.exec(self)?.[0] ?? ""
      return sign + "0".repeat(missingTo(self, width)) + self.slice(sign.length)
    }),
    method("expandtabs", ["tabsize?"], (self, [size]) => expandTabs(self, asIntOr(size, 8))),
    variadic("encode", (self) => self),
  ]
}

function missingTo(text: string, width: Value | undefined): number {
  const missing = Math.max(0, asInt(width) - codePointLength(text))
  checkLength(missing)
  return missing
}

function fillOf(value: Value | undefined): string {
  if (value === undefined) return " "
  const fill = asText(value, "The fill character")
  if (codePointLength(fill) !== 1) throw typeError("The fill character must be exactly one character long")
  return fill
}

/** Python's str.center, which puts the odd character where CPython does. */
export function center(text: string, width: number, fill = " "): string {
  const missing = missingTo(text, width)
  const left = Math.floor(missing / 2) + (missing & width & 1)
  return fill.repeat(left) + text + fill.repeat(missing - left)
}

function expandTabs(text: string, size: number): string {
  checkLength(text.length * Math.max(1, size))
  let column = 0
  let result = ""
  for (const character of text) {
    if (character === "\t") {
      const width = size > 0 ? size - (column % size) : 0
      result += " ".repeat(width)
      column += width
    } else {
      result += character
      column = character === "\n" || character === "\r" ? 0 : column + 1
    }
  }
  return result
}

function questions(): StringMethod[] {
  const matches = (name: string, pattern: RegExp): StringMethod => method(name, [], (self) => pattern.test(self))
  return [
    matches("isdigit", /^[\p{Nd}\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089]+$/u),
    matches("isdecimal", /^\p{Nd}+$/u),
    matches("isnumeric", /^\p{N}+$/u),
    matches("isalpha", /^\p{L}+$/u),
    matches("isalnum", /^[\p{L}\p{N}]+$/u),
    matches("isspace", /^[\s\x85]+$/),
    matches("isascii", /^\p{ASCII}*$/u),
    matches("isidentifier", /^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*$/u),
    matches("isprintable", /^(?: |[^\p{C}\p{Z}])*$/u),
    method("isupper", [], (self) => isUpper(self)),
    method("islower", [], (self) => isLower(self)),
    method("istitle", [], (self) => /\p{L}/u.test(self) && titleCase(self) === self),
  ]
}

export function isUpper(text: string): boolean {
  return text === text.toUpperCase() && text !== text.toLowerCase()
}

export function isLower(text: string): boolean {
  return text === text.toLowerCase() && text !== text.toUpperCase()
}
