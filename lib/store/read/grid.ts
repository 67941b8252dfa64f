import type { z } from "zod"
import type { GridRun, gridQuerySchema, PipelineGrid } from "../../contracts/api/pipeline-views.ts"
import { AppError } from "../../domain/errors.ts"
import { NO_STATE, stateCode, TASK_RUN_SEVERITY } from "../../domain/severity.ts"
import type { Queryable } from "../transaction.ts"
import { Bindings } from "./bindings.ts"
import { durationBetween, toInstant, toInstantOrNull } from "./instant.ts"
import { pageOfRunIds } from "./list-runs.ts"

/**
 * The states of all tasks in a pipeline's newest runs that match, as one text a run; of mapped tasks as a whole. Reads one
 * range of (run_id, position, map_index) a run, in its order.
 *
 * @throws AppError `pipeline.not_found`.
 */
export async function readGrid(
  queryable: Queryable,
  pipelineId: string,
  query: z.output<typeof gridQuerySchema>,
): Promise<PipelineGrid> {
  const [found, medianDurationMs] = await Promise.all([
    readRuns(queryable, pipelineId, query),
    readMedian(queryable, pipelineId),
  ])
  const hasOlder = found.length > query.runs
  const runs = found.slice(0, query.runs).reverse()
  const [texts, taskIds] = await Promise.all([
    readStates(
      queryable,
      runs.map((run) => run.id),
    ),
    readTaskIds(queryable, [...new Set(runs.map((run) => run.versionId))]),
  ])
  const { tasks, placesOf } = joinVersions(taskIds)
  return {
    pipelineId,
    tasks,
    mapped: [...new Set(taskIds.flatMap((version) => version.mapped))],
    runs: runs.map((run) => toGridRun(run, place(texts.get(run.id), placesOf.get(run.versionId), tasks.length))),
    hasOlder,
    medianDurationMs,
  }
}

interface RunRow {
  id: string
  versionId: string
  version: number
  kind: GridRun["kind"]
  state: GridRun["state"]
  logicalAt: Date
  partitionKey: string | null
  startedAt: Date | null
  finishedAt: Date | null
}

/** Newest first, one more than asked for. */
async function readRuns(
  queryable: Queryable,
  pipelineId: string,
  { runs, before, state, kind }: z.output<typeof gridQuerySchema>,
): Promise<RunRow[]> {
  const bindings = new Bindings()
  const page = pageOfRunIds({ pipelineId, limit: runs, state, kind }, bindings, before)
  const { rows } = await queryable.query<RunRow | { id: null }>(
    `with page as (${page})
     select r.id, r.version_id as "versionId", v.version, r.kind, r.state, r.logical_at as "logicalAt",
            r.partition_key as "partitionKey", r.started_at as "startedAt", r.finished_at as "finishedAt"
     from pipeline p
     left join (page join run r on r.id = page.id join pipeline_version v on v.id = r.version_id) on true
     where p.id = ${bindings.bind(pipelineId)}
     order by r.id desc`,
    bindings.values,
  )
  if (rows.length === 0) {
    throw new AppError("pipeline.not_found", `There is no pipeline ${pipelineId}; see the list of pipelines.`)
  }
  return rows.filter((row): row is RunRow => row.id !== null)
}

async function readMedian(queryable: Queryable, pipelineId: string): Promise<number | null> {
  const { rows } = await queryable.query<{ medianMs: number | null }>(
    `select percentile_cont(0.5) within group (
              order by extract(epoch from r.finished_at - r.started_at)::float8 * 1000) as "medianMs"
     from (
       select started_at, finished_at from run
       where pipeline_id = $1 and state = 'success' and started_at is not null
       order by id desc
       limit 30
     ) r`,
    [pipelineId],
  )
  const median = rows[0]?.medianMs ?? null
  return median === null ? null : Math.round(median)
}

interface StatesRow {
  runId: string
  /** One code for each task run, in the order of positions. */
  states: string
  /** Position of each; null where they are 0, 1, 2 …, as of a run that has every task once. */
  positions: number[] | null
}

const CODE_OF_STATE = `case t.state ${TASK_RUN_SEVERITY.map((state) => `when '${state}' then '${stateCode(state)}'`).join(" ")} end`

/** Positions cost twice what states do, so they are asked for only of runs that do not have every task. */
async function readStates(queryable: Queryable, runIds: readonly string[]): Promise<Map<string, StatesRow>> {
  const { rows } = await queryable.query<{ runId: string; states: string; isPlain: boolean }>(
    `select chosen.id as "runId", cells.states, cells."isPlain"
     from unnest($1::bigint[]) as chosen (id)
     cross join lateral (
       select string_agg(${CODE_OF_STATE}, '') as states,
              count(*) = max(t.position) + 1 as "isPlain"
       from (
         select position, state from task_run where run_id = chosen.id and map_index = -1 order by position
       ) t
     ) cells
     where cells.states is not null`,
    [runIds],
  )
  const uneven = rows.filter((row) => !row.isPlain).map((row) => row.runId)
  const positions = uneven.length > 0 ? await readPositions(queryable, uneven) : new Map<string, number[]>()
  return new Map(rows.map(({ runId, states }) => [runId, { runId, states, positions: positions.get(runId) ?? null }]))
}

async function readPositions(queryable: Queryable, runIds: readonly string[]): Promise<Map<string, number[]>> {
  const { rows } = await queryable.query<{ runId: string; positions: number[] }>(
    `select chosen.id as "runId", cells.positions
     from unnest($1::bigint[]) as chosen (id)
     cross join lateral (
       select coalesce(array_agg(t.position), '{}') as positions
       from (select position from task_run where run_id = chosen.id and map_index = -1 order by position) t
     ) cells`,
    [runIds],
  )
  return new Map(rows.map((row) => [row.runId, row.positions]))
}

/** The task ids of these versions in their manifests' order, newest version first. */
async function readTaskIds(
  queryable: Queryable,
  versionIds: readonly string[],
): Promise<{ versionId: string; tasks: string[]; mapped: string[] }[]> {
  const { rows } = await queryable.query<{ versionId: string; tasks: string[]; mapped: string[] }>(
    `select id as "versionId", jsonb_path_query_array(manifest, '$.tasks[*].id') as tasks,
            jsonb_path_query_array(manifest, '$.tasks[*] ? (@.map != null).id') as mapped
     from pipeline_version
     where id = any ($1::bigint[])
     order by version desc`,
    [versionIds],
  )
  return rows
}

/** All tasks in one order, and where each position of a version stands in it. */
function joinVersions(versions: readonly { versionId: string; tasks: readonly string[] }[]) {
  const places = new Map<string, number>()
  const placesOf = new Map(
    versions.map(({ versionId, tasks }) => [
      versionId,
      tasks.map((id) => {
        const place = places.get(id) ?? places.size
        places.set(id, place)
        return place
      }),
    ]),
  )
  return { tasks: [...places.keys()], placesOf }
}

function place(row: StatesRow | undefined, places: readonly number[] | undefined, total: number): string {
  if (!row || !places) return NO_STATE.repeat(total)
  const isInOrder = row.positions === null && places.length === row.states.length && places.every((at, i) => at === i)
  if (isInOrder) return row.states.padEnd(total, NO_STATE)
  const cells = new Array<string>(total).fill(NO_STATE)
  for (let i = 0; i < row.states.length; i++) {
    const at = places[row.positions?.[i] ?? i]
    if (at !== undefined) cells[at] = row.states[i]!
  }
  return cells.join("")
}

function toGridRun({ versionId: _, ...run }: RunRow, states: string): GridRun {
  return {
    ...run,
    logicalAt: toInstant(run.logicalAt),
    startedAt: toInstantOrNull(run.startedAt),
    finishedAt: toInstantOrNull(run.finishedAt),
    durationMs: durationBetween(run.startedAt, run.finishedAt),
    states,
  }
}
