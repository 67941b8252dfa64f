import { assertNever } from "#lib/domain/assert-never.ts"
import type {
  AssignBlock,
  CallBlock,
  Filter,
  For,
  If,
  MacroDefinition,
  Parameter,
  Statement,
  Target,
  With,
} from "./ast.ts"
import { type Evaluate, ExpressionCompiler } from "./compile-expression.ts"
import { JinjaError, valueError } from "./errors.ts"
import type { FilterContext } from "./filter.ts"
import { type FrameSource, Scope } from "./frame.ts"
import { isTrue, iterate, toArray } from "./iterate.ts"
import { Loop } from "./loop.ts"
import { Macro, type MacroCode } from "./macro.ts"
import { type Output, TextOutput } from "./output.ts"
import { placeAt } from "./place.ts"
import { Namespace, type Value } from "./values.ts"

/** What a statement tells the loop around it; nothing in most cases. */
export type Signal = "break" | "continue" | undefined
export type Execute = (scope: Scope, output: Output) => Signal
type Store = (scope: Scope, value: Value) => void

/** Turns statements into closures. */
export class StatementCompiler {
  private readonly expressions: ExpressionCompiler
  private readonly context: FilterContext
  private readonly source: FrameSource
  private loopDepth = 0

  constructor(context: FilterContext, source: FrameSource) {
    this.expressions = new ExpressionCompiler(context)
    this.context = context
    this.source = source
  }

  compileBody(body: readonly Statement[]): Execute {
    const steps = body.map((statement) => this.compile(statement))
    const [only] = steps
    if (steps.length === 1 && only) return only
    return (scope, output) => {
      for (const step of steps) {
        const signal = step(scope, output)
        if (signal !== undefined) return signal
      }
      return undefined
    }
  }

  private compile(node: Statement): Execute {
    const { at } = node
    switch (node.kind) {
      case "data": {
        const { text } = node
        return (_scope, output) => void output.write(text)
      }
      case "print": {
        const value = this.expressions.compile(node.value)
        return step(at, (scope, output) => output.print(value(scope)))
      }
      case "do": {
        const value = this.expressions.compile(node.value)
        return step(at, (scope) => void value(scope))
      }
      case "assign": {
        const store = this.compileTarget(node.target)
        const value = this.expressions.compile(node.value)
        return step(at, (scope) => store(scope, value(scope)))
      }
      case "assign block":
        return this.compileAssignBlock(node)
      case "if":
        return this.compileIf(node)
      case "for":
        return this.compileFor(node)
      case "macro": {
        const code = this.compileMacro(node, node.name, false)
        return step(at, (scope) => scope.set(node.name, new Macro(code, scope)))
      }
      case "call block":
        return this.compileCallBlock(node)
      case "filter block": {
        const body = this.compileBody(node.body)
        const filter = this.compileChain(node.filter)
        return step(at, (scope, output) => output.print(filter(scope, capture(body, scope))))
      }
      case "with":
        return this.compileWith(node)
      case "scoped": {
        const body = this.compileBody(node.body)
        return (scope, output) => body(new Scope(scope, scope.frame), output)
      }
      case "break":
      case "continue": {
        if (this.loopDepth === 0) throw this.syntaxError(`'${node.kind}' stands outside of a loop`, at)
        const { kind } = node
        return () => kind
      }
      default:
        return assertNever(node)
    }
  }

  private compileIf({ branches, otherwise, at }: If): Execute {
    const cases = branches.map(({ test, body }) => ({
      test: this.expressions.compile(test),
      body: this.compileBody(body),
    }))
    const rest = otherwise ? this.compileBody(otherwise) : null
    return (scope, output) => {
      scope.frame.at = at
      scope.frame.context.step()
      for (const { test, body } of cases) if (isTrue(test(scope))) return body(scope, output)
      return rest?.(scope, output)
    }
  }

  private compileFor(node: For): Execute {
    const items = this.expressions.compile(node.items)
    const run = this.compileLoop(node)
    const { at } = node
    return (scope, output) => {
      scope.frame.at = at
      scope.frame.context.step()
      run(scope, output, items(scope), 0)
      return undefined
    }
  }

  /**
   * The loop as a function of its items, which a recursive one calls again. As in Jinja `else` runs unless some pass came to
   * its end: also when `break` or `continue` left every one of them.
   */
  private compileLoop(node: For): (scope: Scope, output: Output, items: Value, depth: number) => void {
    const store = this.compileTarget(node.target)
    const test = node.test ? this.expressions.compile(node.test) : null
    this.loopDepth++
    const [body, names] = this.expressions.collectNames(() => this.compileBody(node.body))
    this.loopDepth--
    const otherwise = node.otherwise ? this.compileBody(node.otherwise) : null
    const needsLoop = node.isRecursive || names.has("loop")
    const run = (scope: Scope, output: Output, items: Value, depth: number): void => {
      const iterable = test ? matching(scope, items, store, test) : iterate(items)
      const recurse = node.isRecursive
        ? (inner: Value, level: number) => capture((s, o) => void run(s, o, inner, level), scope)
        : null
      const isEmpty = needsLoop
        ? runWithLoop(scope, output, new Loop(iterable, depth, recurse))
        : runPlain(scope, output, iterable)
      if (isEmpty) otherwise?.(new Scope(scope, scope.frame), output)
    }
    const runOnce = (scope: Scope, output: Output, item: Value, loop: Loop | null): Signal => {
      scope.frame.context.step()
      const inner = new Scope(scope, scope.frame)
      if (loop) inner.set("loop", loop)
      store(inner, item)
      return body(inner, output)
    }
    const runPlain = (scope: Scope, output: Output, iterable: Iterable<Value>): boolean => {
      let isEmpty = true
      for (const item of iterable) {
        const signal = runOnce(scope, output, item, null)
        if (signal === undefined) isEmpty = false
        else if (signal === "break") break
      }
      return isEmpty
    }
    const runWithLoop = (scope: Scope, output: Output, loop: Loop): boolean => {
      let isEmpty = true
      for (let item = loop.next(); item !== undefined; item = loop.next()) {
        const signal = runOnce(scope, output, item, loop)
        if (signal === undefined) isEmpty = false
        else if (signal === "break") break
      }
      return isEmpty
    }
    return run
  }

  private compileAssignBlock({ target, filter, body, at }: AssignBlock): Execute {
    const store = this.compileTarget(target)
    const run = this.compileBody(body)
    const chain = filter ? this.compileChain(filter) : null
    return step(at, (scope) => {
      const text = capture(run, scope)
      store(scope, chain ? chain(scope, text) : text)
    })
  }

  /** The filters of a block, the innermost first, as a function of its text. */
  private compileChain(filter: Filter): (scope: Scope, text: Value) => Value {
    let text: Value = null
    const compileLink = (link: Filter): Evaluate =>
      this.expressions.compileFilter(link, link.input?.kind === "filter" ? compileLink(link.input) : () => text)
    const chain = compileLink(filter)
    return (scope, input) => {
      text = input
      return chain(scope)
    }
  }

  private compileCallBlock(node: CallBlock): Execute {
    const code = this.compileMacro(node, "caller", true)
    const call = this.expressions.compileCall(node.call, (scope) => new Map([["caller", new Macro(code, scope)]]))
    return step(node.at, (scope, output) => output.print(call(scope)))
  }

  private compileMacro(node: MacroDefinition | CallBlock, name: string, isCaller: boolean): MacroCode {
    const outer = this.loopDepth
    this.loopDepth = 0
    const [run, used] = this.expressions.collectNames(() => this.compileBody(node.body))
    this.loopDepth = outer
    return {
      name,
      isCaller,
      parameters: node.parameters.map((parameter) => this.compileParameter(parameter)),
      usesCaller: used.has("caller"),
      usesKwargs: used.has("kwargs"),
      usesVarargs: used.has("varargs"),
      isUndefinedChainable: this.context.isUndefinedChainable,
      run,
      source: this.source,
    }
  }

  private compileParameter({ name, fallback }: Parameter): { name: string; fallback: Evaluate | null } {
    return { name, fallback: fallback ? this.expressions.compile(fallback) : null }
  }

  private compileWith({ assignments, body, at }: With): Execute {
    const steps = assignments.map(({ target, value }) => ({
      store: this.compileTarget(target),
      value: this.expressions.compile(value),
    }))
    const run = this.compileBody(body)
    return (scope, output) => {
      scope.frame.at = at
      const inner = new Scope(scope, scope.frame)
      // All values see the scope around, as the documentation of `with` says, not each other.
      const values = steps.map(({ value }) => value(scope))
      for (const [index, { store }] of steps.entries()) store(inner, values[index] as Value)
      return run(inner, output)
    }
  }

  private compileTarget(target: Target): Store {
    switch (target.kind) {
      case "name": {
        const { name } = target
        return (scope, value) => scope.set(name, value)
      }
      case "namespace target": {
        const { name, attribute, at } = target
        return (scope, value) => {
          const namespace = scope.get(name)
          scope.frame.at = at
          if (!(namespace instanceof Namespace)) {
            throw new JinjaError("type", "cannot assign attribute on non-namespace object")
          }
          namespace.attributes.set(attribute, value)
        }
      }
      case "tuple target": {
        const stores = target.items.map((item) => this.compileTarget(item))
        return (scope, value) => unpack(stores, scope, value)
      }
      default:
        return assertNever(target)
    }
  }

  private syntaxError(message: string, at: number): JinjaError {
    return new JinjaError("syntax", message, { place: placeAt(this.source.source, at, this.source.origin) })
  }
}

/** A statement of its own line: counted, and known to errors. */
function step(at: number, run: (scope: Scope, output: Output) => void): Execute {
  return (scope, output) => {
    scope.frame.at = at
    scope.frame.context.step()
    run(scope, output)
    return undefined
  }
}

function capture(body: Execute, scope: Scope): string {
  const output = new TextOutput(scope.frame.context.limits.maxOutput)
  body(new Scope(scope, scope.frame), output)
  return output.text
}

/** The items for which the loop's own `if` holds, worked out as the loop asks for them. */
function* matching(scope: Scope, items: Value, store: Store, test: Evaluate): Iterable<Value> {
  for (const item of iterate(items)) {
    const inner = new Scope(scope, scope.frame)
    store(inner, item)
    if (isTrue(test(inner))) yield item
  }
}

function unpack(stores: readonly Store[], scope: Scope, value: Value): void {
  const items = toArray(value)
  if (items.length < stores.length) {
    throw valueError(`not enough values to unpack (expected ${stores.length}, got ${items.length})`)
  }
  if (items.length > stores.length) throw valueError(`too many values to unpack (expected ${stores.length})`)
  for (const [index, store] of stores.entries()) store(scope, items[index] as Value)
}
