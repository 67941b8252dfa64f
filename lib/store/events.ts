import type { JsonObject } from "../contracts/json.ts"
import type { Queryable } from "./transaction.ts"

export interface EventRecord {
  type: string
  pipelineId?: string | null
  runId?: string | null
  taskRunId?: string | null
  actor?: string
  data?: JsonObject
}

/** Appends to the history of what happened and who did it, in the transaction that did it. */
export async function recordEvent(queryable: Queryable, event: EventRecord): Promise<void> {
  await queryable.query(
    `insert into event (type, pipeline_id, run_id, task_run_id, actor, data) values ($1, $2, $3, $4, $5, $6)`,
    [
      event.type,
      event.pipelineId ?? null,
      event.runId ?? null,
      event.taskRunId ?? null,
      event.actor ?? "headrace",
      JSON.stringify(event.data ?? {}),
    ],
  )
}
