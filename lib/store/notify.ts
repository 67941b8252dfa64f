import type { LiveEvent } from "../contracts/api/system.ts"
import { WEBHOOK_EVENTS } from "../domain/webhook-events.ts"
import type { EventRecord } from "./events.ts"
import { isTransaction, type LastStep, type Queryable } from "./transaction.ts"

/** What screens follow; payloads are LiveEvents. */
export const EVENTS_CHANNEL = "headrace_events"
/**
 * What workers follow: run ids whose running attempts must stop, `arrival` when something may start a run, `past` when a
 * task may go that waits for an earlier run, `freshness` when a dataset is to be judged, `series` when a measurement is, `profile` when a table is to be profiled, `signal` when there may be trouble,
 * `webhooks` when there is something to deliver.
 */
export const CONTROL_CHANNEL = "headrace_control"

/** In the order of what happened. */
type Happening = { live: LiveEvent } | { event: EventRecord }

const TELL: LastStep<Happening> = { rank: 100, run: tell }

/**
 * Announces changes when the surrounding transaction commits; screens then read again what they show. All that a
 * transaction announces goes out in one statement at its end, so it costs no round trip where it is called. States that
 * are in no history are offered to webhooks by the way.
 */
export async function announce(queryable: Queryable, events: readonly LiveEvent[]): Promise<void> {
  await happen(
    queryable,
    events.map((live) => ({ live })),
  )
}

/** Offers events to webhooks: whoever wants one gets it into its outbox when the surrounding transaction commits. */
export async function offer(queryable: Queryable, events: readonly EventRecord[]): Promise<void> {
  await happen(
    queryable,
    events.filter(({ type }) => OFFERED_EVENTS.has(type)).map((event) => ({ event })),
  )
}

/** Tells all schedulers that something arrived which may start a run (the database's own triggers announce loads and ends). */
export async function wakeSchedulers(queryable: Queryable): Promise<void> {
  await queryable.query("select pg_notify($1, $2)", [CONTROL_CHANNEL, JSON.stringify({ type: "arrival" })])
}

/** Tells all schedulers that a task run waits for its past, or that what some wait for has moved on. */
export async function wakePast(queryable: Queryable): Promise<void> {
  await queryable.query("select pg_notify($1, $2)", [CONTROL_CHANNEL, JSON.stringify({ type: "past" })])
}

/** Tells all workers that a dataset's freshness is to be judged, or a table to be looked at. */
export async function wakeFreshness(queryable: Queryable): Promise<void> {
  await queryable.query("select pg_notify($1, $2)", [CONTROL_CHANNEL, JSON.stringify({ type: "freshness" })])
}

/** Tells all workers to look at a run's live attempts again: it was cancelled. */
export async function announceCancel(queryable: Queryable, runId: string): Promise<void> {
  await queryable.query("select pg_notify($1, $2)", [CONTROL_CHANNEL, JSON.stringify({ type: "cancel", runId })])
}

async function happen(queryable: Queryable, happenings: readonly Happening[]): Promise<void> {
  if (isTransaction(queryable)) queryable.atEnd(TELL, happenings)
  else await tell(queryable, happenings)
}

/**
 * The outbox is written by the transaction that did what it tells of: both are there or neither. Without an active
 * endpoint nothing of it is read (the condition is a one-time filter), so a thousand ends a second cost nothing more.
 */
async function tell(queryable: Queryable, happenings: readonly Happening[]): Promise<void> {
  if (happenings.length === 0) return
  await queryable.query(
    `with offered as (
       select o.*
       from rows from (
         jsonb_to_recordset($3::text::jsonb)
           as (type text, "pipelineId" text, "runId" bigint, "taskRunId" bigint, actor text, data jsonb)
       ) with ordinality as o (type, "pipelineId", "runId", "taskRunId", actor, data, position)
       where exists (select from webhook where is_active)
     ), queued as (
       insert into webhook_delivery (webhook_id, type, pipeline_id, run_id, task_run_id, actor, data)
       select w.id, o.type, o."pipelineId", o."runId", o."taskRunId", coalesce(o.actor, 'headrace'),
              coalesce(o.data, '{}')
       from offered o
       join webhook w
         on w.is_active
        and (o.type = any (w.events) or split_part(o.type, '.', 1) || '.*' = any (w.events) or '*' = any (w.events))
        and (w.pipelines = '{}' or o."pipelineId" = any (w.pipelines))
        and (w.tags = '{}' or exists (select from pipeline p where p.id = o."pipelineId" and p.tags && w.tags))
       order by o.position, w.id
       returning id
     )
     select pg_notify($1, payload) from unnest($2::text[]) payload
     union all
     select pg_notify($4, '{"type":"webhooks"}') where exists (select from queued)`,
    [
      EVENTS_CHANNEL,
      happenings.flatMap((each) => ("live" in each ? [JSON.stringify(each.live)] : [])),
      JSON.stringify(happenings.flatMap((each) => ("live" in each ? offerOf(each.live) : each.event))),
      CONTROL_CHANNEL,
    ],
  )
}

const OFFERED_EVENTS = new Set<string>(WEBHOOK_EVENTS)
const OFFERED_TASK_STATES = ["success", "skipped", "upstream_failed"]
/** Events that `announce` offers, whether the history has them or not: some ways to such a state are in none. */
export const OFFERED_BY_STATE: ReadonlySet<string> = new Set([
  "run.cancelled",
  ...OFFERED_TASK_STATES.map((state) => `task_run.${state}`),
])

/** States that happen too often, or too quietly, to have an event in the history. Failures have one, with their cause. */
function offerOf(live: LiveEvent): EventRecord[] {
  if (live.type === "run" && live.state === "cancelled") {
    return [{ type: "run.cancelled", pipelineId: live.pipelineId, runId: live.id }]
  }
  if (live.type !== "task_run" || !OFFERED_TASK_STATES.includes(live.state)) return []
  return [{ type: `task_run.${live.state}`, pipelineId: live.pipelineId, runId: live.runId, taskRunId: live.id }]
}
