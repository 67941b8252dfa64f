import { callValue } from "../../jinja/call.ts"
import { Dict } from "../../jinja/dict.ts"
import { valueError } from "../../jinja/errors.ts"
import { toText } from "../../jinja/print.ts"
import { HostObject, hostFunction, Tuple, type Value } from "../../jinja/values.ts"
import { HostRecord } from "../host-record.ts"

/** Flags of Python's re as the bits that it has. */
const FLAGS: Readonly<Record<string, number>> = {
  IGNORECASE: 2,
  I: 2,
  MULTILINE: 8,
  M: 8,
  DOTALL: 16,
  S: 16,
  VERBOSE: 64,
  X: 64,
}

/** Python's `re`, on JavaScript's expressions: named groups and whole-text anchors are translated, the rest is common to both. */
export function reModule(): Value {
  const withPattern = (name: string, run: (pattern: Pattern, args: readonly Value[]) => Value, arity: number) =>
    hostFunction(name, ([pattern, ...args], kwargs) => {
      const flags = kwargs.get("flags") ?? args[arity] ?? 0
      return run(toPattern(pattern!, Number(flags)), args)
    })
  const functions = [
    hostFunction("compile", ([pattern, flags]) => toPattern(pattern!, Number(flags ?? 0))),
    withPattern("match", (pattern, [text]) => pattern.match(toText(text!), "start"), 1),
    withPattern("fullmatch", (pattern, [text]) => pattern.match(toText(text!), "all"), 1),
    withPattern("search", (pattern, [text]) => pattern.match(toText(text!), "anywhere"), 1),
    withPattern("findall", (pattern, [text]) => pattern.findAll(toText(text!)), 1),
    withPattern("finditer", (pattern, [text]) => pattern.findIter(toText(text!)), 1),
    withPattern("split", (pattern, [text, max]) => pattern.split(toText(text!), Number(max ?? 0)), 2),
    withPattern("sub", (pattern, [by, text, count]) => pattern.replace(by!, toText(text!), Number(count ?? 0)), 3),
    hostFunction("escape", ([text]) => toText(text!).replace(/[-.*+?^${}()|[\]\\#&~\s]/g, "\\$&")),
  ]
  const flags = Object.entries(FLAGS)
  return new HostRecord(
    "re",
    new Map<string, Value>([...functions.map((each): [string, Value] => [each.name, each]), ...flags]),
  )
}

function toPattern(value: Value, flags: number): Pattern {
  return value instanceof Pattern ? value : new Pattern(toText(value), flags)
}

class Pattern extends HostObject {
  readonly source: string
  private readonly flags: string
  private readonly body: string

  constructor(source: string, flags: number) {
    super()
    this.source = source
    const inline = /^\(\?([imsx]+)\)/.exec(source)
    const has = (bit: number, letter: string) => (flags & bit) !== 0 || inline?.[1]?.includes(letter)
    this.flags = `g${has(2, "i") ? "i" : ""}${has(8, "m") ? "m" : ""}${has(16, "s") ? "s" : ""}`
    this.body = source
      .slice(inline?.[0].length ?? 0)
      .replace(/\(\?P<(\w+)>/g, "(?<$1>")
      .replace(/\(\?P=(\w+)\)/g, "\\k<$1>")
      .replace(/\\A/g, "(?<![\\s\\S])")
      .replace(/\\Z/g, "(?![\\s\\S])")
  }

  override get typeName(): string {
    return "Pattern"
  }

  override getAttribute(name: string): Value | undefined {
    const method = (run: (args: readonly Value[]) => Value) => hostFunction(name, run)
    switch (name) {
      case "pattern":
        return this.source
      case "match":
        return method(([text]) => this.match(toText(text!), "start"))
      case "fullmatch":
        return method(([text]) => this.match(toText(text!), "all"))
      case "search":
        return method(([text]) => this.match(toText(text!), "anywhere"))
      case "findall":
        return method(([text]) => this.findAll(toText(text!)))
      case "finditer":
        return method(([text]) => this.findIter(toText(text!)))
      case "split":
        return method(([text, max]) => this.split(toText(text!), Number(max ?? 0)))
      case "sub":
        return method(([by, text, count]) => this.replace(by!, toText(text!), Number(count ?? 0)))
      default:
        return undefined
    }
  }

  match(text: string, where: "start" | "all" | "anywhere"): Value {
    const body = where === "anywhere" ? this.body : where === "start" ? `^(?:${this.body})` : `^(?:${this.body})$`
    // The anchors are those of the whole text.
    const flags = where === "anywhere" ? this.flags : this.flags.replace("m", "")
    const found = this.expression(body, flags).exec(text)
    return found ? new Match(found) : null
  }

  findAll(text: string): Value {
    return [...text.matchAll(this.expression())].map((match) => {
      if (match.length === 1) return match[0]
      return match.length === 2 ? (match[1] ?? "") : new Tuple(match.slice(1).map((group) => group ?? ""))
    })
  }

  findIter(text: string): Value {
    return [...text.matchAll(this.expression())].map((match) => new Match(match))
  }

  split(text: string, max: number): Value {
    if (max === 0) return text.split(this.expression()).map((part) => part ?? null)
    const parts: Value[] = []
    let from = 0
    for (const match of [...text.matchAll(this.expression())].slice(0, max)) {
      parts.push(text.slice(from, match.index), ...match.slice(1).map((group) => group ?? null))
      from = match.index + match[0].length
    }
    return [...parts, text.slice(from)]
  }

  replace(by: Value, text: string, count: number): Value {
    let done = 0
    return text.replace(this.expression(), (...args) => {
      const groups = typeof args.at(-1) === "object" ? (args.pop() as Record<string, string>) : undefined
      const [whole, ...rest] = args as [string, ...string[]]
      if (count > 0 && ++done > count) return whole
      const match = Object.assign([whole, ...rest.slice(0, -2)], {
        index: Number(rest.at(-2)),
        input: text,
        groups,
      }) as RegExpExecArray
      if (typeof by !== "string") return toText(callValue(by, [new Match(match)]))
      return by.replace(/\\(\d+|g<(\w+)>)|\\n|\\t/g, (sequence, number: string, name: string | undefined) => {
        if (sequence === "\\n") return "\n"
        if (sequence === "\\t") return "\t"
        const key = name ?? number
        return (/^\d+$/.test(key) ? match[Number(key)] : groups?.[key]) ?? ""
      })
    })
  }

  private expression(body = this.body, flags = this.flags): RegExp {
    try {
      return new RegExp(body, flags)
    } catch (error) {
      throw valueError(`"${this.source}" is no regular expression that can be used here: ${(error as Error).message}`)
    }
  }
}

class Match extends HostObject {
  private readonly found: RegExpExecArray | RegExpMatchArray

  constructor(found: RegExpExecArray | RegExpMatchArray) {
    super()
    this.found = found
  }

  override get typeName(): string {
    return "Match"
  }

  override getItem(key: Value): Value | undefined {
    return this.group(key)
  }

  override getAttribute(name: string): Value | undefined {
    const { found } = this
    const start = found.index ?? 0
    switch (name) {
      case "group":
        return hostFunction(name, (keys) => {
          if (keys.length > 1) return new Tuple(keys.map((key) => this.group(key)))
          return this.group(keys[0] ?? 0)
        })
      case "groups":
        return hostFunction(
          name,
          ([fallback]) => new Tuple([...found].slice(1).map((group) => group ?? fallback ?? null)),
        )
      case "groupdict":
        return hostFunction(
          name,
          () => new Dict(Object.entries(found.groups ?? {}).map(([key, each]) => [key, each ?? null])),
        )
      case "start":
        return hostFunction(name, () => start)
      case "end":
        return hostFunction(name, () => start + found[0].length)
      case "span":
        return hostFunction(name, () => new Tuple([start, start + found[0].length]))
      default:
        return undefined
    }
  }

  private group(key: Value): Value {
    if (typeof key === "string") return this.found.groups?.[key] ?? null
    return this.found[Number(key)] ?? null
  }
}
