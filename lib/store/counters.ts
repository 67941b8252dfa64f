import type { MaterializationRecord } from "../contracts/task-result.ts"
import { DURATION_BUCKETS } from "../domain/duration-buckets.ts"
import type { AttemptId, RunId } from "../domain/ids.ts"
import type { LastStep, Transaction } from "./transaction.ts"

/**
 * Counters that outlive what they count: written once a transaction, last of all, so their rows are locked for the length of a
 * commit. Rows are taken in the order of their keys, runs before loads, and nothing else is locked after them: who waits for
 * one waits for somebody who waits for nothing. The pipeline's (the dataset's) own lock has let only one of those who end its
 * runs (write it) come here anyhow.
 */

interface CountedLoad {
  pipelineId: string
  runId: RunId
  attemptId: AttemptId
  load: MaterializationRecord
}

/**
 * The bounds turned round: `width_bucket` counts bounds up to a value, that value among them, and a duration that equals a
 * bound belongs below it. (A query over the bounds would be run thirteen times a run, as the planner puts it where it is used.)
 */
const FROM_ABOVE = DURATION_BUCKETS.map((bound) => -bound).reverse()

/** Runs of each place among the bounds: a duration's is the number of bounds below it. */
const BY_PLACE = [...DURATION_BUCKETS, Infinity]
  .map((_, place) => `count(*) filter (where d.place = ${place})`)
  .join(", ")

/**
 * Only the first end of a run says how long it took: one that was cleared runs again days later, since its first start. The
 * index relied on is the runs' key.
 */
const RUN_ENDS: LastStep<RunId> = {
  rank: 110,
  async run(transaction, runIds) {
    await transaction.query(
      `insert into run_counter as c (pipeline_id, status, runs, durations, seconds, last_at)
       select r.pipeline_id, r.state, count(*), array[${BY_PLACE}], coalesce(sum(d.seconds), 0), max(r.finished_at)
       from run r
       cross join lateral (
         -- greatest(0, null) is 0.
         select case when r.ends = 1 and r.started_at is not null
                     then greatest(0, extract(epoch from r.finished_at - r.started_at))::float8
                end as seconds
       ) s
       cross join lateral (
         select s.seconds,
                cardinality($2::float8[]) - width_bucket(-s.seconds, $2::float8[]) as place
       ) d
       where r.id = any ($1::bigint[]) and r.finished_at is not null
       group by r.pipeline_id, r.state
       order by r.pipeline_id, r.state
       on conflict (pipeline_id, status) do update
         set runs = c.runs + excluded.runs, seconds = c.seconds + excluded.seconds,
             durations = array(select had + has from unnest(c.durations, excluded.durations)
                               with ordinality as u (had, has, place) order by place),
             last_at = greatest(c.last_at, excluded.last_at)`,
      [runIds, FROM_ABOVE],
    )
  },
}

const LOADS: LastStep<CountedLoad> = {
  rank: 111,
  async run(transaction, loads) {
    await transaction.query(
      `insert into load_counter as c (pipeline_id, dataset_id, rows_inserted, rows_updated, rows_deleted, rows_rejected,
                                      loads, last_rows, last_at)
       select l.pipeline_id, l.dataset_id, sum(l.inserted), sum(l.updated), sum(l.deleted), sum(l.rejected), count(*),
              (array_agg(l.inserted + l.updated order by l.attempt_id desc) filter (where r.kind <> 'backfill'))[1], now()
       from (
         select pipeline_id, run_id, attempt_id, dataset_id, sum(inserted) as inserted, sum(updated) as updated,
                sum(deleted) as deleted, sum(rejected) as rejected
         from jsonb_to_recordset($1::jsonb) as g (pipeline_id text, run_id bigint, attempt_id bigint, dataset_id text,
           inserted bigint, updated bigint, deleted bigint, rejected bigint)
         group by pipeline_id, run_id, attempt_id, dataset_id
       ) l
       join run r on r.id = l.run_id
       group by l.pipeline_id, l.dataset_id
       order by l.pipeline_id, l.dataset_id
       on conflict (pipeline_id, dataset_id) do update
         set rows_inserted = c.rows_inserted + excluded.rows_inserted, rows_updated = c.rows_updated + excluded.rows_updated,
             rows_deleted = c.rows_deleted + excluded.rows_deleted, rows_rejected = c.rows_rejected + excluded.rows_rejected,
             loads = c.loads + excluded.loads, last_rows = coalesce(excluded.last_rows, c.last_rows),
             last_at = greatest(c.last_at, excluded.last_at)`,
      [
        JSON.stringify(
          loads.map(({ pipelineId, runId, attemptId, load }) => ({
            pipeline_id: pipelineId,
            run_id: runId,
            attempt_id: attemptId,
            dataset_id: load.dataset,
            inserted: load.rowsInserted,
            updated: load.rowsUpdated,
            deleted: load.rowsDeleted,
            rejected: load.rowsRejected,
          })),
        ),
      ],
    )
  },
}

/** Counts runs that this transaction ended. */
export function countRunEnds(transaction: Transaction, runIds: readonly RunId[]): void {
  transaction.atEnd(RUN_ENDS, runIds)
}

/** Counts the rows of what this transaction records as loaded; partitions of one load are one. */
export function countLoads(transaction: Transaction, loads: readonly CountedLoad[]): void {
  transaction.atEnd(LOADS, loads)
}
