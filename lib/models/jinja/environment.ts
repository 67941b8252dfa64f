import type { TemplateTree } from "./ast.ts"
import { type Execute, StatementCompiler } from "./compile-statement.ts"
import { JinjaError } from "./errors.ts"
import type { Filter, FilterContext, Test } from "./filter.ts"
import { FILTERS } from "./filters/filters.ts"
import { Frame, type FrameSource, locateError, Scope } from "./frame.ts"
import { GLOBALS } from "./globals.ts"
import { Macro } from "./macro.ts"
import { NativeOutput, type Output, TextOutput } from "./output.ts"
import { parse, type TagParser } from "./parser.ts"
import type { Origin } from "./place.ts"
import { type Globals, type Limits, RenderContext } from "./render-context.ts"
import { TESTS } from "./tests.ts"
import { Undefined, type UndefinedReason, type Value } from "./values.ts"

export interface EnvironmentOptions {
  /**
   * What comes of names and attributes that are not there: `strict` ones are an error when used, `chainable` ones go on being
   * undefined through attributes, items, calls and operators.
   */
  undefined?: "strict" | "chainable"
  /** Besides Jinja's own, or instead of them. */
  filters?: Readonly<Record<string, Filter>>
  tests?: Readonly<Record<string, Test>>
  globals?: Readonly<Record<string, Value>>
  /** Further statements, by the name of their tag. */
  tags?: Readonly<Record<string, TagParser>>
  limits?: Partial<Limits>
}

const LIMITS: Limits = { maxSteps: 10_000_000, maxOutput: 50_000_000, maxDepth: 400 }

/** What templates are compiled and run with. It holds no state of a render, so one serves all of a project. */
export class Environment implements FilterContext {
  readonly isUndefinedChainable: boolean
  private readonly filters: ReadonlyMap<string, Filter>
  private readonly tests: ReadonlyMap<string, Test>
  private readonly globals: ReadonlyMap<string, Value>
  private readonly tags: Readonly<Record<string, TagParser>>
  private readonly limits: Limits
  /** By source, and then by where it stands. */
  private readonly cache = new Map<string, { origin: Origin; template: Template }[]>()

  constructor(options: EnvironmentOptions = {}) {
    this.isUndefinedChainable = options.undefined === "chainable"
    this.filters = new Map([...FILTERS, ...Object.entries(options.filters ?? {})])
    this.tests = new Map([...TESTS, ...Object.entries(options.tests ?? {})])
    this.globals = new Map([...GLOBALS, ...Object.entries(options.globals ?? {})])
    this.tags = options.tags ?? {}
    this.limits = { ...LIMITS, ...options.limits }
  }

  filter(name: string): Filter {
    const found = this.filters.get(name)
    if (!found) throw new JinjaError("syntax", `No filter named '${name}'.`)
    return found
  }

  test(name: string): Test {
    const found = this.tests.get(name)
    if (!found) throw new JinjaError("syntax", `No test named '${name}'.`)
    return found
  }

  undefined(reason: UndefinedReason): Undefined {
    return new Undefined(reason, this.isUndefinedChainable)
  }

  /** The template of a source. The same source from the same place is compiled once. @throws JinjaError of kind `syntax`. */
  compile(source: string, origin: Partial<Origin> = {}): Template {
    const where: Origin = { file: "<template>", line: 1, column: 1, ...origin }
    const known = this.cache.get(source) ?? []
    const found = known.find(({ origin: other }) => isSameOrigin(where, other))
    if (found) return found.template
    const template = this.compileAnew(source, where)
    this.cache.set(source, [...known, { origin: where, template }])
    return template
  }

  /** A context for renders that belong together; `globals` are the names that their templates find. */
  context(globals: Globals | Readonly<Record<string, Value>> = {}): RenderContext {
    return new RenderContext(isGlobals(globals) ? globals : recordGlobals(globals), this.globals, this.limits)
  }

  /** The text of a template. */
  render(source: string, globals: Globals | Readonly<Record<string, Value>> = {}): string {
    return this.compile(source).render(this.context(globals))
  }

  /** The value of a template that is a single expression, else its text (dbt's native environment). */
  renderNative(source: string, globals: Globals | Readonly<Record<string, Value>> = {}): Value {
    return this.compile(source).renderNative(this.context(globals))
  }

  private compileAnew(source: string, origin: Origin): Template {
    const tree = parse(source, { origin, tags: this.tags })
    const frameSource: FrameSource = { source: tree.source, origin }
    try {
      return new Template(tree, frameSource, new StatementCompiler(this, frameSource).compileBody(tree.body))
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw new JinjaError("limit", "This is nested too deeply.", { place: origin, cause: error })
    }
  }
}

/** A compiled template, to be run any number of times. */
export class Template {
  readonly tree: TemplateTree
  private readonly source: FrameSource
  private readonly body: Execute

  constructor(tree: TemplateTree, source: FrameSource, body: Execute) {
    this.tree = tree
    this.source = source
    this.body = body
  }

  render(context: RenderContext): string {
    const output = new TextOutput(context.limits.maxOutput)
    this.run(context, output)
    return output.text
  }

  renderNative(context: RenderContext): Value {
    const output = new NativeOutput()
    this.run(context, output)
    return output.value
  }

  /** Runs the template for the names that it sets and the macros that it defines at its top level. */
  exports(context: RenderContext): ReadonlyMap<string, Value> {
    return this.run(context, new TextOutput(context.limits.maxOutput)).own
  }

  /** Its macros, bound to the context. */
  macros(context: RenderContext): ReadonlyMap<string, Macro> {
    const macros = new Map<string, Macro>()
    for (const [name, value] of this.exports(context)) if (value instanceof Macro) macros.set(name, value)
    return macros
  }

  private run(context: RenderContext, output: Output): Scope {
    const caller = context.frame
    const frame = new Frame(this.source, context, null)
    const scope = new Scope(null, frame)
    try {
      context.enter(frame)
      this.body(scope, output)
      return scope
    } catch (error) {
      throw locateError(error, frame)
    } finally {
      context.frame = caller
    }
  }
}

function isSameOrigin(a: Origin, b: Origin): boolean {
  return a.file === b.file && a.line === b.line && a.column === b.column
}

function isGlobals(globals: Globals | Readonly<Record<string, Value>>): globals is Globals {
  return typeof (globals as Partial<Globals>).lookup === "function"
}

function recordGlobals(record: Readonly<Record<string, Value>>): Globals {
  const names = new Map(Object.entries(record))
  return { lookup: (name) => names.get(name) }
}
