import type { NextRuns } from "../../contracts/api/pipelines.ts"
import { AppError } from "../../domain/errors.ts"
import { nextRuns } from "../../domain/next-runs.ts"
import { triggerTexts } from "../../domain/schedule-text.ts"
import type { Queryable } from "../transaction.ts"
import { toInstant } from "./instant.ts"
import { knownSchedules, TIMING_COLUMN, type Timing } from "./timing.ts"

/** What a pipeline's schedules start next, also while it is paused. @throws AppError `pipeline.not_found`. */
export async function readNextRuns(
  queryable: Queryable,
  query: { pipelineId: string; count: number; from: Date },
): Promise<NextRuns> {
  const { rows } = await queryable.query<{ isPaused: boolean; timing: Timing | null }>(
    `select p.is_paused as "isPaused", ${TIMING_COLUMN} as timing
     from pipeline p
     left join pipeline_version v on v.pipeline_id = p.id and v.version = p.current_version
     where p.id = $1`,
    [query.pipelineId],
  )
  const row = rows[0]
  if (!row)
    throw new AppError("pipeline.not_found", `There is no pipeline ${query.pipelineId}; see the list of pipelines.`)
  return {
    pipelineId: query.pipelineId,
    isPaused: row.isPaused,
    triggers: row.timing ? triggerTexts(row.timing.triggers) : [],
    runs: nextRuns(knownSchedules(row.timing), query.from, query.count).map((run) => ({
      ...run,
      runAt: toInstant(run.runAt),
      logicalAt: toInstant(run.logicalAt),
      intervalStart: toInstant(run.intervalStart),
      intervalEnd: toInstant(run.intervalEnd),
    })),
  }
}
