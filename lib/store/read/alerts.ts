import type { z } from "zod"
import type {
  AlertChannelView,
  AlertDeliveryView,
  AlertRouteView,
  AlertRuleView,
  alertDeliveryListQuerySchema,
  MaintenanceView,
} from "../../contracts/api/alerts.ts"
import type { Page } from "../../contracts/api/common.ts"
import { AppError } from "../../domain/errors.ts"
import type { Queryable } from "../transaction.ts"
import { Bindings } from "./bindings.ts"
import { decodeCursor, ID_KEY, toPage } from "./cursor.ts"
import { toInstant, toInstantOrNull } from "./instant.ts"

/** A row whose instants are dates still. */
type Raw<View, Name extends keyof View> = Omit<View, Name> & {
  [Key in Name]: null extends View[Key] ? Date | null : Date
}

function missing(what: string, id: string): AppError {
  return new AppError("alert.not_found", `There is no ${what} ${id}.`)
}

const NAMES = `'{"pipelines":[],"datasets":[],"owners":[],"tags":[]}'::jsonb`

/** Rules: built-in ones first, then by name. There are few. */
export async function listAlertRules(queryable: Queryable, id: string | null = null): Promise<AlertRuleView[]> {
  const { rows } = await queryable.query<Raw<AlertRuleView, "updatedAt">>(
    `select r.id, r.name, r.kind, r.condition, r.for_seconds as "forSeconds", r.clear_seconds as "clearSeconds",
            r.severity, ${NAMES} || r.match as match, r.runbook, r.labels, r.is_active as "isActive", r.origin, r.file,
            r.line, r.updated_by as "updatedBy", r.updated_at as "updatedAt",
            (select count(*)::int from incident i
             where i.state <> 'resolved' and i.details -> 'rules' ? r.id) as open
     from alert_rule r
     where $1::text is null or r.id = $1
     order by (r.origin = 'builtin') desc, r.name, r.id
     limit 1000`,
    [id],
  )
  return rows.map((row) => ({ ...row, updatedAt: toInstant(row.updatedAt) }))
}

/** @throws AppError `alert.not_found`. */
export async function readAlertRule(queryable: Queryable, id: string): Promise<AlertRuleView> {
  const [rule] = await listAlertRules(queryable, id)
  if (!rule) throw missing("alert rule", id)
  return rule
}

/** Channels by name. Nothing secret is here to be left out. */
export async function listAlertChannels(queryable: Queryable, id: string | null = null): Promise<AlertChannelView[]> {
  const { rows } = await queryable.query<Raw<AlertChannelView, "failingSince" | "lastDeliveredAt" | "createdAt">>(
    `select c.id, c.kind, c.variable, c.description, c.settings, c.max_per_hour as "maxPerHour",
            c.is_active as "isActive", c.origin, c.failing_since as "failingSince", c.last_error as "lastError",
            c.last_delivered_at as "lastDeliveredAt", c.created_by as "createdBy", c.created_at as "createdAt",
            array(select r.name from alert_route r
                  where r.is_active and (c.id = any (r.channels) or exists (
                    select from jsonb_array_elements(r.escalation) e where e -> 'channels' ? c.id))
                  order by r.position, r.id) as routes,
            (select count(*)::int from alert_delivery d
             where d.channel_id = c.id and d.state = 'pending') as waiting
     from alert_channel c
     where $1::text is null or c.id = $1
     order by c.id
     limit 1000`,
    [id],
  )
  return rows.map((row) => ({
    ...row,
    failingSince: toInstantOrNull(row.failingSince),
    lastDeliveredAt: toInstantOrNull(row.lastDeliveredAt),
    createdAt: toInstant(row.createdAt),
  }))
}

/** @throws AppError `alert.not_found`. */
export async function readAlertChannel(queryable: Queryable, id: string): Promise<AlertChannelView> {
  const [channel] = await listAlertChannels(queryable, id)
  if (!channel) throw missing("alert channel", id)
  return channel
}

/** Routes in the order in which they are asked. */
export async function listAlertRoutes(queryable: Queryable, id: string | null = null): Promise<AlertRouteView[]> {
  const { rows } = await queryable.query<Raw<AlertRouteView, "updatedAt">>(
    `select id, position, name, ${NAMES} || '{"kinds":[],"severities":[]}' || match as match, hours, channels,
            group_wait_seconds as "groupWaitSeconds", group_interval_seconds as "groupIntervalSeconds", escalation,
            continues, is_active as "isActive", updated_by as "updatedBy", updated_at as "updatedAt"
     from alert_route
     where $1::bigint is null or id = $1
     order by position, id
     limit 1000`,
    [id],
  )
  return rows.map((row) => ({ ...row, updatedAt: toInstant(row.updatedAt) }))
}

/** @throws AppError `alert.not_found`. */
export async function readAlertRoute(queryable: Queryable, id: string): Promise<AlertRouteView> {
  const [route] = await listAlertRoutes(queryable, id)
  if (!route) throw missing("alert route", id)
  return route
}

/** Maintenance windows, those to come and the newest first; ended ones of the last 30 days too. */
export async function listMaintenance(queryable: Queryable, id: string | null = null): Promise<MaintenanceView[]> {
  const { rows } = await queryable.query<Raw<MaintenanceView, "startsAt" | "endsAt" | "createdAt">>(
    `select id, reason, ${NAMES} || match as match, starts_at as "startsAt", ends_at as "endsAt",
            created_by as "createdBy", created_at as "createdAt"
     from maintenance_window
     where ($1::bigint is null or id = $1) and ends_at > now() - interval '30 days'
     order by starts_at desc, id desc
     limit 500`,
    [id],
  )
  return rows.map((row) => ({
    ...row,
    startsAt: toInstant(row.startsAt),
    endsAt: toInstant(row.endsAt),
    createdAt: toInstant(row.createdAt),
  }))
}

/** @throws AppError `alert.not_found`. */
export async function readMaintenance(queryable: Queryable, id: string): Promise<MaintenanceView> {
  const [window] = await listMaintenance(queryable, id)
  if (!window) throw missing("maintenance window", id)
  return window
}

/** What was and is told, newest first. @throws AppError `request.invalid` for a foreign cursor. */
export async function listAlertDeliveries(
  queryable: Queryable,
  query: z.output<typeof alertDeliveryListQuerySchema> & { id?: string },
): Promise<Page<AlertDeliveryView>> {
  const { bind, values } = new Bindings()
  const conditions = ["true"]
  if (query.id) conditions.push(`d.id = ${bind(query.id)}`)
  if (query.channelId) conditions.push(`d.channel_id = ${bind(query.channelId)}`)
  if (query.incidentId) conditions.push(`d.incident_id = ${bind(query.incidentId)}`)
  const states = (query.state ?? "").split(",").flatMap((state) => state.trim() || [])
  if (states.length > 0) conditions.push(`d.state = any (${bind(states)}::text[])`)
  if (query.cursor) conditions.push(`d.id < ${bind(decodeCursor(query.cursor, ID_KEY))}`)
  const { rows } = await queryable.query<Raw<AlertDeliveryView, "nextTryAt" | "createdAt" | "sentAt">>(
    `select d.id, d.channel_id as "channelId", d.incident_id as "incidentId", i.title as "incidentTitle", d.turn,
            d.state, d.tries, d.next_try_at as "nextTryAt", d.note, d.status, d.subject, d.created_at as "createdAt",
            d.sent_at as "sentAt"
     from alert_delivery d
     left join incident i on i.id = d.incident_id
     where ${conditions.join(" and ")}
     order by d.id desc
     limit ${bind(query.limit + 1)}`,
    values,
  )
  const present = (row: (typeof rows)[number]): AlertDeliveryView => ({
    ...row,
    nextTryAt: toInstantOrNull(row.nextTryAt),
    createdAt: toInstant(row.createdAt),
    sentAt: toInstantOrNull(row.sentAt),
  })
  return toPage(rows, query.limit, present, (row) => row.id)
}
