import { JinjaError, type Place } from "./errors.ts"
import type { Token, TokenType } from "./lexer.ts"
import { type Origin, placeAt } from "./place.ts"

/** The tokens of a template with the one that is read next, and the questions that parsers ask of it. */
export class TokenStream {
  private readonly tokens: readonly Token[]
  private readonly source: string
  private readonly origin: Origin
  private index = 0
  current: Token

  constructor(tokens: readonly Token[], source: string, origin: Origin) {
    this.tokens = tokens
    this.source = source
    this.origin = origin
    this.current = tokens[0] as Token
  }

  /** The token behind the current one. */
  get following(): Token {
    return this.tokens[this.index + 1] ?? this.current
  }

  /** Takes the current token; the last one, which marks the end, stays. */
  next(): Token {
    const token = this.current
    if (this.index < this.tokens.length - 1) this.current = this.tokens[++this.index] as Token
    return token
  }

  isOperator(text: string): boolean {
    return this.current.text === text && this.current.type === "operator"
  }

  isName(text: string): boolean {
    return this.current.text === text && this.current.type === "name"
  }

  skipOperator(text: string): boolean {
    if (!this.isOperator(text)) return false
    this.next()
    return true
  }

  skipName(text: string): boolean {
    if (!this.isName(text)) return false
    this.next()
    return true
  }

  expect(type: TokenType): Token {
    if (this.current.type !== type) this.failExpected(NAMES[type])
    return this.next()
  }

  expectName(): string {
    return this.expect("name").text
  }

  expectOperator(text: string): void {
    if (!this.skipOperator(text)) this.failExpected(text)
  }

  expectKeyword(text: string): void {
    if (!this.skipName(text)) this.failExpected(text)
  }

  placeAt(at: number): Place {
    return placeAt(this.source, at, this.origin)
  }

  fail(message: string, at: number): never {
    throw new JinjaError("syntax", message, { place: this.placeAt(at) })
  }

  private failExpected(what: string): never {
    return this.fail(`expected token '${what}', got '${describeToken(this.current)}'`, this.current.at)
  }
}

const NAMES: Readonly<Record<TokenType, string>> = {
  data: "template data / text",
  "variable begin": "begin of print statement",
  "variable end": "end of print statement",
  "block begin": "begin of statement block",
  "block end": "end of statement block",
  name: "name",
  string: "string",
  integer: "integer",
  float: "float",
  operator: "operator",
  end: "end of template",
}

export function describeToken({ type, text }: Token): string {
  return text === "" || type === "data" ? NAMES[type] : text
}
