import type { Json, JsonObject } from "../contracts/json.ts"
import type { Queryable } from "./transaction.ts"

/** Outputs of a run's tasks by task id; tasks without any are left out. */
export async function readOutputs(
  queryable: Queryable,
  runId: string,
  taskIds: readonly string[],
): Promise<Record<string, JsonObject>> {
  const { rows } = await queryable.query<{ taskId: string; key: string; value: Json }>(
    `select t.task_id as "taskId", o.key, o.value
     from task_run t
     join task_output o on o.task_run_id = t.id
     where t.run_id = $1 and t.task_id = any ($2::text[])`,
    [runId, taskIds],
  )
  const outputs: Record<string, JsonObject> = {}
  for (const row of rows) {
    outputs[row.taskId] ??= {}
    outputs[row.taskId]![row.key] = row.value
  }
  return outputs
}
