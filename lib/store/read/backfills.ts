import type { z } from "zod"
import type { Backfill, backfillListQuerySchema } from "../../contracts/api/backfills.ts"
import type { Page } from "../../contracts/api/common.ts"
import { AppError } from "../../domain/errors.ts"
import type { RunState } from "../../domain/run-state.ts"
import type { Queryable } from "../transaction.ts"
import { Bindings } from "./bindings.ts"
import { decodeCursor, ID_KEY, toPage } from "./cursor.ts"
import { toInstant, toInstantOrNull } from "./instant.ts"

/** Backfills, newest first, without their slots. */
export async function listBackfills(
  queryable: Queryable,
  query: z.output<typeof backfillListQuerySchema>,
): Promise<Page<Backfill>> {
  const bindings = new Bindings()
  const { bind } = bindings
  const conditions = ["true"]
  if (query.cursor) conditions.push(`id < ${bind(decodeCursor(query.cursor, ID_KEY))}`)
  if (query.pipelineId) conditions.push(`pipeline_id = ${bind(query.pipelineId)}`)
  const { rows } = await queryable.query<BackfillRow>(
    `select ${BACKFILL_COLUMNS}
     from (
       select * from backfill where ${conditions.join(" and ")} order by id desc limit ${bind(query.limit + 1)}
     ) b
     ${BACKFILL_JOINS}
     order by b.id desc`,
    bindings.values,
  )
  return toPage(
    rows,
    query.limit,
    (row) => toBackfill(row, []),
    (row) => row.id,
  )
}

/** One backfill with its slots in order of execution. @throws AppError `backfill.not_found`. */
export async function readBackfill(queryable: Queryable, id: string): Promise<Backfill> {
  const [backfill, slots] = await Promise.all([
    queryable.query<BackfillRow>(`select ${BACKFILL_COLUMNS} from backfill b ${BACKFILL_JOINS} where b.id = $1`, [id]),
    queryable.query<SlotRow>(
      `select s.partition_key as "partitionKey", s.logical_at as "logicalAt", s.interval_end as "intervalEnd", s.action,
              s.reason, s.run_id as "runId", s.tries, r.state as "runState"
       from backfill_slot s
       left join run r on r.id = s.run_id
       where s.backfill_id = $1
       order by s.position`,
      [id],
    ),
  ])
  const row = backfill.rows[0]
  if (!row) throw new AppError("backfill.not_found", `There is no backfill ${id}.`)
  return toBackfill(row, slots.rows)
}

interface BackfillRow {
  id: string
  pipelineId: string
  state: Backfill["state"]
  selection: string
  order: string
  concurrency: number
  priority: number
  tasks: string[]
  createdBy: string
  createdAt: Date
  finishedAt: Date | null
  total: number
  firstKey: string | null
  lastKey: string | null
  create: number
  done: number
  failed: number
  cancelled: number
  running: number
  medianMs: number | null
}

interface SlotRow {
  partitionKey: string
  logicalAt: Date
  intervalEnd: Date
  action: "create" | "skip"
  reason: string
  runId: string | null
  tries: number
  runState: RunState | null
}

const BACKFILL_COLUMNS = `
  b.id, b.pipeline_id as "pipelineId", b.state, b.selection, b."order", b.concurrency, b.priority, b.tasks, b.created_by as "createdBy",
  b.created_at as "createdAt", b.finished_at as "finishedAt", slot.total, slot."firstKey", slot."lastKey", slot."create", runs.done, runs.failed,
  runs.cancelled, runs.running, median.ms as "medianMs"`

// `between … and` instead of `=` as in pipelines.ts: the order then needs (pipeline_id, state, id).
const BACKFILL_JOINS = `
  cross join lateral (
    select count(*)::int as total, min(s.partition_key) as "firstKey", max(s.partition_key) as "lastKey",
           count(*) filter (where s.action = 'create')::int as "create"
    from backfill_slot s
    where s.backfill_id = b.id
  ) slot
  cross join lateral (
    select count(*) filter (where r.state = 'success')::int as done,
           count(*) filter (where r.state = 'failed')::int as failed,
           count(*) filter (where r.state = 'cancelled')::int as cancelled,
           count(*) filter (where r.state in ('queued', 'running', 'cancelling'))::int as running
    from backfill_slot s
    join run r on r.id = s.run_id
    where s.backfill_id = b.id
  ) runs
  cross join lateral (
    select percentile_cont(0.5) within group (order by extract(epoch from r.finished_at - r.started_at)::float8 * 1000) as ms
    from (select started_at, finished_at from run
          where run.pipeline_id between b.pipeline_id and b.pipeline_id and run.state = 'success'
          order by run.pipeline_id, run.id desc limit 30) r
  ) median`

function toBackfill(row: BackfillRow, slots: readonly SlotRow[]): Backfill {
  const left = Math.max(0, row.create - row.done - row.failed - row.cancelled)
  return {
    id: row.id,
    pipelineId: row.pipelineId,
    state: row.state,
    selection: row.selection,
    order: row.order,
    concurrency: row.concurrency,
    priority: row.priority,
    tasks: row.tasks,
    createdBy: row.createdBy,
    createdAt: toInstant(row.createdAt),
    finishedAt: toInstantOrNull(row.finishedAt),
    slots: slots.map((slot) => ({
      ...slot,
      logicalAt: toInstant(slot.logicalAt),
      intervalEnd: toInstant(slot.intervalEnd),
    })),
    ...(row.firstKey && row.lastKey ? { range: { from: row.firstKey, to: row.lastKey } } : {}),
    counts: {
      total: row.total,
      create: row.create,
      skip: row.total - row.create,
      done: row.done,
      failed: row.failed,
      running: row.running,
    },
    estimateMs: row.medianMs === null ? null : Math.round(Math.ceil(left / row.concurrency) * row.medianMs),
    estimateRows: null,
  }
}
