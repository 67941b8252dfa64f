import { JinjaError } from "./errors.ts"
import { type Origin, placeAt } from "./place.ts"
import { unescapeString } from "./string-literal.ts"
import { stripSpace } from "./text.ts"

export type TokenType =
  | "data"
  | "variable begin"
  | "variable end"
  | "block begin"
  | "block end"
  | "name"
  | "string"
  | "integer"
  | "float"
  | "operator"
  | "end"

export interface Token {
  type: TokenType
  /** The text of data, the name, the operator, the digits without underscores, or the string with its escapes resolved. */
  text: string
  at: number
}

const LONG_OPERATORS: ReadonlySet<string> = new Set(["//", "**", "==", "!=", ">=", "<="])
const OPERATORS: ReadonlySet<string> = new Set("+-*/%~()[]{},.:|=<>;")
const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" }

const SPACE = /\s+/y
const NAME = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/uy
const FLOAT = /(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy
const INTEGER = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy
const STRING = /'[^'\\]*(?:\\[\s\S][^'\\]*)*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y
const RAW_BEGIN = /\{%[-+]?\s*raw\s*(-?)%\}/y
const RAW_END = /\{%([-+]?)\s*endraw\s*([-+]?)%\}/g

/** The source as the parser sees it: one kind of line end, and without the last one (`keep_trailing_newline` is off). */
export function normaliseSource(source: string): string {
  const unified = source.includes("\r") ? source.replace(/\r\n?/g, "\n") : source
  return unified.endsWith("\n") ? unified.slice(0, -1) : unified
}

/**
 * Cuts a normalised source into tokens, with whitespace control (`-` beside a tag) and raw blocks resolved.
 * @throws JinjaError of kind `syntax`.
 */
export function tokenize(source: string, origin: Origin): Token[] {
  return new Lexer(source, origin).run()
}

class Lexer {
  private readonly source: string
  private readonly origin: Origin
  private readonly tokens: Token[] = []
  private at = 0
  /** Whether the tag before ended with `-`, so that what follows loses its leading whitespace. */
  private isTrimming = false

  constructor(source: string, origin: Origin) {
    this.source = source
    this.origin = origin
  }

  run(): Token[] {
    const { source } = this
    while (this.at < source.length) {
      const tag = this.findTag()
      if (tag === -1) {
        this.pushData(source.length, false)
        this.at = source.length
        break
      }
      this.pushData(tag, source[tag + 2] === "-")
      this.at = tag
      const kind = source[tag + 1]
      if (kind === "#") this.skipComment()
      else if (kind === "{") this.readTag("variable", "}}")
      else if (!this.readRaw()) this.readTag("block", "%}")
    }
    this.push("end", "", source.length)
    return this.tokens
  }

  private findTag(): number {
    const { source } = this
    for (let at = source.indexOf("{", this.at); at !== -1; at = source.indexOf("{", at + 1)) {
      const next = source.charCodeAt(at + 1)
      if (next === 0x7b || next === 0x25 || next === 0x23) return at
    }
    return -1
  }

  private pushData(end: number, isTrimmedAtEnd: boolean): void {
    let start = this.at
    if (this.isTrimming) {
      start = this.endOf(SPACE, start)
      this.isTrimming = false
    }
    let text = this.source.slice(start, Math.max(start, end))
    if (isTrimmedAtEnd) text = stripSpace(text, "right")
    if (text !== "") this.push("data", text, start)
  }

  private skipComment(): void {
    const end = this.source.indexOf("#}", this.at + 2)
    if (end === -1) this.fail("Missing end of comment tag", this.at)
    this.isTrimming = end > this.at + 2 && this.source[end - 1] === "-"
    this.at = end + 2
  }

  private readRaw(): boolean {
    const begin = this.match(RAW_BEGIN, this.at)
    if (!begin) return false
    const start = this.at + begin[0].length
    RAW_END.lastIndex = start
    const end = RAW_END.exec(this.source)
    if (!end) this.fail("Missing end of raw directive", this.at)
    this.at = start
    this.isTrimming = begin[1] === "-"
    this.pushData(end.index, end[1] === "-")
    this.isTrimming = end[2] === "-"
    this.at = RAW_END.lastIndex
    return true
  }

  /** From the opening braces up to the closing ones, which only count outside of brackets. */
  private readTag(kind: "variable" | "block", closing: string): void {
    const { source } = this
    const start = this.at
    this.push(`${kind} begin`, "", start)
    this.at += 2
    if (source[this.at] === "-" || source[this.at] === "+") this.at++
    const open: string[] = []
    for (;;) {
      this.skipSpace()
      if (this.at >= source.length) this.fail(`unexpected end of template: this tag has no '${closing}'`, start)
      if (open.length === 0 && this.readTagEnd(kind, closing)) return
      this.readToken(open)
    }
  }

  private readTagEnd(kind: "variable" | "block", closing: string): boolean {
    const { source, at } = this
    const sign = source[at]
    const isSigned = sign === "-" || (sign === "+" && kind === "block")
    const end = isSigned ? at + 1 : at
    if (!source.startsWith(closing, end)) return false
    this.push(`${kind} end`, "", at)
    this.isTrimming = sign === "-"
    this.at = end + 2
    return true
  }

  private readToken(open: string[]): void {
    const { source, at } = this
    const code = source.charCodeAt(at)
    if (code >= 0x30 && code <= 0x39) this.readNumber()
    else if (code === 0x22 || code === 0x27) this.readString()
    else if (!this.readName()) this.readOperator(open)
  }

  private readName(): boolean {
    const { at } = this
    const end = this.endOfName(at)
    if (end === at) return false
    this.take("name", this.source.slice(at, end), end - at)
    return true
  }

  private readOperator(open: string[]): void {
    const { source, at } = this
    const two = source.slice(at, at + 2)
    const operator = LONG_OPERATORS.has(two) ? two : two.charAt(0)
    if (operator === two.charAt(0) && !OPERATORS.has(operator)) {
      this.fail(`unexpected char ${JSON.stringify(operator)}`, at)
    }
    const closing = CLOSING[operator]
    if (closing !== undefined) open.push(closing)
    else if (operator === ")" || operator === "]" || operator === "}") this.close(operator, open)
    this.take("operator", operator, operator.length)
  }

  private close(operator: string, open: string[]): void {
    const expected = open.pop()
    if (expected === undefined) this.fail(`unexpected '${operator}'`, this.at)
    if (expected !== operator) this.fail(`unexpected '${operator}', expected '${expected}'`, this.at)
  }

  private readNumber(): void {
    // Behind a dot, as in `pair.0.1`, digits are an index.
    const isIndex = this.source[this.at - 1] === "."
    const float = isIndex ? null : this.match(FLOAT, this.at)
    const found = float ?? this.match(INTEGER, this.at)
    if (!found) this.fail("this is not a number", this.at)
    this.take(float ? "float" : "integer", found[0].replaceAll("_", ""), found[0].length)
  }

  private readString(): void {
    const found = this.match(STRING, this.at)
    if (!found) this.fail("this string has no closing quote", this.at)
    const text = unescapeString(found[0].slice(1, -1))
    if (text === null) this.fail("this string has a broken \\x, \\u, \\U or \\N escape", this.at)
    this.take("string", text, found[0].length)
  }

  private take(type: TokenType, text: string, length: number): void {
    this.push(type, text, this.at)
    this.at += length
  }

  private push(type: TokenType, text: string, at: number): void {
    this.tokens.push({ type, text, at })
  }

  private match(pattern: RegExp, at: number): RegExpExecArray | null {
    pattern.lastIndex = at
    return pattern.exec(this.source)
  }

  /** Names are mostly ASCII, which needs no pattern. */
  private endOfName(start: number): number {
    const { source } = this
    let at = start
    let code = source.charCodeAt(at)
    while (isNameCode(code) || (at > start && code >= 0x30 && code <= 0x39)) code = source.charCodeAt(++at)
    return code < 0x80 || at >= source.length ? at : this.endOf(NAME, start)
  }

  private skipSpace(): void {
    const code = this.source.charCodeAt(this.at)
    if (code > 0x20 && code < 0x80) return
    this.at = this.endOf(SPACE, this.at)
  }

  private endOf(pattern: RegExp, at: number): number {
    pattern.lastIndex = at
    return pattern.test(this.source) ? pattern.lastIndex : at
  }

  private fail(message: string, at: number): never {
    throw new JinjaError("syntax", message, { place: placeAt(this.source, at, this.origin) })
  }
}

function isNameCode(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f
}
