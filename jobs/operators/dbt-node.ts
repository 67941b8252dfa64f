import type pg from "pg"
import type { DbtOptions } from "#lib/contracts/operators/dbt.ts"
import { AppError } from "#lib/domain/errors.ts"
import { isTransientState } from "#lib/engines/postgres/translate-error.ts"
import { excerpt } from "#lib/models/run/excerpt.ts"
import { nodeTask } from "#lib/models/run/node-task.ts"
import { statementsOf } from "#lib/models/run/open-connection.ts"
import type { NodeOutcome, NodeTask } from "#lib/models/run/protocol.ts"
import type { RunnableNode } from "#lib/models/run/work-graph.ts"
import type { OpenProject } from "./dbt-projects.ts"
import type { OperatorContext } from "./operator.ts"

export type DbtContext = OperatorContext<DbtOptions>

type TaskOfNode = Omit<NodeTask, "node" | "parents" | "vars">

/** Runs a node on the task's session; what goes wrong is thrown, with the failing lines of its query in the log. */
export async function runNode(
  context: DbtContext,
  client: pg.ClientBase,
  open: OpenProject,
  node: RunnableNode,
  more: Partial<TaskOfNode>,
): Promise<NodeOutcome> {
  const outcome = await outcomeOf(context, client, open, node, { kind: "execute", ...more })
  if (outcome.status === "error") throw toAppError(context, outcome)
  return outcome
}

/** As {@link runNode}, with what goes wrong as its outcome. */
export async function outcomeOf(
  context: DbtContext,
  client: pg.ClientBase,
  { manifest, run: runTask }: OpenProject,
  node: RunnableNode,
  more: TaskOfNode,
): Promise<NodeOutcome> {
  const { run } = context
  const vars = {
    data_interval_start: run.intervalStart,
    data_interval_end: run.intervalEnd,
    partition_key: run.partitionKey,
  }
  const task = nodeTask(manifest, node, { ...more, vars })
  const session = { ...statementsOf(client), onLog: context.log }
  const outcome = await runTask(task, context.signal, session)
  for (const warning of outcome.warnings) context.log("warn", warning)
  return outcome
}

/** The error that a failed node ends its task with; its failing lines go to the log. */
export function toAppError(context: DbtContext, { error, compiledCode, message }: NodeOutcome): AppError {
  if (error?.compiledLine && compiledCode) {
    context.log("error", "The compiled query, where it failed:")
    for (const line of excerpt(compiledCode, error.compiledLine)) context.log("error", line)
  } else if (compiledCode) context.log("debug", compiledCode)
  const text = message ?? "The node failed."
  const where = error?.file ? `${context.options.project}/${error.file}${error.line ? `:${error.line}` : ""}` : null
  if (error?.kind === "database") {
    const isTransient = error.sqlState === null || isTransientState(error.sqlState)
    const advice = isTransient ? ({ kind: "transient", retry: "later" } as const) : ({ kind: "code" } as const)
    return new AppError("model.failed", text, { ...advice, where, details: { sqlState: error.sqlState } })
  }
  return new AppError("model.invalid", text, { kind: error?.kind === "data" ? "data" : "code", where })
}
