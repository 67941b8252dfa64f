import type { JsonObject } from "../contracts/json.ts"
import { OFFERED_BY_STATE, offer } from "./notify.ts"
import type { Queryable } from "./transaction.ts"

export interface EventRecord {
  type: string
  pipelineId?: string | null
  runId?: string | null
  taskRunId?: string | null
  actor?: string
  data?: JsonObject
}

/**
 * Appends to the history of what happened and who did it, in the transaction that did it, and puts it into the outbox of
 * every webhook that wants it. Gives its id.
 */
export async function recordEvent(queryable: Queryable, event: EventRecord): Promise<string> {
  const [id] = await recordEvents(queryable, [event])
  return id!
}

/** {@link recordEvent} for many, in their order, with one statement. */
export async function recordEvents(queryable: Queryable, events: readonly EventRecord[]): Promise<string[]> {
  if (events.length === 0) return []
  const { rows } = await queryable.query<{ id: string }>(
    `insert into event (type, pipeline_id, run_id, task_run_id, actor, data)
     select e.type, e."pipelineId", e."runId", e."taskRunId", coalesce(e.actor, 'headrace'), coalesce(e.data, '{}')
     from jsonb_to_recordset($1::jsonb)
       as e (type text, "pipelineId" text, "runId" bigint, "taskRunId" bigint, actor text, data jsonb)
     returning id`,
    [JSON.stringify(events)],
  )
  await offer(
    queryable,
    events.filter(({ type }) => !OFFERED_BY_STATE.has(type)),
  )
  return rows.map((row) => row.id)
}
