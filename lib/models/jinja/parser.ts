import type { Call, Expression, MacroDefinition, Parameter, Statement, Target, TemplateTree } from "./ast.ts"
import { JinjaError } from "./errors.ts"
import { ExpressionParser } from "./expression-parser.ts"
import { normaliseSource, tokenize } from "./lexer.ts"
import type { Origin } from "./place.ts"
import { TokenStream } from "./token-stream.ts"

/** Parses a statement of the host's own: called behind the tag's name, returns before the tag's `%}`. */
export type TagParser = (parser: Parser, at: number) => Statement

export interface ParseOptions {
  origin?: Partial<Origin>
  /** Further statements, by the name of their tag. */
  tags?: Readonly<Record<string, TagParser>>
}

/**
 * The syntax tree of a template.
 * @throws JinjaError of kind `syntax`, or `unsupported` for `extends`, `include` and `import`.
 */
export function parse(source: string, options: ParseOptions = {}): TemplateTree {
  const origin: Origin = { file: "<template>", line: 1, column: 1, ...options.origin }
  const normalised = normaliseSource(source)
  const stream = new TokenStream(tokenize(normalised, origin), normalised, origin)
  try {
    return { source: normalised, body: new Parser(stream, options.tags ?? {}).parseTemplate() }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new JinjaError("limit", "This is nested too deeply.", {
      place: stream.placeAt(stream.current.at),
      cause: error,
    })
  }
}

/** Recursive descent over statements; {@link ExpressionParser} does what stands inside of them. */
export class Parser {
  readonly stream: TokenStream
  readonly expressions: ExpressionParser
  private readonly tags: Readonly<Record<string, TagParser>>
  /** The tags that are open, the innermost last. */
  private readonly open: { name: string; at: number }[] = []

  constructor(stream: TokenStream, tags: Readonly<Record<string, TagParser>>) {
    this.stream = stream
    this.expressions = new ExpressionParser(stream)
    this.tags = tags
  }

  parseTemplate(): Statement[] {
    return this.parseUntil([])
  }

  /** The body of a tag, from the end of its head up to one of `ends`, whose name is then the current token. */
  parseBody(ends: readonly string[]): Statement[] {
    this.stream.skipOperator(":")
    this.stream.expect("block end")
    return this.parseUntil(ends)
  }

  /** As {@link parseBody} with one possible end, which is taken off too. */
  parseWholeBody(end: string): Statement[] {
    const body = this.parseBody([end])
    this.stream.next()
    return body
  }

  parseSignature(): Parameter[] {
    const { stream } = this
    const parameters: Parameter[] = []
    stream.expectOperator("(")
    while (!stream.isOperator(")")) {
      if (parameters.length > 0) stream.expectOperator(",")
      const { at } = stream.current
      const name = stream.expectName()
      if (stream.skipOperator(":")) this.skipType()
      const fallback = stream.skipOperator("=") ? this.expressions.parse() : null
      if (fallback === null && parameters.at(-1)?.fallback)
        stream.fail("non-default argument follows default argument", at)
      parameters.push({ name, fallback, at })
    }
    stream.expectOperator(")")
    return parameters
  }

  private parseUntil(ends: readonly string[]): Statement[] {
    const { stream } = this
    const body: Statement[] = []
    for (;;) {
      const token = stream.next()
      switch (token.type) {
        case "data":
          body.push({ kind: "data", text: token.text, at: token.at })
          break
        case "variable begin": {
          const value = this.expressions.parseTuple()
          stream.expect("variable end")
          body.push({ kind: "print", value, at: token.at })
          break
        }
        case "block begin":
          if (stream.current.type === "name" && ends.includes(stream.current.text)) return body
          body.push(...this.parseStatement(ends))
          stream.expect("block end")
          break
        case "end":
          if (ends.length === 0) return body
          return this.failAtEnd(ends)
        default:
          return stream.fail(`unexpected '${token.text}'`, token.at)
      }
    }
  }

  private failAtEnd(ends: readonly string[]): never {
    const { name, at } = this.open.at(-1) ?? { name: "", at: 0 }
    return this.stream.fail(`Unexpected end of template: '${name}' is never closed by ${listTags(ends)}.`, at)
  }

  private parseStatement(ends: readonly string[]): Statement[] {
    const { text: name, at, type } = this.stream.current
    if (type !== "name") this.stream.fail("tag name expected", at)
    this.stream.next()
    this.open.push({ name, at })
    const own = Object.hasOwn(this.tags, name) ? this.tags[name] : undefined
    const statement = own ? own(this, at) : this.parseKnown(name, at, ends)
    this.open.pop()
    return Array.isArray(statement) ? statement : [statement]
  }

  private parseKnown(name: string, at: number, ends: readonly string[]): Statement | Statement[] {
    const { expressions } = this
    switch (name) {
      case "if":
        return this.parseIf(at)
      case "for":
        return this.parseFor(at)
      case "set":
        return this.parseSet(at)
      case "macro":
        return this.parseMacro(at)
      case "call":
        return this.parseCallBlock(at)
      case "filter": {
        const filter = expressions.parseFilterChain()
        return { kind: "filter block", filter, body: this.parseWholeBody("endfilter"), at }
      }
      case "with":
        return this.parseWith(at)
      case "do":
        return { kind: "do", value: expressions.parseTuple(), at }
      case "break":
      case "continue":
        return { kind: name, at }
      case "print":
        return this.parsePrint()
      case "block":
        return this.parseBlock(at)
      case "autoescape":
        expressions.parse()
        return { kind: "scoped", body: this.parseWholeBody("endautoescape"), at }
      case "extends":
      case "include":
      case "import":
      case "from":
        throw new JinjaError("unsupported", `'${name}' is not supported: call a macro instead.`, {
          place: this.stream.placeAt(at),
        })
      default:
        return this.failUnknown(name, at, ends)
    }
  }

  private failUnknown(name: string, at: number, ends: readonly string[]): never {
    const open = this.open.at(-2)
    const rest = open && ends.length > 0 ? ` Looking for ${listTags(ends)}, which closes '${open.name}'.` : ""
    return this.stream.fail(`Encountered unknown tag '${name}'.${rest}`, at)
  }

  private parseIf(at: number): Statement {
    const { stream, expressions } = this
    const branches: { test: Expression; body: Statement[] }[] = []
    for (;;) {
      const test = expressions.parseTuple({ isConditional: false })
      branches.push({ test, body: this.parseBody(["elif", "else", "endif"]) })
      const { text } = stream.next()
      if (text === "elif") continue
      return { kind: "if", branches, otherwise: text === "else" ? this.parseWholeBody("endif") : null, at }
    }
  }

  private parseFor(at: number): Statement {
    const { stream, expressions } = this
    const target = this.parseTarget({ end: "in" })
    stream.expectKeyword("in")
    const items = expressions.parseTuple({ isConditional: false, end: "recursive" })
    const test = stream.skipName("if") ? expressions.parse() : null
    const isRecursive = stream.skipName("recursive")
    const body = this.parseBody(["endfor", "else"])
    const otherwise = stream.next().text === "else" ? this.parseWholeBody("endfor") : null
    return { kind: "for", target, items, test, isRecursive, body, otherwise, at }
  }

  private parseSet(at: number): Statement {
    const { stream, expressions } = this
    const target = this.parseTarget({ allowsNamespace: true })
    if (stream.skipOperator("=")) return { kind: "assign", target, value: expressions.parseTuple(), at }
    const filter = stream.skipOperator("|") ? expressions.parseFilterChain() : null
    return { kind: "assign block", target, filter, body: this.parseWholeBody("endset"), at }
  }

  private parseMacro(at: number): MacroDefinition {
    const name = this.stream.expectName()
    const parameters = this.parseSignature()
    return { kind: "macro", name, parameters, body: this.parseWholeBody("endmacro"), at }
  }

  private parseCallBlock(at: number): Statement {
    const { stream, expressions } = this
    const parameters = stream.isOperator("(") ? this.parseSignature() : []
    const call: Expression = expressions.parse()
    if (call.kind !== "call") stream.fail("expected call", at)
    return { kind: "call block", parameters, call: call as Call, body: this.parseWholeBody("endcall"), at }
  }

  private parseWith(at: number): Statement {
    const { stream, expressions } = this
    const assignments: { target: Target; value: Expression }[] = []
    while (stream.current.type !== "block end" && !stream.isOperator(":")) {
      if (assignments.length > 0) stream.expectOperator(",")
      const target = this.parseTarget({})
      stream.expectOperator("=")
      assignments.push({ target, value: expressions.parse() })
    }
    return { kind: "with", assignments, body: this.parseWholeBody("endwith"), at }
  }

  private parsePrint(): Statement[] {
    const printed: Statement[] = []
    while (this.stream.current.type !== "block end") {
      if (printed.length > 0) this.stream.expectOperator(",")
      const { at } = this.stream.current
      printed.push({ kind: "print", value: this.expressions.parse(), at })
    }
    return printed
  }

  private parseBlock(at: number): Statement {
    const { stream } = this
    const name = stream.expectName()
    stream.skipName("scoped")
    stream.skipName("required")
    const body = this.parseWholeBody("endblock")
    stream.skipName(name)
    return { kind: "scoped", body, at }
  }

  private parseTarget(options: { end?: string; allowsNamespace?: boolean }): Target {
    const { stream } = this
    const { at } = stream.current
    const items: Target[] = []
    let isTuple = false
    for (;;) {
      if (items.length > 0) stream.expectOperator(",")
      if (isTuple && this.isTargetEnd(options.end)) break
      items.push(this.parseOneTarget(options))
      if (!stream.isOperator(",")) break
      isTuple = true
    }
    const [first] = items
    return !isTuple && first ? first : { kind: "tuple target", items, at }
  }

  private isTargetEnd(end: string | undefined): boolean {
    const { stream } = this
    return stream.isOperator(")") || (end !== undefined && stream.isName(end))
  }

  private parseOneTarget(options: { allowsNamespace?: boolean }): Target {
    const { stream } = this
    const { at } = stream.current
    if (stream.skipOperator("(")) {
      const target = this.parseTarget(options)
      stream.expectOperator(")")
      return target
    }
    const name = stream.expectName()
    if (RESERVED.has(name)) stream.fail(`can't assign to '${name}'`, at)
    if (options.allowsNamespace && stream.skipOperator(".")) {
      return { kind: "namespace target", name, attribute: stream.expectName(), at }
    }
    return { kind: "name", name, at }
  }

  /** A type annotation, `list[string]`, which newer dbt allows behind a macro's parameter and which means nothing here. */
  private skipType(): void {
    const { stream } = this
    stream.expectName()
    if (!stream.skipOperator("[")) return
    do this.skipType()
    while (stream.skipOperator(","))
    stream.expectOperator("]")
  }
}

const RESERVED: ReadonlySet<string> = new Set(["true", "false", "none", "True", "False", "None"])

function listTags(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(" or ")
}
