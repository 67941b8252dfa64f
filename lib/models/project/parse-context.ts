import { baseNames, type Invocation } from "../context/base-names.ts"
import { named } from "../context/common-names.ts"
import { ContextValue } from "../context/context-value.ts"
import { dbtEnvironment } from "../context/dbt-environment.ts"
import { HostRecord } from "../context/host-record.ts"
import { dispatchFunction, ParseAdapter } from "../context/parse-adapter.ts"
import { ParseRelation, relationType } from "../context/parse-relation.ts"
import { toPlain } from "../context/plain-value.ts"
import { RecordValue } from "../context/record-value.ts"
import { TemplateContext } from "../context/template-context.ts"
import { TEST_ARGUMENTS, testArguments } from "../context/test-arguments.ts"
import { VarFunction } from "../context/var-function.ts"
import { hasTemplate, mapTexts, withoutLineEnd } from "../context/yaml-renderer.ts"
import { Dict } from "../jinja/dict.ts"
import { typeError } from "../jinja/errors.ts"
import { toText } from "../jinja/print.ts"
import { bindArguments } from "../jinja/signature.ts"
import { HostObject, hostFunction, type Kwargs, type Value } from "../jinja/values.ts"
import type { DocLookup } from "./doc-lookup.ts"
import type { Package } from "./load-project.ts"
import type { DispatchSettings, MacroRegistry } from "./macro-registry.ts"
import { NameMacros } from "./name-macros.ts"
import type { BaseNode, ParsedNode, RefArgs, TestNode } from "./node.ts"
import type { ParseMemory } from "./parse-memory.ts"
import type { ParseRenderer, Rendering, TemplateSource } from "./parse-state.ts"
import type { VarLookup } from "./vars.ts"

export interface ParseContextOptions {
  invocation: Invocation
  registry: MacroRegistry
  packages: readonly Package[]
  /** The vars of a package's nodes. */
  varLookup(packageName: string): VarLookup
  memory: ParseMemory | null
  dispatch: DispatchSettings
  docs: DocLookup
  onEnvRead?: (name: string, value: string | undefined) => void
}

/**
 * Renders templates to find out what they need. There is one context for each package, which all of its nodes share one after
 * the other: what differs between them is the node that is current, and the record of what it calls.
 */
export class ParseContext implements ParseRenderer {
  private readonly options: ParseContextOptions
  private readonly environment = dbtEnvironment("chainable")
  private readonly contexts = new Map<string, TemplateContext>()
  private readonly names: NameMacros
  private node: ParsedNode | null = null
  private rendering: Rendering = emptyRendering()
  /** Unique ids of the macros that the current template itself called. */
  private called = new Set<string>()

  constructor(options: ParseContextOptions) {
    this.options = options
    const { registry, invocation } = options
    this.names = new NameMacros(registry, invocation.target, (packageName) => this.contextOf(packageName))
  }

  readonly renderNode = (node: ParsedNode, source: TemplateSource): Rendering => {
    this.options.memory?.noteText(source.text)
    return this.record(node, (context) => context.render(source.text, source))
  }

  readonly renderGenericTest = (node: ParsedNode, source: TemplateSource): Rendering => {
    return this.record(node, (context) => {
      this.options.memory?.noteText(JSON.stringify((node as TestNode).test_metadata))
      const { kwargs } = (node as TestNode).test_metadata!
      context.names.set(TEST_ARGUMENTS, testArguments(context, kwargs, source))
      context.render(source.text, source)
    })
  }

  readonly renderText = (text: string, packageName: string, source: Omit<TemplateSource, "text">): string => {
    this.options.memory?.noteText(text)
    return this.contextOf(packageName).render(text, source)
  }

  readonly renderValue = (value: unknown, packageName: string, source: Omit<TemplateSource, "text">): unknown => {
    return mapTexts(value, (text) => {
      if (!hasTemplate(text)) return withoutLineEnd(text)
      this.options.memory?.noteText(text)
      return toPlain(this.contextOf(packageName).renderNative(text, source))
    })
  }

  readonly renderExpression = (
    expression: string,
    packageName: string,
    source: Omit<TemplateSource, "text">,
  ): Rendering => {
    this.options.memory?.noteText(`{{ ${expression} }}`)
    this.rendering = emptyRendering()
    this.contextOf(packageName).render(`{{ ${expression} }}`, source)
    return this.rendering
  }

  generateName(part: "schema" | "alias" | "database", custom: string | null, node: BaseNode): string {
    return this.names.generate(part, custom, node)
  }

  private record(node: ParsedNode, render: (context: TemplateContext) => void): Rendering {
    const context = this.contextOf(node.package_name)
    const rendering = emptyRendering()
    this.node = node
    this.rendering = rendering
    this.called = new Set()
    context.names.set("this", this.relationOf(node))
    context.names.set("model", new RecordValue(node))
    render(context)
    rendering.macros = [...this.called]
    return rendering
  }

  private relationOf({ database, schema, alias, config }: ParsedNode): ParseRelation {
    const quoting = { ...this.options.packages[0]!.config.quoting, ...config.quoting }
    return new ParseRelation({ database, schema, identifier: alias, type: null, quoting })
  }

  private contextOf(packageName: string): TemplateContext {
    let context = this.contexts.get(packageName)
    if (!context) {
      context = this.createContext(packageName)
      this.contexts.set(packageName, context)
    }
    return context
  }

  private createContext(packageName: string): TemplateContext {
    const { invocation, registry, varLookup, memory, docs, onEnvRead } = this.options
    const names = baseNames(invocation, onEnvRead)
    const context = new TemplateContext(this.environment, registry, packageName, names)
    context.onMacroCall = (macro, depth) => {
      if (depth === 0) this.called.add(macro.unique_id)
      memory?.noteMacro(macro)
    }
    const origin = { file: "dbt_project.yml", line: 1 }
    const render = (text: string) => {
      memory?.noteText(text)
      return context.render(text, origin)
    }
    names.set("var", new VarFunction({ lookup: varLookup(packageName), render, isMissingAllowed: true, packageName }))
    names.set(
      "ref",
      hostFunction("ref", (args, kwargs) => this.ref(args, kwargs)),
    )
    names.set(
      "source",
      hostFunction("source", (args) => this.source(args)),
    )
    names.set(
      "metric",
      hostFunction("metric", (args) => this.metric(args)),
    )
    names.set("config", new ParseConfig((config) => this.rendering.configs.push(config)))
    names.set(
      "doc",
      hostFunction("doc", (args) => docs.contents(args.map(toText), packageName)),
    )
    names.set(
      "adapter",
      new ParseAdapter(
        invocation.target.type,
        dispatchFunction(() => context, this.options.dispatch),
      ),
    )
    const api: [string, Value][] = [
      ["Relation", relationType()],
      ["Column", new HostRecord("Column", COLUMN_FUNCTIONS)],
    ]
    names.set("api", new HostRecord("api", new Map(api)))
    names.set("execute", false)
    names.set("graph", new Dict())
    names.set("sql_now", "")
    names.set(
      "load_result",
      hostFunction("load_result", () => null),
    )
    names.set(
      "store_result",
      hostFunction("store_result", () => ""),
    )
    names.set(
      "store_raw_result",
      hostFunction("store_raw_result", () => ""),
    )
    names.set(
      "write",
      hostFunction("write", () => ""),
    )
    names.set(
      "render",
      named("render", ["string"], (text) => render(toText(text!))),
    )
    names.set("context", new ContextValue(context))
    const builtins = ["ref", "source", "config", "var"].map((name): [Value, Value] => [name, names.get(name)!])
    names.set("builtins", new Dict(builtins))
    return context
  }

  private ref(args: readonly Value[], kwargs: Kwargs): Value {
    const version = kwargs.get("v") ?? kwargs.get("version") ?? null
    if (args.length < 1 || args.length > 2)
      throw typeError(`ref() takes one or two names, but was given ${args.length}`)
    const names = args.map(toText)
    const [packageName, name] = names.length === 2 ? names : [null, names[0]]
    const ref: RefArgs = {
      name: name!,
      package: packageName!,
      version: version === null ? null : (toPlain(version) as string | number),
    }
    this.rendering.refs.push(ref)
    return this.placeholder()
  }

  private source(args: readonly Value[]): Value {
    if (args.length !== 2)
      throw typeError(`source() takes the names of a source and a table, but was given ${args.length}`)
    this.rendering.sources.push(args.map(toText))
    return this.placeholder()
  }

  private metric(args: readonly Value[]): Value {
    this.rendering.metrics.push(args.map(toText))
    return args.map(toText).join(".")
  }

  /** What it is that a ref means is not known yet, so it stands for the node itself, as in dbt. */
  private placeholder(): Value {
    return this.node ? this.relationOf(this.node) : ""
  }
}

const COLUMN_FUNCTIONS: ReadonlyMap<string, Value> = new Map([
  ["translate_type", named("translate_type", ["dtype"], (type) => type!)],
  ["numeric_type", named("numeric_type", ["dtype", "precision?", "scale?"], (type) => type!)],
  ["string_type", named("string_type", ["size"], (size) => `character varying(${toText(size!)})`)],
  ["create", named("create", ["name", "label_or_dtype"], () => "")],
])

function emptyRendering(): Rendering {
  return { refs: [], sources: [], metrics: [], configs: [], macros: [] }
}

/** `config(…)` while parsing: takes note of what is set, and knows of nothing that is. */
class ParseConfig extends HostObject {
  private readonly onCall: (config: Record<string, unknown>) => void

  constructor(onCall: (config: Record<string, unknown>) => void) {
    super()
    this.onCall = onCall
  }

  override get typeName(): string {
    return "ParseConfigObject"
  }

  override call(args: readonly Value[], kwargs: Kwargs): Value {
    const [map] = args
    if (args.length > 1 || (map !== undefined && (kwargs.size > 0 || !(map instanceof Dict)))) {
      throw typeError("config() takes either keyword arguments or one dict")
    }
    const entries = map instanceof Dict ? [...map] : [...kwargs]
    this.onCall(Object.fromEntries(entries.map(([key, value]) => [toText(key), toPlain(value)])))
    return ""
  }

  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case "get":
      case "require":
      case "meta_get":
      case "meta_require":
        return hostFunction(name, (args, kwargs) => {
          bindArguments(name, ["name", "default?", "validator?"], args, kwargs)
          return ""
        })
      case "set":
        return named(name, ["name", "value"], (key, value) => this.call([], new Map([[toText(key!), value!]])))
      case "persist_relation_docs":
      case "persist_column_docs":
        return hostFunction(name, () => false)
      default:
        return undefined
    }
  }
}
