import { Dict } from "./dict.ts"
import { typeError } from "./errors.ts"
import { Frame, type FrameSource, locateError, Scope } from "./frame.ts"
import { type Output, TextOutput } from "./output.ts"
import { given, HostObject, type Kwargs, Tuple, Undefined, type Value } from "./values.ts"

/**
 * Thrown by a function of the host (dbt's `return()`) to end the macro that is running with a value of any type instead of
 * its text. The body of a call block lets it pass: it ends the macro around it.
 */
export class MacroReturn {
  readonly value: Value

  constructor(value: Value) {
    this.value = value
  }
}

/** A macro as compiled, before it is bound to the scope of its definition. */
export interface MacroCode {
  name: string
  /** Whether it is the body of a call block, which is called by the name `caller`. */
  isCaller: boolean
  parameters: readonly { name: string; fallback: ((scope: Scope) => Value) | null }[]
  /** The special names that its body mentions, and therefore gets. */
  usesCaller: boolean
  usesKwargs: boolean
  usesVarargs: boolean
  isUndefinedChainable: boolean
  run(scope: Scope, output: Output): void
  source: FrameSource
}

/** A macro as a value: called, it returns its text. */
export class Macro extends HostObject {
  private readonly code: MacroCode
  private readonly scope: Scope

  constructor(code: MacroCode, scope: Scope) {
    super()
    this.code = code
    this.scope = scope
  }

  override get typeName(): string {
    return "Macro"
  }

  get name(): string {
    return this.code.name
  }

  override call(args: readonly Value[], kwargs: Kwargs): Value {
    const { context } = this.scope.frame
    const caller = context.frame
    const frame = new Frame(this.code.source, context, this.code.isCaller ? null : this.code.name)
    try {
      context.enter(frame)
      const scope = new Scope(this.scope, frame)
      this.bind(scope, args, kwargs)
      const output = new TextOutput(context.limits.maxOutput)
      this.code.run(scope, output)
      return output.text
    } catch (error) {
      if (error instanceof MacroReturn && !this.code.isCaller) return error.value
      throw locateError(error, frame)
    } finally {
      context.frame = caller
    }
  }

  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case "name":
        return this.code.name
      case "arguments":
        return new Tuple(this.code.parameters.map((parameter) => parameter.name))
      case "caller":
        return this.code.usesCaller
      case "catch_kwargs":
        return this.code.usesKwargs
      case "catch_varargs":
        return this.code.usesVarargs
      default:
        return undefined
    }
  }

  override toRepr(): string {
    return this.code.isCaller ? "<Macro anonymous>" : `<Macro '${this.code.name}'>`
  }

  /** Positional arguments first, then by name, then the defaults, which see the parameters before them. */
  private bind(scope: Scope, args: readonly Value[], kwargs: Kwargs): void {
    const { code } = this
    const rest = new Map(kwargs)
    for (const [index, { name, fallback }] of code.parameters.entries()) {
      let value = args[index]
      if (value === undefined) {
        value = rest.get(name)
        rest.delete(name)
      }
      if (value === undefined) value = fallback ? fallback(scope) : this.missing(name)
      scope.set(name, value)
    }
    if (code.usesCaller && !code.parameters.some(({ name }) => name === "caller")) {
      scope.set("caller", given(rest.get("caller"), this.undefined("No caller defined", "caller")))
      rest.delete("caller")
    }
    if (code.usesKwargs) scope.set("kwargs", new Dict(rest))
    else this.refuseKeywords(rest)
    if (code.usesVarargs) scope.set("varargs", new Tuple(args.slice(code.parameters.length)))
    else if (args.length > code.parameters.length) {
      throw typeError(`macro '${code.name}' takes not more than ${code.parameters.length} argument(s)`)
    }
  }

  private missing(name: string): Value {
    return this.undefined(`parameter '${name}' was not provided`, name)
  }

  private undefined(hint: string, name: string): Undefined {
    return new Undefined({ hint, name }, this.code.isUndefinedChainable)
  }

  private refuseKeywords(rest: Kwargs): void {
    const [name] = rest.keys()
    if (name === undefined) return
    throw typeError(`macro '${this.code.name}' takes no keyword argument '${name}'`)
  }
}
