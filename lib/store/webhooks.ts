import type { JsonObject } from "../contracts/json.ts"
import type { RunState } from "../domain/run-state.ts"
import type { Queryable, Transaction } from "./transaction.ts"

export const WEBHOOK_KINDS = ["webhook", "openlineage"] as const
export type WebhookKind = (typeof WEBHOOK_KINDS)[number]

/** A delivery in the hands of a worker, with where it goes. */
export interface Delivery {
  id: string
  webhookId: string
  kind: WebhookKind
  url: string
  secret: string | null
  messageId: string
  type: string
  at: Date
  actor: string
  pipelineId: string | null
  runId: string | null
  taskRunId: string | null
  data: JsonObject
  /** Including the one that is now to be made. */
  tries: number
}

/** After this many tries a delivery no longer holds up the later ones of its run. */
const ORDERED_TRIES = 3

/**
 * Takes deliveries that are due and counts the try. `leaseMs` later they are due again, whatever became of the worker, so
 * each is delivered at least once; no transaction stays open while something is sent. Rows that another worker takes are
 * skipped. Of one run or incident and endpoint, one is taken at a time and in order, until one has failed several times. An endpoint
 * that fails gets one at a time instead of `perEndpoint`. `busy` counts what this worker is sending to each.
 */
export async function claimDeliveries(
  queryable: Queryable,
  request: {
    kinds: readonly WebhookKind[]
    limit: number
    perEndpoint: number
    busy: ReadonlyMap<string, number>
    leaseMs: number
  },
): Promise<Delivery[]> {
  const { rows } = await queryable.query<Delivery>(
    `with due as (
       select d.id
       from webhook w
       left join unnest($1::bigint[], $2::int[]) as b (webhook_id, busy) on b.webhook_id = w.id
       cross join lateral (
         select d.id
         from webhook_delivery d
         where d.webhook_id = w.id and d.state = 'pending' and d.next_try_at <= now()
           and not exists (
             select from webhook_delivery e
             where e.webhook_id = d.webhook_id and e.run_id = d.run_id and e.state = 'pending' and e.id < d.id
               and e.tries < $6
           )
           and (d.type not like 'incident.%' or not exists (
             select from webhook_delivery e
             where e.webhook_id = d.webhook_id and e.data ->> 'incidentId' = d.data ->> 'incidentId'
               and e.type like 'incident.%' and e.state = 'pending' and e.id < d.id and e.tries < $6
           ))
         order by d.next_try_at, d.id
         limit greatest(0, case when w.failing_since is null then $3 else 1 end - coalesce(b.busy, 0))
         for no key update skip locked
       ) d
       where w.is_active and w.kind = any ($4::text[])
       limit $5
     ), taken as (
       update webhook_delivery d
       set tries = d.tries + 1, last_try_at = now(), next_try_at = now() + $7 * interval '1 millisecond'
       from due
       where d.id = due.id
       returning d.*
     )
     select d.id, d.webhook_id as "webhookId", w.kind, w.url, w.secret, 'msg_' || replace(d.message_id::text, '-', '') as "messageId",
            d.type, d.at,
            d.actor, d.pipeline_id as "pipelineId", d.run_id as "runId", d.task_run_id as "taskRunId", d.data, d.tries
     from taken d
     join webhook w on w.id = d.webhook_id
     order by d.id`,
    [
      [...request.busy.keys()],
      [...request.busy.values()],
      request.perEndpoint,
      request.kinds,
      request.limit,
      ORDERED_TRIES,
      request.leaseMs,
    ],
  )
  return rows
}

/**
 * When a next delivery becomes due; null while none waits for its time. What is due already waits for another one to end.
 * Reads one index entry for each endpoint.
 */
export async function nextDeliveryAt(queryable: Queryable, kinds: readonly WebhookKind[]): Promise<Date | null> {
  const { rows } = await queryable.query<{ at: Date | null }>(
    `select min(d.at) as at
     from webhook w
     cross join lateral (
       select min(next_try_at) as at from webhook_delivery
       where webhook_id = w.id and state = 'pending' and next_try_at > now()
     ) d
     where w.is_active and w.kind = any ($1::text[])`,
    [kinds],
  )
  return rows[0]?.at ?? null
}

export interface DeliveryEnd {
  id: string
  tries: number
  next: { kind: "delivered" } | { kind: "retry"; delayMs: number } | { kind: "dead" }
  status: number | null
  error: string | null
  durationMs: number
}

/**
 * Writes what became of a try. A failure that another worker's later try has overtaken changes nothing; a success counts
 * whenever it comes.
 */
export async function recordDelivery(transaction: Transaction, end: DeliveryEnd): Promise<void> {
  const state = end.next.kind === "retry" ? "pending" : end.next.kind
  await transaction.query(
    `update webhook_delivery
     set state = $3, status = $4, error = $5, duration_ms = $6,
         next_try_at = case when $3 = 'pending' then now() + $7 * interval '1 millisecond' end,
         delivered_at = case when $3 = 'delivered' then now() end
     where id = $1 and state = 'pending' and (tries = $2 or $3 = 'delivered')`,
    [end.id, end.tries, state, end.status, end.error, end.durationMs, end.next.kind === "retry" ? end.next.delayMs : 0],
  )
}

/** Keeps since when an endpoint fails; gives that instant after a failure, null after a success. */
export async function noteEndpointHealth(
  transaction: Transaction,
  webhookId: string,
  isWell: boolean,
): Promise<{ url: string; failingSince: Date | null } | null> {
  // A busy endpoint's row is not written for each delivery.
  const { rows } = await transaction.query<{ url: string; failingSince: Date | null }>(
    isWell
      ? `update webhook set failing_since = null, last_delivered_at = now()
         where id = $1
           and (failing_since is not null or last_delivered_at is null or last_delivered_at < now() - interval '10 s')
         returning url, failing_since as "failingSince"`
      : `update webhook set failing_since = coalesce(failing_since, now())
         where id = $1
         returning url, failing_since as "failingSince"`,
    [webhookId],
  )
  return rows[0] ?? null
}

/** Switches an endpoint off for a reason that people are shown. False when it is off already. */
export async function disableWebhook(transaction: Transaction, webhookId: string, reason: string): Promise<boolean> {
  const { rowCount } = await transaction.query(
    "update webhook set is_active = false, disabled_reason = $2 where id = $1 and is_active",
    [webhookId, reason],
  )
  return rowCount === 1
}

/** A run as messages tell of it. */
export interface RunFacts {
  id: string
  kind: string
  state: RunState
  version: number
  versionId: string
  versionHash: string
  logicalAt: Date
  intervalStart: Date
  intervalEnd: Date
  partitionKey: string | null
  backfillId: string | null
  createdAt: Date
  startedAt: Date | null
  finishedAt: Date | null
}

export interface TaskFacts {
  id: string
  runId: string
  taskId: string
  attempt: number
  startedAt: Date | null
}

/** What a message says about its run and task. Null: there is none, or it was deleted meanwhile. */
export async function readSubject(
  queryable: Queryable,
  subject: { runId: string | null; taskRunId: string | null },
): Promise<{ run: RunFacts | null; task: TaskFacts | null }> {
  const runs = await queryable.query<RunFacts>(
    `select r.id, r.kind, r.state, v.version, v.id as "versionId", v.hash as "versionHash", r.logical_at as "logicalAt",
            r.interval_start as "intervalStart", r.interval_end as "intervalEnd", r.partition_key as "partitionKey",
            r.backfill_id as "backfillId", r.created_at as "createdAt", r.started_at as "startedAt",
            r.finished_at as "finishedAt"
     from run r
     join pipeline_version v on v.id = r.version_id
     where r.id = $1`,
    [subject.runId],
  )
  const tasks = await queryable.query<TaskFacts>(
    `select id, run_id as "runId", task_id as "taskId", attempt_count as attempt, started_at as "startedAt"
     from task_run
     where id = $1`,
    [subject.taskRunId],
  )
  return { run: runs.rows[0] ?? null, task: tasks.rows[0] ?? null }
}

export interface DatasetFacts {
  id: string
  columns: { name: string; type: string }[]
  /** What the task run wrote; null for what it only reads. */
  written: { rows: number; bytes: number | null } | null
}

/** The datasets that a task reads by its definition, and those that it wrote in this run. */
export async function readTaskDatasets(
  queryable: Queryable,
  task: { id: string; runId: string; reads: readonly string[] },
): Promise<{ inputs: DatasetFacts[]; outputs: DatasetFacts[] }> {
  const { rows } = await queryable.query<DatasetFacts>(
    `with wrote as (
       select m.dataset_id, sum(m.rows_inserted + m.rows_updated)::float8 as rows, sum(m.bytes)::float8 as bytes
       from materialization m
       join attempt a on a.id = m.attempt_id
       where m.run_id = $2 and a.task_run_id = $1
       group by m.dataset_id
     )
     select i.id, coalesce(d.columns, '[]') as columns,
            case when wrote.dataset_id is not null
              then jsonb_build_object('rows', wrote.rows, 'bytes', wrote.bytes) end as written
     from (select unnest($3::text[]) as id union select dataset_id from wrote) i
     left join dataset d on d.id = i.id
     left join wrote on wrote.dataset_id = i.id
     order by i.id`,
    [task.id, task.runId, task.reads],
  )
  return {
    inputs: rows.filter(({ id }) => task.reads.includes(id)).map((row) => ({ ...row, written: null })),
    outputs: rows.filter(({ written }) => written !== null),
  }
}
