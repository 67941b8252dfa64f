import type { Queryable, Transaction } from "./transaction.ts"

export const SIGNAL_KINDS = [
  "run",
  "freshness",
  "quality",
  "checks",
  "anomaly",
  "deadline",
  "worker",
  "metric",
] as const
export type SignalKind = (typeof SIGNAL_KINDS)[number]

/** Something that may be trouble, or its end. What it means is read when it is consumed, so it tells of the newest state. */
export interface Signal {
  id: string
  kind: SignalKind
  pipelineId: string | null
  datasetId: string | null
  runId: string | null
  subject: string
  at: Date
}

/** Any fixed number; nothing else of ours locks it. */
const LOCK = 1_170_001

/**
 * Makes this transaction the one that consumes signals; false while another does. One at a time, so that what comes from one
 * cause finds the incident that its first signal opened.
 */
export async function lockSignals(transaction: Transaction): Promise<boolean> {
  const { rows } = await transaction.query<{ isOurs: boolean }>(`select pg_try_advisory_xact_lock($1) as "isOurs"`, [
    LOCK,
  ])
  return rows[0]!.isOurs
}

/** Waits until nobody consumes signals: for who locks several incidents, which the consumer does in an order of its own. */
export async function waitForSignals(transaction: Transaction): Promise<void> {
  await transaction.query("select pg_advisory_xact_lock($1)", [LOCK])
}

/** Takes the oldest signals out of the outbox: gone with this transaction's commit, there again if it fails. */
export async function takeSignals(transaction: Transaction, limit: number): Promise<Signal[]> {
  const { rows } = await transaction.query<Signal>(
    `with next as (
       select id from signal where refused is null order by id limit $1 for update skip locked
     ), taken as (
       delete from signal s using next where s.id = next.id returning s.*
     )
     select id, kind, pipeline_id as "pipelineId", dataset_id as "datasetId", run_id as "runId", subject, at
     from taken
     order by id`,
    [limit],
  )
  return rows
}

/** Sets the oldest signal aside, of which nothing could be made. */
export async function refuseSignal(queryable: Queryable, reason: string): Promise<void> {
  await queryable.query(
    `update signal set refused = $1
     where id = (select id from signal where refused is null order by id limit 1 for update skip locked)`,
    [reason],
  )
}
