import type { z } from "zod"
import type { LogSearchPage, logSearchQuerySchema } from "../../contracts/api/log-search.ts"
import type { Queryable } from "../transaction.ts"
import { Bindings, containsPattern } from "./bindings.ts"
import { decodeCursor, encodeCursor } from "./cursor.ts"
import { toInstant } from "./instant.ts"

/** What one page may cost: half a second to a second of reading. */
const MAX_LINES = 500_000
/** With level `error` an index leaves the other lines out, which are nearly all. */
const MAX_LINES_AMONG_ERRORS = 20 * MAX_LINES
const MAX_ATTEMPTS = 5_000
/** Of one attempt: a log full of one message must not hide the others. */
const MAX_HITS_PER_ATTEMPT = 20
const LEVELS = ["debug", "info", "warn", "error"] as const
/** The end and the id of the last attempt that was searched. */
const CURSOR = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \d{1,18}$/

interface AttemptRow {
  attemptId: string
  runId: string
  pipelineId: string
  taskId: string
  mapIndex: number | null
  number: number
  endedAt: Date
  lines: number
  failure: string | null
}

/**
 * Lines of logs and messages of failures that contain a text, newest attempt first. A page searches attempts that ended in
 * the time (or still run) until it has enough hits or has read as many lines as one request may; `searched` says how far it
 * came, and `nextCursor` goes on from there. Attempts know the number of their lines, so the cost is known before.
 */
export async function searchLogs(
  queryable: Queryable,
  query: z.output<typeof logSearchQuerySchema>,
  now: Date,
): Promise<LogSearchPage> {
  const attempts = await findAttempts(queryable, query, now)
  const { chosen, isCut } = withinBudget(attempts, query.level === "error" ? MAX_LINES_AMONG_ERRORS : MAX_LINES)
  const hits = await findLines(queryable, query, chosen)
  const items: LogSearchPage["items"] = []
  let last = -1
  for (const [index, attempt] of chosen.entries()) {
    const lines = hits.get(attempt.attemptId) ?? []
    const isFailure = attempt.failure !== null && contains(attempt.failure, query.q)
    last = index
    if (lines.length === 0 && !isFailure) continue
    items.push({
      attemptId: attempt.attemptId,
      runId: attempt.runId,
      pipelineId: attempt.pipelineId,
      taskId: attempt.taskId,
      mapIndex: attempt.mapIndex,
      attempt: attempt.number,
      endedAt: toInstant(attempt.endedAt),
      failure: isFailure ? attempt.failure : null,
      lines: lines.slice(0, MAX_HITS_PER_ATTEMPT),
      hasMore: lines.length > MAX_HITS_PER_ATTEMPT,
    })
    if (items.length === query.limit) break
  }
  const searched = chosen.slice(0, last + 1)
  const end = searched.at(-1)
  const isMore = end !== undefined && (isCut || searched.length < chosen.length)
  return {
    items,
    searched: {
      attempts: searched.length,
      lines: searched.reduce((sum, { lines }) => sum + lines, 0),
      backTo: end ? toInstant(end.endedAt) : null,
    },
    nextCursor: isMore ? encodeCursor(`${toInstant(end.endedAt)} ${end.attemptId}`) : null,
  }
}

/** Relies on the index of attempts by their end; those that run have none and count as ending now. */
async function findAttempts(
  queryable: Queryable,
  query: z.output<typeof logSearchQuerySchema>,
  now: Date,
): Promise<AttemptRow[]> {
  const { bind, values } = new Bindings()
  const conditions: string[] = []
  const from = bind(query.from ?? "-infinity")
  const to = bind(query.to ?? toInstant(now))
  if (query.pipelineId) conditions.push(`t.pipeline_id = ${bind(query.pipelineId)}`)
  if (query.runId) conditions.push(`a.run_id = ${bind(query.runId)}`)
  const [at, id] = query.cursor ? decodeCursor(query.cursor, CURSOR).split(" ") : []
  const before = at === undefined ? null : `(${bind(at)}::timestamptz, ${bind(id)}::bigint)`
  const rest = [...conditions, "true"].join(" and ")
  const limit = bind(MAX_ATTEMPTS + 1)
  const columns = `a.id as "attemptId", a.run_id as "runId", t.pipeline_id as "pipelineId", t.task_id as "taskId",
    nullif(t.map_index, -1) as "mapIndex", a.number, a.log_lines as lines, a.failure ->> 'message' as failure`
  const running = `
    (select ${columns}, ${to}::timestamptz as "endedAt"
     from attempt a join task_run t on t.id = a.task_run_id
     where a.state = 'running' and a.started_at < ${to} and ${rest}
     order by a.id desc
     limit ${limit})
    union all`
  const { rows } = await queryable.query<AttemptRow>(
    `select * from (
       ${before === null ? running : ""}
       (select ${columns}, a.finished_at as "endedAt"
        from attempt a join task_run t on t.id = a.task_run_id
        where a.finished_at >= ${from} and a.finished_at <= ${to} and ${rest}
          ${before === null ? "" : `and (a.finished_at, a.id) < ${before}`}
        order by a.finished_at desc, a.id desc
        limit ${limit})
     ) found
     order by "endedAt" desc, "attemptId" desc
     limit ${limit}`,
    values,
  )
  return rows
}

function withinBudget(attempts: readonly AttemptRow[], budget: number): { chosen: AttemptRow[]; isCut: boolean } {
  let lines = 0
  const end = attempts.findIndex((attempt, index) => {
    lines += attempt.lines
    return index >= MAX_ATTEMPTS || (lines > budget && index > 0)
  })
  return end < 0 ? { chosen: [...attempts], isCut: false } : { chosen: attempts.slice(0, end), isCut: true }
}

async function findLines(
  queryable: Queryable,
  query: z.output<typeof logSearchQuerySchema>,
  attempts: readonly AttemptRow[],
): Promise<Map<string, LogSearchPage["items"][number]["lines"]>> {
  const ids = attempts.filter(({ lines }) => lines > 0).map(({ attemptId }) => attemptId)
  if (ids.length === 0) return new Map()
  const { bind, values } = new Bindings()
  const level = LEVELS.indexOf(query.level)
  const conditions = [`l.attempt_id = wanted.id`, `l.message ilike ${bind(containsPattern(query.q))}`]
  // The literal lets the planner use the partial index.
  if (query.level === "error") conditions.push("l.level = 'error'")
  else if (level > 0) conditions.push(`l.level = any (${bind(LEVELS.slice(level))}::text[])`)
  const { rows } = await queryable.query<{
    id: string
    line: number
    at: Date
    level: (typeof LEVELS)[number]
    message: string
  }>(
    `select wanted.id, l.line, l.at, l.level, left(l.message, 500) as message
     from unnest(${bind(ids)}::bigint[]) wanted (id)
     cross join lateral (
       select l.* from log_line l
       where ${conditions.join(" and ")}
       order by l.line
       limit ${MAX_HITS_PER_ATTEMPT + 1}
     ) l`,
    values,
  )
  return Map.groupBy(
    rows.map(({ id, at, ...line }) => ({ id, at: toInstant(at), ...line })),
    ({ id }) => id,
  ) as Map<string, LogSearchPage["items"][number]["lines"]>
}

function contains(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase())
}
