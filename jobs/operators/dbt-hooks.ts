import type pg from "pg"
import type { YamlMap } from "#lib/models/project/read-yaml.ts"
import { type EndedNode, endNames } from "#lib/models/run/end-names.ts"
import type { NodeStatus } from "#lib/models/run/protocol.ts"
import type { RunnableNode } from "#lib/models/run/work-graph.ts"
import type { TaskEnd } from "#lib/store/task-ends.ts"
import { type DbtContext, runNode } from "./dbt-node.ts"
import type { OpenProject } from "./dbt-projects.ts"

/** Runs hooks of on-run-start or on-run-end in their order, up to one that fails. The latter see what became of the group's nodes. */
export async function runHooks(
  context: DbtContext,
  client: pg.ClientBase,
  open: OpenProject,
  hooks: readonly RunnableNode[],
): Promise<void> {
  const isEnd = hooks.some((hook) => hook.tags.includes("on-run-end"))
  const names: YamlMap = isEnd ? endNames(await endedNodes(context, open)) : {}
  for (const hook of hooks) {
    context.log("info", `Running ${hook.name}`)
    await runNode(context, client, open, hook, { names })
  }
}

/** The nodes of the tasks that stand in the hooks' group. */
async function endedNodes({ manifest, task, readTasks }: DbtContext, open: OpenProject): Promise<EndedNode[]> {
  const others = manifest.tasks.filter(({ id, group, operator }) => {
    return operator === "dbt" && group === task.group && id !== task.id
  })
  const ends = new Map((await readTasks(others.map(({ id }) => id))).map((end) => [end.taskId, end]))
  const idsOf = ({ options }: (typeof others)[number]) => (options as { nodes?: string[] }).nodes ?? []
  const { nodes, unitTests } = await open.slice(others.flatMap(idsOf))
  return others.flatMap((other) => {
    const end = ends.get(other.id)
    if (!end) return []
    const found = idsOf(other).flatMap((each) => nodes.get(each) ?? unitTests.get(each) ?? [])
    return found.filter(({ resource_type }) => resource_type !== "operation").map((node) => endedNode(node, end))
  })
}

function endedNode(node: RunnableNode, end: TaskEnd): EndedNode {
  const check = node.resource_type === "test" ? end.checks.find(({ name }) => name === node.name.slice(0, 200)) : null
  const { startedAt, finishedAt } = end
  const at = (time: Date | null) => (time ?? new Date(0)).toISOString()
  const seconds = Number(
    end.metrics.durationSeconds ?? ((finishedAt?.getTime() ?? 0) - (startedAt?.getTime() ?? 0)) / 1_000,
  )
  return {
    node,
    status: check ? statusOfCheck(check) : statusOf(node, end),
    message: check ? check.message : end.state === "success" ? null : end.reason,
    failures: check ? check.rowsFailed : null,
    executionTime: seconds,
    threadId: "main",
    adapterResponse: {},
    timing: startedAt ? [{ name: "execute", startedAt: at(startedAt), completedAt: at(finishedAt) }] : [],
  }
}

function statusOfCheck({ passed, severity }: TaskEnd["checks"][number]): NodeStatus {
  if (passed) return "pass"
  return severity === "warn" ? "warn" : "fail"
}

function statusOf({ resource_type }: RunnableNode, { state, checks }: TaskEnd): NodeStatus {
  const isTest = resource_type === "test" || resource_type === "unit_test"
  if (state === "success") return isTest ? "pass" : "success"
  // Its tests have answered, so it was built.
  if (!isTest && checks.length > 0) return "success"
  return state === "failed" ? "error" : "skipped"
}
