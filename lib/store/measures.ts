import type { AnomaliesSection } from "../contracts/quality/anomalies-section.ts"
import type { SchemaSection } from "../contracts/quality/schema-section.ts"
import type { Queryable, Transaction } from "./transaction.ts"

/** A dataset that a worker measures, by which sections of its policy, and after which load. */
export interface ClaimedMeasure {
  datasetId: string
  /** Null: no load asked for it, a monitor does. */
  materializationId: string | null
  runId: string | null
  /** Whether the load said how many rows there are. */
  knowsRows: boolean
  isBuilt: boolean
  anomalies: AnomaliesSection | null
  schema: SchemaSection | null
}

const SECTIONS = `p.policy -> 'anomalies' as anomalies, p.policy -> 'schema' as schema, d.pipeline_id is not null as "isBuilt"`

/**
 * Takes datasets whose newest load is not measured yet although their policies name columns or a contract, for `leaseMs`. Each
 * is one worker's: what is leased, or failed a moment ago, is passed over.
 */
export async function claimMeasures(
  queryable: Queryable,
  { leaseMs, limit }: { leaseMs: number; limit: number },
): Promise<ClaimedMeasure[]> {
  const { rows } = await queryable.query<ClaimedMeasure>(
    `with due as materialized (
       select p.dataset_id, m.id, m.run_id, m.rows_total is not null as knows_rows, p.policy
       from dataset_policy p
       cross join lateral (
         select * from materialization m where m.dataset_id = p.dataset_id order by m.dataset_id, m.id desc limit 1
       ) m
       left join dataset_measure s on s.dataset_id = p.dataset_id
       where (jsonb_array_length(coalesce(p.policy #> '{anomalies,columns}', '[]')) > 0
              or p.policy #> '{schema,columns}' is not null and p.policy #>> '{schema,onChange}' <> 'evolve')
         and m.id is distinct from s.materialization_id and (s.leased_until is null or s.leased_until <= now())
       order by m.id
       limit $2
     ), claimed as (
       insert into dataset_measure as s (dataset_id, leased_until)
       select dataset_id, now() + $1 * interval '1 millisecond' from due order by dataset_id
       on conflict (dataset_id) do update set leased_until = excluded.leased_until
         where s.leased_until is null or s.leased_until <= now()
       returning s.dataset_id
     )
     select p.dataset_id as "datasetId", p.id::text as "materializationId", p.run_id::text as "runId",
            p.knows_rows as "knowsRows", ${SECTIONS}
     from claimed
     join due p using (dataset_id)
     join dataset d on d.id = p.dataset_id`,
    [leaseMs, limit],
  )
  return rows
}

/** What a monitor is to measure of a dataset; null where it has no policy. */
export async function readMeasure(queryable: Queryable, datasetId: string): Promise<ClaimedMeasure | null> {
  const { rows } = await queryable.query<ClaimedMeasure>(
    `select p.dataset_id as "datasetId", null as "materializationId", null as "runId", false as "knowsRows", ${SECTIONS}
     from dataset_policy p
     join dataset d on d.id = p.dataset_id
     where p.dataset_id = $1`,
    [datasetId],
  )
  return rows[0] ?? null
}

export interface MeasuredValue {
  column: string
  metric: string
  value: number
}

/** Adds measurements to a dataset's series. */
export async function addPoints(
  transaction: Transaction,
  { datasetId, runId }: ClaimedMeasure,
  values: readonly MeasuredValue[],
): Promise<void> {
  if (values.length === 0) return
  await transaction.query(
    `insert into metric_point (dataset_id, run_id, metric, column_name, value)
     select $1, $2, v.metric, v."column", v.value
     from rows from (jsonb_to_recordset($3::jsonb) as (metric text, "column" text, value float8)) with ordinality
       as v (metric, "column", value, position)
     order by v.position`,
    [datasetId, runId, JSON.stringify(values)],
  )
}

/** Notes how a dataset was measured; after a failure it is not tried again for a while. */
export async function finishMeasure(
  queryable: Queryable,
  { datasetId, materializationId }: ClaimedMeasure,
  { error, againMs }: { error: string | null; againMs: number },
): Promise<void> {
  await queryable.query(
    `insert into dataset_measure as s (dataset_id, measured_at, materialization_id, error, leased_until)
     values ($1, case when $3::text is null then now() end, case when $3::text is null then $2::bigint end, $3,
             case when $3::text is not null then now() + $4 * interval '1 millisecond' end)
     on conflict (dataset_id) do update
       set measured_at = coalesce(excluded.measured_at, s.measured_at),
           materialization_id = coalesce(excluded.materialization_id, s.materialization_id), error = excluded.error,
           leased_until = excluded.leased_until`,
    [datasetId, materializationId, error, againMs],
  )
}
