import type { z } from "zod"
import type { LogLine, LogPage, logQuerySchema } from "../../contracts/api/runs.ts"
import type { AttemptState } from "../../domain/attempt-state.ts"
import { AppError } from "../../domain/errors.ts"
import type { Queryable } from "../transaction.ts"
import { Bindings, containsPattern } from "./bindings.ts"
import { toInstant } from "./instant.ts"

const LEVELS = ["debug", "info", "warn", "error"] as const
type LogRow = Omit<LogLine, "at"> & { at: Date }

/**
 * A part of an attempt's log. Search runs in Postgres over the attempt's own lines, which are bounded by
 * HEADRACE_LOG_MAX_BYTES. @throws AppError `attempt.not_found`.
 */
export async function readLogPage(
  queryable: Queryable,
  attemptId: string,
  query: z.output<typeof logQuerySchema>,
): Promise<LogPage> {
  const lines = await readLines(queryable, attemptId, query)
  // A page that starts at the first line and is not full holds all that match: no second search.
  const isWhole = query.from >= 0 && query.from <= 1 && lines.length < query.limit
  const isFiltered = query.q !== undefined || query.level !== undefined
  const bindings = new Bindings()
  const condition = matching(attemptId, query, bindings)
  const { rows } = await queryable.query<{
    state: AttemptState
    totalLines: number
    firstErrorLine: number | null
    matches: number | null
  }>(
    `select a.state,
            coalesce((select max(l.line) from log_line l where l.attempt_id = a.id), 0) as "totalLines",
            (select min(l.line) from log_line l where l.attempt_id = a.id and l.level = 'error') as "firstErrorLine",
            ${isFiltered && !isWhole ? `(select count(*)::int from log_line l where ${condition})` : "null::int"} as matches
     from attempt a
     where a.id = $1`,
    isFiltered && !isWhole ? bindings.values : [attemptId],
  )
  const facts = rows[0]
  if (!facts) throw new AppError("attempt.not_found", `There is no attempt ${attemptId}.`)
  const matches = facts.matches ?? (isFiltered ? lines.length : facts.totalLines)
  return { attemptId, ...facts, matches, lines }
}

/** The lines alone: from a number on, or the last ones where `from` is negative. */
async function readLines(
  queryable: Queryable,
  attemptId: string,
  query: z.output<typeof logQuerySchema>,
): Promise<LogLine[]> {
  const bindings = new Bindings()
  const { bind } = bindings
  const condition = matching(attemptId, query, bindings)
  const { rows } = await queryable.query<LogRow>(
    query.from < 0
      ? `select * from (
           select ${LINE_COLUMNS} from log_line l where ${condition} order by l.line desc limit ${bind(-query.from)}
         ) tail
         order by line
         limit ${bind(query.limit)}`
      : `select ${LINE_COLUMNS}
         from log_line l
         where ${condition} and l.line >= ${bind(query.from)}
         order by l.line
         limit ${bind(query.limit)}`,
    bindings.values,
  )
  return rows.map(toLogLine)
}

/** Lines after a number, with the attempt's state as it was before they were read: a final state means none follow. */
export async function readLogTail(
  queryable: Queryable,
  attemptId: string,
  afterLine: number,
  limit: number,
): Promise<{ state: AttemptState; runId: string; lines: LogLine[] }> {
  const attempt = await queryable.query<{ state: AttemptState; runId: string }>(
    `select state, run_id as "runId" from attempt where id = $1`,
    [attemptId],
  )
  const found = attempt.rows[0]
  if (!found) throw new AppError("attempt.not_found", `There is no attempt ${attemptId}.`)
  const { rows } = await queryable.query<LogRow>(
    `select ${LINE_COLUMNS} from log_line l where l.attempt_id = $1 and l.line > $2 order by l.line limit $3`,
    [attemptId, afterLine, limit],
  )
  return { ...found, lines: rows.map(toLogLine) }
}

/**
 * The whole log in pieces of `pageLines` lines. Each piece is a statement of its own, so a slow reader holds neither a
 * connection nor a snapshot, and memory stays constant.
 */
export async function* iterateLog(
  queryable: Queryable,
  attemptId: string,
  pageLines = 2_000,
): AsyncGenerator<LogLine[], void> {
  for (let after = 0; ; ) {
    const { rows } = await queryable.query<LogRow>(
      `select ${LINE_COLUMNS} from log_line l where l.attempt_id = $1 and l.line > $2 order by l.line limit $3`,
      [attemptId, after, pageLines],
    )
    if (rows.length > 0) yield rows.map(toLogLine)
    if (rows.length < pageLines) return
    after = rows.at(-1)!.line
  }
}

const LINE_COLUMNS = "l.line, l.at, l.level, l.message"

function matching(
  attemptId: string,
  query: { q?: string | undefined; level?: string | undefined },
  { bind }: Bindings,
) {
  const conditions = [`l.attempt_id = ${bind(attemptId)}`]
  if (query.level !== undefined && query.level !== "debug") {
    conditions.push(
      query.level === "error"
        ? "l.level = 'error'" // The literal lets the planner use the partial index.
        : `l.level = any (${bind(LEVELS.slice(LEVELS.indexOf(query.level as (typeof LEVELS)[number])))}::text[])`,
    )
  }
  if (query.q) conditions.push(`l.message ilike ${bind(containsPattern(query.q))}`)
  return conditions.join(" and ")
}

function toLogLine(row: LogRow): LogLine {
  return { line: row.line, at: toInstant(row.at), level: row.level, message: row.message }
}
