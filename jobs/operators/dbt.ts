import type pg from "pg"
import { expectationOfDbtTest } from "#lib/contracts/expectations/dbt-test.ts"
import { entryOf } from "#lib/contracts/expectations/registry.ts"
import type { JsonObject } from "#lib/contracts/json.ts"
import { dbtOptionsSchema } from "#lib/contracts/operators/dbt.ts"
import type { CheckOutcome, TaskResultInput } from "#lib/contracts/task-result.ts"
import { AppError } from "#lib/domain/errors.ts"
import type { QualityDimension } from "#lib/domain/quality-dimensions.ts"
import { ensureSchema } from "#lib/engines/postgres/catalog.ts"
import { publish } from "#lib/engines/postgres/publish.ts"
import { inTransaction } from "#lib/engines/postgres/session.ts"
import { ensureWarehouseSchema } from "#lib/engines/postgres/warehouse-schema.ts"
import { datasetOf } from "#lib/models/command/dataset-of.ts"
import type { ParsedNode, SourceNode, TestNode } from "#lib/models/project/node.ts"
import { ProjectError } from "#lib/models/project/project-error.ts"
import { isMicrobatch } from "#lib/models/run/microbatch.ts"
import type { RunnableNode } from "#lib/models/run/work-graph.ts"
import { buildBatches } from "./dbt-batches.ts"
import { describeBuilt, sharesTransaction } from "./dbt-built.ts"
import { runHooks } from "./dbt-hooks.ts"
import { type DbtContext, runNode } from "./dbt-node.ts"
import { type OpenProject, withProject } from "./dbt-projects.ts"
import { runUnitTests } from "./dbt-unit-tests.ts"
import { defineOperator } from "./operator.ts"
import { withPolicyChecks } from "./policy-checks.ts"
import { gateError } from "./run-checks.ts"
import { executionOf, secondsSince, withTaskSession } from "./task-session.ts"

/**
 * `dbt`: builds a node of a dbt project, tests nodes, or both. What a build writes is committed with the ledger row and the
 * fence of its relation, so that a retry after a crash does not build twice (an incremental model that appends would double its
 * rows). Hooks of on-run-start and on-run-end, and unit tests, run as they are. Tests become check outcomes and scores; a failing one of severity `error` fails the task.
 */
export const dbtOperator = defineOperator({
  name: "dbt",
  options: dbtOptionsSchema,
  async run(context): Promise<TaskResultInput> {
    const { nodes: ids, ...options } = context.options
    return withTaskSession(context, "warehouse", async (client) => {
      await ensureWarehouseSchema(client)
      const { rows } = await client.query<{ name: string }>("select current_database() as name")
      const place = { codeDir: context.codeDir, options, database: rows[0]!.name }
      try {
        return await withProject(place, ids, (open) => runNodes(context, client, open, ids))
      } catch (error) {
        throw error instanceof ProjectError ? invalidProject(error, options.project) : error
      }
    })
  },
})

async function runNodes(
  context: DbtContext,
  client: pg.ClientBase,
  open: OpenProject,
  ids: readonly string[],
): Promise<TaskResultInput> {
  const { manifest } = open
  const nodes = ids.map((id): RunnableNode => {
    const node = manifest.nodes.get(id) ?? manifest.unitTests.get(id)
    if (node) return node
    throw new AppError("model.invalid", `The dbt project no longer has ${id}; load the workspace again.`, {
      kind: "config",
    })
  })
  let built: TaskResultInput = {}
  const tests: CheckOutcome[] = []
  const hooks = nodes.filter((node) => node.resource_type === "operation")
  if (hooks.length > 0) await runHooks(context, client, open, hooks)
  await runUnitTests(
    context,
    client,
    open,
    nodes.filter((node) => node.resource_type === "unit_test"),
  )
  for (const node of nodes) {
    if (node.resource_type === "test") tests.push(await test(context, client, open, node))
    else if (node.resource_type !== "unit_test" && node.resource_type !== "operation") {
      built = await build(context, client, open, node)
    }
  }
  if (tests.length === 0) return built
  // What its policy expects of the model was checked when it was built.
  const checks = [...((built.checks ?? []) as CheckOutcome[]), ...tests]
  const failed = checks.filter(({ passed }) => !passed)
  const numbers = { tests: tests.length, failed: failed.length }
  const result: TaskResultInput = {
    ...built,
    outputs: { ...(built.outputs as JsonObject | undefined), ...numbers },
    metrics: { ...built.metrics, ...numbers },
    checks,
  }
  const error = gateError(checks[0]!.dataset.replace(/^warehouse\./, ""), { checks }, result)
  if (error) throw error
  return result
}

async function build(
  context: DbtContext,
  client: pg.ClientBase,
  open: OpenProject,
  node: ParsedNode,
): Promise<TaskResultInput> {
  const dataset = datasetOf(node)
  const partitionKey = node.config.materialized === "incremental" ? context.run.partitionKey : null
  await inTransaction(client, "begin", () => ensureSchema(client, `${node.schema}.${node.alias}`))
  if (isMicrobatch(node)) return buildBatches(context, client, open, node)
  const work = async (isManaged: boolean) => {
    const started = performance.now()
    const outcome = await runNode(context, client, open, node, { isManaged })
    context.log("info", outcome.message ?? outcome.status)
    const result = await describeBuilt(client, node, partitionKey, outcome, secondsSince(started))
    if (isManaged) return withPolicyChecks(context, client, result)
    return inTransaction(client, "begin", () => withPolicyChecks(context, client, result))
  }
  // What runs outside of a transaction, or ends transactions by itself, cannot share one with the ledger.
  if (!sharesTransaction(node)) return work(false)
  const published = await publish(client, executionOf(context, partitionKey), [{ dataset, partitionKey }], () =>
    work(true),
  )
  if (published.kind === "already_published") context.log("info", "An earlier attempt had built this already.")
  return published.result
}

async function test(
  context: DbtContext,
  client: pg.ClientBase,
  open: OpenProject,
  node: TestNode,
): Promise<CheckOutcome> {
  const outcome = await runNode(context, client, open, node, {})
  const { manifest } = open
  const tested = manifest.nodes.get(node.attached_node ?? "") ?? firstParent(node, open)
  const kind = node.test_metadata?.name ?? "singular"
  const { model: _, column_name: __, ...kwargs } = (node.test_metadata?.kwargs ?? {}) as JsonObject
  const expectation = expectationOfDbtTest({ name: kind, column: node.column_name, arguments: kwargs })
  const passed = outcome.status === "pass"
  const found = outcome.failures ?? 0
  context.log(
    passed ? "info" : outcome.status === "fail" ? "error" : "warn",
    `${passed ? "passed" : "FAILED"}: ${node.name}. ${outcome.message ?? ""}`,
  )
  return {
    dataset: tested ? datasetOf(tested) : "warehouse",
    name: node.name.slice(0, 200),
    kind,
    column: node.column_name,
    dimension: DIMENSIONS[kind] ?? (expectation ? entryOf(expectation.type).dimension : "validity"),
    severity:
      outcome.status === "warn" ? "warn" : String(node.config.severity).toLowerCase() === "warn" ? "warn" : "error",
    passed,
    rowsChecked: tested ? Math.max(found, await countTestedRows(client, node, tested)) : 0,
    rowsFailed: found,
    observed: found,
    message: outcome.message ?? `${found} failing rows.`,
    ...(expectation && { details: { options: JSON.parse(JSON.stringify(expectation)) as JsonObject } }),
  }
}

/** The rows that a test of a column looks at; 0 for one of a model as a whole, which passes or fails as one. */
async function countTestedRows(
  client: pg.ClientBase,
  node: TestNode,
  tested: ParsedNode | SourceNode,
): Promise<number> {
  const { where } = node.config
  // A condition with a template in it is known to the test alone.
  if (node.column_name === null || (typeof where === "string" && where.includes("{{"))) return 0
  const condition = where ? `where ${String(where)}` : ""
  const { rows } = await client.query<{ count: string }>(
    `select count(*) as count from ${tested.relation_name} as tested ${condition}`,
  )
  return Number(rows[0]!.count)
}

function firstParent(node: TestNode, { manifest }: OpenProject) {
  const [first] = node.depends_on.nodes
  return manifest.nodes.get(first ?? "") ?? manifest.sources.get(first ?? "")
}

/** What a test says of data, by its name; others are about valid values. */
const DIMENSIONS: Readonly<Record<string, QualityDimension>> = {
  not_null: "completeness",
  unique: "uniqueness",
  accepted_values: "validity",
  relationships: "consistency",
  singular: "consistency",
  no_overlap: "consistency",
  has_rows: "volume",
  recent: "timeliness",
}

function invalidProject(error: ProjectError, project: string): AppError {
  const where = error.file ? `${project}/${error.file}${error.line ? `:${error.line}` : ""}` : null
  return new AppError("model.invalid", error.problems[0]?.message ?? error.message, {
    kind: "config",
    where,
    cause: error,
  })
}
