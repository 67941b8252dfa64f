import { AppError } from "../../domain/errors.ts"
import { type AdapterResponse, adapterResponse } from "../adapter/adapter-response.ts"
import type { StatementAnswer } from "../adapter/database.ts"
import { toTable } from "../adapter/to-value.ts"
import { named } from "../context/common-names.ts"
import { envVarFunction } from "../context/env-var.ts"
import { toValue } from "../context/plain-value.ts"
import { RecordValue } from "../context/record-value.ts"
import type { TemplateContext, TextOrigin } from "../context/template-context.ts"
import { TEST_ARGUMENTS, testArguments } from "../context/test-arguments.ts"
import { callValue } from "../jinja/call.ts"
import { Dict } from "../jinja/dict.ts"
import { toText } from "../jinja/print.ts"
import { hostFunction, type Kwargs, type Value } from "../jinja/values.ts"
import type { MaterializeSession } from "../materialize/session.ts"
import type { Hook, ParsedNode, SourceNode } from "../project/node.ts"
import { nameSubqueries } from "../relation/narrowed-relation.ts"
import type { Relation } from "../relation/relation.ts"
import { ResultTable } from "../relation/result-table.ts"
import type { StandIns } from "./execute-unit-test.ts"
import { ExecutionConfig } from "./execution-config.ts"
import { injectCtes } from "./inject-ctes.ts"
import { type BatchSize, batchId } from "./microbatch.ts"
import { builtinsOf, type ProjectRuntime } from "./project-runtime.ts"
import type { EventTimeRange, NodeTask } from "./protocol.ts"
import { cteName, RefResolver, relationOfNode } from "./ref-resolver.ts"
import { ResultValue } from "./result-value.ts"
import { ConfiguredFunction } from "./runtime-config.ts"

/** One node while it is compiled and run: what its templates see, and what came of its statements. */
export class NodeRun implements MaterializeSession {
  readonly node: ParsedNode
  readonly target: Relation
  readonly context: TemplateContext
  readonly model: RecordValue
  readonly modelConfig: ExecutionConfig
  readonly warnings: string[] = []
  /** The rendered query with the ephemeral ones before it; null until {@link compile}. */
  compiledCode: string | null = null
  /** Set by {@link compile}. */
  ephemerals: readonly { id: string; name: string; sql: string }[] = []
  private readonly executed: string[] = []
  private readonly runtime: ProjectRuntime
  private readonly task: NodeTask
  private readonly resolver: RefResolver
  private readonly results = new Map<string, Value>()

  private readonly standIns: StandIns | null

  constructor(runtime: ProjectRuntime, task: NodeTask, node: ParsedNode, standIns: StandIns | null = null) {
    this.standIns = standIns
    this.runtime = runtime
    this.task = task
    this.node = node
    const { setup } = runtime
    this.target = relationOfNode(node, setup.quoting).with({ standIn: standIns?.names.get("this") ?? null })
    this.resolver = new RefResolver({
      task,
      rootName: setup.rootName,
      packageName: node.package_name,
      quoting: setup.quoting,
      isEmpty: setup.flags.empty,
      standIns,
    })
    // A batch says for itself whether it begins the table, to is_incremental() too.
    const { buildsAnew } = task
    const config = buildsAnew === undefined ? node.config : { ...node.config, full_refresh: buildsAnew }
    this.modelConfig = new ExecutionConfig({ config })
    this.model = new RecordValue(task.eventTime ? { ...node, batch: batchOf(node, task.eventTime) } : node)
    this.context = runtime.contextOf(node.package_name)
    this.enter()
  }

  get name(): string {
    return this.node.name
  }

  get database() {
    return this.runtime.database
  }

  get sql(): string {
    return this.compiledCode ?? this.compile()
  }

  get isFullRefresh(): boolean {
    const own = this.node.config.full_refresh
    return this.task.buildsAnew ?? (typeof own === "boolean" ? own : this.runtime.setup.flags.fullRefresh)
  }

  get eventTime(): EventTimeRange | undefined {
    return this.task.eventTime
  }

  get origin(): TextOrigin {
    return { file: this.node.original_file_path, line: this.node.start_line }
  }

  config(name: string): Value {
    return this.modelConfig.read(name)
  }

  callMacro(name: string, args: readonly Value[], kwargs: Kwargs = new Map()): Value {
    return callValue(this.context.lookup(name) ?? null, args, kwargs)
  }

  hasMacro(name: string): boolean {
    return this.runtime.registry.find(name, this.node.package_name) !== null
  }

  get hasPostHooks(): boolean {
    return ((this.node.config["post-hook"] ?? []) as Hook[]).some(({ transaction }) => transaction)
  }

  isOverridden(name: string): boolean {
    const { registry } = this.runtime
    const names = [name, `postgres__${name}`, `default__${name}`]
    return names.some((each) => registry.isOverridden(each, this.node.package_name))
  }

  warn(message: string): void {
    this.warnings.push(message)
  }

  /** Renders the node's query. @throws ProjectError, SqlError */
  compile(): string {
    const { node, context } = this
    if (node.resource_type === "test" && node.test_metadata) {
      const kwargs = testArguments(context, node.test_metadata.kwargs, this.origin)
      context.names.set(TEST_ARGUMENTS, kwargs)
    }
    const text = context.render(node.raw_code, this.origin)
    if (!this.standIns) this.ephemerals = this.compileEphemerals()
    this.compiledCode = nameSubqueries(injectCtes(text, this.standIns?.ctes ?? this.ephemerals))
    context.names.set("sql", this.compiledCode)
    context.names.set("compiled_code", this.compiledCode)
    return this.compiledCode
  }

  /** Those that were read, and those that they read, each after what it reads. */
  private compileEphemerals(): { id: string; name: string; sql: string }[] {
    const done = new Map<string, string>()
    const visit = (node: ParsedNode): void => {
      if (done.has(node.unique_id)) return
      const inner = new NodeRun(this.runtime, this.task, node)
      const sql = inner.context.render(node.raw_code, inner.origin)
      for (const parent of inner.resolver.ephemerals.values()) visit(parent)
      done.set(node.unique_id, sql)
      ctes.push({ id: node.unique_id, name: cteName(node.name), sql })
    }
    const ctes: { id: string; name: string; sql: string }[] = []
    const read = [...this.resolver.ephemerals.values()]
    for (const node of read) visit(node)
    if (read.length > 0) this.enter()
    return ctes
  }

  /** What the input of a unit test names: `ref('a')`, `source('b', 'c')`, `this`. */
  inputOf(input: string): ParsedNode | SourceNode | "this" {
    if (input.trim() === "this") return "this"
    const { names } = this.context
    let found: ParsedNode | SourceNode | null = null
    names.set(
      "ref",
      hostFunction("ref", (args, kwargs) => {
        found = this.resolver.nodeOfRef(args, kwargs)
        return ""
      }),
    )
    names.set(
      "source",
      hostFunction("source", (args) => {
        found = this.resolver.nodeOfSource(args)
        return ""
      }),
    )
    try {
      this.context.renderNative(`{{ ${input} }}`, this.origin)
    } finally {
      this.enter()
    }
    if (found) return found
    throw new AppError("model.invalid", `"${input}" is no input: write ref('…'), source('…', '…') or this.`)
  }

  /** The relation that a parent is built as. */
  relationOf(node: ParsedNode | SourceNode): Relation {
    return this.resolver.relationOf(node)
  }

  /** What {@link noteExecuted} was told, or null. */
  get executedCode(): string | null {
    return this.executed.length === 0 ? null : this.executed.join(";\n")
  }

  /** Keeps a statement for the file of the node in `target/run`. */
  noteExecuted(sql: string): void {
    this.executed.push(sql)
  }

  runMain(sql: string): AdapterResponse {
    this.noteExecuted(sql)
    const answers = this.database.run(sql)
    const answer = answers.findLast((each) => each.rowCount !== null) ?? answers.at(-1)!
    this.store("main", adapterResponse(answer), answer)
    return adapterResponse(answer)
  }

  runHooks(when: "pre" | "post", isInTransaction: boolean): void {
    const hooks = this.node.config[when === "pre" ? "pre-hook" : "post-hook"] ?? []
    for (const hook of hooks as Hook[]) {
      if (hook.transaction !== isInTransaction) continue
      const sql = this.context.render(hook.sql, this.origin).trim()
      if (sql === "") continue
      if (isInTransaction) this.database.begin()
      this.database.run(sql)
    }
  }

  /** The answer that a template stored under a name. */
  result(name: string): Value {
    return this.results.get(name) ?? null
  }

  /** Keeps an answer under a name for templates. */
  store(name: string, response: Value, answer: StatementAnswer): void {
    this.storeTable(name, response, toTable(answer))
  }

  private storeTable(name: string, response: Value, table: Value): void {
    const rows = table instanceof ResultTable ? [...table.rows] : []
    this.results.set(name, Dict.of({ response, data: rows, table }))
  }

  /** Makes the names of the context those of this node. */
  private enter(): void {
    const { names } = this.context
    const { node, resolver, standIns } = this
    const { env } = this.runtime.setup
    this.context.overrides = new Map(
      Object.entries(standIns?.macros ?? {}).map(([name, value]) => [name, hostFunction(name, () => toValue(value))]),
    )
    names.set("env_var", envVarFunction({ env: { ...env, ...standIns?.env }, areSecretsAllowed: false }))
    names.set("this", this.target)
    names.set("model", this.model)
    names.set("config", this.modelConfig)
    names.set("database", node.database)
    names.set("schema", node.schema)
    names.set("pre_hooks", this.hooksValue("pre-hook"))
    names.set("post_hooks", this.hooksValue("post-hook"))
    names.set("ref", new ConfiguredFunction("ref", (args, kwargs) => resolver.ref(args, kwargs), this.runtime.config))
    names.set("source", new ConfiguredFunction("source", (args) => resolver.source(args), this.runtime.config))
    names.set(
      "load_result",
      named("load_result", ["name"], (name) => this.result(toText(name!))),
    )
    names.set(
      "store_result",
      named("store_result", ["name", "response", "agate_table?"], (name, response, table) => {
        this.storeTable(toText(name!), response ?? null, table ?? new ResultTable([], []))
        return ""
      }),
    )
    const raw = ["name", "message?", "code?", "rows_affected?", "agate_table?"]
    names.set(
      "store_raw_result",
      named("store_raw_result", raw, (name, message, code, rows, table) => {
        const response = Dict.of({ _message: message ?? null, code: code ?? null, rows_affected: rows ?? null })
        this.storeTable(toText(name!), response, table ?? new ResultTable([], []))
        return ""
      }),
    )
    names.set(
      "write",
      named("write", ["text"], (text) => {
        this.noteExecuted(toText(text!))
        return ""
      }),
    )
    names.set("builtins", builtinsOf(names))
    for (const [name, value] of Object.entries(this.task.names ?? {}))
      names.set(name, name === "results" ? toResults(value) : toValue(value))
  }

  private hooksValue(key: "pre-hook" | "post-hook"): Value {
    const hooks = (this.node.config[key] ?? []) as Hook[]
    return hooks.map(({ sql, transaction }) => Dict.of({ sql, transaction }))
  }
}

/** `model.batch`, with times as Python prints them. */
function batchOf({ config }: ParsedNode, range: EventTimeRange): object {
  const text = (instant: string) => instant.replace("T", " ").replace(/\.000Z$/, "+00:00")
  const id = batchId(range, (config.batch_size ?? null) as BatchSize | null)
  return { id, event_time_start: text(range.start), event_time_end: text(range.end) }
}

function toResults(value: unknown): Value {
  return (value as object[]).map((each) => new ResultValue(each))
}
