import type { AnomaliesSection } from "../contracts/quality/anomalies-section.ts"
import type { SeriesPoint } from "../domain/anomaly/expected-band.ts"
import type { JudgedState } from "../domain/anomaly/judge-point.ts"
import type { Queryable, Transaction } from "./transaction.ts"

/** Of the advisory locks of datasets whose series are judged. */
export const SERIES_LOCK = 15_015

/** A measurement that is to be judged, with what its dataset's policy says. */
export interface NewPoint {
  id: string
  datasetId: string
  metric: string
  column: string
  partitionKey: string | null
  runId: string | null
  at: Date
  value: number
  section: AnomaliesSection | null
}

/**
 * Measurements that are to be judged, oldest first, of datasets that no other worker judges now: each dataset is locked until
 * the transaction ends, so that the points of a series are judged one after the other. Relies on metric_point_new.
 */
export async function lockNewPoints(transaction: Transaction, limit: number): Promise<NewPoint[]> {
  const locked = await transaction.query<{ datasetId: string }>(
    `with fresh as materialized (
       select dataset_id from metric_point where state = 'new' order by id limit $1
     ), ids as materialized (
       select distinct dataset_id from fresh
     )
     select dataset_id as "datasetId" from ids where pg_try_advisory_xact_lock($2, hashtext(dataset_id))`,
    [limit, SERIES_LOCK],
  )
  if (locked.rows.length === 0) return []
  // A statement of its own: it sees what was committed before the locks were ours.
  const { rows } = await transaction.query<NewPoint>(
    `select p.id::text, p.dataset_id as "datasetId", p.metric, p.column_name as "column", p.partition_key as "partitionKey",
            p.run_id::text as "runId", p.at, p.value, d.policy -> 'anomalies' as section
     from metric_point p
     left join dataset_policy d on d.dataset_id = p.dataset_id
     where p.state = 'new' and p.dataset_id = any ($2::text[])
     order by p.id limit $1`,
    [limit, locked.rows.map(({ datasetId }) => datasetId)],
  )
  return rows
}

/**
 * What comes before a point: partitions before its own, beside the same fixed key (`partitions`); measurements before it of the
 * same fixed key (`key`) or of the table (`table`).
 */
export interface WantedHistory {
  id: string
  datasetId: string
  metric: string
  column: string
  kind: "partitions" | "key" | "table"
  partitionKey: string | null
  staticKey: string
  limit: number
}

export interface HistoryPoint {
  id: string
  partitionKey: string | null
  at: Date
  value: number
  mark: SeriesPoint["mark"]
}

/** Histories by the id of the point they lead to, oldest first; of each partition the newest measurement, of ended ones. */
export async function readHistories(
  queryable: Queryable,
  wanted: readonly WantedHistory[],
): Promise<Map<string, HistoryPoint[]>> {
  if (wanted.length === 0) return new Map()
  const { rows } = await queryable.query<HistoryPoint & { of: string }>(
    `select w.id::text as of, h.id::text, h.partition_key as "partitionKey", h.at, h.value,
            case when a.state = 'fine' then case a.lesson when 'shift' then 'shift' else 'fine' end
                 when h.state = 'unusual' then 'unusual' else 'plain' end as mark
     from jsonb_to_recordset($1::jsonb) as w (id bigint, "datasetId" text, metric text, "column" text, kind text,
       "partitionKey" text, "staticKey" text, "limit" int)
     cross join lateral (
       (select distinct on (p.partition_key) p.id, p.partition_key, p.at, p.value, p.state
        from metric_point p
        where w.kind = 'partitions' and p.dataset_id = w."datasetId" and p.metric = w.metric and p.column_name = w."column"
          and p.partition_key < w."partitionKey" and split_part(p.partition_key, '|', 2) = w."staticKey"
          and p.state <> 'partial'
        order by p.partition_key desc, p.id desc
        limit w."limit")
       union all
       (select p.id, p.partition_key, p.at, p.value, p.state
        from metric_point p
        where w.kind = 'key' and p.dataset_id = w."datasetId" and p.metric = w.metric and p.column_name = w."column"
          and p.partition_key = w."partitionKey" and p.id < w.id
        order by p.id desc
        limit w."limit")
       union all
       (select p.id, p.partition_key, p.at, p.value, p.state
        from metric_point p
        where w.kind = 'table' and p.dataset_id = w."datasetId" and p.metric = w.metric and p.column_name = w."column"
          and p.partition_key is null and p.id < w.id
        order by p.at desc, p.id desc
        limit w."limit")
     ) h
     left join anomaly a on a.point_id = h.id
     order by w.id, h.partition_key, h.at, h.id`,
    [JSON.stringify(wanted)],
  )
  const byPoint = new Map<string, HistoryPoint[]>()
  for (const { of, ...point } of rows) {
    const list = byPoint.get(of)
    if (list) list.push(point)
    else byPoint.set(of, [point])
  }
  return byPoint
}

/** A measurement with what was found, and the anomaly that it is. */
export interface JudgedPoint extends Omit<NewPoint, "section"> {
  state: JudgedState
  expected: number | null
  lower: number | null
  upper: number | null
  rule: string
  severity: "warn" | "error"
}

/**
 * Writes verdicts. What is unusual is an anomaly from now on, unless a person called it fine; it is closed by whatever is
 * judged of its series after it, and by another verdict on itself. A partition's measurement is after those of earlier
 * partitions and those before it of its own.
 */
export async function writeJudged(transaction: Transaction, judged: readonly JudgedPoint[]): Promise<void> {
  if (judged.length === 0) return
  const rows = `jsonb_to_recordset($1::jsonb) as j (id bigint, "datasetId" text, metric text, "column" text,
    "partitionKey" text, "runId" bigint, at timestamptz, value float8, state text, expected float8, lower float8,
    upper float8, rule text, severity text)`
  const values = [JSON.stringify(judged)]
  await transaction.query(
    `update metric_point p set state = j.state, expected = j.expected, lower = j.lower, upper = j.upper
     from ${rows} where p.id = j.id`,
    values,
  )
  await transaction.query(
    `insert into anomaly as a (dataset_id, metric, column_name, partition_key, run_id, at, value, expected, lower, upper, rule,
       severity, point_id)
     select j."datasetId", j.metric, j."column", j."partitionKey", j."runId", j.at, j.value, j.expected, j.lower, j.upper,
            j.rule, j.severity, j.id
     from ${rows} where j.state = 'unusual'
     order by j.id
     on conflict (point_id) where point_id is not null do update
       set expected = excluded.expected, lower = excluded.lower, upper = excluded.upper, rule = excluded.rule,
           severity = excluded.severity, state = 'open', closed_at = null, closed_by = null
       where a.state <> 'fine'`,
    values,
  )
  // What is judged again may have been followed by others long ago. By the index of partitions, null ones too.
  await transaction.query(
    `update anomaly a set state = 'closed', closed_at = now(), closed_by = 'headrace'
     from ${rows}
     where a.point_id = j.id and j.state = 'unusual' and a.state = 'open' and exists (
       select from metric_point p
       where p.dataset_id = a.dataset_id and p.metric = a.metric and p.column_name = a.column_name
         and p.id > a.point_id and p.state not in ('new', 'partial')
         and (a.partition_key is null and p.partition_key is null
              or p.partition_key = a.partition_key
              or a.partition_key ~ '^\\d{4}-' and p.partition_key > a.partition_key
                and split_part(p.partition_key, '|', 2) = split_part(a.partition_key, '|', 2)))`,
    values,
  )
  await transaction.query(
    `update anomaly a set state = 'closed', closed_at = now(), closed_by = 'headrace'
     where a.state = 'open' and a.dataset_id in (select j."datasetId" from ${rows}) and exists (
       select from ${rows}
       where j."datasetId" = a.dataset_id and j.metric = a.metric and j."column" = a.column_name and j.state <> 'partial'
         and case
           when j.id = a.point_id then j.state <> 'unusual'
           when j."partitionKey" is null or a.partition_key is null
             then j."partitionKey" is not distinct from a.partition_key and j.id > coalesce(a.point_id, 0)
           when j."partitionKey" = a.partition_key then j.id > coalesce(a.point_id, 0)
           else split_part(j."partitionKey", '|', 2) = split_part(a.partition_key, '|', 2)
             and j."partitionKey" ~ '^\\d{4}-' and j."partitionKey" > a.partition_key
         end)`,
    values,
  )
}
