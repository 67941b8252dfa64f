import type { Page } from "../../contracts/api/common.ts"
import type { RunEvent } from "../../contracts/api/runs.ts"
import { AppError } from "../../domain/errors.ts"
import type { Queryable } from "../transaction.ts"
import { decodeCursor, ID_KEY, toPage } from "./cursor.ts"
import { toInstant } from "./instant.ts"

/** What happened to a run and who did it, oldest first. @throws AppError `run.not_found`. */
export async function listRunEvents(
  queryable: Queryable,
  query: { runId: string; cursor?: string | undefined; limit: number },
): Promise<Page<RunEvent>> {
  const after = query.cursor ? decodeCursor(query.cursor, ID_KEY) : "0"
  const { rows } = await queryable.query<Omit<RunEvent, "at"> & { at: Date | null }>(
    `select e.id, e.at, e.type, e.task_run_id as "taskRunId", t.task_id as "taskId", e.actor, e.data
     from run r
     left join lateral (
       select * from event where event.run_id = r.id and event.id > $2 order by event.id limit $3
     ) e on true
     left join task_run t on t.id = e.task_run_id
     where r.id = $1
     order by e.id`,
    [query.runId, after, query.limit + 1],
  )
  if (rows.length === 0) throw new AppError("run.not_found", `There is no run ${query.runId}.`)
  const events = rows.filter((row) => row.at !== null)
  return toPage(
    events,
    query.limit,
    (row) => ({ ...row, at: toInstant(row.at!) }),
    (row) => row.id,
  )
}
