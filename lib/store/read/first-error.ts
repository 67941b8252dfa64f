import type { FirstError } from "../../contracts/api/triage.ts"
import { AppError } from "../../domain/errors.ts"
import type { Queryable } from "../transaction.ts"
import { toInstant } from "./instant.ts"

/** Enough to see what was going on, and what followed. */
const BEFORE = 8
const AFTER = 4

/**
 * The first error of an attempt's log among the lines around it, or the log's last lines where none is an error. Relies on
 * log_line_error. @throws AppError `attempt.not_found`.
 */
export async function readFirstError(queryable: Queryable, attemptId: string): Promise<FirstError> {
  const { rows } = await queryable.query<{
    runId: string
    taskId: string
    mapIndex: number | null
    attempt: number
    first: number | null
    line: number | null
    at: Date
    level: string
    message: string
  }>(
    `select a.run_id as "runId", t.task_id as "taskId", nullif(t.map_index, -1) as "mapIndex", a.number as attempt,
            place.first, l.line, l.at, l.level, l.message
     from attempt a
     join task_run t on t.id = a.task_run_id
     cross join lateral (
       select (select min(line) from log_line where attempt_id = a.id and level = 'error') as first,
              (select max(line) from log_line where attempt_id = a.id) as last
     ) place
     left join log_line l on l.attempt_id = a.id
       and l.line between coalesce(place.first, place.last) - $2 and coalesce(place.first + $3, place.last)
     where a.id = $1
     order by l.line`,
    [attemptId, BEFORE, AFTER],
  )
  if (rows.length === 0) throw new AppError("attempt.not_found", `There is no attempt ${attemptId}.`)
  const { runId, taskId, mapIndex, attempt, first } = rows[0]!
  return {
    attemptId,
    runId,
    taskId,
    mapIndex,
    attempt,
    line: first,
    lines: rows.flatMap(({ line, at, level, message }) =>
      line === null ? [] : [{ line, at: toInstant(at), level: level as FirstError["lines"][number]["level"], message }],
    ),
  }
}
