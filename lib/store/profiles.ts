import type { ColumnProfile, TableProfile } from "../contracts/api/profiles.ts"
import { CONTROL_CHANNEL } from "./notify.ts"
import type { Queryable } from "./transaction.ts"

/** A profile to be made, and until when it is this worker's alone. */
export interface ClaimedProfile {
  id: string
  datasetId: string
  /** Rows to look at; null for all. */
  sample: number | null
}

/** Of each table, so many that are done are kept. */
export const KEPT_PROFILES = 50

/**
 * Asks for a profile of a dataset, and tells the workers. One that waits already is answered instead, with the sample that
 * was asked for first. Null: there is no such dataset.
 */
export async function askForProfile(
  queryable: Queryable,
  asked: { datasetId: string; sample: number | null; cause: TableProfile["cause"]; actor: string },
): Promise<string | null> {
  const { rows } = await queryable.query<{ id: string }>(
    `with asked as (
       insert into table_profile (dataset_id, sample, cause, actor)
       select id, $2, $3, $4 from dataset where id = $1
       on conflict (dataset_id) where state in ('queued', 'running') do nothing
       returning id
     ), told as (
       select pg_notify($5, '{"type":"profile"}') from asked
     )
     select id from asked where exists (select from told)
     union all
     select id from table_profile where dataset_id = $1 and state in ('queued', 'running')
     limit 1`,
    [asked.datasetId, asked.sample, asked.cause, asked.actor, CONTROL_CHANNEL],
  )
  return rows[0]?.id ?? null
}

/** Takes the oldest profile that waits, or whose worker is gone. Relies on table_profile_queue. */
export async function claimProfile(queryable: Queryable, leaseMs: number): Promise<ClaimedProfile | null> {
  const { rows } = await queryable.query<ClaimedProfile>(
    `update table_profile
     set state = 'running', started_at = now(), lease_until = now() + $1 * interval '1 millisecond'
     where id = (
       select id from table_profile
       where state in ('queued', 'running') and (lease_until is null or lease_until <= now())
       order by id
       limit 1
       for update skip locked
     )
     returning id, dataset_id as "datasetId", sample`,
    [leaseMs],
  )
  return rows[0] ?? null
}

/** What a profile came to. */
export type ProfileEnd =
  | ({ state: "done"; columns: ColumnProfile[] } & Pick<
      TableProfile,
      "method" | "rowsRead" | "rowsTotal" | "isTotalExact" | "columnsTotal"
    >)
  | { state: "failed"; message: string }

/** Keeps what a profile came to, and lets go of the oldest of its table. */
export async function finishProfile(queryable: Queryable, id: string, end: ProfileEnd): Promise<void> {
  const found = end.state === "done" ? end : null
  await queryable.query(
    `with ended as (
       update table_profile
       set state = $2, message = $3, finished_at = now(), lease_until = null, method = $4, rows_read = $5,
           rows_total = $6, is_total_exact = $7, columns_total = $8, columns = $9
       where id = $1 and state = 'running'
       returning dataset_id
     )
     delete from table_profile p
     using ended e
     where p.dataset_id = e.dataset_id and p.id <= (
       select o.id from table_profile o where o.dataset_id = e.dataset_id order by o.id desc offset $10 limit 1)`,
    [
      id,
      end.state,
      end.state === "failed" ? end.message : "",
      found?.method ?? null,
      found?.rowsRead ?? null,
      found?.rowsTotal ?? null,
      found?.isTotalExact ?? false,
      found?.columnsTotal ?? 0,
      JSON.stringify(found?.columns ?? []),
      KEPT_PROFILES,
    ],
  )
}

/** Hands a profile back: whichever worker looks next makes it. */
export async function releaseProfile(queryable: Queryable, id: string): Promise<void> {
  await queryable.query(
    "update table_profile set state = 'queued', started_at = null, lease_until = null where id = $1 and state = 'running'",
    [id],
  )
}

/** Section `profile` of a policy as it is stored, with what happened to its table. */
export interface ProfilePolicy {
  datasetId: string
  section: unknown
  askedAt: Date | null
  loadedAt: Date | null
}

/** Tables that are profiled without being asked, but for those that wait for it. */
export async function readProfilePolicies(queryable: Queryable): Promise<ProfilePolicy[]> {
  const { rows } = await queryable.query<ProfilePolicy>(
    `select d.dataset_id as "datasetId", d.policy -> 'profile' as section, p.queued_at as "askedAt", m.at as "loadedAt"
     from dataset_policy d
     left join lateral (
       select queued_at, state from table_profile where dataset_id = d.dataset_id order by id desc limit 1) p on true
     left join lateral (
       select at from materialization where dataset_id = d.dataset_id order by id desc limit 1) m on true
     where d.policy ? 'profile' and p.state is distinct from 'queued' and p.state is distinct from 'running'`,
  )
  return rows
}

/** Section `profile` of a dataset's policy as it is stored; null where there is none. */
export async function readProfileSection(queryable: Queryable, datasetId: string): Promise<unknown> {
  const { rows } = await queryable.query<{ section: unknown }>(
    "select policy -> 'profile' as section from dataset_policy where dataset_id = $1",
    [datasetId],
  )
  return rows[0]?.section ?? null
}
