import { assertNever } from "#lib/domain/assert-never.ts"
import { getAttribute, getItem } from "./access.ts"
import { calculate, negate, positive } from "./arithmetic.ts"
import type { Arguments, Call, Comparison, ComparisonOperator, Expression, Filter, Item, Slice, Test } from "./ast.ts"
import { callValue } from "./call.ts"
import { entriesOf } from "./collection-methods.ts"
import { compare, contains, isEqual } from "./compare.ts"
import { Dict } from "./dict.ts"
import { JinjaError, typeError } from "./errors.ts"
import type { FilterContext } from "./filter.ts"
import type { Scope } from "./frame.ts"
import { isTrue, iterate } from "./iterate.ts"
import { toText } from "./print.ts"
import { type SliceBounds, sliceOf } from "./slice.ts"
import { HostObject, type Kwargs, NO_KWARGS, Tuple, typeName, Undefined, type Value } from "./values.ts"

export type Evaluate = (scope: Scope) => Value

/** Turns expressions into closures, so that running one neither looks at the tree nor at names that are known before. */
export class ExpressionCompiler {
  private readonly context: FilterContext
  /** The special names that were compiled since {@link collectNames} began. */
  private used = new Set<string>()

  constructor(context: FilterContext) {
    this.context = context
  }

  compile(node: Expression): Evaluate {
    switch (node.kind) {
      case "literal": {
        const { value } = node
        return () => value
      }
      case "name":
        return this.compileName(node.name)
      case "attribute": {
        const object = this.compile(node.object)
        const { name, at } = node
        const { isUndefinedChainable } = this.context
        return (scope) => {
          const value = object(scope)
          scope.frame.at = at
          return getAttribute(value, name, isUndefinedChainable)
        }
      }
      case "item":
        return this.compileItem(node)
      case "slice":
        // The parser lets it stand as the key of an item alone, which compileItem() takes.
        throw new JinjaError("syntax", "a slice can only stand alone within brackets")
      case "call":
        return this.compileCall(node)
      case "filter":
        return this.compileFilter(node, node.input ? this.compile(node.input) : () => null)
      case "test":
        return this.compileTest(node)
      case "conditional": {
        const test = this.compile(node.test)
        const then = this.compile(node.then)
        const otherwise = node.otherwise ? this.compile(node.otherwise) : this.noElse()
        return (scope) => (isTrue(test(scope)) ? then(scope) : otherwise(scope))
      }
      case "unary":
        return this.compileUnary(node.operator, this.compile(node.operand), node.at)
      case "binary": {
        const left = this.compile(node.left)
        const right = this.compile(node.right)
        const { operator, at } = node
        return (scope) => {
          const a = left(scope)
          const b = right(scope)
          scope.frame.at = at
          return calculate(operator, a, b)
        }
      }
      case "logical": {
        const left = this.compile(node.left)
        const right = this.compile(node.right)
        const isAnd = node.operator === "and"
        return (scope) => {
          const value = left(scope)
          return isTrue(value) === isAnd ? right(scope) : value
        }
      }
      case "concat": {
        const parts = node.parts.map((part) => this.compile(part))
        return (scope) => {
          let text = ""
          for (const part of parts) text += toText(part(scope))
          return text
        }
      }
      case "comparison":
        return this.compileComparison(node)
      case "list": {
        const items = node.items.map((item) => this.compile(item))
        return (scope) => items.map((item) => item(scope))
      }
      case "tuple": {
        const items = node.items.map((item) => this.compile(item))
        return (scope) => new Tuple(items.map((item) => item(scope)))
      }
      case "dict": {
        const entries = node.entries.map(({ key, value }) => ({ key: this.compile(key), value: this.compile(value) }))
        return (scope) => {
          const dict = new Dict()
          for (const { key, value } of entries) dict.set(key(scope), value(scope))
          return dict
        }
      }
      default:
        return assertNever(node)
    }
  }

  /** The call, with further keyword arguments that are worked out before it (the `caller` of a call block). */
  compileCall({ callee, arguments: args, at }: Call, extra: ((scope: Scope) => Kwargs) | null = null): Evaluate {
    const target = this.compile(callee)
    const positional = this.compilePositional(args)
    const named = this.compileNamed(args)
    return (scope) => {
      const value = target(scope)
      const values = positional(scope)
      const keywords = extra ? new Map([...named(scope), ...extra(scope)]) : named(scope)
      scope.frame.at = at
      return callValue(value, values, keywords)
    }
  }

  compileFilter({ name, arguments: args, at }: Filter, input: Evaluate): Evaluate {
    const { context } = this
    const positional = this.compilePositional(args)
    const named = this.compileNamed(args)
    return (scope) => {
      const value = input(scope)
      const values = positional(scope)
      const keywords = named(scope)
      scope.frame.at = at
      return context.filter(name)(value, values, keywords, context)
    }
  }

  /** Runs `compile`, and returns with its result which special names (`loop`, `caller` …) the compiled code mentions. */
  collectNames<T>(compile: () => T): [result: T, names: ReadonlySet<string>] {
    const outer = this.used
    const names = new Set<string>()
    this.used = names
    const result = compile()
    this.used = outer
    for (const name of names) outer.add(name)
    return [result, names]
  }

  private compileName(name: string): Evaluate {
    if (SPECIAL_NAMES.has(name)) this.used.add(name)
    const missing = this.context.undefined({ name })
    return (scope) => {
      const value = scope.get(name)
      return value === undefined ? missing : value
    }
  }

  private noElse(): Evaluate {
    const hint = "the inline if-expression evaluated to false and no else section was defined."
    const missing = this.context.undefined({ hint })
    return () => missing
  }

  private compileItem({ object, key, at }: Item): Evaluate {
    const target = this.compile(object)
    const { isUndefinedChainable } = this.context
    if (key.kind === "slice") {
      const bounds = this.compileSlice(key)
      return (scope) => {
        const value = target(scope)
        const slice = bounds(scope)
        scope.frame.at = at
        return sliceOf(value, slice)
      }
    }
    const index = this.compile(key)
    return (scope) => {
      const value = target(scope)
      const wanted = index(scope)
      scope.frame.at = at
      return getItem(value, wanted, isUndefinedChainable)
    }
  }

  private compileSlice({ start, stop, step }: Slice): (scope: Scope) => SliceBounds {
    const boundOf = (bound: Expression | null): Evaluate => (bound ? this.compile(bound) : () => null)
    const first = boundOf(start)
    const last = boundOf(stop)
    const by = boundOf(step)
    return (scope) => ({ start: first(scope), stop: last(scope), step: by(scope) })
  }

  private compileUnary(operator: "-" | "+" | "not", operand: Evaluate, at: number): Evaluate {
    if (operator === "not") return (scope) => !isTrue(operand(scope))
    const apply = operator === "-" ? negate : positive
    return (scope) => {
      const value = operand(scope)
      scope.frame.at = at
      return apply(value)
    }
  }

  private compileTest({ name, input, arguments: args, at }: Test): Evaluate {
    const { context } = this
    const value = this.compile(input)
    const positional = this.compilePositional(args)
    const named = this.compileNamed(args)
    return (scope) => {
      const subject = value(scope)
      const values = positional(scope)
      const keywords = named(scope)
      scope.frame.at = at
      return context.test(name)(subject, values, keywords, context)
    }
  }

  private compileComparison({ first, rest, at }: Comparison): Evaluate {
    const start = this.compile(first)
    const steps = rest.map(({ operator, operand }) => ({
      holds: COMPARISONS[operator],
      operand: this.compile(operand),
    }))
    return (scope) => {
      let left = start(scope)
      for (const { holds, operand } of steps) {
        const right = operand(scope)
        scope.frame.at = at
        if (!holds(left, right)) return false
        left = right
      }
      return true
    }
  }

  private compilePositional({ positional, spread }: Arguments): (scope: Scope) => Value[] {
    const values = positional.map((value) => this.compile(value))
    if (!spread) return values.length === 0 ? () => [] : (scope) => values.map((value) => value(scope))
    const rest = this.compile(spread)
    return (scope) => [...values.map((value) => value(scope)), ...iterate(rest(scope))]
  }

  private compileNamed({ keywords, spreadKeywords }: Arguments): (scope: Scope) => Kwargs {
    if (keywords.length === 0 && !spreadKeywords) return () => NO_KWARGS
    const values = keywords.map(({ name, value }) => ({ name, value: this.compile(value) }))
    const rest = spreadKeywords ? this.compile(spreadKeywords) : null
    return (scope) => {
      const named = new Map<string, Value>()
      for (const { name, value } of values) named.set(name, value(scope))
      if (rest) addKeywords(named, rest(scope))
      return named
    }
  }
}

const SPECIAL_NAMES: ReadonlySet<string> = new Set(["loop", "caller", "kwargs", "varargs"])

function addKeywords(named: Map<string, Value>, source: Value): void {
  if (source instanceof Undefined && source.isChainable) return
  const isMapping = source instanceof Dict || (source instanceof HostObject && source.isMapping?.())
  if (!isMapping) throw typeError(`argument after ** must be a mapping, not ${typeName(source)}`)
  for (const [key, value] of entriesOf(source)) {
    if (typeof key !== "string") throw typeError("keywords must be strings")
    if (named.has(key)) throw typeError(`got multiple values for keyword argument '${key}'`)
    named.set(key, value)
  }
}

const COMPARISONS: Readonly<Record<ComparisonOperator, (left: Value, right: Value) => boolean>> = {
  "==": isEqual,
  "!=": (left, right) => !isEqual(left, right),
  "<": (left, right) => compare("<", left, right),
  "<=": (left, right) => compare("<=", left, right),
  ">": (left, right) => compare(">", left, right),
  ">=": (left, right) => compare(">=", left, right),
  in: (left, right) => contains(right, left),
  "not in": (left, right) => !contains(right, left),
}
