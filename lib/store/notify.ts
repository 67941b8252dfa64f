import type { LiveEvent } from "../contracts/api/system.ts"
import { isTransaction, type LastStep, type Queryable } from "./transaction.ts"

/** What screens follow; payloads are LiveEvents. */
export const EVENTS_CHANNEL = "headrace_events"
/** What workers follow: run ids whose running attempts must stop, `arrival` when something may start a run, `past` when a task
 * may go that waits for an earlier run. */
export const CONTROL_CHANNEL = "headrace_control"

const ANNOUNCE: LastStep<LiveEvent> = { rank: 100, run: notify }

/**
 * Announces changes when the surrounding transaction commits; screens then read again what they show. All that a
 * transaction announces goes out in one statement at its end, so it costs no round trip where it is called.
 */
export async function announce(queryable: Queryable, events: readonly LiveEvent[]): Promise<void> {
  if (isTransaction(queryable)) queryable.atEnd(ANNOUNCE, events)
  else await notify(queryable, events)
}

/** Tells all schedulers that something arrived which may start a run (the database's own triggers announce loads and ends). */
export async function wakeSchedulers(queryable: Queryable): Promise<void> {
  await queryable.query("select pg_notify($1, $2)", [CONTROL_CHANNEL, JSON.stringify({ type: "arrival" })])
}

/** Tells all schedulers that a task run waits for its past, or that what some wait for has moved on. */
export async function wakePast(queryable: Queryable): Promise<void> {
  await queryable.query("select pg_notify($1, $2)", [CONTROL_CHANNEL, JSON.stringify({ type: "past" })])
}

/** Tells all workers to look at a run's live attempts again: it was cancelled. */
export async function announceCancel(queryable: Queryable, runId: string): Promise<void> {
  await queryable.query("select pg_notify($1, $2)", [CONTROL_CHANNEL, JSON.stringify({ type: "cancel", runId })])
}

async function notify(queryable: Queryable, events: readonly LiveEvent[]): Promise<void> {
  if (events.length === 0) return
  await queryable.query("select pg_notify($1, payload) from unnest($2::text[]) payload", [
    EVENTS_CHANNEL,
    events.map((event) => JSON.stringify(event)),
  ])
}
