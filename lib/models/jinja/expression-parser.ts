import type { Arguments, BinaryOperator, ComparisonOperator, Expression, Filter, Slice } from "./ast.ts"
import type { Token } from "./lexer.ts"
import { describeToken, type TokenStream } from "./token-stream.ts"
import { fromBigInt, PyFloat, type Value } from "./values.ts"

export interface TupleOptions {
  /** Whether `a if b else c` may stand without parentheses; on unless said otherwise. */
  isConditional?: boolean
  /** A word that ends the tuple, besides the ends of tags and a closing parenthesis. */
  end?: string
}

/**
 * Expressions, from the weakest operator to the strongest: conditional, or, and, not, comparison, + and -, ~, products, **,
 * signs, and then what binds to the right of a value: attributes, items, calls, filters, tests.
 */
export class ExpressionParser {
  private readonly stream: TokenStream

  constructor(stream: TokenStream) {
    this.stream = stream
  }

  parse(isConditional = true): Expression {
    return isConditional ? this.parseConditional() : this.parseOr()
  }

  /** An expression, or with commas a tuple of them without parentheses. */
  parseTuple(options: TupleOptions = {}): Expression {
    return this.parseItems(options) ?? this.failUnexpected("Expected an expression,")
  }

  /** `first | second`, without what they are applied to; at least one. */
  parseFilterChain(): Filter {
    let filter = this.parseFilter(null)
    while (this.stream.skipOperator("|")) filter = this.parseFilter(filter)
    return filter
  }

  private parseItems({ isConditional = true, end }: TupleOptions): Expression | null {
    const { stream } = this
    const { at } = stream.current
    const items: Expression[] = []
    let isTuple = false
    for (;;) {
      if (items.length > 0) stream.expectOperator(",")
      if (this.isTupleEnd(end)) break
      items.push(this.parse(isConditional))
      if (!stream.isOperator(",")) break
      isTuple = true
    }
    return isTuple ? { kind: "tuple", items, at } : (items[0] ?? null)
  }

  private isTupleEnd(end: string | undefined): boolean {
    const { type } = this.stream.current
    if (type === "variable end" || type === "block end" || this.stream.isOperator(")")) return true
    return end !== undefined && this.stream.isName(end)
  }

  private parseConditional(): Expression {
    const { stream } = this
    let then = this.parseOr()
    while (stream.skipName("if")) {
      const test = this.parseOr()
      const otherwise = stream.skipName("else") ? this.parseConditional() : null
      then = { kind: "conditional", test, then, otherwise, at: then.at }
    }
    return then
  }

  private parseOr(): Expression {
    let left = this.parseAnd()
    while (this.stream.skipName("or")) {
      left = { kind: "logical", operator: "or", left, right: this.parseAnd(), at: left.at }
    }
    return left
  }

  private parseAnd(): Expression {
    let left = this.parseNot()
    while (this.stream.skipName("and")) {
      left = { kind: "logical", operator: "and", left, right: this.parseNot(), at: left.at }
    }
    return left
  }

  private parseNot(): Expression {
    const { at } = this.stream.current
    if (!this.stream.skipName("not")) return this.parseComparison()
    return { kind: "unary", operator: "not", operand: this.parseNot(), at }
  }

  private parseComparison(): Expression {
    const first = this.parseSum()
    const rest: { operator: ComparisonOperator; operand: Expression }[] = []
    for (let operator = this.takeComparison(); operator; operator = this.takeComparison()) {
      rest.push({ operator, operand: this.parseSum() })
    }
    return rest.length === 0 ? first : { kind: "comparison", first, rest, at: first.at }
  }

  private takeComparison(): ComparisonOperator | null {
    const { stream } = this
    const { type, text } = stream.current
    if (type === "operator" && COMPARISONS.has(text)) return stream.next().text as ComparisonOperator
    if (stream.skipName("in")) return "in"
    const { following } = stream
    if (!stream.isName("not") || following.type !== "name" || following.text !== "in") return null
    stream.next()
    stream.next()
    return "not in"
  }

  private parseSum(): Expression {
    let left = this.parseConcat()
    for (let token = this.takeBinary(SUMS); token; token = this.takeBinary(SUMS)) {
      left = binary(token, left, this.parseConcat())
    }
    return left
  }

  private parseConcat(): Expression {
    const first = this.parseProduct()
    if (!this.stream.isOperator("~")) return first
    const parts = [first]
    while (this.stream.skipOperator("~")) parts.push(this.parseProduct())
    return { kind: "concat", parts, at: first.at }
  }

  private parseProduct(): Expression {
    let left = this.parsePower()
    for (let token = this.takeBinary(PRODUCTS); token; token = this.takeBinary(PRODUCTS)) {
      left = binary(token, left, this.parsePower())
    }
    return left
  }

  /** Binds to the left, unlike Python's: `2 ** 3 ** 2` is 64, and `-2 ** 2` is 4. So it is in Jinja. */
  private parsePower(): Expression {
    let left = this.parseUnary(true)
    for (let token = this.takeBinary(POWERS); token; token = this.takeBinary(POWERS)) {
      left = binary(token, left, this.parseUnary(true))
    }
    return left
  }

  private takeBinary(operators: ReadonlySet<string>): Token | null {
    const { type, text } = this.stream.current
    return type === "operator" && operators.has(text) ? this.stream.next() : null
  }

  private parseUnary(hasFilters: boolean): Expression {
    const { type, text, at } = this.stream.current
    let value: Expression
    if (type === "operator" && (text === "-" || text === "+")) {
      this.stream.next()
      value = { kind: "unary", operator: text, operand: this.parseUnary(false), at }
    } else {
      value = this.parsePrimary()
    }
    value = this.parsePostfix(value)
    return hasFilters ? this.parseFiltersAndTests(value) : value
  }

  private parsePrimary(): Expression {
    const { stream } = this
    const token = stream.current
    switch (token.type) {
      case "name":
        stream.next()
        return CONSTANTS.has(token.text)
          ? { kind: "literal", value: CONSTANTS.get(token.text) as Value, at: token.at }
          : { kind: "name", name: token.text, at: token.at }
      case "string":
        return { kind: "literal", value: this.takeStrings(), at: token.at }
      case "integer":
        stream.next()
        return { kind: "literal", value: fromBigInt(BigInt(token.text)), at: token.at }
      case "float":
        stream.next()
        return { kind: "literal", value: new PyFloat(Number(token.text)), at: token.at }
      default:
        if (stream.skipOperator("(")) return this.parseParenthesised(token.at)
        if (stream.skipOperator("[")) return this.parseList(token.at)
        if (stream.skipOperator("{")) return this.parseDict(token.at)
        return this.failUnexpected("unexpected token:")
    }
  }

  /** Strings that follow each other are one, as in Python. */
  private takeStrings(): string {
    let text = ""
    while (this.stream.current.type === "string") text += this.stream.next().text
    return text
  }

  private parseParenthesised(at: number): Expression {
    const value = this.parseItems({}) ?? { kind: "tuple", items: [], at }
    this.stream.expectOperator(")")
    return value
  }

  private parseList(at: number): Expression {
    const { stream } = this
    const items: Expression[] = []
    while (!stream.isOperator("]")) {
      if (items.length > 0) stream.expectOperator(",")
      if (stream.isOperator("]")) break
      items.push(this.parse())
    }
    stream.next()
    return { kind: "list", items, at }
  }

  private parseDict(at: number): Expression {
    const { stream } = this
    const entries: { key: Expression; value: Expression }[] = []
    while (!stream.isOperator("}")) {
      if (entries.length > 0) stream.expectOperator(",")
      if (stream.isOperator("}")) break
      const key = this.parse()
      stream.expectOperator(":")
      entries.push({ key, value: this.parse() })
    }
    stream.next()
    return { kind: "dict", entries, at }
  }

  private parsePostfix(start: Expression): Expression {
    const { stream } = this
    let value = start
    while (stream.current.type === "operator") {
      const { text, at } = stream.current
      if (text === ".") {
        stream.next()
        value = this.parseAttribute(value)
      } else if (text === "[") {
        stream.next()
        value = { kind: "item", object: value, key: this.parseKey(at), at }
      } else if (text === "(") {
        value = { kind: "call", callee: value, arguments: this.parseArguments(), at: value.at }
      } else {
        break
      }
    }
    return value
  }

  private parseAttribute(object: Expression): Expression {
    const { type, text, at } = this.stream.current
    if (type === "name") {
      this.stream.next()
      return { kind: "attribute", object, name: text, at }
    }
    if (type !== "integer") this.stream.fail("expected name or number", at)
    this.stream.next()
    return { kind: "item", object, key: { kind: "literal", value: Number(text), at }, at }
  }

  private parseKey(at: number): Expression {
    const { stream } = this
    const keys: Expression[] = []
    while (!stream.isOperator("]")) {
      if (keys.length > 0) stream.expectOperator(",")
      keys.push(this.parseSubscript())
    }
    stream.next()
    const [first] = keys
    if (keys.length > 1 && keys.some((key) => key.kind === "slice")) {
      stream.fail("a slice can only stand alone within brackets", at)
    }
    return keys.length === 1 && first ? first : { kind: "tuple", items: keys, at }
  }

  private parseSubscript(): Expression {
    const { stream } = this
    const { at } = stream.current
    const start = stream.isOperator(":") ? null : this.parse()
    if (!stream.skipOperator(":")) return start as Expression
    const slice: Slice = { kind: "slice", start, stop: null, step: null, at }
    const isPartAbsent = () => stream.isOperator("]") || stream.isOperator(",") || stream.isOperator(":")
    if (!isPartAbsent()) slice.stop = this.parse()
    if (stream.skipOperator(":") && !isPartAbsent()) slice.step = this.parse()
    return slice
  }

  private parseFiltersAndTests(start: Expression): Expression {
    const { stream } = this
    let value = start
    for (;;) {
      const { at } = stream.current
      if (stream.skipOperator("|")) value = this.parseFilter(value)
      else if (stream.skipName("is")) value = this.parseTest(value, at)
      else if (stream.isOperator("(")) value = { kind: "call", callee: value, arguments: this.parseArguments(), at }
      else return value
    }
  }

  private parseFilter(input: Expression | null): Filter {
    const { at } = this.stream.current
    const name = this.takeDottedName()
    const args = this.stream.isOperator("(") ? this.parseArguments() : NO_ARGUMENTS
    return { kind: "filter", name, input, arguments: args, at }
  }

  private parseTest(input: Expression, at: number): Expression {
    const isNegated = this.stream.skipName("not")
    const name = this.takeDottedName()
    const test: Expression = { kind: "test", name, input, arguments: this.parseTestArguments(), at }
    return isNegated ? { kind: "unary", operator: "not", operand: test, at } : test
  }

  /** With parentheses as for a call, or one value without: `x is divisibleby 3`. */
  private parseTestArguments(): Arguments {
    const { stream } = this
    if (stream.isOperator("(")) return this.parseArguments()
    const { type, text, at } = stream.current
    const isValue =
      type === "string" ||
      type === "integer" ||
      type === "float" ||
      (type === "name" && text !== "else" && text !== "or" && text !== "and") ||
      (type === "operator" && (text === "[" || text === "{"))
    if (!isValue) return NO_ARGUMENTS
    if (stream.isName("is")) stream.fail("You cannot chain multiple tests with is", at)
    // `x is defined if y`, `x is none in z`, `x is none not in z`: what follows is not an argument. Jinja takes it for a
    // name, and then finds nothing that it could do with what comes next.
    return { ...NO_ARGUMENTS, positional: [this.parsePostfix(this.parsePrimary())] }
  }

  private takeDottedName(): string {
    let name = this.stream.expectName()
    while (this.stream.skipOperator(".")) name += `.${this.stream.expectName()}`
    return name
  }

  private parseArguments(): Arguments {
    const { stream } = this
    const { at } = stream.current
    const args: Arguments = { positional: [], keywords: [], spread: null, spreadKeywords: null }
    stream.expectOperator("(")
    for (let isFirst = true; !stream.isOperator(")"); isFirst = false) {
      if (!isFirst) stream.expectOperator(",")
      if (stream.isOperator(")")) break
      if (!this.parseArgument(args)) stream.fail("invalid syntax for function call expression", at)
    }
    stream.next()
    return args
  }

  /** False where an argument may not stand behind those before it. */
  private parseArgument(args: Arguments): boolean {
    const { stream } = this
    if (stream.skipOperator("*")) {
      if (args.spread || args.spreadKeywords) return false
      args.spread = this.parse()
      return true
    }
    if (stream.skipOperator("**")) {
      if (args.spreadKeywords) return false
      args.spreadKeywords = this.parse()
      return true
    }
    const { following, current } = stream
    if (current.type === "name" && following.type === "operator" && following.text === "=") {
      if (args.spreadKeywords) return false
      stream.next()
      stream.next()
      args.keywords.push({ name: current.text, value: this.parse() })
      return true
    }
    if (args.spread || args.spreadKeywords || args.keywords.length > 0) return false
    args.positional.push(this.parse())
    return true
  }

  private failUnexpected(prefix: string): never {
    const { current } = this.stream
    return this.stream.fail(`${prefix} got '${describeToken(current)}'`, current.at)
  }
}

const NO_ARGUMENTS: Arguments = { positional: [], keywords: [], spread: null, spreadKeywords: null }
const COMPARISONS: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">="])
const SUMS: ReadonlySet<string> = new Set(["+", "-"])
const PRODUCTS: ReadonlySet<string> = new Set(["*", "/", "//", "%"])
const POWERS: ReadonlySet<string> = new Set(["**"])
const CONSTANTS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ["true", true],
  ["True", true],
  ["false", false],
  ["False", false],
  ["none", null],
  ["None", null],
])

function binary({ text, at }: Token, left: Expression, right: Expression): Expression {
  return { kind: "binary", operator: text as BinaryOperator, left, right, at }
}
