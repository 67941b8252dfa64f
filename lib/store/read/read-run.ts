import type { MaterializationView, RunDetail } from "../../contracts/api/runs.ts"
import type { JsonObject } from "../../contracts/json.ts"
import { AppError } from "../../domain/errors.ts"
import type { Queryable } from "../transaction.ts"
import { MATERIALIZATION_COLUMNS, type MaterializationRow, toMaterializationView } from "./materialization-view.ts"
import { readMedians } from "./medians.ts"
import { RUN_SUMMARY_COLUMNS, type RunSummaryRow, toRunSummary } from "./run-summary.ts"
import { readTaskRuns } from "./task-runs.ts"

/** A run with its task runs in the manifest's order, their attempts and outputs. @throws AppError `run.not_found`. */
export async function readRun(queryable: Queryable, id: string): Promise<RunDetail> {
  const { rows } = await queryable.query<RunSummaryRow & { params: JsonObject; note: string | null }>(
    `select ${RUN_SUMMARY_COLUMNS}, r.params, r.note
     from run r
     join pipeline_version v on v.id = r.version_id
     where r.id = $1`,
    [id],
  )
  const row = rows[0]
  if (!row) throw new AppError("run.not_found", `There is no run ${id}; it may have been removed by retention.`)
  const [taskRuns, medians, materializations, calledBy] = await Promise.all([
    readTaskRuns(queryable, id),
    readMedians(queryable, row.pipelineId),
    readMaterializations(queryable, id),
    readCaller(queryable, id),
  ])
  return {
    ...toRunSummary(row),
    params: row.params,
    note: row.note,
    taskRuns,
    ...medians,
    ...materializations,
    calledBy,
  }
}

async function readCaller(queryable: Queryable, runId: string): Promise<RunDetail["calledBy"]> {
  const { rows } = await queryable.query<NonNullable<RunDetail["calledBy"]>>(
    `select t.run_id as "runId", t.pipeline_id as "pipelineId", t.task_id as "taskId"
     from run_call c
     join task_run t on t.id = c.task_run_id
     where c.run_id = $1`,
    [runId],
  )
  return rows[0] ?? null
}

/** The last of them, and the rows of all: a mapped task of ten thousand instances may have written as many times. */
async function readMaterializations(
  queryable: Queryable,
  runId: string,
): Promise<{ materializations: MaterializationView[]; rowsWritten: number }> {
  const { rows } = await queryable.query<MaterializationRow & { written: number }>(
    `select ${MATERIALIZATION_COLUMNS}, (sum(m.rows_inserted + m.rows_updated) over ())::float8 as written
     from materialization m
     left join attempt a on a.id = m.attempt_id
     left join task_run t on t.id = a.task_run_id
     where m.run_id = $1
     order by m.id desc
     limit 1000`,
    [runId],
  )
  return {
    materializations: rows.map(({ written: _, ...row }) => toMaterializationView(row)).reverse(),
    rowsWritten: rows[0]?.written ?? 0,
  }
}
