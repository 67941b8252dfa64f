import type { z } from "zod"
import type {
  Backfill,
  BackfillMap,
  backfillListQuerySchema,
  slotListQuerySchema,
} from "../../contracts/api/backfills.ts"
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
  return toPage(rows, query.limit, toBackfill, (row) => row.id)
}

/** One backfill with its progress, without its slots. @throws AppError `backfill.not_found`. */
export async function readBackfill(queryable: Queryable, id: string): Promise<Backfill> {
  const [backfill, loaded] = await Promise.all([
    queryable.query<BackfillRow>(`select ${BACKFILL_COLUMNS} from backfill b ${BACKFILL_JOINS} where b.id = $1`, [id]),
    queryable.query<{ rows: number; recent: number; seconds: number }>(
      `select coalesce(sum(m.rows_inserted + m.rows_updated), 0)::float8 as rows,
              coalesce(sum(m.rows_inserted + m.rows_updated) filter (where m.at > now() - interval '1 minute'), 0)::float8
                as recent,
              extract(epoch from least(now() - min(r.created_at), interval '1 minute'))::float8 as seconds
       from run r
       join materialization m on m.run_id = r.id
       where r.backfill_id = $1`,
      [id],
    ),
  ])
  const row = backfill.rows[0]
  if (!row) throw new AppError("backfill.not_found", `There is no backfill ${id}.`)
  const { rows, recent, seconds } = loaded.rows[0]!
  const isLive = row.state === "running" || row.running > 0
  return { ...toBackfill(row), rowsLoaded: rows, rowsPerSecond: isLive ? recent / Math.max(1, seconds ?? 1) : null }
}

/** A backfill's slots in order of execution, page by page. @throws AppError `backfill.not_found`. */
export async function listSlots(
  queryable: Queryable,
  id: string,
  query: z.output<typeof slotListQuerySchema>,
): Promise<Page<Backfill["slots"][number]>> {
  await requireBackfill(queryable, id)
  const bindings = new Bindings()
  const { bind } = bindings
  const conditions = [`s.backfill_id = ${bind(id)}`]
  if (query.cursor) conditions.push(`s.position > ${bind(decodeCursor(query.cursor, ID_KEY))}`)
  if (query.partition) conditions.push(`s.partition_key = ${bind(query.partition)}`)
  if (query.state) conditions.push(`${SLOT_STATE} = ${bind(query.state)}`)
  const { rows } = await queryable.query<SlotRow>(
    `select s.position, s.slot_group as "group", s.partition_key as "partitionKey", s.logical_at as "logicalAt",
            s.interval_end as "intervalEnd", s.action, s.reason, s.run_id as "runId", s.tries, r.state as "runState"
     from backfill_slot s
     left join run r on r.id = s.run_id
     where ${conditions.join(" and ")}
     order by s.position
     limit ${bind(query.limit + 1)}`,
    bindings.values,
  )
  return toPage(rows, query.limit, toSlot, (row) => String(row.position))
}

/** All slots of a backfill at a glance, in the order of time. @throws AppError `backfill.not_found`. */
export async function readBackfillMap(queryable: Queryable, id: string): Promise<BackfillMap> {
  await requireBackfill(queryable, id)
  const { rows } = await queryable.query<BackfillMap>(
    `select coalesce(array_agg(s.partition_key order by s.logical_at, s.position), '{}') as keys,
            coalesce(string_agg(case ${SLOT_STATE} when 'skipped' then 'k' else left(${SLOT_STATE}, 1) end, ''
                                order by s.logical_at, s.position), '') as states
     from backfill_slot s
     left join run r on r.id = s.run_id
     where s.backfill_id = $1`,
    [id],
  )
  return rows[0]!
}

async function requireBackfill(queryable: Queryable, id: string): Promise<void> {
  const { rowCount } = await queryable.query("select from backfill where id = $1", [id])
  if (rowCount === 0) throw new AppError("backfill.not_found", `There is no backfill ${id}.`)
}

/** Of a slot `s` and the run `r` that it may have. A run that retention removed had ended well or was let be. */
const SLOT_STATE = `case
  when s.action = 'skip' then 'skipped'
  when s.run_id is null then 'waiting'
  when r.state in ('queued', 'running', 'cancelling') then 'running'
  else coalesce(r.state, 'success')
end`

interface BackfillRow {
  id: string
  pipelineId: string
  state: Backfill["state"]
  selection: string
  order: string
  concurrency: number
  perRun: number
  priority: number
  params: Backfill["params"]
  tasks: string[]
  pauseReason: string | null
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
  /** Runs that are still to end. */
  runsLeft: number
  medianMs: number | null
}

interface SlotRow {
  position: number
  group: number
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
  b.id, b.pipeline_id as "pipelineId", b.state, b.selection, b."order", b.concurrency, b.per_run as "perRun", b.priority,
  b.params, b.tasks, b.pause_reason as "pauseReason", b.created_by as "createdBy", b.created_at as "createdAt",
  b.finished_at as "finishedAt", slot.*, median.ms as "medianMs"`

// One grouped pass over a backfill's slots. `between … and` instead of `=` as in pipelines.ts: the order then needs
// (pipeline_id, state, id).
const BACKFILL_JOINS = `
  cross join lateral (
    select coalesce(sum(g.slots), 0)::int as total,
           min(g.first_key) as "firstKey", max(g.last_key) as "lastKey",
           coalesce(sum(g.slots) filter (where g.state <> 'skipped'), 0)::int as "create",
           coalesce(sum(g.slots) filter (where g.state = 'success'), 0)::int as done,
           coalesce(sum(g.slots) filter (where g.state = 'failed'), 0)::int as failed,
           coalesce(sum(g.slots) filter (where g.state = 'cancelled'), 0)::int as cancelled,
           coalesce(sum(g.slots) filter (where g.state = 'running'), 0)::int as running,
           coalesce(sum(g.runs) filter (where g.state in ('waiting', 'running')), 0)::int as "runsLeft"
    from (
      select ${SLOT_STATE} as state, count(*) as slots, count(*) filter (where s.slot_group = s.position) as runs,
             min(split_part(s.partition_key, '|', 1)) as first_key, max(split_part(s.partition_key, '|', 1)) as last_key
      from backfill_slot s
      left join run r on r.id = s.run_id
      where s.backfill_id = b.id
      group by 1
    ) g
  ) slot
  cross join lateral (
    select coalesce(own.ms, past.ms) as ms
    from (
      select percentile_cont(0.5) within group (order by extract(epoch from r.finished_at - r.started_at)::float8 * 1000) as ms
      from (select started_at, finished_at from run
            where run.backfill_id between b.id and b.id and run.state = 'success'
            order by run.backfill_id desc, run.id desc limit 30) r
    ) own
    cross join (
      select percentile_cont(0.5) within group (order by extract(epoch from r.finished_at - r.started_at)::float8 * 1000) as ms
      from (select started_at, finished_at from run
            where run.pipeline_id between b.pipeline_id and b.pipeline_id and run.state = 'success'
            order by run.pipeline_id, run.id desc limit 30) r
    ) past
  ) median`

function toSlot(row: SlotRow): Backfill["slots"][number] {
  return { ...row, logicalAt: toInstant(row.logicalAt), intervalEnd: toInstant(row.intervalEnd) }
}

function toBackfill(row: BackfillRow): Backfill {
  const { runsLeft, concurrency, medianMs } = row
  return {
    id: row.id,
    pipelineId: row.pipelineId,
    state: row.state,
    selection: row.selection,
    order: row.order,
    concurrency,
    perRun: row.perRun,
    priority: row.priority,
    params: row.params,
    tasks: row.tasks,
    createdBy: row.createdBy,
    createdAt: toInstant(row.createdAt),
    finishedAt: toInstantOrNull(row.finishedAt),
    pauseReason: row.pauseReason,
    slots: [],
    ...(row.firstKey && row.lastKey ? { range: { from: row.firstKey, to: row.lastKey } } : {}),
    counts: {
      total: row.total,
      create: row.create,
      skip: row.total - row.create,
      done: row.done,
      failed: row.failed,
      cancelled: row.cancelled,
      running: row.running,
    },
    rowsLoaded: null,
    rowsPerSecond: null,
    estimateMs: medianMs === null ? null : Math.round(Math.ceil(runsLeft / concurrency) * medianMs),
    estimateRows: null,
  }
}
