import { AppError } from "../../domain/errors.ts"
import { columnsOfQuery, readColumns, single } from "../adapter/catalog.ts"
import type { ParsedNode, SourceNode, UnitTestFixture, UnitTestNode } from "../project/node.ts"
import type { Column } from "../relation/column.ts"
import { compareRows } from "./compare-rows.ts"
import { fixtureSql, namedColumns } from "./fixture-sql.ts"
import type { Cte } from "./inject-ctes.ts"
import { NodeRun } from "./node-run.ts"
import type { ProjectRuntime } from "./project-runtime.ts"
import type { NodeOutcome, NodeTask } from "./protocol.ts"
import { cteName } from "./ref-resolver.ts"

/** What a unit test puts in the place of what its model would read. */
export interface StandIns {
  test: string
  /** Names of CTEs, by the unique id of what they stand for; `this` is the model itself. */
  names: ReadonlyMap<string, string>
  ctes: readonly Cte[]
  macros: Readonly<Record<string, unknown>>
  env: Readonly<Record<string, string>>
}

/** The model of a unit test as it is compiled for it: it is not incremental unless the test says so by a macro. */
export function testedNode({ testedModel }: NodeTask): ParsedNode {
  if (!testedModel) throw new Error("A unit test came without its model.")
  return { ...testedModel, config: { ...testedModel.config, materialized: "unit" } }
}

/**
 * A unit test (dbt's documentation, "Unit tests"): its model's query over the given rows, which stand before it as CTEs with the
 * types of the relations that they stand for, so that nothing of these is read. Columns that the test expects nothing of may hold
 * anything.
 */
export function prepareUnitTest(runtime: ProjectRuntime, task: NodeTask): NodeRun {
  const test = task.node as UnitTestNode
  const model = testedNode(task)
  const plain = new NodeRun(runtime, task, model)
  const names = new Map<string, string>()
  const ctes: Cte[] = []
  for (const given of test.given) {
    const input = plain.inputOf(given.input)
    const name = input === "this" ? cteName(`${model.name}__this`) : cteNameOf(input)
    const what = `Input ${given.input} of unit test ${test.name}`
    const columns = given.format === "sql" ? [] : columnsOf(runtime, task, plain, input, what)
    names.set(input === "this" ? "this" : input.unique_id, name)
    ctes.push({ name, sql: fixtureSql(given, columns, what) })
  }
  const overrides = test.overrides ?? { macros: {}, env_vars: {} }
  const env = Object.fromEntries(Object.entries(overrides.env_vars).map(([name, value]) => [name, String(value)]))
  return new NodeRun(runtime, task, model, { test: test.name, names, ctes, macros: overrides.macros, env })
}

export function executeUnitTest(
  run: NodeRun,
  test: UnitTestNode,
): Pick<NodeOutcome, "status" | "failures" | "message"> {
  const { database } = run
  const what = `The expectation of unit test ${test.name}`
  const given = columnsOfQuery(database, run.sql)
  const columns = expectedColumns(run, test.expect, given, what)
  const expected = fixtureSql(test.expect, columns, what)
  const rowsOf = (sql: string) =>
    single(database, `select ${columns.map(comparable).join(", ")} from (\n${sql}\n) as q`).rows
  const difference = compareRows(
    columns.map(({ name }) => name),
    rowsOf(run.sql),
    rowsOf(expected),
  )
  if (difference === null) return { status: "pass", failures: 0, message: null }
  return { status: "fail", failures: 1, message: `Actual differs from expected:\n\n${difference}\n` }
}

function expectedColumns(run: NodeRun, expect: UnitTestFixture, given: readonly Column[], what: string): Column[] {
  if (expect.format !== "sql") return namedColumns(expect, given, what)
  const names = new Set(columnsOfQuery(run.database, String(expect.rows)).map(({ name }) => name))
  return given.filter(({ name }) => names.has(name))
}

/** 1.0 and 1.00 are the same number, and maps the same whatever the order of their keys. */
function comparable({ quoted, type }: Column): string {
  if (type === "numeric") return `trim_scale(${quoted})`
  return type === "json" ? `${quoted}::jsonb` : quoted
}

function cteNameOf(input: ParsedNode | SourceNode): string {
  const name = input.resource_type === "source" ? `${input.source_name}__${input.name}` : input.name
  return cteName(name.replace(/\W/g, "_"))
}

/** The columns of what an input stands for. @throws AppError where it is not there. */
function columnsOf(
  runtime: ProjectRuntime,
  task: NodeTask,
  plain: NodeRun,
  input: ParsedNode | SourceNode | "this",
  what: string,
): Column[] {
  const isEphemeral = input !== "this" && input.resource_type === "model" && input.config.materialized === "ephemeral"
  if (isEphemeral) return columnsOfQuery(runtime.database, new NodeRun(runtime, task, input).compile())
  const relation = input === "this" ? plain.target : plain.relationOf(input)
  const columns = readColumns(runtime.database, relation)
  if (columns.length > 0) return columns
  const advice =
    input !== "this" && input.resource_type === "source" ? "Load it first" : "Build it first, for example with --empty"
  const message = `${what} needs the columns of ${relation.render()}, which is not there. ${advice}, or give the rows as sql.`
  throw new AppError("model.invalid", message, { kind: "config" })
}
