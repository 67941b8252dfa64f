import { AdapterObject, RELATION_CLASS } from "../adapter/adapter-object.ts"
import type { SyncDatabase } from "../adapter/database.ts"
import { TransactionalDatabase } from "../adapter/transaction.ts"
import { baseNames, type Invocation } from "../context/base-names.ts"
import { named, type TemplateLog } from "../context/common-names.ts"
import { ContextValue } from "../context/context-value.ts"
import { dbtEnvironment } from "../context/dbt-environment.ts"
import { HostRecord } from "../context/host-record.ts"
import { dispatchFunction } from "../context/parse-adapter.ts"
import { toValue } from "../context/plain-value.ts"
import { TemplateContext } from "../context/template-context.ts"
import { VarFunction } from "../context/var-function.ts"
import { callValue } from "../jinja/call.ts"
import { Dict } from "../jinja/dict.ts"
import { toText } from "../jinja/print.ts"
import { hostFunction, type Kwargs, type Value } from "../jinja/values.ts"
import { MacroRegistry } from "../project/macro-registry.ts"
import type { Target } from "../project/profile.ts"
import type { YamlMap } from "../project/read-yaml.ts"
import { ColumnClass } from "../relation/column.ts"
import { LazyGraph } from "./lazy-graph.ts"
import type { GraphAnswer, ProjectSetup } from "./protocol.ts"
import { runtimeConfig } from "./runtime-config.ts"

export interface RuntimeOptions {
  setup: ProjectSetup
  threadId: string
  database: SyncDatabase
  log: TemplateLog
  fetchGraph(): GraphAnswer
}

/** A project as one thread runs it: its macros, compiled when they are first called, and a session with the warehouse. */
export class ProjectRuntime {
  readonly setup: ProjectSetup
  readonly database: TransactionalDatabase
  readonly log: TemplateLog
  readonly registry: MacroRegistry
  /** `ref.config`. */
  readonly config: Value
  private readonly options: RuntimeOptions
  private readonly environment = dbtEnvironment("strict")
  private readonly contexts = new Map<string, TemplateContext>()
  readonly graph: LazyGraph
  /** Vars of the task that runs. */
  taskVars: YamlMap = {}

  constructor(options: RuntimeOptions) {
    this.options = options
    this.setup = options.setup
    this.config = runtimeConfig(options.setup)
    this.database = new TransactionalDatabase(options.database)
    this.log = options.log
    this.graph = new LazyGraph(options.fetchGraph)
    this.registry = new MacroRegistry(options.setup.rootName)
    for (const { name } of options.setup.packages) this.registry.addPackage(name)
    for (const macro of options.setup.macros) this.registry.add(macro)
  }

  get threadId(): string {
    return this.options.threadId
  }

  /** The context of a package's nodes, without what belongs to one node. One node uses it at a time. */
  contextOf(packageName: string): TemplateContext {
    let context = this.contexts.get(packageName)
    if (!context) {
      context = this.createContext(packageName)
      this.contexts.set(packageName, context)
    }
    return context
  }

  private createContext(packageName: string): TemplateContext {
    const { setup, threadId } = this.options
    const names = baseNames(this.invocation())
    const context = new TemplateContext(this.environment, this.registry, packageName, names)
    const dispatch = dispatchFunction(() => context, {
      prefixes: [setup.target.type, "default"],
      searchOrders: setup.dispatch,
    })
    const caller = {
      dispatch: (name: string, namespace: string | null) => callValue(dispatch, [name, namespace]),
      callMacro: (name: string, args: readonly Value[], kwargs: Kwargs = new Map()) =>
        callValue(context.lookup(name) ?? null, args, kwargs),
      warn: (message: string) => this.log.warn(message),
    }
    const vars = setup.packages.find(({ name }) => name === packageName)?.vars ?? {}
    const origin = { file: "dbt_project.yml", line: 1 }
    names.set(
      "var",
      new VarFunction({
        lookup: (name) => [this.taskVars, vars].find((level) => Object.hasOwn(level, name))?.[name],
        render: (text) => context.render(text, origin),
        isMissingAllowed: false,
        packageName,
      }),
    )
    names.set("adapter", new AdapterObject(this.database, caller))
    names.set(
      "api",
      new HostRecord(
        "api",
        new Map<string, Value>([
          ["Relation", RELATION_CLASS],
          ["Column", new ColumnClass()],
        ]),
      ),
    )
    names.set("execute", true)
    names.set("graph", this.graph)
    names.set("thread_id", threadId)
    names.set("selected_resources", toValue(setup.selectedResources))
    names.set("invocation_args_dict", toValue(setup.invocationArgs))
    names.set(
      "write",
      hostFunction("write", () => ""),
    )
    names.set(
      "render",
      named("render", ["string"], (text) => context.render(toText(text!), origin)),
    )
    names.set("context", new ContextValue(context))
    return context
  }

  private invocation(): Invocation {
    const { setup, log } = this
    return {
      id: setup.invocationId,
      startedAt: new Date(setup.startedAt),
      flags: setup.flags,
      env: setup.env,
      target: setup.target as Target,
      projectName: setup.rootName,
      log,
    }
  }
}

/** `builtins`: the names that a macro of the same name may fall back on. */
export function builtinsOf(names: ReadonlyMap<string, Value>): Dict {
  return new Dict(["ref", "source", "config", "var"].map((name) => [name, names.get(name) ?? null]))
}
