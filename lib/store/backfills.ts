import type { JsonObject } from "../contracts/json.ts"
import type { BackfillSlotPlan, PartitionFacts, PartitionHistory } from "../domain/backfill-plan.ts"
import type { RunState } from "../domain/run-state.ts"
import type { Transaction } from "./transaction.ts"

/**
 * Locks backfills' rows in the order of their ids; after the runs', before the pipelines'. Not against key locks: the second
 * update of a run in one transaction checks its foreign key again, and two that hold such a lock would wait for each other.
 */
export async function lockBackfills(transaction: Transaction, ids: readonly string[]): Promise<void> {
  await transaction.query("select 1 from backfill where id = any ($1::bigint[]) order by id for no key update", [ids])
}

export interface LockedBackfill {
  id: string
  pipelineId: string
  state: "running" | "paused" | "success" | "failed" | "cancelled"
  concurrency: number
  perRun: number
  priority: number
  tasks: string[]
  params: JsonObject
  createdBy: string
}

/** Locks one backfill's row; null where there is none. */
export async function lockBackfill(transaction: Transaction, id: string): Promise<LockedBackfill | null> {
  const { rows } = await transaction.query<LockedBackfill>(
    `select id, pipeline_id as "pipelineId", state, concurrency, per_run as "perRun", priority, tasks, params,
            created_by as "createdBy"
     from backfill
     where id = $1
     for no key update`,
    [id],
  )
  return rows[0] ?? null
}

export interface NextSlot {
  position: number
  group: number
  partitionKey: string
  logicalAt: Date
  intervalEnd: Date
  tries: number
}

/** The first `limit` slots that are to run and have no run, those of one run side by side. Relies on backfill_slot_next. */
export async function readNextSlots(transaction: Transaction, id: string, limit: number): Promise<NextSlot[]> {
  const { rows } = await transaction.query<NextSlot>(
    `select position, slot_group as "group", partition_key as "partitionKey", logical_at as "logicalAt", interval_end as "intervalEnd", tries
     from backfill_slot
     where backfill_id = $1 and action = 'create' and run_id is null
     order by position
     limit $2`,
    [id, limit],
  )
  return rows
}

/** Gives slots of a backfill their runs. */
export async function writeSlotRuns(
  transaction: Transaction,
  id: string,
  slots: readonly { position: number; runId: string }[],
): Promise<void> {
  await transaction.query(
    `update backfill_slot s
     set run_id = n.run_id, tries = s.tries + 1
     from unnest($2::int[], $3::bigint[]) as n (position, run_id)
     where s.backfill_id = $1 and s.position = n.position`,
    [id, slots.map((slot) => slot.position), slots.map((slot) => slot.runId)],
  )
}

/** Runs of a backfill that have not ended. Relies on run_backfill_live, so it costs those alone. */
export async function countLiveRuns(transaction: Transaction, id: string): Promise<number> {
  const { rows } = await transaction.query<{ live: number }>(
    `select count(*)::int as live from run where backfill_id = $1 and state in ('queued', 'running', 'cancelling')`,
    [id],
  )
  return rows[0]!.live
}

/** Slots whose newest run failed or was cancelled. */
export async function countFailedSlots(transaction: Transaction, id: string): Promise<number> {
  const { rows } = await transaction.query<{ failed: number }>(
    `select count(*)::int as failed
     from backfill_slot s
     join run r on r.id = s.run_id
     where s.backfill_id = $1 and r.state in ('failed', 'cancelled')`,
    [id],
  )
  return rows[0]!.failed
}

/** Takes their runs from the slots whose newest run failed or was cancelled, so that they run again; gives their number. */
export async function reopenFailedSlots(transaction: Transaction, id: string): Promise<number> {
  const { rowCount } = await transaction.query(
    `update backfill_slot s
     set run_id = null
     from run r
     where s.backfill_id = $1 and r.id = s.run_id and r.state in ('failed', 'cancelled')`,
    [id],
  )
  return rowCount ?? 0
}

/** Stores a plan's slots with one statement. */
export async function insertSlots(
  transaction: Transaction,
  id: string,
  plan: readonly BackfillSlotPlan[],
): Promise<void> {
  await transaction.query(
    `insert into backfill_slot (backfill_id, position, partition_key, logical_at, interval_end, action, reason, slot_group)
     select $1, s.position - 1, s.key, s.start, s.stop, s.action, s.reason, s.slot_group
     from unnest($2::text[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[], $7::int[])
       with ordinality as s (key, start, stop, action, reason, slot_group, position)`,
    [
      id,
      plan.map((slot) => slot.partition.key),
      plan.map((slot) => slot.partition.start),
      plan.map((slot) => slot.partition.end),
      plan.map((slot) => slot.action),
      plan.map((slot) => slot.reason),
      plan.map((slot) => slot.group),
    ],
  )
}

/**
 * What the runs of a pipeline say of partitions; one that loaded several counts for each, with its share of rows and time. A partition is stale where, since its newest good run started, another
 * run loaded the same partition of a dataset in `reads`, or the pipeline's code became another than `hash`. One pass over the
 * runs of these partitions, then lookups for each partition's newest good run: joins would be planned for the few rows
 * that the planner expects of a grouping, and be quadratic with 10,000. Relies on run_partition, run_part_key and
 * materialization_partition.
 */
export async function readPartitionHistory(
  transaction: Transaction,
  pipeline: { id: string; hash: string; reads: readonly string[] },
  keys: readonly string[],
): Promise<PartitionHistory> {
  const { rows } = await transaction.query<{
    key: string
    state: RunState
    version: number | null
    isOldCode: boolean | null
    newer: string | null
    rows: number | null
    durationMs: number | null
  }>(
    `with mine as (
       select r.partition_key, r.id, r.state
       from run r
       where r.pipeline_id = $1 and r.partition_key = any ($2::text[])
       union all
       select p.partition_key, r.id, r.state
       from run_part p
       join run r on r.id = p.run_id
       where p.pipeline_id = $1 and p.partition_key = any ($2::text[])
     ), known as materialized (
       select partition_key, (array_agg(state order by id desc))[1] as state,
              max(id) filter (where state = 'success') as good_id
       from mine
       group by partition_key
     )
     select n.partition_key as key, n.state, v.version, v.hash <> $4 as "isOldCode",
            (select max(m.dataset_id)
             from materialization m
             where m.dataset_id = any ($3::text[]) and m.partition_key = n.partition_key and m.at > g.started_at
               and m.run_id <> g.id) as newer,
            (select sum(m.rows_inserted + m.rows_updated)::float8 from materialization m where m.run_id = g.id) / p.parts
              as rows,
            extract(epoch from g.finished_at - g.started_at)::float8 * 1000 / p.parts as "durationMs"
     from known n
     left join run g on g.id = n.good_id
     left join pipeline_version v on v.id = g.version_id
     left join lateral (select greatest(1, count(*)) as parts from run_part o where o.run_id = g.id) p on true`,
    [pipeline.id, keys, pipeline.reads, pipeline.hash],
  )
  return new Map(
    rows.map((row): [string, PartitionFacts] => [
      row.key,
      {
        state: row.state === "queued" || row.state === "cancelling" ? "running" : row.state,
        stale: row.newer
          ? `${row.newer} was loaded later`
          : row.isOldCode
            ? `loaded by version ${row.version} of the code`
            : null,
        rows: row.rows,
        durationMs: row.durationMs,
      },
    ]),
  )
}

/** Stops a backfill from launching until a person looks at it, and says why. */
export async function pauseBackfill(transaction: Transaction, id: string, reason: string): Promise<void> {
  await transaction.query("update backfill set state = 'paused', pause_reason = $2 where id = $1", [id, reason])
}
