import type { DataObservation } from "../domain/freshness/evaluate-freshness.ts"
import type { FreshnessPolicy, FreshnessState } from "../domain/freshness/freshness-policy.ts"
import type { Queryable, Transaction } from "./transaction.ts"

/** A watched dataset as it is judged: its policy, what is known, and what was said last. Instants in `data` are texts. */
export interface WatchedDataset {
  datasetId: string
  pipelineId: string | null
  policy: FreshnessPolicy
  watchedSince: Date
  state: FreshnessState
  since: Date
  announced: "warn" | "error" | null
  loadedAt: Date | null
  checkAt: Date | null
  measuredAt: Date | null
  data: DataObservation
  presentKeys: string[]
  failures: number
  arrivals: Date[]
  lagsMs: number[]
  hasInterval: boolean
}

const WATCHED = `
  s.dataset_id as "datasetId", d.pipeline_id as "pipelineId", s.policy, s.watched_since as "watchedSince", s.state, s.since,
  s.announced, s.loaded_at as "loadedAt", s.check_at as "checkAt", s.measured_at as "measuredAt", s.measurement,
  s.present_keys as "presentKeys", s.failures, s.arrivals, s.lags_ms as "lagsMs",
  exists (select from freshness_interval i where i.dataset_id = s.dataset_id and i.to_at is null) as "hasInterval"`

type WatchedRow = Omit<WatchedDataset, "data"> & { measurement: StoredMeasurement | null }

/** {@link DataObservation} as JSON. */
type StoredMeasurement =
  | Exclude<DataObservation, { kind: "measured" }>
  | { kind: "measured"; newest: string | null; future: string | null }

function toWatched({ measurement, ...row }: WatchedRow): WatchedDataset {
  return { ...row, data: toObservation(measurement) }
}

function toObservation(stored: StoredMeasurement | null): DataObservation {
  if (stored === null) return { kind: "unmeasured" }
  if (stored.kind !== "measured") return stored
  const { newest, future } = stored
  return {
    kind: "measured",
    newest: newest === null ? null : new Date(newest),
    future: future === null ? null : new Date(future),
  }
}

/**
 * Locks datasets that are to be judged by their loads alone, longest due first, skipping those that another scheduler judges.
 * Relies on freshness_status_due.
 */
export async function lockDueFreshness(transaction: Transaction, now: Date, limit: number): Promise<WatchedDataset[]> {
  const { rows } = await transaction.query<WatchedRow>(
    `with due as (
       select dataset_id from freshness_status
       where not reads_data and check_at <= $1
       order by check_at limit $2
       for update skip locked
     )
     select ${WATCHED}
     from due
     join freshness_status s using (dataset_id)
     join dataset d on d.id = s.dataset_id
     order by s.dataset_id`,
    [now, limit],
  )
  return rows.map(toWatched)
}

/** What a worker is to measure, and until when it is its alone. */
export interface Measurement extends WatchedDataset {
  leaseUntil: Date
}

/**
 * Takes datasets whose data is to be read, for `leaseMs`; nobody else measures them meanwhile, and when the worker dies they
 * are measured after that. With `datasetId` only that one, due or not. Relies on freshness_status_due.
 */
export async function claimMeasurements(
  queryable: Queryable,
  claim: { now: Date; leaseMs: number; limit: number; datasetId?: string },
): Promise<Measurement[]> {
  const { rows } = await queryable.query<WatchedRow & { leaseUntil: Date }>(
    `with due as (
       select dataset_id from freshness_status
       where reads_data and (check_at <= $1 or dataset_id = $4) and (lease_until is null or lease_until <= $1)
         and ($4::text is null or dataset_id = $4)
       order by check_at limit $3
       for update skip locked
     )
     update freshness_status s
     set lease_until = date_trunc('milliseconds', $1::timestamptz + $2 * interval '1 millisecond')
     from due
     join dataset d on d.id = due.dataset_id
     where s.dataset_id = due.dataset_id
     returning ${WATCHED}, s.lease_until as "leaseUntil"`,
    [claim.now, claim.leaseMs, claim.limit, claim.datasetId ?? null],
  )
  return rows.map(({ leaseUntil, ...row }) => ({ ...toWatched(row), leaseUntil }))
}

/** Whether somebody measures a dataset right now. */
export async function isBeingMeasured(queryable: Queryable, datasetId: string, now: Date): Promise<boolean> {
  const { rowCount } = await queryable.query(
    "select from freshness_status where dataset_id = $1 and reads_data and lease_until > $2",
    [datasetId, now],
  )
  return rowCount === 1
}

/** Locks a dataset that was measured, as it is now; null when the lease is over, the policy gone or another one. */
export async function lockMeasured(transaction: Transaction, measured: Measurement): Promise<WatchedDataset | null> {
  const { rows } = await transaction.query<WatchedRow>(
    `select ${WATCHED}
     from freshness_status s
     join dataset d on d.id = s.dataset_id
     where s.dataset_id = $1 and s.lease_until = $2
     for update of s`,
    [measured.datasetId, measured.leaseUntil],
  )
  return rows[0] ? toWatched(rows[0]) : null
}

/** Which of the named partitions of datasets are loaded. */
export async function readLoadedPartitions(
  queryable: Queryable,
  wanted: readonly { datasetId: string; keys: readonly string[] }[],
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>()
  if (wanted.length === 0) return found
  const { rows } = await queryable.query<{ id: string; keys: string[] }>(
    `select w."datasetId" as id, array_agg(p.partition_key) as keys
     from jsonb_to_recordset($1::jsonb) as w ("datasetId" text, keys jsonb)
     cross join lateral jsonb_array_elements_text(w.keys) as k (key)
     join partition_state p on p.dataset_id = w."datasetId" and p.partition_key = k.key and p.state = 'fresh'
     group by 1`,
    [JSON.stringify(wanted)],
  )
  for (const { id, keys } of rows) found.set(id, keys)
  return found
}

/** What was judged of a locked dataset. */
export interface JudgedDataset {
  datasetId: string
  state: FreshnessState
  since: Date
  dueAt: Date | null
  message: string
  announced: "warn" | "error" | null
  checkAt: Date | null
  dataAt: Date | null
  /** Null: nothing was measured now. */
  measurement: { data: DataObservation; presentKeys: string[]; failures: number; arrivals: Date[] } | null
  intervalMs: number | null
  intervalSpreadMs: number | null
  lagMs: number | null
  lagSpreadMs: number | null
  /** The open interval of its history ends, and one of this state begins at `since`. */
  begins: boolean
}

/** Writes what was judged of locked datasets at `now`, and their histories, with two statements for all. */
export async function writeFreshness(
  transaction: Transaction,
  judged: readonly JudgedDataset[],
  now: Date,
): Promise<void> {
  if (judged.length === 0) return
  await transaction.query(
    `update freshness_status s
     set state = j.state, since = j.since, due_at = j."dueAt", message = j.message, announced = j.announced,
         check_at = j."checkAt", checked_at = $2, data_at = coalesce(j."dataAt", s.data_at), lease_until = null,
         interval_ms = j."intervalMs", interval_spread_ms = j."intervalSpreadMs",
         lag_ms = j."lagMs", lag_spread_ms = j."lagSpreadMs",
         measured_at = case when j.measurement is null then s.measured_at else $2 end,
         measurement = case when j.measurement is null then s.measurement else j.measurement -> 'data' end,
         failures = case when j.measurement is null then s.failures else (j.measurement ->> 'failures')::int end,
         present_keys = case when j.measurement is null then s.present_keys
                        else array(select jsonb_array_elements_text(j.measurement -> 'presentKeys')) end,
         arrivals = case when j.measurement is null then s.arrivals
                    else array(select a.at::timestamptz(3)
                               from jsonb_array_elements_text(j.measurement -> 'arrivals') as a (at)) end
     from jsonb_to_recordset($1::jsonb)
       as j ("datasetId" text, state text, since timestamptz, "dueAt" timestamptz, message text, announced text,
             "checkAt" timestamptz, "dataAt" timestamptz, measurement jsonb, "intervalMs" float8,
             "intervalSpreadMs" float8, "lagMs" float8, "lagSpreadMs" float8)
     where s.dataset_id = j."datasetId"`,
    [JSON.stringify(judged), now],
  )
  const begun = judged.filter(({ begins }) => begins)
  if (begun.length === 0) return
  await transaction.query(
    `with begun as materialized (
       select * from jsonb_to_recordset($1::jsonb) as b ("datasetId" text, state text, since timestamptz, message text)
     ), closed as (
       update freshness_interval i set to_at = greatest(i.from_at, b.since)
       from begun b where i.dataset_id = b."datasetId" and i.to_at is null
       returning i.dataset_id, i.from_at
     )
     insert into freshness_interval (dataset_id, state, from_at, message)
     select b."datasetId", b.state, greatest(b.since, c.from_at), b.message
     from begun b
     left join closed c on c.dataset_id = b."datasetId"`,
    [JSON.stringify(begun)],
  )
}

/** When the next dataset is to be judged (`readsData` false) or measured; null where none is planned. */
export async function nextFreshnessAt(queryable: Queryable, readsData: boolean): Promise<Date | null> {
  const { rows } = await queryable.query<{ at: Date | null }>(
    `select min(greatest(check_at, lease_until)) as at
     from (select check_at, lease_until from freshness_status
           where reads_data = $1 and check_at is not null order by check_at limit 50) s`,
    [readsData],
  )
  return rows[0]?.at ?? null
}
