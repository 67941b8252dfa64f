import type { CheckOutcome, TaskResult } from "../contracts/task-result.ts"
import type { AttemptId, RunId, TaskRunId } from "../domain/ids.ts"
import { recordLineage } from "./dataset-lineage.ts"
import { CURRENT_CHECKS } from "./read/current-checks.ts"
import { storeSkips } from "./skips.ts"
import type { Transaction } from "./transaction.ts"

export interface ResultOrigin {
  attemptId: AttemptId
  taskRunId: TaskRunId
  runId: RunId
  pipelineId: string
  taskId: string
}

export interface OriginatedResult {
  origin: ResultOrigin
  result: TaskResult
}

/** Columns that each kind's rows carry along. */
const ORIGIN = `"attemptId" bigint, "taskRunId" bigint, "runId" bigint, "pipelineId" text, "taskId" text`

/**
 * Stores what tasks left behind, one statement per kind for all of them and none for what is absent. Where two write the
 * same watermark, partition or output in one go, the later attempt's value stays.
 */
export async function recordResults(transaction: Transaction, results: readonly OriginatedResult[]): Promise<void> {
  const outputs = rowsOf(results, ({ outputs }) => (Object.keys(outputs).length > 0 ? [{ outputs }] : []))
  const materializations = rowsOf(results, (result) => result.materializations)
  const checks = rowsOf(results, (result) => result.checks)
  const notifications = rowsOf(results, (result) => result.notifications)
  if (outputs.length > 0) await recordOutputs(transaction, outputs)
  for (const { result, origin } of results) {
    if (result.skips) await storeSkips(transaction, origin.taskRunId, result.skips)
  }
  const lineage = rowsOf(results, (result) => result.lineage)
  const datasets = new Set([...materializations, ...checks].map((row) => row.dataset))
  if (datasets.size > 0) await ensureDatasets(transaction, [...datasets])
  if (materializations.length > 0) await recordMaterializations(transaction, materializations)
  if (lineage.length > 0) await recordLineage(transaction, lineage)
  if (checks.length > 0) await recordChecks(transaction, checks)
  if (checks.length > 0) await recordScores(transaction, checks)
  if (notifications.length > 0) await recordNotifications(transaction, notifications)
}

/** Stores what was found of datasets outside of any run. */
export async function recordFoundChecks(transaction: Transaction, checks: readonly CheckOutcome[]): Promise<void> {
  await ensureDatasets(transaction, [...new Set(checks.map(({ dataset }) => dataset))])
  await recordChecks(transaction, checks)
  await recordScores(transaction, checks)
}

function rowsOf<Row extends object>(
  results: readonly OriginatedResult[],
  rows: (result: TaskResult) => readonly Row[],
): (ResultOrigin & Row)[] {
  return results.flatMap(({ origin, result }) => rows(result).map((row) => ({ ...row, ...origin })))
}

async function recordOutputs(transaction: Transaction, rows: readonly object[]): Promise<void> {
  await transaction.query(
    `insert into task_output (task_run_id, key, value)
     select o."taskRunId", v.key, v.value
     from jsonb_to_recordset($1::jsonb) as o (${ORIGIN}, outputs jsonb)
     cross join lateral jsonb_each(o.outputs) v
     on conflict (task_run_id, key) do update set value = excluded.value, created_at = now()`,
    [JSON.stringify(rows)],
  )
}

/** Makes datasets known. In the order of their names, as everybody who writes several does. */
async function ensureDatasets(transaction: Transaction, ids: readonly string[]): Promise<void> {
  await transaction.query("insert into dataset (id) select unnest($1::text[]) order by 1 on conflict (id) do nothing", [
    ids,
  ])
}

async function recordMaterializations(transaction: Transaction, rows: readonly { dataset: string }[]): Promise<void> {
  // Several tables are updated below in one statement, whose order of rows is the planner's: locked first, in order.
  await transaction.query("select 1 from dataset where id = any ($1::text[]) order by id for no key update", [
    rows.map((row) => row.dataset),
  ])
  await transaction.query(
    `with m as materialized (
       select * from jsonb_to_recordset($1::jsonb) as m (${ORIGIN}, dataset text, "partitionKey" text,
         "rowsInserted" bigint, "rowsUpdated" bigint, "rowsDeleted" bigint, "rowsRejected" bigint, "rowsTotal" bigint,
         "sharesRows" boolean, bytes bigint, "durationSeconds" float8, "schemaHash" text, columns jsonb, watermark jsonb)
     ), known as (
       update dataset d
       set row_count = coalesce(last."rowsTotal", d.row_count), columns = coalesce(last.columns, d.columns),
           updated_at = now(), pipeline_id = last."pipelineId", task_id = last."taskId"
       from (select distinct on (dataset) * from m order by dataset, "attemptId" desc) last
       where d.id = last.dataset
     ), reshaped as (
       insert into schema_change (dataset_id, run_id, before, after)
       select d.id, last."runId", d.columns, last.columns
       from (select distinct on (dataset) * from m where jsonb_typeof(columns) = 'array'
             order by dataset, "attemptId" desc) last
       join dataset d on d.id = last.dataset
       where d.columns <> '[]' and d.columns <> last.columns
     ), measured as (
       insert into metric_point (dataset_id, run_id, partition_key, metric, value)
       select m.dataset, m."runId", case when not v.is_of_table then m."partitionKey" end, v.metric, v.value
       from m
       cross join lateral (values
         (true, 'row_count', m."rowsTotal"),
         -- A load of all rows says nothing that their number does not; shared counts are of no partition.
         (false, 'rows', case when m."partitionKey" is not null
                                or m."rowsTotal" is distinct from m."rowsInserted" + m."rowsUpdated"
                              then m."rowsInserted" + m."rowsUpdated" end),
         (false, 'rows_inserted', m."rowsInserted"),
         (false, 'rows_updated', m."rowsUpdated"),
         (false, 'rows_deleted', m."rowsDeleted")
       ) as v (is_of_table, metric, value)
       where v.value is not null and (v.is_of_table or not m."sharesRows")
       order by m."attemptId"
     ), marked as (
       insert into watermark (dataset_id, source, "column", value, updated_at)
       select distinct on (m.dataset, m.watermark ->> 'source')
              m.dataset, m.watermark ->> 'source', m.watermark ->> 'column', m.watermark ->> 'after', now()
       from m where jsonb_typeof(m.watermark) = 'object'
       order by m.dataset, m.watermark ->> 'source', m."attemptId" desc
       on conflict (dataset_id, source) do update
         set value = excluded.value, "column" = excluded."column", updated_at = now()
     ), partitioned as (
       insert into partition_state (dataset_id, partition_key, state, run_id, rows, updated_at)
       select distinct on (m.dataset, m."partitionKey")
              m.dataset, m."partitionKey", 'fresh', m."runId",
              case when not m."sharesRows" then m."rowsInserted" + m."rowsUpdated" end, now()
       from m where m."partitionKey" is not null
       order by m.dataset, m."partitionKey", m."attemptId" desc
       on conflict (dataset_id, partition_key) do update
         set state = excluded.state, run_id = excluded.run_id, rows = excluded.rows, updated_at = now()
     )
     insert into materialization (dataset_id, run_id, attempt_id, partition_key, rows_inserted, rows_updated,
       rows_deleted, rows_rejected, rows_total, bytes, duration_seconds, schema_hash, watermark_before, watermark_after)
     select m.dataset, m."runId", m."attemptId", m."partitionKey", m."rowsInserted", m."rowsUpdated", m."rowsDeleted",
            m."rowsRejected", m."rowsTotal", m.bytes, m."durationSeconds", m."schemaHash", m.watermark ->> 'before',
            m.watermark ->> 'after'
     from m`,
    [JSON.stringify(rows)],
  )
}

async function recordChecks(transaction: Transaction, rows: readonly object[]): Promise<void> {
  await transaction.query(
    `insert into check_result (dataset_id, run_id, attempt_id, name, kind, column_name, dimension, severity, passed,
                               rows_checked, rows_failed, observed, message, state, partition_key, samples, details)
     select c.dataset, c."runId", c."attemptId", c.name, c.kind, c."column", c.dimension, c.severity, c.passed,
            c."rowsChecked", c."rowsFailed", c.observed, c.message,
            c.state, c."partitionKey", c.samples, c.details
     from jsonb_to_recordset($1::jsonb) as c (${ORIGIN}, dataset text, name text, kind text, "column" text,
       dimension text, severity text, passed boolean, "rowsChecked" bigint, "rowsFailed" bigint, observed jsonb,
       message text, state text, "partitionKey" text, samples jsonb, details jsonb)`,
    [JSON.stringify(rows)],
  )
}

/**
 * Scores datasets by the newest result of each of their checks, whoever ran it: one task's checks alone would make the score jump
 * whenever another's are recorded. The formula is that of `lib/quality/score.ts`, with the weights of the dataset's policy.
 */
async function recordScores(
  transaction: Transaction,
  rows: readonly { dataset: string; runId?: string }[],
): Promise<void> {
  const last = new Map(rows.map((row) => [row.dataset, row.runId ?? null]))
  await transaction.query(
    `insert into quality_score (dataset_id, run_id, dimension, score, checks)
     with recursive chosen_dataset as materialized (
       select id, run_id from unnest($1::text[], $2::bigint[]) as chosen (id, run_id)
     ), ${CURRENT_CHECKS}, weighed as (
       select c.dataset_id, c.dimension, case c.severity when 'error' then 3 else 1 end as weight,
              case when c.rows_checked > 0 then 1 - c.rows_failed::float8 / c.rows_checked else c.passed::int end as share,
              coalesce((p.policy #>> array['expectations', 'weights', c.dimension])::float8, 1) as of_dimension
       from current_check c
       left join dataset_policy p on p.dataset_id = c.dataset_id
       where c.state is distinct from 'empty'
     )
     select w.dataset_id, d.run_id, coalesce(w.dimension, 'overall'),
            -- Sums of thirds may come out a hair below what they are.
            floor(sum(weight * share * case when w.dimension is null then of_dimension else 1 end)
                  / sum(weight * case when w.dimension is null then of_dimension else 1 end) * 10000 + 1e-6) / 100,
            count(*)
     from (select dataset_id, weight, share, of_dimension, null as dimension from weighed where of_dimension > 0
           union all select dataset_id, weight, share, of_dimension, dimension from weighed) w
     join chosen_dataset d on d.id = w.dataset_id
     group by w.dataset_id, d.run_id, w.dimension
     order by w.dataset_id, w.dimension nulls last`,
    [[...last.keys()], [...last.values()]],
  )
}

async function recordNotifications(transaction: Transaction, rows: readonly object[]): Promise<void> {
  await transaction.query(
    `insert into notification (run_id, attempt_id, channel, target, subject, state, tries, error, delivered_at)
     select n."runId", n."attemptId", n.channel, n.target, n.subject, n.state, n.tries, n.error,
            case when n.state = 'sent' then now() end
     from jsonb_to_recordset($1::jsonb)
       as n (${ORIGIN}, channel text, target text, subject text, state text, tries int, error text)`,
    [JSON.stringify(rows)],
  )
}
