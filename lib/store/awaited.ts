import type { RunId } from "../domain/ids.ts"
import { CONTROL_CHANNEL } from "./notify.ts"
import type { LastStep, Queryable, Transaction } from "./transaction.ts"

/**
 * What others wait for has come: their waits are made due, and the workers told. The waits belong to other runs, whose
 * locks this transaction must not take, so it only marks them, passes over those that somebody holds, and leaves the waking
 * to `wakeDeferrals`. What was passed over, or was stored a moment too late, is found by {@link findAwaited}. Instants are
 * whole milliseconds: rounded up, one would be due a moment after the workers have looked.
 */

export interface Load {
  dataset: string
  partitionKey: string | null
}

const LOADS: LastStep<Load> = {
  rank: 60,
  async run(transaction, loads) {
    const { rowCount } = await transaction.query(
      `update deferral
       set wake_at = date_trunc('milliseconds', now())
       where task_run_id in (
         select d.task_run_id
         from deferral d
         join jsonb_to_recordset($1::jsonb) as l (dataset text, "partitionKey" text) on l.dataset = d.dataset_id
         where d.kind = 'dataset' and d.state = 'waiting' and d.wake_at is null
           and (d.partition_key is null or d.partition_key = l."partitionKey") and (d.since is null or d.since <= now())
         order by d.task_run_id
         for update of d skip locked
       )`,
      [JSON.stringify(loads)],
    )
    if (rowCount) await tellWorkers(transaction)
  },
}

const ENDED_RUNS: LastStep<RunId> = {
  rank: 61,
  async run(transaction, runIds) {
    const { rows } = await transaction.query<{ woken: number }>(
      `with let_go as (
         update run_call set is_awaited = false where run_id = any ($1::bigint[]) and is_awaited
       ), woken as (
         update deferral
         set wake_at = date_trunc('milliseconds', now())
         where task_run_id in (
           select task_run_id from deferral
           where kind = 'run' and child_run_id = any ($1::bigint[]) and state = 'waiting' and wake_at is null
           order by task_run_id
           for update skip locked
         )
         returning 1
       )
       select count(*)::int as woken from woken`,
      [runIds],
    )
    if (rows[0]?.woken) await tellWorkers(transaction)
  },
}

/** Makes the waits for datasets due that were loaded in this transaction. */
export function noteLoads(transaction: Transaction, loads: readonly Load[]): void {
  transaction.atEnd(LOADS, loads)
}

/** Makes the waits for runs due that ended in this transaction. */
export function noteEndedRuns(transaction: Transaction, runIds: readonly RunId[]): void {
  transaction.atEnd(ENDED_RUNS, runIds)
}

/**
 * Makes those waits due whose event came while they were being stored, or while somebody held them: the backstop. Reads
 * the waits for datasets and runs, of which there are as many as tasks that wait.
 */
export async function findAwaited(queryable: Queryable): Promise<void> {
  await queryable.query(
    `update deferral
     set wake_at = date_trunc('milliseconds', now())
     where task_run_id in (
       select d.task_run_id
       from deferral d
       where d.state = 'waiting' and d.wake_at is null
         and case d.kind
               when 'run' then exists (
                 select from run r where r.id = d.child_run_id and r.state in ('success', 'failed', 'cancelled'))
               when 'dataset' then
                 case when d.partition_key is not null then exists (
                   select from partition_state p
                   where p.dataset_id = d.dataset_id and p.partition_key = d.partition_key and p.state = 'fresh'
                     and (d.since is null or p.updated_at >= d.since))
                 else (
                   select m.at >= coalesce(d.since, m.at)
                   from materialization m where m.dataset_id = d.dataset_id order by m.id desc limit 1)
                 end
             end
         and d.kind in ('run', 'dataset')
       order by d.task_run_id
       limit 1000
       for update of d skip locked
     )`,
  )
}

async function tellWorkers(transaction: Transaction): Promise<void> {
  await transaction.query("select pg_notify($1, $2)", [CONTROL_CHANNEL, JSON.stringify({ type: "wake" })])
}

/** The newest load that a wait for a dataset is satisfied by, or null. */
export async function findLoad(
  queryable: Queryable,
  wanted: Load & { since: string | null },
): Promise<{ runId: string; at: Date; rows: number | null } | null> {
  const { rows } =
    wanted.partitionKey === null
      ? await queryable.query<{ runId: string; at: Date; rows: number | null }>(
          `select run_id as "runId", at, (rows_inserted + rows_updated)::float8 as rows
           from materialization
           where dataset_id = $1
           order by id desc
           limit 1`,
          [wanted.dataset],
        )
      : await queryable.query<{ runId: string; at: Date; rows: number | null }>(
          `select run_id as "runId", updated_at as at, rows::float8 as rows
           from partition_state
           where dataset_id = $1 and partition_key = $2 and state = 'fresh'`,
          [wanted.dataset, wanted.partitionKey],
        )
  const load = rows[0]
  if (!load || (wanted.since !== null && load.at < new Date(wanted.since))) return null
  return load
}
