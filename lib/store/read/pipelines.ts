import type { Page } from "../../contracts/api/common.ts"
import type { PipelineDetail, PipelineSummary } from "../../contracts/api/pipelines.ts"
import type { Manifest, WorkspaceProblem } from "../../contracts/manifest.ts"
import { schedulesOf, zoneOf } from "../../contracts/manifest-schedule.ts"
import { AppError } from "../../domain/errors.ts"
import { nextRuns } from "../../domain/next-runs.ts"
import { ruleCode, startText } from "../../domain/schedule-text.ts"
import type { Queryable } from "../transaction.ts"
import { decodeCursor, NAME_KEY, toPage } from "./cursor.ts"
import { durationBetween, toInstant, toInstantOrNull } from "./instant.ts"
import { readMedians } from "./medians.ts"
import { isAwake, knownSchedules, TIMING_COLUMN, type Timing } from "./timing.ts"

const NEXT_RUNS = 5

/** Pipelines by name, each with its last 30 runs, which are read through (pipeline_id, id). */
export async function listPipelines(
  queryable: Queryable,
  query: { cursor?: string | undefined; limit: number },
): Promise<Page<PipelineSummary>> {
  const after = query.cursor ? decodeCursor(query.cursor, NAME_KEY) : ""
  const { rows } = await queryable.query<PipelineRow>(
    `select ${PIPELINE_COLUMNS}
     from (select * from pipeline where id > $1 order by id limit $2) p
     ${PIPELINE_JOINS}
     order by p.id`,
    [after, query.limit + 1],
  )
  return toPage(rows, query.limit, toSummary, (row) => row.id)
}

/** @throws AppError `pipeline.not_found`. */
export async function readPipeline(queryable: Queryable, id: string, now: Date): Promise<PipelineDetail> {
  const [{ rows }, medians] = await Promise.all([
    queryable.query<PipelineRow & { manifest: Manifest | null; versionHash: string | null }>(
      `select ${PIPELINE_COLUMNS}, v.manifest, v.hash as "versionHash"
       from pipeline p
       ${PIPELINE_JOINS}
       where p.id = $1`,
      [id],
    ),
    readMedians(queryable, id),
  ])
  const row = rows[0]
  if (!row) throw new AppError("pipeline.not_found", `There is no pipeline ${id}; see the list of pipelines.`)
  const summary = toSummary(row)
  const finished = summary.recentRuns.filter((run) => ["success", "failed", "cancelled"].includes(run.state))
  const succeeded = finished.filter((run) => run.state === "success").length
  return {
    ...summary,
    manifest: row.manifest,
    versionHash: row.versionHash,
    nextRuns: isAwake(row)
      ? nextRuns(knownSchedules(row.timing), now, NEXT_RUNS).map((run) => toInstant(run.runAt))
      : [],
    successRate: finished.length > 0 ? succeeded / finished.length : null,
    ...medians,
  }
}

interface PipelineRow {
  id: string
  description: string
  owner: string | null
  tags: string[]
  isPaused: boolean
  version: number | null
  nextRunAt: Date | null
  timing: Timing | null
  tasksTotal: number
  recentRuns: Array<{
    id: string
    state: PipelineSummary["recentRuns"][number]["state"]
    logicalAt: string
    startedAt: string | null
    finishedAt: string | null
  }>
  problems: WorkspaceProblem[]
}

const PIPELINE_COLUMNS = `
  p.id, p.description, p.owner, p.tags, p.is_paused as "isPaused", v.version, p.next_run_at as "nextRunAt",
  ${TIMING_COLUMN} as timing, coalesce(jsonb_array_length(v.manifest->'tasks'), 0) as "tasksTotal",
  recent.runs as "recentRuns", problem.list as problems`

// `between … and` instead of `=`: the order then needs (pipeline_id, id). With `=`, Postgres may walk the whole table
// backwards by id instead, looking for 30 runs that a rarely run pipeline does not have.
const PIPELINE_JOINS = `
  left join pipeline_version v on v.pipeline_id = p.id and v.version = p.current_version
  cross join lateral (
    select coalesce(jsonb_agg(jsonb_build_object('id', r.id::text, 'state', r.state, 'logicalAt', r.logical_at,
             'startedAt', r.started_at, 'finishedAt', r.finished_at) order by r.id), '[]') as runs
    from (select * from run where run.pipeline_id between p.id and p.id order by run.pipeline_id, run.id desc limit 30) r
  ) recent
  cross join lateral (
    select coalesce(jsonb_agg(jsonb_build_object('file', w.file, 'line', w.line, 'column', w."column",
             'pipelineId', w.pipeline_id, 'rule', w.rule, 'message', w.message) order by w.id), '[]') as list
    from workspace_problem w
    where w.pipeline_id = p.id or (w.pipeline_id is null and w.file = p.file)
  ) problem`

function scheduleOf(timing: Timing | null): PipelineSummary["schedule"] {
  if (timing === null) return null
  const schedules = schedulesOf(timing)
  const text = startText(schedules, timing.triggers)
  return text === null
    ? null
    : { cron: schedules[0] ? ruleCode(schedules[0].rule) : "", timezone: zoneOf(timing), text }
}

function toSummary(row: PipelineRow): PipelineSummary {
  const isDefined = row.version !== null
  return {
    id: row.id,
    description: row.description,
    owner: row.owner,
    tags: row.tags,
    isPaused: row.isPaused,
    isDefined,
    schedule: scheduleOf(row.timing),
    nextRunAt: row.isPaused || !isDefined ? null : toInstantOrNull(row.nextRunAt),
    version: row.version,
    tasksTotal: row.tasksTotal,
    recentRuns: row.recentRuns.map(({ id, state, logicalAt, startedAt, finishedAt }) => ({
      id,
      state,
      logicalAt: toInstant(logicalAt),
      startedAt: toInstantOrNull(startedAt),
      durationMs: durationBetween(startedAt, finishedAt),
    })),
    problems: row.problems,
  }
}
