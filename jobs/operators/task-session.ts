import type pg from "pg"
import { traceClient } from "#jobs/tracing/trace-client.ts"
import type { Execution } from "#lib/engines/postgres/ledger.ts"
import { withSession } from "#lib/engines/postgres/session.ts"
import type { OperatorContext } from "./operator.ts"

type TaskContext = Omit<OperatorContext<unknown>, "options">

/**
 * Lends a session of a named connection for this task: visible on the server as `headrace:<pipeline>.<task>`, stopped
 * with the attempt, its notices in the attempt's log.
 */
export function withTaskSession<Result>(
  context: TaskContext,
  connection: string,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const options = {
    connection,
    applicationName: `headrace:${context.manifest.id}.${context.task.id}`,
    signal: context.signal,
    onNotice: (message: string) => context.log("info", message),
  }
  const { trace } = context
  const traced: typeof work = async (client) => {
    const release = trace && traceClient(client, connection, trace)
    try {
      return await work(client)
    } finally {
      release?.()
    }
  }
  return withSession(context.connections.pool(connection), options, traced)
}

/**
 * Who publishes, in the ledger's terms. Pipeline, task and logical time are part of the key: a warehouse may outlive
 * Headrace's metadata, whose ids then begin again, and must not take a new run for an old one that it has loaded.
 */
export function executionOf(context: TaskContext, partitionKey: string | null): Execution {
  const { pipelineId, logicalAt } = context.run
  return {
    executionKey: `${pipelineId}/${context.task.id}/${logicalAt}/${context.executionKey}`,
    token: context.attemptId,
    runId: context.run.runId,
    taskId: context.task.id,
    partitionKey,
  }
}

/** Seconds since a `performance.now()`, to the millisecond. */
export function secondsSince(startMs: number): number {
  return Math.round(performance.now() - startMs) / 1_000
}
