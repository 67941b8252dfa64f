import type { JsonObject } from "../contracts/json.ts"
import type { AlertTurn, DueDelivery } from "../domain/alert-send.ts"
import type { IncidentState, Severity } from "../domain/incident-state.ts"
import { CONTROL_CHANNEL } from "./notify.ts"
import type { Queryable, Transaction } from "./transaction.ts"

/** Kinds of channels where each incident is an object of its own, which is opened, acknowledged and closed. */
export const OBJECT_KINDS = ["pagerduty", "opsgenie"] as const

export interface NewDelivery {
  channelId: string
  turn: AlertTurn
  routeId: string | null
  dueAt: Date
  deadlineId?: string | null
}

/**
 * Puts messages of a turn of an incident up for delivery, one a channel; those of channels that do not exist or
 * are switched off are left out, and what was put up before stays as it is.
 */
export async function insertDeliveries(
  transaction: Transaction,
  of: { incidentId: string; eventId: string },
  deliveries: readonly NewDelivery[],
): Promise<void> {
  if (deliveries.length === 0) return
  await transaction.query(
    `insert into alert_delivery (channel_id, incident_id, event_id, turn, route_id, next_try_at, deadline_id)
     select c.id, $1, $2, d.turn, d."routeId", d."dueAt", d."deadlineId"
     from jsonb_to_recordset($3::jsonb)
       as d ("channelId" text, turn text, "routeId" bigint, "dueAt" timestamptz, "deadlineId" bigint)
     join alert_channel c on c.id = d."channelId" and c.is_active
     on conflict do nothing`,
    [of.incidentId, of.eventId, JSON.stringify(deliveries)],
  )
  await wakeAlerts(transaction)
}

/**
 * Puts up a message for each channel that was told of an incident in its present life, or may have been: what was tried
 * once may have arrived. `kinds`: only for channels of these.
 */
export async function insertFollowUps(
  transaction: Transaction,
  of: { incidentId: string; eventId: string; since: Date; dueAt: Date },
  turn: AlertTurn,
  kinds: readonly string[] | null = null,
): Promise<void> {
  await transaction.query(
    `insert into alert_delivery (channel_id, incident_id, event_id, turn, route_id, next_try_at)
     select d.channel_id, $1, $2, $3, min(d.route_id), $4
     from alert_delivery d
     join alert_channel c on c.id = d.channel_id
     where d.incident_id = $1 and d.created_at >= $5
       and d.turn not in ('resolved', 'acknowledged', 'woken') and (d.state = 'sent' or d.state = 'pending' and d.tries > 0)
       and ($6::text[] is null or c.kind = any ($6))
     group by d.channel_id
     on conflict do nothing`,
    [of.incidentId, of.eventId, turn, of.dueAt, of.since, kinds],
  )
  await wakeAlerts(transaction)
}

/** Drops what waits of an incident and was never tried; `turns` is a pattern of their names. */
export async function dropWaiting(
  transaction: Transaction,
  incidentId: string,
  turns: string,
  note: string,
): Promise<void> {
  await transaction.query(
    `update alert_delivery set state = 'dropped', next_try_at = null, note = $3
     where incident_id = $1 and state = 'pending' and tries = 0 and turn like $2`,
    [incidentId, turns, note],
  )
}

/** Drops that an incident is over, where no channel was told yet; gives the channels. */
export async function dropResolved(transaction: Transaction, incidentId: string, note: string): Promise<string[]> {
  const { rows } = await transaction.query<{ id: string }>(
    `update alert_delivery set state = 'dropped', next_try_at = null, note = $2
     where incident_id = $1 and state = 'pending' and tries = 0 and turn = 'resolved'
     returning channel_id as id`,
    [incidentId, note],
  )
  return rows.map(({ id }) => id)
}

/** Lets go at once what snoozing held of incidents; what has a reason of its own to wait is held again. */
export async function hastenDeliveries(
  transaction: Transaction,
  incidentIds: readonly string[],
  now: Date,
): Promise<void> {
  await transaction.query(
    `update alert_delivery set next_try_at = $2
     where incident_id = any ($1::bigint[]) and state = 'pending' and note = 'held: snoozed'`,
    [incidentIds, now],
  )
  await transaction.query(
    `update alert_delivery set state = 'dropped', next_try_at = null, note = 'it is snoozed no longer'
     where incident_id = any ($1::bigint[]) and state = 'pending' and tries = 0 and turn = 'woken'`,
    [incidentIds],
  )
  await wakeAlerts(transaction)
}

export async function wakeAlerts(queryable: Queryable): Promise<void> {
  await queryable.query("select pg_notify($1, $2)", [CONTROL_CHANNEL, JSON.stringify({ type: "alert" })])
}

export interface LockedChannel {
  id: string
  kind: string
  variable: string
  settings: JsonObject
  maxPerHour: number | null
}

/** Locks one channel for which something is due, that no other worker holds. Relies on alert_delivery_due. */
export async function lockDueChannel(
  transaction: Transaction,
  now: Date,
  besides: readonly string[],
): Promise<LockedChannel | null> {
  const { rows } = await transaction.query<LockedChannel>(
    `select c.id, c.kind, c.variable, c.settings, c.max_per_hour as "maxPerHour"
     from alert_channel c
     where c.is_active and c.id <> all ($2::text[])
       and exists (
         select from alert_delivery d where d.channel_id = c.id and d.state = 'pending' and d.next_try_at <= $1
       )
     order by c.id
     limit 1
     for no key update skip locked`,
    [now, besides],
  )
  return rows[0] ?? null
}

/** An incident as messages tell of it. */
export interface AlertIncident {
  id: string
  kind: string
  title: string
  message: string
  severity: Severity
  state: IncidentState
  pipelineId: string | null
  taskId: string | null
  datasetId: string | null
  lastRunId: string | null
  owner: string | null
  assignee: string | null
  tags: string[]
  occurrences: number
  followers: number
  openedAt: Date
  acknowledgedBy: string | null
  resolvedAt: Date | null
  resolvedBy: string | null
  snoozedUntil: Date | null
  details: JsonObject
}

/** A delivery whose time has come, with what it tells of. */
export interface WaitingDelivery extends DueDelivery {
  incident: AlertIncident | null
  eventId: string | null
  createdAt: Date
  actor: string
}

/**
 * Locks what is due of a locked channel: of each incident the oldest alone, so that nothing overtakes what was before it.
 */
export async function lockDueDeliveries(
  transaction: Transaction,
  channelId: string,
  now: Date,
  limit: number,
): Promise<WaitingDelivery[]> {
  const { rows } = await transaction.query<WaitingDelivery>(
    `with due as (
       select d.* from alert_delivery d
       where d.channel_id = $1 and d.state = 'pending' and d.next_try_at <= $2
         and not exists (
           select from alert_delivery e
           where e.channel_id = d.channel_id and e.incident_id = d.incident_id and e.state = 'pending' and e.id < d.id
             and (e.next_try_at <= $2 or e.tries > 0)
         )
       order by d.next_try_at, d.id
       limit $3
       for update
     )
     select d.id, d.turn, d.route_id as "routeId", d.tries, d.event_id as "eventId", d.created_at as "createdAt", d.actor,
            case when i.id is not null then jsonb_build_object(
              'id', i.id::text, 'kind', i.kind, 'title', i.title, 'message', left(i.message, 4000),
              'severity', i.severity, 'state', i.state, 'pipelineId', i.pipeline_id, 'taskId', i.task_id,
              'datasetId', i.dataset_id, 'lastRunId', i.last_run_id::text, 'owner', i.owner, 'assignee', i.assignee,
              'tags', coalesce(p.tags, '{}') || coalesce(s.tags, '{}'), 'occurrences', i.occurrences,
              'followers', i.followers, 'openedAt', i.opened_at, 'acknowledgedBy', i.acknowledged_by,
              'resolvedAt', i.resolved_at, 'resolvedBy', i.resolved_by, 'snoozedUntil', i.snoozed_until,
              'details', i.details
            ) end as incident
     from due d
     left join incident i on i.id = d.incident_id
     left join pipeline p on p.id = i.pipeline_id
     left join dataset s on s.id = i.dataset_id
     order by d.id`,
    [channelId, now, limit],
  )
  return rows.map((row) => ({ ...row, incident: row.incident && withDates(row.incident) }))
}

/** JSON has no dates. */
function withDates(incident: AlertIncident): AlertIncident {
  const date = (value: Date | null) => (value === null ? null : new Date(value))
  return {
    ...incident,
    openedAt: new Date(incident.openedAt),
    resolvedAt: date(incident.resolvedAt),
    snoozedUntil: date(incident.snoozedUntil),
  }
}

/** When a channel's messages of the last hour went out, or are going out, the oldest first. Relies on alert_delivery_tried. */
export async function readSentTimes(transaction: Transaction, channelId: string, now: Date): Promise<Date[]> {
  const { rows } = await transaction.query<{ at: Date }>(
    `select min(coalesce(sent_at, last_try_at)) as at
     from alert_delivery
     where channel_id = $1 and digest_id is not null and last_try_at > $2::timestamptz - interval '1 hour'
       and (state = 'sent' or state = 'pending' and tries > 0) and turn <> 'test'
     group by digest_id
     order by at`,
    [channelId, now],
  )
  return rows.map((row) => row.at)
}

/** When news of these routes was last sent to a channel within the routes' intervals. Relies on alert_delivery_tried. */
export async function readRouteTimes(
  transaction: Transaction,
  channelId: string,
  routeIds: readonly string[],
  now: Date,
): Promise<Map<string, { lastAt: Date | null; groupIntervalSeconds: number }>> {
  const { rows } = await transaction.query<{ id: string; lastAt: Date | null; seconds: number }>(
    `select r.id, r.group_interval_seconds as seconds,
            (select max(d.last_try_at) from alert_delivery d
             where d.channel_id = $1 and d.digest_id is not null and d.route_id = r.id
               and d.turn in ('opened', 'reopened')
               and d.last_try_at > $3::timestamptz - r.group_interval_seconds * interval '1 second') as "lastAt"
     from alert_route r
     where r.id = any ($2::bigint[])`,
    [channelId, routeIds, now],
  )
  return new Map(rows.map((row) => [row.id, { lastAt: row.lastAt, groupIntervalSeconds: row.seconds }]))
}

/**
 * Counts a try of locked deliveries that go out as one message; after `leaseMs` they are due again, whatever became of the
 * worker.
 */
export async function writeTaken(
  transaction: Transaction,
  ids: readonly string[],
  now: Date,
  leaseMs: number,
): Promise<void> {
  await transaction.query(
    `update alert_delivery
     set tries = tries + 1, last_try_at = $2, next_try_at = $2::timestamptz + $3 * interval '1 millisecond',
         digest_id = $4, note = null
     where id = any ($1::bigint[])`,
    [ids, now, leaseMs, ids[0]],
  )
}

export async function writeHeld(
  transaction: Transaction,
  held: readonly { id: string; until: Date; note: string }[],
): Promise<void> {
  if (held.length === 0) return
  await transaction.query(
    `update alert_delivery d set next_try_at = h.until, note = h.note
     from jsonb_to_recordset($1::jsonb) as h (id bigint, until timestamptz, note text)
     where d.id = h.id`,
    [JSON.stringify(held)],
  )
}

export async function writeDropped(
  transaction: Transaction,
  dropped: readonly { id: string; note: string }[],
): Promise<void> {
  if (dropped.length === 0) return
  await transaction.query(
    `update alert_delivery d set state = 'dropped', next_try_at = null, note = x.note
     from jsonb_to_recordset($1::jsonb) as x (id bigint, note text)
     where d.id = x.id`,
    [JSON.stringify(dropped)],
  )
}

export interface SendOutcome {
  state: "sent" | "later" | "failed"
  status: number | null
  error: string | null
  delayMs: number
  subject: string
}

/**
 * Writes what became of a try. A failure that another worker's later try has overtaken changes nothing; a success counts
 * whenever it comes. Gives the incidents whose message was just settled.
 */
export async function writeOutcome(
  transaction: Transaction,
  sent: { ids: readonly string[]; tries: readonly number[] },
  outcome: SendOutcome,
  now: Date,
): Promise<{ incidentId: string | null; turn: string }[]> {
  const { rows } = await transaction.query<{ incidentId: string | null; turn: string }>(
    `update alert_delivery d
     set state = case when $3 = 'later' then 'pending' else $3 end,
         note = $4, status = $5, subject = $6,
         next_try_at = case when $3 = 'later' then $8::timestamptz + $7 * interval '1 millisecond' end,
         sent_at = case when $3 = 'sent' then $8::timestamptz end
     from unnest($1::bigint[], $2::int[]) as s (id, tries)
     where d.id = s.id and d.state = 'pending' and (d.tries = s.tries or $3 = 'sent')
     returning d.incident_id as "incidentId", d.turn`,
    [sent.ids, sent.tries, outcome.state, outcome.error, outcome.status, outcome.subject, outcome.delayMs, now],
  )
  return rows
}

/** Keeps how a channel fares. */
export async function writeChannelHealth(
  transaction: Transaction,
  channelId: string,
  error: string | null,
  now: Date,
): Promise<void> {
  await transaction.query(
    `update alert_channel
     set failing_since = case when $2::text is null then null else coalesce(failing_since, $3) end,
         last_error = $2, last_delivered_at = case when $2 is null then $3 else last_delivered_at end
     where id = $1`,
    [channelId, error, now],
  )
}

/** When the next delivery is due; null while none waits. */
export async function nextDeliveryDue(queryable: Queryable, now: Date): Promise<Date | null> {
  const { rows } = await queryable.query<{ at: Date | null }>(
    `select min(d.at) as at
     from alert_channel c
     cross join lateral (
       select min(next_try_at) as at from alert_delivery
       where channel_id = c.id and state = 'pending' and next_try_at > $1
     ) d
     where c.is_active`,
    [now],
  )
  return rows[0]?.at ?? null
}
