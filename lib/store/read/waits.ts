import type { Page } from "../../contracts/api/common.ts"
import type { OpenWait, Wait } from "../../contracts/api/waits.ts"
import type { Queryable } from "../transaction.ts"
import { decodeCursor, ID_KEY, toPage } from "./cursor.ts"
import { toInstant, toInstantOrNull } from "./instant.ts"

/** A wait as JSON, of `deferral d` and `run c`, the run that it waits for. */
export const WAIT_JSON = `jsonb_build_object(
  'kind', d.kind, 'text', coalesce(d.request ->> 'text', ''), 'since', d.created_at, 'wakeAt', d.wake_at,
  'expiresAt', d.expires_at, 'onTimeout', d.on_timeout, 'polls', d.polls, 'timezone', d.request ->> 'timezone',
  'dataset', d.dataset_id, 'partitionKey', d.partition_key,
  'approval', case when d.kind = 'approval' then jsonb_build_object('title', d.request ->> 'title',
    'details', coalesce(d.request ->> 'details', ''), 'approvers', coalesce(d.request -> 'approvers', '[]')) end,
  'run', case when c.id is not null then
    jsonb_build_object('id', c.id::text, 'pipelineId', c.pipeline_id, 'state', c.state) end)`

/** What {@link WAIT_JSON} gives, with instants as they travel. */
export function toWait(row: Wait): Wait {
  const { since, wakeAt, expiresAt } = row
  return {
    ...row,
    since: toInstant(since),
    wakeAt: toInstantOrNull(wakeAt),
    expiresAt: toInstantOrNull(expiresAt),
  }
}

/** Deferred task runs and what they wait for, the one that was created first leading. */
export async function listWaits(
  queryable: Queryable,
  query: { kind?: string | undefined; runId?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<Page<OpenWait>> {
  const after = query.cursor ? decodeCursor(query.cursor, ID_KEY) : "0"
  const kinds = query.kind?.split(",").flatMap((kind) => kind.trim() || []) ?? null
  const { rows } = await queryable.query<{
    taskRunId: string
    runId: string
    pipelineId: string
    taskId: string
    wait: Wait
  }>(
    `select t.id as "taskRunId", t.run_id as "runId", t.pipeline_id as "pipelineId", t.task_id as "taskId",
            ${WAIT_JSON} as wait
     from deferral d
     join task_run t on t.id = d.task_run_id and t.state = 'deferred'
     left join run c on c.id = d.child_run_id
     where d.task_run_id > $1 and d.state = 'waiting' and ($2::text[] is null or d.kind = any ($2))
       and ($3::bigint is null or d.run_id = $3)
     order by d.task_run_id
     limit $4`,
    [after, kinds, query.runId ?? null, query.limit + 1],
  )
  return toPage(
    rows,
    query.limit,
    ({ wait, ...where }) => ({ ...where, ...toWait(wait) }),
    (row) => row.taskRunId,
  )
}
