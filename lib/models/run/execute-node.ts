import { didYouMean } from "../../domain/closest.ts"
import { AppError } from "../../domain/errors.ts"
import { quoteLiteral } from "../../engines/postgres/quote-identifier.ts"
import { AdapterResponse } from "../adapter/adapter-response.ts"
import { findRelation, single } from "../adapter/catalog.ts"
import { named } from "../context/common-names.ts"
import { Dict } from "../jinja/dict.ts"
import { toText } from "../jinja/print.ts"
import type { Value } from "../jinja/values.ts"
import { materializeIncremental } from "../materialize/incremental.ts"
import { materializeMaterializedView } from "../materialize/materialized-view.ts"
import { materializeSeed } from "../materialize/seed.ts"
import type { Materialization } from "../materialize/session.ts"
import { materializeSnapshot } from "../materialize/snapshot.ts"
import { materializeTable } from "../materialize/table.ts"
import { materializeView } from "../materialize/view.ts"
import type { MacroNode, ParsedNode, SeedNode } from "../project/node.ts"
import { ResultTable } from "../relation/result-table.ts"
import { executeTest, verdictOf } from "./execute-test.ts"
import { executeUnitTest, prepareUnitTest, testedNode } from "./execute-unit-test.ts"
import { toNodeError } from "./node-error.ts"
import { NodeRun } from "./node-run.ts"
import type { ProjectRuntime } from "./project-runtime.ts"
import type { NodeOutcome, NodeTask } from "./protocol.ts"

const BUILT_IN: Readonly<Record<string, Materialization>> = {
  view: materializeView,
  table: materializeTable,
  incremental: materializeIncremental,
  materialized_view: materializeMaterializedView,
  snapshot: materializeSnapshot,
}

type Result = Pick<NodeOutcome, "status" | "message" | "failures" | "preview"> & { response: AdapterResponse | null }

/** Compiles a node and does what it is there for. Never throws: what goes wrong is the outcome. */
export function executeNode(runtime: ProjectRuntime, task: NodeTask): NodeOutcome {
  const unitTest = task.node.resource_type === "unit_test" ? task.node : null
  const node = task.node.resource_type === "unit_test" ? testedNode(task) : task.node
  const timing: { name: "compile" | "execute"; startedAt: string; completedAt: string }[] = []
  const timed = <T>(name: "compile" | "execute", work: () => T): T => {
    const startedAt = new Date().toISOString()
    try {
      return work()
    } finally {
      timing.push({ name, startedAt, completedAt: new Date().toISOString() })
    }
  }
  let run: NodeRun | null = null
  const outcome = (result: Result, error: NodeOutcome["error"] = null): NodeOutcome => ({
    status: result.status,
    message: result.message,
    failures: result.failures,
    compiledCode: run?.compiledCode ?? null,
    executedCode: run?.executedCode ?? null,
    adapterResponse: (result.response?.toPlain() ?? {}) as Record<string, unknown>,
    relationName: unitTest ? null : node.relation_name,
    timing,
    error,
    warnings: run?.warnings ?? [],
    threadId: runtime.threadId,
    preview: result.preview,
  })
  runtime.taskVars = { ...task.vars, ...unitTest?.overrides?.vars }
  runtime.database.isManaged = task.isManaged === true
  try {
    const current = unitTest ? prepareUnitTest(runtime, task) : new NodeRun(runtime, task, node)
    run = current
    if (task.kind === "inspect") return outcome(inspect(current))
    if (hasQuery(node)) timed("compile", () => current.compile())
    if (task.kind === "compile") return outcome(done("success", null))
    if (task.kind === "show") return outcome(timed("execute", () => show(current, task.limit ?? null)))
    if (unitTest) {
      return outcome(timed("execute", () => ({ ...executeUnitTest(current, unitTest), preview: null, response: null })))
    }
    return outcome(timed("execute", () => execute(runtime, current)))
  } catch (error) {
    const found = toNodeError(error, run?.compiledCode ?? null, task.node.original_file_path)
    return outcome({ status: "error", message: found.message, failures: null, preview: null, response: null }, found)
  } finally {
    try {
      runtime.database.rollback()
    } catch {
      // The session is gone, which the statement before has reported.
    }
  }
}

function hasQuery(node: ParsedNode): boolean {
  return node.resource_type !== "seed"
}

function execute(runtime: ProjectRuntime, run: NodeRun): Result {
  const { node } = run
  run.context.names.set(
    "builtin_materialization",
    named("builtin_materialization", ["name"], (name) => materializeBuiltIn(run, toText(name!))),
  )
  const own = ownMaterialization(runtime, node)
  switch (node.resource_type) {
    case "test": {
      if (own) return executeOwnTest(run, own)
      return { ...executeTest(run), preview: null }
    }
    case "seed": {
      const { response } = own
        ? executeOwn(run, own)
        : materializeSeed(run, (node as SeedNode).root_path, node.original_file_path)
      return done("success", response)
    }
    case "operation": {
      if (run.sql.trim() === "") return done("success", null)
      run.database.run(run.sql)
      return done("success", null)
    }
    case "analysis":
      return done("success", null)
    case "model":
    case "snapshot": {
      if (own) return done("success", executeOwn(run, own).response)
      const name = node.resource_type === "snapshot" ? "snapshot" : node.config.materialized
      const materialize = BUILT_IN[name]
      if (!materialize) {
        const known = didYouMean(name, Object.keys(BUILT_IN))
        throw new AppError("model.invalid", `There is no materialization "${name}"${known}`)
      }
      return done("success", materialize(run).response)
    }
  }
}

/** What a package's own materialization calls to have the work done. */
function materializeBuiltIn(run: NodeRun, name: string): Value {
  const { node } = run
  if (name === "test") executeTest(run)
  else if (name === "seed") {
    return Dict.of({ relations: materializeSeed(run, (node as SeedNode).root_path, node.original_file_path).relations })
  }
  return Dict.of({ relations: BUILT_IN[name]?.(run).relations ?? [] })
}

/**
 * The `{% materialization %}` block that a project or package has for a node: one for PostgreSQL before one for all, the root
 * project's before those of packages.
 */
function ownMaterialization({ registry, setup }: ProjectRuntime, node: ParsedNode): MacroNode | null {
  const name = node.resource_type === "test" ? "test" : node.config.materialized
  const packages = [setup.rootName, node.package_name, ...setup.packages.map((each) => each.name)]
  for (const adapter of [setup.target.type, "default"]) {
    for (const each of packages) {
      const found = registry.inPackage(each)?.get(`materialization_${name}_${adapter}`)
      if (found) return found
    }
  }
  return null
}

function executeOwn(run: NodeRun, macro: MacroNode): { response: AdapterResponse | null } {
  const result = run.context.callMacro(macro, [])
  if (!(result instanceof Dict) || !result.has("relations")) {
    const message = `Materialization ${macro.name} has to return {'relations': […]}.`
    throw new AppError("model.invalid", message, { where: `${macro.original_file_path}:${macro.start_line}` })
  }
  run.database.commit()
  const main = run.result("main")
  const response = main instanceof Dict ? main.get("response") : null
  return { response: response instanceof AdapterResponse ? response : null }
}

function executeOwnTest(run: NodeRun, macro: MacroNode): Result {
  executeOwn(run, macro)
  const main = run.result("main")
  const table: Value | undefined = main instanceof Dict ? main.get("table") : undefined
  const row = table instanceof ResultTable ? table.rows[0]?.values : undefined
  if (!row) throw new AppError("model.invalid", `Materialization ${macro.name} left no answer under "main".`)
  return { ...verdictOf(run, row), preview: null, response: null }
}

/** Of what kind the relation is, and the newest event time before the range of the task. */
function inspect(run: NodeRun): Result {
  const type = findRelation(run.database, run.target)?.type ?? null
  const { eventTime } = run
  const column = run.config("event_time")
  const newest =
    type === "table" && eventTime && column !== null
      ? single(
          run.database,
          `select extract(epoch from max(${toText(column)})) from ${run.target.render()} where ${toText(column)} < ${quoteLiteral(eventTime.start)}`,
        ).rows[0]![0]!
      : null
  return { ...done("success", null), preview: { columns: ["type", "newest"], rows: [[type, newest]] } }
}

/** The first rows of a node's query. */
function show(run: NodeRun, limit: number | null): Result {
  const sql = limit === null ? run.sql : `select * from (\n${run.sql}\n) as model_limit_subq limit ${limit}`
  const { fields, rows } = single(run.database, sql)
  return {
    ...done("success", null),
    preview: { columns: fields.map(({ name }) => name), rows: rows.map((row) => [...row]) },
  }
}

function done(status: NodeOutcome["status"], response: AdapterResponse | null): Result {
  return { status, message: response?.message ?? null, failures: null, preview: null, response }
}
