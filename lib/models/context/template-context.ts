import type { Environment, Template } from "../jinja/environment.ts"
import { JinjaError } from "../jinja/errors.ts"
import { type Macro, MacroReturn } from "../jinja/macro.ts"
import type { Globals, RenderContext } from "../jinja/render-context.ts"
import { HostObject, type Kwargs, type Value } from "../jinja/values.ts"
import type { MacroRegistry } from "../project/macro-registry.ts"
import type { MacroNode } from "../project/node.ts"
import { type Problem, ProjectError } from "../project/project-error.ts"

/** Where a text stands, for errors. */
export interface TextOrigin {
  file: string
  line: number
}

/**
 * What templates of one package find by name: macros first (so that a project may override `ref` and its like), then packages
 * as namespaces, then `names`. Macros see the names of the package whose node is rendered, not those of their own, as in dbt.
 * It may serve any number of renders, one after the other.
 */
export class TemplateContext implements Globals {
  readonly packageName: string
  readonly registry: MacroRegistry
  /** What is neither macro nor package; may be changed between renders. */
  readonly names: Map<string, Value>
  /** What takes the place of macros, by bare name or `package.name`. */
  overrides: ReadonlyMap<string, Value> = new Map()
  /** Called with each macro that is called, and how many macros are around the call. */
  onMacroCall: ((macro: MacroNode, depth: number) => void) | null = null
  private readonly environment: Environment
  private readonly context: RenderContext
  private readonly functions = new Map<MacroNode, MacroFunction>()
  private readonly namespaces = new Map<string, MacroNamespace>()
  private depth = 0

  constructor(environment: Environment, registry: MacroRegistry, packageName: string, names: Map<string, Value>) {
    this.environment = environment
    this.registry = registry
    this.packageName = packageName
    this.names = names
    this.context = environment.context(this)
  }

  lookup(name: string): Value | undefined {
    const override = this.overrides.get(name)
    if (override !== undefined) return override
    const macro = this.registry.find(name, this.packageName)
    if (macro) return this.functionOf(macro)
    return this.namespace(name) ?? this.names.get(name)
  }

  /** The macro as a value that templates call. */
  functionOf(macro: MacroNode): MacroFunction {
    let found = this.functions.get(macro)
    if (!found) {
      found = new MacroFunction(this, macro)
      this.functions.set(macro, found)
    }
    return found
  }

  private namespace(name: string): MacroNamespace | undefined {
    let found = this.namespaces.get(name)
    if (found) return found
    const macros = this.registry.inPackage(name)
    if (!macros) return undefined
    found = new MacroNamespace(this, name, macros)
    this.namespaces.set(name, found)
    return found
  }

  /** The text of a template. `return()` outside of a macro ends it there. @throws ProjectError */
  render(text: string, origin: TextOrigin): string {
    return this.run(origin, (template) => template.render(this.context), text) ?? ""
  }

  /** The value of a template that is one expression, else its text. @throws ProjectError */
  renderNative(text: string, origin: TextOrigin): Value {
    return this.run(origin, (template) => template.renderNative(this.context), text) ?? null
  }

  private run<T>(origin: TextOrigin, render: (template: Template) => T, text: string): T | null {
    try {
      return render(this.environment.compile(text, { ...origin, column: 1 }))
    } catch (error) {
      if (error instanceof MacroReturn) return null
      throw toProjectError(error, origin)
    }
  }

  /** Calls a macro from outside of any template. @throws ProjectError */
  callMacro(macro: MacroNode, args: readonly Value[], kwargs: Kwargs = new Map()): Value {
    try {
      return this.enter(macro, args, kwargs)
    } catch (error) {
      throw toProjectError(error, { file: macro.original_file_path, line: macro.start_line })
    }
  }

  /** For {@link MacroFunction} alone. */
  enter(macro: MacroNode, args: readonly Value[], kwargs: Kwargs): Value {
    this.onMacroCall?.(macro, this.depth)
    this.depth++
    try {
      return this.functionOf(macro).compiled.call(args, kwargs)
    } catch (error) {
      if (error instanceof MacroReturn) return error.value
      throw error
    } finally {
      this.depth--
    }
  }

  /** For {@link MacroFunction} alone: the macro, bound to this context. */
  compile({ macro_sql, original_file_path, start_line, name }: MacroNode): Macro {
    const template = this.environment.compile(macro_sql, { file: original_file_path, line: start_line, column: 1 })
    const [macro] = template.macros(this.context).values()
    if (!macro) throw new JinjaError("syntax", `The block of macro "${name}" defines no macro.`)
    return macro
  }
}

/** A macro of the registry as a value. It is compiled when it is first called. */
export class MacroFunction extends HostObject {
  readonly node: MacroNode
  private readonly owner: TemplateContext
  private macro: Macro | null = null

  constructor(owner: TemplateContext, node: MacroNode) {
    super()
    this.owner = owner
    this.node = node
  }

  override get typeName(): string {
    return "MacroGenerator"
  }

  get compiled(): Macro {
    this.macro ??= this.owner.compile(this.node)
    return this.macro
  }

  override call(args: readonly Value[], kwargs: Kwargs): Value {
    return this.owner.enter(this.node, args, kwargs)
  }

  override getAttribute(name: string): Value | undefined {
    return this.compiled.getAttribute(name)
  }

  override toText(): string {
    return `<Macro '${this.node.name}'>`
  }
}

/** The macros of a package: `dbt_utils.star`. */
class MacroNamespace extends HostObject {
  private readonly owner: TemplateContext
  private readonly name: string
  private readonly macros: ReadonlyMap<string, MacroNode>

  constructor(owner: TemplateContext, name: string, macros: ReadonlyMap<string, MacroNode>) {
    super()
    this.owner = owner
    this.name = name
    this.macros = macros
  }

  override get typeName(): string {
    return "dict"
  }

  override getAttribute(name: string): Value | undefined {
    const override = this.owner.overrides.get(`${this.name}.${name}`)
    if (override !== undefined) return override
    const macro = this.macros.get(name)
    if (macro) return this.owner.functionOf(macro)
    // Elsewhere a name may go missing; calling a macro that a package does not have is always a mistake.
    return undefined
  }

  override getItem(key: Value): Value | undefined {
    return typeof key === "string" ? this.getAttribute(key) : undefined
  }

  override contains(key: Value): boolean {
    return typeof key === "string" && this.macros.has(key)
  }

  override isMapping(): boolean {
    return true
  }

  override toText(): string {
    return `<package '${this.name}'>`
  }
}

/** An error of a template with its place in the project's files and the macros on the way there. */
export function toProjectError(error: unknown, origin: TextOrigin): unknown {
  if (!(error instanceof JinjaError)) {
    if (!(error instanceof ProjectError) || error.file !== null) return error
    return new ProjectError({ ...origin, column: 1, message: error.message }, { cause: error })
  }
  const { place, trace, cause } = error
  const message =
    cause instanceof ProjectError ? cause.problems.map((problem) => problem.message).join("\n") : error.message
  const macroStack = trace.flatMap(({ macro, file, line }) => (macro === null ? [] : [`${macro} (${file}:${line})`]))
  const around = macroStack.length === 0 ? "" : `\n${macroStack.map((each) => `  in macro ${each}`).join("\n")}`
  const caller = trace.at(-1)
  const from = macroStack.length > 0 && caller?.macro === null ? `\n  in ${caller.file}:${caller.line}` : ""
  const problem: Problem = {
    file: place?.file ?? origin.file,
    line: place?.line ?? origin.line,
    column: place?.column ?? 1,
    message: `${message}${around}${from}`,
  }
  return new ProjectError(problem, { cause: error, macroStack })
}
