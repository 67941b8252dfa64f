import type { z } from "zod"
import type { Page } from "../../contracts/api/common.ts"
import type { RunSummary, runListQuerySchema } from "../../contracts/api/runs.ts"
import type { Queryable } from "../transaction.ts"
import { Bindings, containsPattern } from "./bindings.ts"
import { decodeCursor, ID_KEY, toPage } from "./cursor.ts"
import { RUN_SUMMARY_COLUMNS, type RunSummaryRow, toRunSummary } from "./run-summary.ts"

/**
 * Runs, newest first. Paging is by id, so a page never repeats or skips a run while others are created.
 * @throws AppError `request.invalid` for a foreign cursor.
 */
export async function listRuns(
  queryable: Queryable,
  query: z.output<typeof runListQuerySchema>,
): Promise<Page<RunSummary>> {
  const bindings = new Bindings()
  const { rows } = await queryable.query<RunSummaryRow>(
    `with page as (${pageOfRunIds(query, bindings)})
     select ${RUN_SUMMARY_COLUMNS}
     from page
     join run r on r.id = page.id
     join pipeline_version v on v.id = r.version_id
     order by r.id desc`,
    bindings.values,
  )
  return toPage(rows, query.limit, toRunSummary, (row) => row.id)
}

/**
 * A statement for the ids of the page and one more, of runs older than `before`. Every branch walks one index backwards and stops at the limit: several states are merged
 * from one short walk each, because a single walk for rare states would read the whole table.
 */
export function pageOfRunIds(
  query: z.output<typeof runListQuerySchema>,
  { bind }: Bindings,
  before: string | undefined = query.cursor && decodeCursor(query.cursor, ID_KEY),
): string {
  const limit = bind(query.limit + 1)
  const states = listOf(query.state)
  const kinds = listOf(query.kind)
  const conditions = ["true"]
  if (before) conditions.push(`r.id < ${bind(before)}`)
  if (query.pipelineId) conditions.push(`r.pipeline_id = ${bind(query.pipelineId)}`)
  if (query.backfillId) conditions.push(`r.backfill_id = ${bind(query.backfillId)}`)
  if (query.from) conditions.push(`r.created_at >= ${bind(query.from)}`)
  if (query.to) conditions.push(`r.created_at < ${bind(query.to)}`)
  if (query.logicalFrom) conditions.push(`r.logical_at >= ${bind(query.logicalFrom)}`)
  if (query.logicalTo) conditions.push(`r.logical_at < ${bind(query.logicalTo)}`)
  const isMergedByKind = kinds.length > 0 && states.length === 0 && !query.q
  if (kinds.length > 0 && !isMergedByKind) conditions.push(`r.kind = any (${bind(kinds)}::text[])`)
  if (states.length > 0 && query.q) conditions.push(`r.state = any (${bind(states)}::text[])`)
  const others = conditions.join(" and ")
  if (query.q) return searchBranches(query.q, others, limit, bind)
  if (states.length > 0) return merged("state", bind(states), others, limit)
  if (isMergedByKind) return merged("kind", bind(kinds), others, limit)
  // Few runs share a day, and old ones lie far down the order of ids: found by their time first, then put in order.
  if (query.logicalFrom || query.logicalTo) {
    return `
    select r.id from (select r.id from run r where ${others} offset 0) r order by r.id desc limit ${limit}`
  }
  return `select r.id from run r where ${others} order by r.id desc limit ${limit}`
}

/**
 * One short walk for each wanted value of `column`, which is ordered by it, so that only an index that starts with it (or
 * with the pipeline and it) gives the order. With `=` Postgres may walk the whole table by id for a rare value.
 */
function merged(column: "state" | "kind", wanted: string, others: string, limit: string): string {
  return `
    select r.id
    from unnest(${wanted}::text[]) as wanted (value)
    cross join lateral (
      select r.id from run r
      where r.${column} between wanted.value and wanted.value and ${others}
      order by r.${column}, r.id desc limit ${limit}
    ) r
    order by r.id desc limit ${limit}`
}

/** One branch for each thing a search text may be; the error messages have a partial index of failed runs to walk. */
function searchBranches(text: string, others: string, limit: string, bind: Bindings["bind"]): string {
  const pattern = bind(containsPattern(text))
  const byId = ID_KEY.test(text) ? `select r.id from run r where ${others} and r.id = ${bind(text)} union ` : ""
  return `
    select r.id from (
      ${byId}
      select r.id
      from pipeline p
      cross join lateral (
        select r.id from run r
        where ${others} and r.pipeline_id between p.id and p.id
        order by r.pipeline_id, r.id desc limit ${limit}
      ) r
      where p.id ilike ${pattern}
      union
      (select r.id from run r where ${others} and r.error_message is not null and r.error_message ilike ${pattern}
       order by r.id desc limit ${limit})
    ) r
    order by r.id desc limit ${limit}`
}

function listOf(value: string | undefined): string[] {
  return [...new Set((value ?? "").split(",").map((part) => part.trim()))].filter((part) => part !== "")
}
