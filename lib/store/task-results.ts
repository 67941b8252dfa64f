import type { TaskResult } from "../contracts/task-result.ts"
import type { AttemptId, RunId, TaskRunId } from "../domain/ids.ts"
import { storeSkips } from "./skips.ts"
import type { Transaction } from "./transaction.ts"

export interface ResultOrigin {
  attemptId: AttemptId
  taskRunId: TaskRunId
  runId: RunId
  pipelineId: string
  taskId: string
}

/** Stores what a task left behind, one statement per kind and none for what is absent. */
export async function recordResult(transaction: Transaction, origin: ResultOrigin, result: TaskResult): Promise<void> {
  if (Object.keys(result.outputs).length > 0) {
    await transaction.query(
      `insert into task_output (task_run_id, key, value)
       select $1, key, value from jsonb_each($2::jsonb)
       on conflict (task_run_id, key) do update set value = excluded.value, created_at = now()`,
      [origin.taskRunId, JSON.stringify(result.outputs)],
    )
  }
  if (result.skips) await storeSkips(transaction, origin.taskRunId, result.skips)
  const datasets = new Set([...result.materializations, ...result.checks, ...result.scores].map((row) => row.dataset))
  if (datasets.size > 0) {
    await transaction.query(
      "insert into dataset (id) select unnest($1::text[]) order by 1 on conflict (id) do nothing",
      [[...datasets]],
    )
  }
  if (result.materializations.length > 0) await recordMaterializations(transaction, origin, result)
  if (result.checks.length > 0) {
    await transaction.query(
      `insert into check_result (dataset_id, run_id, attempt_id, name, kind, column_name, dimension, severity, passed,
                                 rows_checked, rows_failed, observed, message)
       select c.dataset, $1, $2, c.name, c.kind, c."column", c.dimension, c.severity, c.passed, c."rowsChecked",
              c."rowsFailed", c.observed, c.message
       from jsonb_to_recordset($3::jsonb) as c (dataset text, name text, kind text, "column" text, dimension text,
         severity text, passed boolean, "rowsChecked" bigint, "rowsFailed" bigint, observed jsonb, message text)`,
      [origin.runId, origin.attemptId, JSON.stringify(result.checks)],
    )
  }
  if (result.scores.length > 0) {
    await transaction.query(
      `insert into quality_score (dataset_id, run_id, dimension, score, checks)
       select s.dataset, $1, s.dimension, s.score, s.checks
       from jsonb_to_recordset($2::jsonb) as s (dataset text, dimension text, score float8, checks int)`,
      [origin.runId, JSON.stringify(result.scores)],
    )
  }
  if (result.notifications.length > 0) {
    await transaction.query(
      `insert into notification (run_id, attempt_id, channel, target, subject, state, tries, error, delivered_at)
       select $1, $2, n.channel, n.target, n.subject, n.state, n.tries, n.error, case when n.state = 'sent' then now() end
       from jsonb_to_recordset($3::jsonb)
         as n (channel text, target text, subject text, state text, tries int, error text)`,
      [origin.runId, origin.attemptId, JSON.stringify(result.notifications)],
    )
  }
}

async function recordMaterializations(
  transaction: Transaction,
  origin: ResultOrigin,
  result: TaskResult,
): Promise<void> {
  const rows = JSON.stringify(result.materializations)
  await transaction.query(
    `with m as (
       select * from jsonb_to_recordset($3::jsonb) as m (dataset text, "partitionKey" text, "rowsInserted" bigint,
         "rowsUpdated" bigint, "rowsDeleted" bigint, "rowsRejected" bigint, "rowsTotal" bigint, bytes bigint,
         "durationSeconds" float8, "schemaHash" text, columns jsonb, watermark jsonb)
     ), known as (
       update dataset d
       set row_count = coalesce(m."rowsTotal", d.row_count), columns = coalesce(m.columns, d.columns),
           updated_at = now(), pipeline_id = $4, task_id = $5
       from m where d.id = m.dataset
     ), marked as (
       insert into watermark (dataset_id, source, "column", value, updated_at)
       select m.dataset, m.watermark ->> 'source', m.watermark ->> 'column', m.watermark ->> 'after', now()
       from m where jsonb_typeof(m.watermark) = 'object'
       on conflict (dataset_id, source) do update
         set value = excluded.value, "column" = excluded."column", updated_at = now()
     ), partitioned as (
       insert into partition_state (dataset_id, partition_key, state, run_id, rows, updated_at)
       select m.dataset, m."partitionKey", 'fresh', $1, m."rowsInserted" + m."rowsUpdated", now()
       from m where m."partitionKey" is not null
       on conflict (dataset_id, partition_key) do update
         set state = excluded.state, run_id = excluded.run_id, rows = excluded.rows, updated_at = now()
     )
     insert into materialization (dataset_id, run_id, attempt_id, partition_key, rows_inserted, rows_updated,
       rows_deleted, rows_rejected, rows_total, bytes, duration_seconds, schema_hash, watermark_before, watermark_after)
     select m.dataset, $1, $2, m."partitionKey", m."rowsInserted", m."rowsUpdated", m."rowsDeleted", m."rowsRejected",
            m."rowsTotal", m.bytes, m."durationSeconds", m."schemaHash", m.watermark ->> 'before',
            m.watermark ->> 'after'
     from m`,
    [origin.runId, origin.attemptId, rows, origin.pipelineId, origin.taskId],
  )
}
