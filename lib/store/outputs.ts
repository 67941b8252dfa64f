import type { Json, JsonObject } from "../contracts/json.ts"
import type { TaskOutputs } from "../contracts/references.ts"
import { AppError } from "../domain/errors.ts"
import type { Queryable } from "./transaction.ts"

/** Instances together may leave behind much more than one task may; what one task takes of them is bounded here. */
const MAX_BYTES = 16 * 1024 * 1024

/**
 * Outputs of a run's tasks by task id; tasks without any are left out. Of a mapped task a list in map order, null for
 * instances that did not succeed. @throws AppError `task.output_too_large`.
 */
export async function readOutputs(
  queryable: Queryable,
  runId: string,
  taskIds: readonly string[],
): Promise<Record<string, TaskOutputs>> {
  const { rows } = await queryable.query<{
    taskId: string
    mapIndex: number
    isSuccess: boolean
    key: string | null
    value: Json | null
    bytes: number
  }>(
    `with chosen as (
       select t.id, t.task_id, t.map_index, t.state, o.key, o.value
       from task_run t
       left join task_output o on o.task_run_id = t.id
       where t.run_id = $1 and t.task_id = any ($2::text[])
         -- Instances of an earlier life, from before a clear, count only once they are taken over.
         and (t.map_index = -1 or exists (
           select from task_run p
           join mapped_task m on m.task_run_id = p.id
           where p.run_id = t.run_id and p.position = t.position and p.map_index = -1))
     ), sized as (
       -- As stored: what is compressed is not unpacked to be measured.
       select coalesce(sum(pg_column_size(value)), 0)::float8 as bytes from chosen
     )
     select c.task_id as "taskId", c.map_index as "mapIndex", c.state = 'success' as "isSuccess", c.key,
            case when sized.bytes <= $3 then c.value end as value, sized.bytes
     from chosen c
     cross join sized
     order by c.map_index`,
    [runId, taskIds, MAX_BYTES],
  )
  const [first] = rows
  if (first && first.bytes > MAX_BYTES) {
    const found = `${Math.round(first.bytes / 1024 / 1024)} MB, more than the ${MAX_BYTES / 1024 / 1024} allowed`
    const message = `The outputs of ${taskIds.join(", ")} take ${found}; write data to a table and return its name.`
    throw new AppError("task.output_too_large", message)
  }
  const single: Record<string, JsonObject> = {}
  const lists: Record<string, (JsonObject | null)[]> = {}
  for (const { taskId, mapIndex, isSuccess, key, value } of rows) {
    if (mapIndex < 0) {
      if (key !== null) single[taskId] = { ...single[taskId], [key]: value }
      continue
    }
    const list = lists[taskId] ?? []
    lists[taskId] = list
    // Rows come in map order, several for an instance with several outputs.
    if (list.length <= mapIndex) list.push(isSuccess ? {} : null)
    const place = list[mapIndex]
    if (place && key !== null) place[key] = value
  }
  return { ...single, ...lists }
}
