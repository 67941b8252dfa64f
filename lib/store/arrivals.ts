import type { JsonObject } from "../contracts/json.ts"
import type { RunId } from "../domain/ids.ts"
import type { Arrival, PipelineTriggers } from "../domain/trigger-arrivals.ts"
import type { Queryable, Transaction } from "./transaction.ts"

/** An arrival with what its run is to know of it. */
export interface StoredArrival extends Arrival {
  causeRunId: RunId | null
  payload: JsonObject | null
  actor: string | null
}

/** Replaces what a pipeline waits for; from this transaction's end on, arrivals are recorded for it. */
export async function writeSubscriptions(
  transaction: Transaction,
  pipelineId: string,
  { datasets, after, events }: PipelineTriggers,
): Promise<void> {
  const wanted = [
    ...(datasets?.names ?? []).map((name) => ({ source: "dataset", name, state: "", with: datasets!.withBackfills })),
    ...after.map(({ pipeline, state }) => ({ source: "pipeline", name: pipeline, state, with: false })),
    ...events.map((name) => ({ source: "event", name, state: "", with: false })),
  ]
  await transaction.query("delete from trigger_subscription where pipeline_id = $1", [pipelineId])
  if (wanted.length === 0) return
  await transaction.query(
    `insert into trigger_subscription (pipeline_id, source, name, state, with_backfills)
     select $1, w.source, w.name, w.state, w."with"
     from jsonb_to_recordset($2::jsonb) as w (source text, name text, state text, "with" boolean)
     on conflict do nothing`,
    [pipelineId, JSON.stringify(wanted)],
  )
}

/**
 * Locks one pipeline for which something has arrived; null when there is none that no other transaction holds. Relies on
 * trigger_arrival_pending.
 */
export async function lockPipelineWithArrivals(
  transaction: Transaction,
  except: readonly string[],
): Promise<string | null> {
  const { rows } = await transaction.query<{ id: string }>(
    `select p.id
     from pipeline p
     where p.id in (select pipeline_id from trigger_arrival where consumed_at is null)
       and not p.is_paused and p.current_version is not null and p.id <> all ($1::text[])
     order by p.id
     limit 1
     for no key update skip locked`,
    [except],
  )
  return rows[0]?.id ?? null
}

/** What waits for a locked pipeline, oldest first. 1,000: a run each at most, in a transaction of a second or so. */
export async function readArrivals(transaction: Transaction, pipelineId: string): Promise<StoredArrival[]> {
  const { rows } = await transaction.query<StoredArrival>(
    `select id, source, name, updates, arrived_at as at, interval_start as "intervalStart", interval_end as "intervalEnd",
            cause_state as state, cause_run_id as "causeRunId", payload, actor
     from trigger_arrival
     where pipeline_id = $1 and consumed_at is null
     order by id
     limit 1000`,
    [pipelineId],
  )
  return rows
}

/** Marks arrivals as used up by a run, or as of no use, with the reason. */
export async function consumeArrivals(
  transaction: Transaction,
  arrivals: readonly Arrival[],
  outcome: { runId: RunId } | { refused: string },
): Promise<void> {
  await transaction.query(
    "update trigger_arrival set consumed_at = now(), run_id = $2, refused = $3 where id = any ($1::bigint[])",
    [
      arrivals.map((arrival) => arrival.id),
      "runId" in outcome ? outcome.runId : null,
      "refused" in outcome ? outcome.refused : null,
    ],
  )
}

/**
 * Folds what waits of each dataset and interval into its newest arrival. A dataset that is loaded each minute while another
 * never comes would else pile up.
 */
export async function foldWaiting(transaction: Transaction, pipelineId: string): Promise<void> {
  await transaction.query(
    `with ranked as (
       select id, sum(updates) over same as updates, id = max(id) over same as "isNewest"
       from trigger_arrival
       where pipeline_id = $1 and consumed_at is null and source = 'dataset'
       window same as (partition by name, interval_start, interval_end)
     ), folded as (
       delete from trigger_arrival where id in (select id from ranked where not "isNewest")
     )
     update trigger_arrival a set updates = ranked.updates
     from ranked
     where a.id = ranked.id and ranked."isNewest" and a.updates <> ranked.updates`,
    [pipelineId],
  )
}

/** The pipelines that an event starts. */
export async function readEventSubscribers(queryable: Queryable, name: string): Promise<string[]> {
  const { rows } = await queryable.query<{ pipelineId: string }>(
    `select pipeline_id as "pipelineId" from trigger_subscription where source = 'event' and name = $1 order by 1`,
    [name],
  )
  return rows.map((row) => row.pipelineId)
}

export async function recordEventArrival(
  transaction: Transaction,
  event: { pipelineId: string; name: string; payload: JsonObject; actor: string; at: Date },
): Promise<string> {
  const { rows } = await transaction.query<{ id: string }>(
    `insert into trigger_arrival (pipeline_id, source, name, payload, actor, arrived_at)
     values ($1, 'event', $2, $3, $4, $5)
     returning id`,
    [event.pipelineId, event.name, JSON.stringify(event.payload), event.actor, event.at],
  )
  return rows[0]!.id
}

/** Whether arrived datasets started a run of the pipeline in (from, to]. */
export async function hasDatasetRun(queryable: Queryable, pipelineId: string, from: Date, to: Date): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `select from run where pipeline_id = $1 and kind = 'dataset' and logical_at > $2 and logical_at <= $3 limit 1`,
    [pipelineId, from, to],
  )
  return rowCount !== 0
}
