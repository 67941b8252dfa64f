import type { z } from "zod"
import type { Page } from "../../contracts/api/common.ts"
import type {
  Incident,
  IncidentDetail,
  IncidentEvent,
  IncidentOccurrence,
  IncidentStats,
  incidentListQuerySchema,
} from "../../contracts/api/incidents.ts"
import { AppError } from "../../domain/errors.ts"
import type { Queryable } from "../transaction.ts"
import { Bindings, containsPattern } from "./bindings.ts"
import { decodeCursor, toPage } from "./cursor.ts"
import { toInstant, toInstantOrNull } from "./instant.ts"

const INSTANTS = ["firstAt", "lastAt", "openedAt"] as const
const OPTIONAL_INSTANTS = ["acknowledgedAt", "snoozedUntil", "resolvedAt"] as const
type IncidentRow = Omit<Incident, (typeof INSTANTS)[number] | (typeof OPTIONAL_INSTANTS)[number]> &
  Record<(typeof INSTANTS)[number], Date> &
  Record<(typeof OPTIONAL_INSTANTS)[number], Date | null>

const COLUMNS = `i.id, i.kind, i.title, i.message, i.severity, i.state, i.fingerprint, i.pipeline_id as "pipelineId",
  i.task_id as "taskId", i.dataset_id as "datasetId", i.first_run_id as "firstRunId", i.last_run_id as "lastRunId",
  i.owner, i.assignee, i.occurrences, i.followers, i.reopened, i.first_at as "firstAt", i.last_at as "lastAt",
  i.opened_at as "openedAt", i.acknowledged_at as "acknowledgedAt", i.acknowledged_by as "acknowledgedBy",
  case when i.snoozed_until > now() then i.snoozed_until end as "snoozedUntil", i.resolved_at as "resolvedAt",
  i.resolved_by as "resolvedBy", i.details`

/** The instant of the last occurrence and the id, as a page ends with them. */
const CURSOR = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \d{1,18}$/

/** Incidents, those with the newest occurrence first. @throws AppError `request.invalid` for a foreign cursor. */
export async function listIncidents(
  queryable: Queryable,
  query: z.output<typeof incidentListQuerySchema>,
): Promise<Page<Incident>> {
  const { bind, values } = new Bindings()
  const rest = `${conditionsOf(query, bind)} order by i.last_at desc, i.id desc limit ${bind(query.limit + 1)}`
  const { rows } = await queryable.query<IncidentRow>(`select ${COLUMNS} from incident i where ${rest}`, values)
  return toPage(rows, query.limit, toIncident, (row) => `${toInstant(row.lastAt)} ${row.id}`)
}

function conditionsOf(query: z.output<typeof incidentListQuerySchema>, bind: Bindings["bind"]): string {
  const conditions = ["true"]
  const states = namesOf(query.state)
  if (states.length > 0) conditions.push(`i.state = any (${bind(states)}::text[])`)
  // Said of itself, so that the index of unresolved ones serves.
  if (states.length > 0 && !states.includes("resolved")) conditions.push("i.state <> 'resolved'")
  if (query.snoozed === "hide") conditions.push("(i.snoozed_until is null or i.snoozed_until <= now())")
  if (query.snoozed === "only") conditions.push("i.snoozed_until > now()")
  const kinds = namesOf(query.kind)
  if (kinds.length > 0) conditions.push(`i.kind = any (${bind(kinds)}::text[])`)
  const severities = namesOf(query.severity)
  if (severities.length > 0) conditions.push(`i.severity = any (${bind(severities)}::text[])`)
  if (query.pipelineId) {
    const id = bind(query.pipelineId)
    conditions.push(`(i.pipeline_id = ${id} or exists (
      select from incident_member m where m.incident_id = i.id and m.pipeline_id = ${id}))`)
  }
  if (query.datasetId) conditions.push(`i.dataset_id = ${bind(query.datasetId)}`)
  if (query.runId) {
    conditions.push(`i.id in (select o.incident_id from incident_occurrence o where o.run_id = ${bind(query.runId)})`)
  }
  if (query.owner) conditions.push(`i.owner = ${bind(query.owner)}`)
  if (query.assignee) conditions.push(`i.assignee = ${bind(query.assignee)}`)
  if (query.q) {
    const pattern = bind(containsPattern(query.q))
    conditions.push(`(i.title ilike ${pattern} or i.message ilike ${pattern} or i.pipeline_id ilike ${pattern})`)
  }
  if (query.from) conditions.push(`i.opened_at >= ${bind(query.from)}`)
  if (query.to) conditions.push(`i.opened_at < ${bind(query.to)}`)
  if (query.cursor) {
    const [at, id] = decodeCursor(query.cursor, CURSOR).split(" ")
    conditions.push(`(i.last_at, i.id) < (${bind(at)}::timestamptz, ${bind(id)}::bigint)`)
  }
  return conditions.join(" and ")
}

function namesOf(list: string | undefined): string[] {
  return (list ?? "").split(",").flatMap((name) => name.trim() || [])
}

/** Incidents by id, in the order of their ids. */
export async function readIncidents(queryable: Queryable, ids: readonly string[]): Promise<Incident[]> {
  const { rows } = await queryable.query<IncidentRow>(
    `select ${COLUMNS} from incident i where i.id = any ($1::bigint[]) order by i.id`,
    [ids],
  )
  return rows.map(toIncident)
}

/** One incident with what was done about it and where it shows. @throws AppError `incident.not_found`. */
export async function readIncident(queryable: Queryable, id: string): Promise<IncidentDetail> {
  const [incident] = await readIncidents(queryable, [id])
  if (!incident) throw new AppError("incident.not_found", `There is no incident ${id}.`)
  const { rows: events } = await queryable.query<Omit<IncidentEvent, "at"> & { at: Date }>(
    `select id, at, type, actor, body, data from incident_event where incident_id = $1 order by id desc limit 500`,
    [id],
  )
  const { rows: members } = await queryable.query<IncidentDetail["members"][number]>(
    `select pipeline_id as "pipelineId", nullif(task_id, '') as "taskId", is_root as "isRoot",
            is_failing as "isFailing", last_run_id as "lastRunId"
     from incident_member
     where incident_id = $1
     order by is_root desc, pipeline_id, task_id
     limit 500`,
    [id],
  )
  const { items: found } = await listOccurrences(queryable, { incidentId: id, limit: 50 })
  const timeline = events.reverse().map((event) => ({ ...event, at: toInstant(event.at) }))
  return { ...incident, timeline, members, found }
}

/** What an incident was found in, newest first. @throws AppError `request.invalid` for a foreign cursor. */
export async function listOccurrences(
  queryable: Queryable,
  query: { incidentId: string; cursor?: string | undefined; limit: number },
): Promise<Page<IncidentOccurrence>> {
  const before = query.cursor === undefined ? null : decodeCursor(query.cursor, /^\d{1,18}$/)
  const { rows } = await queryable.query<Omit<IncidentOccurrence, "at"> & { at: Date }>(
    `select id, at, is_root as "isRoot", run_id as "runId", task_run_id as "taskRunId", attempt_id as "attemptId",
            pipeline_id as "pipelineId", task_id as "taskId", dataset_id as "datasetId", message
     from incident_occurrence
     where incident_id = $1 and ($2::bigint is null or id < $2)
     order by id desc
     limit $3`,
    [query.incidentId, before, query.limit + 1],
  )
  return toPage(
    rows,
    query.limit,
    (row) => ({ ...row, at: toInstant(row.at) }),
    (row) => row.id,
  )
}

const DEFAULT_DAYS = 30

/** How many incidents were opened in a time, and how long it took until somebody saw to them and until they were over. */
export async function readIncidentStats(
  queryable: Queryable,
  range: { from?: string | undefined; to?: string | undefined },
  now: Date,
): Promise<IncidentStats> {
  const to = range.to ?? toInstant(now)
  const from = range.from ?? toInstant(new Date(new Date(to).getTime() - DEFAULT_DAYS * 24 * 3_600_000))
  const { rows } = await queryable.query<Omit<IncidentStats, "from" | "to" | "now">>(
    `select count(*)::int as opened, count(acknowledged_at)::int as acknowledged, count(resolved_at)::int as resolved,
            avg(extract(epoch from acknowledged_at - opened_at))::float8 as "meanSecondsToAcknowledge",
            avg(extract(epoch from resolved_at - opened_at))::float8 as "meanSecondsToResolve",
            percentile_cont(0.5) within group (order by extract(epoch from resolved_at - opened_at)::float8)
              as "medianSecondsToResolve"
     from incident
     where opened_at >= $1 and opened_at < $2`,
    [from, to],
  )
  const counts = await queryable.query<IncidentStats["now"]>(
    `select count(*) filter (where state = 'open' and not is_snoozed)::int as open,
            count(*) filter (where state = 'acknowledged' and not is_snoozed)::int as acknowledged,
            count(*) filter (where is_snoozed)::int as snoozed,
            count(*) filter (where severity = 'critical' and not is_snoozed)::int as critical
     from (select state, severity, coalesce(snoozed_until > now(), false) as is_snoozed from incident
           where state <> 'resolved') i`,
  )
  return { from, to, ...rows[0]!, now: counts.rows[0]! }
}

function toIncident(row: IncidentRow): Incident {
  return {
    ...row,
    firstAt: toInstant(row.firstAt),
    lastAt: toInstant(row.lastAt),
    openedAt: toInstant(row.openedAt),
    acknowledgedAt: toInstantOrNull(row.acknowledgedAt),
    snoozedUntil: toInstantOrNull(row.snoozedUntil),
    resolvedAt: toInstantOrNull(row.resolvedAt),
  }
}
