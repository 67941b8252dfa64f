import type { MaterializationView } from "../../contracts/api/runs.ts"
import { toInstant } from "./instant.ts"

export type MaterializationRow = Omit<MaterializationView, "at"> & { at: Date; runId: string }

/** Of `materialization m left join attempt a left join task_run t`: retention may have taken the attempt away. */
export const MATERIALIZATION_COLUMNS = `
  coalesce(t.task_id, '') as "taskId", m.dataset_id as dataset, m.partition_key as "partitionKey",
  m.rows_inserted::float8 as "rowsInserted", m.rows_updated::float8 as "rowsUpdated",
  m.rows_deleted::float8 as "rowsDeleted", m.rows_rejected::float8 as "rowsRejected",
  m.rows_total::float8 as "rowsTotal", m.duration_seconds as "durationSeconds",
  m.watermark_before as "watermarkBefore", m.watermark_after as "watermarkAfter", m.at, m.run_id as "runId"`

export function toMaterializationView({ runId: _, at, ...row }: MaterializationRow): MaterializationView {
  return { ...row, at: toInstant(at) }
}
