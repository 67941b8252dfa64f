import type { z } from "zod"
import type { Page } from "../../contracts/api/common.ts"
import type { DeadlineView, deadlineListQuerySchema } from "../../contracts/api/deadlines.ts"
import { DEADLINE_STATES, type DeadlineRule, deadlineText } from "../../domain/deadline.ts"
import type { Queryable } from "../transaction.ts"
import { Bindings } from "./bindings.ts"
import { decodeCursor, ID_KEY, toPage } from "./cursor.ts"
import { toInstant, toInstantOrNull } from "./instant.ts"

/**
 * Deadlines, newest first; missed and late ones unless others are asked for. Those of a run come through deadline_run, those
 * missed of a pipeline through deadline_listed.
 * @throws AppError `request.invalid` for a foreign cursor.
 */
export async function listDeadlines(
  queryable: Queryable,
  query: z.output<typeof deadlineListQuerySchema>,
): Promise<Page<DeadlineView>> {
  const bindings = new Bindings()
  const { bind } = bindings
  const wanted = (query.state ?? "").split(",").filter((state) => state !== "")
  const isDefault = wanted.length === 0
  const states = isDefault ? (query.runId ? DEADLINE_STATES : ["missed", "late"]) : wanted
  // As a constant, where it can be: the partial index is only chosen for a condition that the planner can see.
  const isMissed = states.every((state) => state === "missed" || state === "late")
  const conditions = [`d.state = any (${bind(states)}::text[])`]
  if (isMissed) conditions.push("d.state in ('missed', 'late')")
  if (query.cursor) conditions.push(`d.id < ${bind(decodeCursor(query.cursor, ID_KEY))}`)
  if (query.pipelineId) conditions.push(`d.pipeline_id = ${bind(query.pipelineId)}`)
  if (query.runId) conditions.push(`d.run_id = ${bind(query.runId)}`)
  const { rows } = await queryable.query<DeadlineRow>(
    `select d.id, d.pipeline_id as "pipelineId", d.task_id as "taskId", d.run_id as "runId", d.rule, d.due_at as "dueAt",
            d.state, d.message, d.missed_at as "missedAt", d.completed_at as "completedAt",
            d.interval_end as "intervalEnd", d.channel, coalesce(a.delivery, 'none') as delivery, a.note as "deliveryError"
     from deadline d
     left join lateral (
       select case state when 'pending' then 'waiting' when 'dropped' then 'none' else state end as delivery, note
       from alert_delivery
       where deadline_id = d.id
       order by id desc
       limit 1
     ) a on true
     where ${conditions.join(" and ")}
     order by d.id desc
     limit ${bind(query.limit + 1)}`,
    bindings.values,
  )
  return toPage(rows, query.limit, toView, (row) => row.id)
}

type DeadlineRow = Omit<DeadlineView, "text" | "dueAt" | "missedAt" | "completedAt" | "intervalEnd"> & {
  rule: DeadlineRule
  dueAt: Date
  missedAt: Date | null
  completedAt: Date | null
  intervalEnd: Date | null
}

function toView({ rule, ...row }: DeadlineRow): DeadlineView {
  return {
    ...row,
    text: deadlineText(rule),
    dueAt: toInstant(row.dueAt),
    missedAt: toInstantOrNull(row.missedAt),
    completedAt: toInstantOrNull(row.completedAt),
    intervalEnd: toInstantOrNull(row.intervalEnd),
  }
}
