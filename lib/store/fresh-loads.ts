import type { RunId } from "../domain/ids.ts"
import type { Load } from "./awaited.ts"
import { CONTROL_CHANNEL } from "./notify.ts"
import type { LastStep, Transaction } from "./transaction.ts"

interface FreshLoad extends Load {
  runId: RunId
}

/**
 * Notes the loads where they are watched, and has them judged once this transaction is committed: a notification wakes the
 * workers. Of a partitioned dataset only its newest partition counts, so an old one that is loaded again makes nothing fresh.
 * What is measured is measured again, at most every 5 s, however often it is loaded. Judges hold a row for milliseconds, so waiting for them is short; the datasets themselves are locked already, in order.
 */
const FRESH_LOADS: LastStep<FreshLoad> = {
  rank: 62,
  async run(transaction, loads) {
    const { rowCount } = await transaction.query(
      `with loaded as materialized (
         select l.dataset,
                max(case when l."partitionKey" ~ '^\\d{4}-' then left(split_part(l."partitionKey", '|', 1), 16) end) as key,
                min(r.started_at) as started_at
         from jsonb_to_recordset($1::jsonb) as l (dataset text, "partitionKey" text, "runId" bigint)
         left join run r on r.id = l."runId"
         group by l.dataset
       ), locked as materialized (
         select s.dataset_id, l.key, l.started_at, date_trunc('milliseconds', now()) as at,
                l.key is null or s.newest_key is null or l.key >= s.newest_key as is_newest
         from freshness_status s
         join loaded l on l.dataset = s.dataset_id
         where s.policy is not null
         order by s.dataset_id
         for update of s
       )
       update freshness_status s
       set check_at = case when s.reads_data
                      then least(s.check_at, greatest(l.at, s.measured_at + interval '5 seconds')) else l.at end,
           newest_key = greatest(s.newest_key, l.key),
           loaded_at = case when l.is_newest then l.at else s.loaded_at end,
           arrivals = case when l.is_newest
                      then (s.arrivals || l.at)[greatest(1, cardinality(s.arrivals) - 18):] else s.arrivals end,
           lags_ms = case when l.is_newest and l.started_at is not null
                     then (s.lags_ms || extract(epoch from l.at - l.started_at)::float8 * 1000)
                            [greatest(1, cardinality(s.lags_ms) - 18):]
                     else s.lags_ms end
       from locked l
       where s.dataset_id = l.dataset_id`,
      [JSON.stringify(loads)],
    )
    if (rowCount) {
      await transaction.query("select pg_notify($1, $2)", [CONTROL_CHANNEL, JSON.stringify({ type: "freshness" })])
    }
  },
}

/** Has the freshness judged of what was loaded in this transaction. */
export function noteFreshLoads(transaction: Transaction, loads: readonly FreshLoad[]): void {
  transaction.atEnd(FRESH_LOADS, loads)
}
