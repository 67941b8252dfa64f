import type { DatasetDocument } from "../contracts/dataset-document.ts"
import type { DatasetPolicy } from "../contracts/quality/dataset-policy.ts"
import type { FreshnessPolicy } from "../domain/freshness/freshness-policy.ts"
import type { Transaction } from "./transaction.ts"

/** What is said of a dataset by its policy, and by the project that documents it. */
export interface DeclaredFreshness {
  datasetId: string
  section: DatasetPolicy["freshness"] | null
  monitor: DatasetPolicy["monitor"] | null
  /** There is something in the policy that only a monitor looks at where no pipeline builds the table. */
  hasMore: boolean
  documented: DatasetDocument["freshness"] | null
  isBuilt: boolean
}

/** All datasets of which anything is said. A project's word counts while a pipeline of the workspace has it. */
export async function readDeclaredFreshness(transaction: Transaction): Promise<DeclaredFreshness[]> {
  const { rows } = await transaction.query<DeclaredFreshness>(
    `select d.id as "datasetId", p.policy -> 'freshness' as section, p.policy -> 'monitor' as monitor,
            coalesce(p.policy ?| array['expectations', 'anomalies', 'schema'], false) as "hasMore",
            documented.freshness as documented,
            exists (select from pipeline b where b.id = d.pipeline_id and b.current_version is not null) as "isBuilt"
     from dataset d
     left join dataset_policy p on p.dataset_id = d.id
     left join lateral (
       select o.document -> 'freshness' as freshness
       from dataset_document o
       where o.id = d.document_id and o.document ? 'freshness'
         and exists (
           select from dataset_version dv
           join pipeline_version v on v.id = dv.version_id
           join pipeline b on b.id = v.pipeline_id and b.current_version = v.version
           where dv.dataset_id = d.id)
     ) documented on true
     where p.dataset_id is not null or documented.freshness is not null
     order by d.id`,
  )
  return rows
}

/** A policy as it is stored to be evaluated. */
export interface WantedFreshness {
  datasetId: string
  origin: "policy" | "dbt"
  hash: string
  policy: FreshnessPolicy
  readsData: boolean
}

/**
 * Makes these the policies that are watched. A new or changed one is judged at once, by the loads of its history, and asks for
 * nothing that was due before; one that is gone takes its state with it. Returns whether anything changed.
 */
export async function saveFreshnessPolicies(
  transaction: Transaction,
  wanted: readonly WantedFreshness[],
): Promise<boolean> {
  const rows = JSON.stringify(wanted)
  // Those that go or change, in the order in which loads lock them: the statements below take them as the planner likes.
  await transaction.query(
    `select from freshness_status s
     left join jsonb_to_recordset($1::jsonb) as w ("datasetId" text, origin text, hash text) on w."datasetId" = s.dataset_id
     where s.policy is not null and (s.policy_hash, s.origin) is distinct from (w.hash, w.origin)
     order by s.dataset_id
     for update of s`,
    [rows],
  )
  const removed = await transaction.query(
    `with gone as (
       delete from freshness_status s
       where s.policy is not null and s.dataset_id <> all ($1::text[])
       returning dataset_id
     )
     update freshness_interval i set to_at = greatest(now(), i.from_at)
     from gone where i.dataset_id = gone.dataset_id and i.to_at is null`,
    [wanted.map(({ datasetId }) => datasetId)],
  )
  const saved = await transaction.query(
    `with wanted as materialized (
       select * from jsonb_to_recordset($1::jsonb)
         as w ("datasetId" text, origin text, hash text, policy jsonb, "readsData" boolean)
     ), history as (
       -- Of those that are new alone: others know what they saw.
       select w.*, newest.key, loads.at as loaded_at, past.arrivals, past.lags
       from wanted w
       left join freshness_status known on known.dataset_id = w."datasetId" and known.policy is not null
       left join lateral (
         select max(left(split_part(p.partition_key, '|', 1), 16)) as key
         from partition_state p
         where p.dataset_id = w."datasetId" and p.state = 'fresh' and p.partition_key ~ '^\\d{4}-'
       ) newest on known.dataset_id is null
       left join lateral (
         select m.at from materialization m
         where m.dataset_id = w."datasetId"
           and (newest.key is null or left(split_part(m.partition_key, '|', 1), 16) = newest.key)
         order by m.id desc limit 1
       ) loads on known.dataset_id is null
       left join lateral (
         select array_agg(l.at order by l.id) as arrivals,
                array_agg(extract(epoch from l.at - r.started_at)::float8 * 1000 order by l.id)
                  filter (where r.started_at is not null) as lags
         from (select * from materialization m where m.dataset_id = w."datasetId" order by m.id desc limit 20) l
         left join run r on r.id = l.run_id
       ) past on known.dataset_id is null
     )
     insert into freshness_status as s (dataset_id, origin, policy_hash, policy, reads_data, check_at, loaded_at, newest_key,
                                        arrivals, lags_ms)
     select "datasetId", origin, hash, policy, "readsData", date_trunc('milliseconds', now()), loaded_at, key,
            coalesce(arrivals, '{}'), coalesce(lags, '{}')
     from history order by "datasetId"
     on conflict (dataset_id) do update
       set origin = excluded.origin, policy_hash = excluded.policy_hash, policy = excluded.policy,
           reads_data = excluded.reads_data, check_at = excluded.check_at, watched_since = now(), measurement = null,
           present_keys = '{}', failures = 0, lease_until = null,
           loaded_at = coalesce(s.loaded_at, excluded.loaded_at), newest_key = coalesce(s.newest_key, excluded.newest_key)
       where (s.policy_hash, s.origin) is distinct from (excluded.policy_hash, excluded.origin)`,
    [rows],
  )
  return (removed.rowCount ?? 0) + (saved.rowCount ?? 0) > 0
}

/** Makes these the monitors; a new one is due at once, a changed interval counts from now on. */
export async function saveMonitors(
  transaction: Transaction,
  wanted: readonly { datasetId: string; everyMs: number }[],
): Promise<void> {
  await transaction.query("delete from dataset_monitor where dataset_id <> all ($1::text[])", [
    wanted.map(({ datasetId }) => datasetId),
  ])
  await transaction.query(
    `insert into dataset_monitor as m (dataset_id, every_ms)
     select w."datasetId", w."everyMs" from jsonb_to_recordset($1::jsonb) as w ("datasetId" text, "everyMs" float8)
     order by 1
     on conflict (dataset_id) do update
       set every_ms = excluded.every_ms,
           next_at = least(m.next_at, now() + excluded.every_ms * interval '1 millisecond')
       where m.every_ms <> excluded.every_ms`,
    [JSON.stringify(wanted)],
  )
}
