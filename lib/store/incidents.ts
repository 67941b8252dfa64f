import type { JsonObject } from "../contracts/json.ts"
import type { IncidentState, Severity } from "../domain/incident-state.ts"
import type { Queryable, Transaction } from "./transaction.ts"

/** An incident under its lock. */
export interface LockedIncident {
  id: string
  key: string
  kind: string
  title: string
  message: string
  severity: Severity
  state: IncidentState
  pipelineId: string | null
  taskId: string | null
  datasetId: string | null
  owner: string | null
  assignee: string | null
  openedAt: Date
  snoozedUntil: Date | null
  resolvedAt: Date | null
  lastRunId: string | null
  details: JsonObject
}

const COLUMNS = `id, key, kind, title, message, severity, state, pipeline_id as "pipelineId", task_id as "taskId",
  dataset_id as "datasetId", owner, assignee, opened_at as "openedAt", snoozed_until as "snoozedUntil",
  resolved_at as "resolvedAt", last_run_id as "lastRunId", details`

/** Locks the newest incident of a key; null where there never was one. Relies on incident_history. */
export async function lockIncidentOf(transaction: Transaction, key: string): Promise<LockedIncident | null> {
  const { rows } = await transaction.query<LockedIncident>(
    `select ${COLUMNS} from incident where key = $1 order by id desc limit 1 for update`,
    [key],
  )
  return rows[0] ?? null
}

/** Locks incidents in the order of their ids. */
export async function lockIncidents(transaction: Transaction, ids: readonly string[]): Promise<LockedIncident[]> {
  if (ids.length === 0) return []
  const { rows } = await transaction.query<LockedIncident>(
    `select ${COLUMNS} from incident where id = any ($1::bigint[]) order by id for update`,
    [ids],
  )
  return rows
}

/** What is known of a cause when it shows. */
export interface Trouble {
  key: string
  kind: string
  title: string
  message: string
  severity: Severity
  fingerprint: string | null
  pipelineId: string | null
  taskId: string | null
  datasetId: string | null
  runId: string | null
  owner: string | null
  at: Date
  details: JsonObject
}

/** Opens an incident and gives it, locked. */
export async function insertIncident(transaction: Transaction, trouble: Trouble): Promise<LockedIncident> {
  const { rows } = await transaction.query<LockedIncident>(
    `insert into incident (key, kind, title, message, severity, fingerprint, pipeline_id, task_id, dataset_id,
                           first_run_id, last_run_id, owner, first_at, last_at, opened_at, details)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11, $12, $12, $12, $13)
     returning ${COLUMNS}`,
    [
      trouble.key,
      trouble.kind,
      trouble.title,
      trouble.message,
      trouble.severity,
      trouble.fingerprint,
      trouble.pipelineId,
      trouble.taskId,
      trouble.datasetId,
      trouble.runId,
      trouble.owner,
      trouble.at,
      JSON.stringify(trouble.details),
    ],
  )
  return rows[0]!
}

/** Brings a locked incident up to its newest occurrence; `isReopened` starts its time anew and forgets who had seen to it. */
export async function updateIncident(
  transaction: Transaction,
  id: string,
  trouble: Pick<Trouble, "title" | "message" | "severity" | "runId" | "at" | "details">,
  isReopened: boolean,
): Promise<void> {
  await transaction.query(
    `update incident
     set title = $2, message = $3, severity = $4, last_run_id = coalesce($5, last_run_id),
         last_at = greatest(last_at, $6), details = details || $7::jsonb,
         state = case when $8 then 'open' else state end,
         opened_at = case when $8 then $6 else opened_at end,
         reopened = reopened + case when $8 then 1 else 0 end,
         acknowledged_at = case when $8 then null else acknowledged_at end,
         acknowledged_by = case when $8 then null else acknowledged_by end,
         resolved_at = case when $8 then null else resolved_at end,
         resolved_by = case when $8 then null else resolved_by end
     where id = $1`,
    [
      id,
      trouble.title,
      trouble.message,
      trouble.severity,
      trouble.runId,
      trouble.at,
      JSON.stringify(trouble.details),
      isReopened,
    ],
  )
}

export interface NewOccurrence {
  isRoot: boolean
  at: Date
  runId?: string | null
  taskRunId?: string | null
  attemptId?: string | null
  pipelineId?: string | null
  taskId?: string | null
  datasetId?: string | null
  message: string
}

/**
 * Adds occurrences to a locked incident and counts them. An attempt that was counted already counts nowhere again. `unlisted`
 * are counted without a row each.
 */
export async function addOccurrences(
  transaction: Transaction,
  incidentId: string,
  occurrences: readonly NewOccurrence[],
  unlisted: { roots: number; followers: number } = { roots: 0, followers: 0 },
): Promise<{ roots: number; followers: number }> {
  const { rows } = await transaction.query<{ roots: number; followers: number }>(
    `with added as (
       insert into incident_occurrence
         (incident_id, at, is_root, run_id, task_run_id, attempt_id, pipeline_id, task_id, dataset_id, message)
       select $1, o.at, o."isRoot", o."runId", o."taskRunId", o."attemptId", o."pipelineId", o."taskId", o."datasetId",
              o.message
       from jsonb_to_recordset($2::jsonb)
         as o (at timestamptz, "isRoot" boolean, "runId" bigint, "taskRunId" bigint, "attemptId" bigint,
               "pipelineId" text, "taskId" text, "datasetId" text, message text)
       on conflict (attempt_id) where attempt_id is not null do nothing
       returning is_root
     ), counted as (
       select count(*) filter (where is_root)::int + $3 as roots, count(*) filter (where not is_root)::int + $4 as followers
       from added
     )
     update incident i
     set occurrences = i.occurrences + c.roots, followers = i.followers + c.followers
     from counted c
     where i.id = $1
     returning c.roots, c.followers`,
    [incidentId, JSON.stringify(occurrences), unlisted.roots, unlisted.followers],
  )
  return rows[0] ?? { roots: 0, followers: 0 }
}

export interface Member {
  pipelineId: string
  taskId: string
  isRoot: boolean
  runId: string
}

/** Notes where a locked incident shows. What is a root once stays one. */
export async function addMembers(
  transaction: Transaction,
  incidentId: string,
  members: readonly Member[],
): Promise<void> {
  if (members.length === 0) return
  await transaction.query(
    `insert into incident_member (incident_id, pipeline_id, task_id, is_root, last_run_id)
     select $1, m."pipelineId", m."taskId", bool_or(m."isRoot"), max(m."runId")
     from jsonb_to_recordset($2::jsonb) as m ("pipelineId" text, "taskId" text, "isRoot" boolean, "runId" bigint)
     group by m."pipelineId", m."taskId"
     on conflict (incident_id, pipeline_id, task_id) do update
       set is_failing = true, is_root = incident_member.is_root or excluded.is_root,
           last_run_id = greatest(incident_member.last_run_id, excluded.last_run_id)`,
    [incidentId, JSON.stringify(members)],
  )
}

/**
 * Notes what of unresolved incidents works again by the end of a run, and gives the ids of those that it was about. A run
 * clears what failed in it or in earlier ones: all of its pipeline when it succeeds, else its tasks that did.
 */
export async function clearMembers(
  transaction: Transaction,
  run: { id: string; pipelineId: string; isSuccess: boolean },
): Promise<string[]> {
  const { rows } = await transaction.query<{ id: string }>(
    `update incident_member m
     set is_failing = false
     from incident i
     where i.id = m.incident_id and i.state <> 'resolved'
       and m.pipeline_id = $1 and m.is_failing and m.last_run_id <= $2
       and case
             when m.task_id = '' then $3
             else coalesce(
               (select t.state = 'success' from task_run t
                where t.run_id = $2 and t.task_id = m.task_id and t.map_index = -1),
               $3)
           end
     returning m.incident_id as id`,
    [run.pipelineId, run.id, run.isSuccess],
  )
  return [...new Set(rows.map((row) => row.id))]
}

/** Those of the incidents where nothing fails any more at the root. */
export async function findCured(transaction: Transaction, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const { rows } = await transaction.query<{ id: string }>(
    `select i.id from incident i
     where i.id = any ($1::bigint[]) and i.state <> 'resolved'
       and not exists (select from incident_member m where m.incident_id = i.id and m.is_root and m.is_failing)
     order by i.id`,
    [ids],
  )
  return rows.map((row) => row.id)
}

/** Takes pipelines off unresolved incidents and forgets their conditions; gives the incidents that are about nothing else. */
export async function findOrphans(transaction: Transaction, pipelineIds: readonly string[]): Promise<string[]> {
  await transaction.query("delete from alert_condition where subject ->> 'pipelineId' = any ($1::text[])", [
    pipelineIds,
  ])
  const { rows } = await transaction.query<{ id: string }>(
    `update incident_member m set is_failing = false
     from incident i
     where i.id = m.incident_id and i.state <> 'resolved' and m.is_failing and m.pipeline_id = any ($1::text[])
     returning m.incident_id as id`,
    [pipelineIds],
  )
  const cured = await findCured(
    transaction,
    rows.map((row) => row.id),
  )
  const others = await transaction.query<{ id: string }>(
    `select id from incident
     where state <> 'resolved' and kind in ('deadline_missed', 'duration_anomaly') and pipeline_id = any ($1::text[])`,
    [pipelineIds],
  )
  return [...new Set([...cured, ...others.rows.map((row) => row.id)])]
}

/** Writes the end of a locked incident. Nothing of it counts as failing any more. */
export async function writeResolved(transaction: Transaction, id: string, by: string, at: Date): Promise<void> {
  await transaction.query(
    `update incident set state = 'resolved', resolved_at = $3, resolved_by = $2, snoozed_until = null
     where id = $1`,
    [id, by, at],
  )
  await transaction.query("update incident_member set is_failing = false where incident_id = $1 and is_failing", [id])
}

/** Writes that nobody sees to a locked incident; who was assigned by acknowledging no longer is. Gives the assignee. */
export async function writeUnacknowledged(transaction: Transaction, id: string): Promise<string | null> {
  const { rows } = await transaction.query<{ assignee: string | null }>(
    `update incident i
     set state = 'open', acknowledged_at = null, acknowledged_by = null,
         assignee = case
           when i.assignee is distinct from i.acknowledged_by then i.assignee
           when i.assignee = (select e.body from incident_event e
                              where e.incident_id = i.id and e.type = 'assigned' order by e.id desc limit 1)
             then i.assignee
         end
     where i.id = $1
     returning i.assignee`,
    [id],
  )
  return rows[0]?.assignee ?? null
}

/** Writes that a locked incident is not over, and gives the state in which it was before. */
export async function writeReopened(transaction: Transaction, id: string): Promise<IncidentState> {
  const { rows } = await transaction.query<{ state: IncidentState }>(
    `update incident
     set state = case when acknowledged_at is null then 'open' else 'acknowledged' end, resolved_at = null, resolved_by = null
     where id = $1
     returning state`,
    [id],
  )
  return rows[0]!.state
}

/** Those of resolved incidents whose cause has a newer one. Relies on incident_history. */
export async function findSuccessors(
  transaction: Transaction,
  ids: readonly string[],
): Promise<{ id: string; newest: string }[]> {
  const { rows } = await transaction.query<{ id: string; newest: string }>(
    `select i.id, n.id as newest
     from incident i
     cross join lateral (select id from incident where key = i.key order by id desc limit 1) n
     where i.id = any ($1::bigint[]) and n.id <> i.id
     order by i.id`,
    [ids],
  )
  return rows
}

/** Notes of a locked incident what has not succeeded since it failed last. */
export async function restoreMembers(transaction: Transaction, id: string): Promise<void> {
  await transaction.query(
    `update incident_member m
     set is_failing = true
     where m.incident_id = $1
       and not exists (
         select from run r
         where r.pipeline_id = m.pipeline_id and r.id >= m.last_run_id
           and (r.state = 'success'
                or r.state = 'failed' and m.task_id <> ''
                   and exists (select from task_run t
                               where t.run_id = r.id and t.task_id = m.task_id and t.map_index = -1
                                 and t.state = 'success')))`,
    [id],
  )
}

export interface NewIncidentEvent {
  incidentId: string
  type: string
  actor: string
  at: Date
  body?: string
  data?: JsonObject
}

/** Appends to timelines, in their order; gives the ids. */
export async function addIncidentEvents(queryable: Queryable, events: readonly NewIncidentEvent[]): Promise<string[]> {
  if (events.length === 0) return []
  const { rows } = await queryable.query<{ id: string }>(
    `insert into incident_event (incident_id, at, type, actor, body, data)
     select e."incidentId", e.at, e.type, e.actor, coalesce(e.body, ''), coalesce(e.data, '{}')
     from jsonb_to_recordset($1::jsonb)
       as e ("incidentId" bigint, at timestamptz, type text, actor text, body text, data jsonb)
     returning id`,
    [JSON.stringify(events)],
  )
  return rows.map((row) => row.id)
}

/** Tags of an incident's pipeline and dataset: what rules, routes and windows match by. */
export async function readSubjectTags(
  queryable: Queryable,
  subject: { pipelineId: string | null; datasetId: string | null },
): Promise<string[]> {
  const { rows } = await queryable.query<{ tags: string[] }>(
    `select coalesce((select tags from pipeline where id = $1), '{}')
            || coalesce((select tags from dataset where id = $2), '{}') as tags`,
    [subject.pipelineId, subject.datasetId],
  )
  return rows[0]!.tags
}
