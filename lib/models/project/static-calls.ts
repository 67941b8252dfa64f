import type { RefArgs } from "./node.ts"
import { type Yaml, YamlFloat, type YamlMap } from "./read-yaml.ts"

/** What a template asks of its project. */
export interface Calls {
  refs: RefArgs[]
  sources: string[][]
  metrics: string[][]
  /** Keyword arguments of `config()`, one map a call, in order. */
  configs: Record<string, unknown>[]
}

/**
 * The calls of a template whose tags are nothing but comments and `ref`, `source` and `config` with literal arguments; null for any
 * other, which has to be rendered. Where it has an answer, rendering would give the same, unless a macro overrides one of the
 * three (which the caller knows). Most models are such, and reading them so is many times faster.
 */
export function readStaticCalls(text: string): Calls | null {
  const calls: Calls = { refs: [], sources: [], metrics: [], configs: [] }
  let at = 0
  for (;;) {
    const start = text.indexOf("{", at)
    if (start === -1) return calls
    const next = text[start + 1]
    if (next === "#") {
      const end = text.indexOf("#}", start + 2)
      if (end === -1) return null
      at = end + 2
    } else if (next === "{") {
      const reader = new LiteralReader(text, start + 2)
      if (!reader.readCall(calls)) return null
      at = reader.at
    } else if (next === "%") return null
    else at = start + 1
  }
}

const SPACE = /\s*/y
const WORD = /[A-Za-z_]\w*/y
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?(?![\w.])/y
const NOTHING = Symbol("no literal")

class LiteralReader {
  private readonly text: string
  at: number

  constructor(text: string, at: number) {
    this.text = text
    this.at = at
    if (text[at] === "-" || text[at] === "+") this.at++
  }

  /** From behind `{{` to behind `}}`. */
  readCall(calls: Calls): boolean {
    const name = this.match(WORD)
    if (name !== "ref" && name !== "source" && name !== "config") return false
    if (!this.take("(")) return false
    const positional: Yaml[] = []
    const named: YamlMap = {}
    while (!this.take(")")) {
      const start = this.at
      const word = this.match(WORD)
      if (word !== null && this.take("=") && this.text[this.at] !== "=") {
        const value = this.literal()
        if (value === NOTHING) return false
        named[word] = value
      } else {
        this.at = start
        const value = this.literal()
        if (value === NOTHING || Object.keys(named).length > 0) return false
        positional.push(value)
      }
      if (!this.take(",") && !this.peek(")")) return false
    }
    if (this.take("-") && !this.text.startsWith("}}", this.at)) return false
    if (!this.take("}}")) return false
    return record(calls, name, positional, named)
  }

  private literal(): Yaml | typeof NOTHING {
    this.match(SPACE)
    const letter = this.text[this.at]
    if (letter === '"' || letter === "'") return this.string(letter)
    if (letter === "[") return this.list()
    if (letter === "{") return this.map()
    const number = this.match(NUMBER)
    if (number !== null) {
      const value = Number(number)
      return number.includes(".") && Number.isInteger(value) ? new YamlFloat(value) : value
    }
    switch (this.match(WORD)) {
      case "true":
      case "True":
        return true
      case "false":
      case "False":
        return false
      case "none":
      case "None":
        return null
      default:
        return NOTHING
    }
  }

  /** Strings with escapes are left to the template language, and so are neighbours, which it joins. */
  private string(quote: string): string | typeof NOTHING {
    const end = this.text.indexOf(quote, this.at + 1)
    if (end === -1) return NOTHING
    const value = this.text.slice(this.at + 1, end)
    this.at = end + 1
    return value.includes("\\") || this.peek('"') || this.peek("'") ? NOTHING : value
  }

  private list(): Yaml | typeof NOTHING {
    this.at++
    const items: Yaml[] = []
    while (!this.take("]")) {
      const value = this.literal()
      if (value === NOTHING) return NOTHING
      items.push(value)
      if (!this.take(",") && !this.peek("]")) return NOTHING
    }
    return items
  }

  private map(): Yaml | typeof NOTHING {
    this.at++
    const map: YamlMap = {}
    while (!this.take("}")) {
      const key = this.literal()
      if (typeof key !== "string" || !this.take(":")) return NOTHING
      const value = this.literal()
      if (value === NOTHING) return NOTHING
      map[key] = value
      if (!this.take(",") && !this.peek("}")) return NOTHING
    }
    return map
  }

  private match(pattern: RegExp): string | null {
    if (pattern !== SPACE) this.match(SPACE)
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (found) this.at = pattern.lastIndex
    return found?.[0] ?? null
  }

  private peek(sign: string): boolean {
    this.match(SPACE)
    return this.text.startsWith(sign, this.at)
  }

  private take(sign: string): boolean {
    if (!this.peek(sign)) return false
    this.at += sign.length
    return true
  }
}

function record(calls: Calls, name: "ref" | "source" | "config", positional: Yaml[], named: YamlMap): boolean {
  if (name === "config") {
    const [map, ...more] = positional
    if (more.length > 0 || (map !== undefined && (Object.keys(named).length > 0 || !isPlainMap(map)))) return false
    calls.configs.push(map === undefined ? named : (map as YamlMap))
    return true
  }
  if (!positional.every((value) => typeof value === "string")) return false
  if (name === "source") {
    if (positional.length !== 2 || Object.keys(named).length > 0) return false
    calls.sources.push(positional)
    return true
  }
  const { v, version = v, ...others } = named
  const isVersion = version === undefined || typeof version === "string" || typeof version === "number"
  if (positional.length < 1 || positional.length > 2 || Object.keys(others).length > 0 || !isVersion) return false
  const [packageName, target] = positional.length === 2 ? positional : [null, positional[0]]
  calls.refs.push({ name: target!, package: packageName!, version: version ?? null })
  return true
}

function isPlainMap(value: Yaml): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof YamlFloat)
}
