import { AppError } from "../domain/errors.ts"
import { SERIES_LOCK } from "./series.ts"
import type { Transaction } from "./transaction.ts"

export interface AnomalyHead {
  id: string
  datasetId: string
  metric: string
  column: string
  partitionKey: string | null
  pointId: string | null
  runId: string | null
  state: "open" | "closed" | "fine"
}

/** Reads an anomaly that nobody judges or changes until the transaction ends. @throws AppError `anomaly.not_found` */
export async function lockAnomaly(transaction: Transaction, id: string): Promise<AnomalyHead> {
  // The order of who judges: first the dataset's series, then its rows.
  await transaction.query("select pg_advisory_xact_lock($2, hashtext(dataset_id)) from anomaly where id = $1", [
    id,
    SERIES_LOCK,
  ])
  const { rows } = await transaction.query<AnomalyHead>(
    `select id::text, dataset_id as "datasetId", metric, column_name as "column", partition_key as "partitionKey",
            point_id::text as "pointId", run_id::text as "runId", state
     from anomaly where id = $1 for update`,
    [id],
  )
  if (!rows[0]) throw new AppError("anomaly.not_found", `There is no anomaly ${id}.`)
  return rows[0]
}

/** Further away a verdict makes no difference that anybody would look for. */
const MOST_AGAIN = 500

/**
 * Puts up measurements of the states for judging that came after an anomaly in its series, and its own where asked; those that
 * a person called fine stay. A partition's series goes by partitions, any other by the order of measuring.
 */
export async function judgeAgain(
  transaction: Transaction,
  { id, pointId }: AnomalyHead,
  states: readonly string[],
  withItself = false,
): Promise<void> {
  await transaction.query(
    `with later as (
       select p.id
       from anomaly a
       join metric_point p on p.dataset_id = a.dataset_id and p.metric = a.metric and p.column_name = a.column_name
       where a.id = $1 and p.state = any ($2::text[])
         and case when a.partition_key ~ '^\\d{4}-'
               then p.partition_key > a.partition_key
                 and split_part(p.partition_key, '|', 2) = split_part(a.partition_key, '|', 2)
               else p.partition_key is not distinct from a.partition_key and p.id > a.point_id
             end
         and not exists (select from anomaly f where f.point_id = p.id and f.state = 'fine')
       order by p.id desc
       limit ${MOST_AGAIN}
     )
     update metric_point set state = 'new' where id in (select id from later) or id = $3`,
    [id, states, withItself ? pointId : null],
  )
}
